"""Paths of resources. Apart from the client, so that a tool can build one before anything of the network is loaded."""

from __future__ import annotations

from urllib.parse import quote

from salesforce_mcp.errors import ArgumentError


def segment(value: str) -> str:
    """A value as one segment of a path, percent-encoded. Raises ArgumentError for `.` and `..`, which would move it."""
    if value in ("", ".", ".."):
        raise ArgumentError(f"{value!r} can't be part of a resource's path.")
    return quote(value, safe="")
