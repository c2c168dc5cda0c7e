"""Record Ids as clients send them: 15 characters, or 18 with a checksum that must be right."""

from __future__ import annotations

import re

from salesforce_mcp.demo.schema import long_id

_ID = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?")


def full_id(text: str) -> str | None:
    """The 18-character form, or None for what can't be an Id. The checksum counts whatever its case."""
    if not _ID.fullmatch(text):
        return None
    whole = long_id(text[:15])
    return whole if text[15:].upper() in ("", whole[15:]) else None
