"""Compiles the SOQL syntax tree to SQLite and turns rows into the REST API's records."""
