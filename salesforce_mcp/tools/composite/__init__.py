"""Toolset composite: several requests in one call, records with their children, graphs of requests."""
