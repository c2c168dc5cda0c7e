"""Bulk API 2.0: jobs that run in the background and read or write CSV."""
