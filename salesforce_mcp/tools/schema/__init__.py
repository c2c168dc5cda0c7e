"""Toolset schema: objects, fields, limits, who am I."""
