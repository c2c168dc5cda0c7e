"""Bulk API 2.0: many records from a file, and what became of them."""
