"""How a session is obtained, kept and renewed."""
