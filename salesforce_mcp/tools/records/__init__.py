"""Toolset records: read, create, update, upsert and delete records, one or many."""
