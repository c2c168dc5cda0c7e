"""For developers and administrators: tooling queries, Apex, search synonyms."""
