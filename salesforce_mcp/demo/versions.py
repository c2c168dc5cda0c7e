"""The API versions that the demo org speaks, and what they are called.

Source: REST API Developer Guide, "Versions". Three releases a year; 21.0 to 30.0 were retired in Summer '25.
"""

from __future__ import annotations

import re

from salesforce_mcp.demo.errors import ApiError, not_found

OLDEST, NEWEST = 31, 66
OLDEST_EVER = 7
SOAP_LOGIN_NEWEST = 64
_SEASONS = ("Winter", "Spring", "Summer")


def all_versions() -> list[dict[str, str]]:
    """The answer of `/services/data`."""
    return [
        {"label": label(number), "url": f"/services/data/v{number}.0", "version": f"{number}.0"}
        for number in range(OLDEST, NEWEST + 1)
    ]


def label(number: int) -> str:
    """`Spring '26` for 66: version 20 was Winter '11."""
    season = _SEASONS[(number - 20) % 3]
    year = 11 + (number - 20) // 3
    return f"{season} '{year}"


def parse(segment: str, path: str) -> str:
    """`66.0` of the path segment `v66.0`; refuses what the org doesn't speak.

    A retired version answers 410, anything else 404.
    """
    match = re.fullmatch(r"v(\d{1,3})\.0", segment)
    number = int(match[1]) if match else 0
    if OLDEST <= number <= NEWEST:
        return f"{number}.0"
    if OLDEST_EVER <= number < OLDEST:
        raise ApiError(410, "GONE", f"The requested resource is no longer available: {path}")
    raise not_found()
