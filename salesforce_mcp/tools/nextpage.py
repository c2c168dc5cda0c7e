"""Cursors for lists of the org whose next page is a resource of its own (`nextPageUrl`), as in Connect REST.

The cursor holds that resource, encoded; it is used only where it belongs to the list that the tool shows.
"""

from __future__ import annotations

import base64
import re
from urllib.parse import parse_qsl, urlsplit

from salesforce_mcp.errors import ArgumentError
from salesforce_mcp.tools.pages import NEXT

_ROOT = re.compile(r"/services/data/v[\d.]+/")


def make(next_url: str | None, language: str = "") -> str | None:
    """The cursor for a `nextPageUrl`; None for None. `language` is what the list was asked in, if that matters."""
    if not next_url:
        return None
    address = f"{_ROOT.sub('', next_url, count=1)}#{language}"
    # Base 32: cursors are made of letters and digits.
    encoded = base64.b32encode(address.encode()).decode().rstrip("=").lower()
    return f"{NEXT}{encoded}-0"


def read(cursor: str, resource: re.Pattern[str]) -> tuple[str, dict[str, str], str]:
    """Path, query and language of the next page. Raises ArgumentError for the cursor of another list."""
    encoded = cursor.removeprefix(NEXT).rpartition("-")[0].upper()
    try:
        address = base64.b32decode(encoded + "=" * (-len(encoded) % 8)).decode()
    except ValueError:
        address = ""
    parts = urlsplit(address)
    if not resource.fullmatch(parts.path):
        raise ArgumentError(
            "This cursor belongs to another list.",
            fields=("cursor",),
            hint="Pass the cursor to the tool that gave it, or begin the list again.",
        )
    return parts.path, dict(parse_qsl(parts.query)), parts.fragment
