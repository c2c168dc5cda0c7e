"""Functions that SQLite lacks, for the statements of compiled queries."""

from __future__ import annotations

import math
import sqlite3
from contextlib import suppress

from salesforce_mcp.demo.soql_engine.dates import local_text
from salesforce_mcp.demo.soql_engine.find import matches

_EARTH_KM = 6371.0088
"""Mean radius of the Earth (IUGG)."""
_EARTH_MILES = _EARTH_KM / 1.609344


def prepare(connection: sqlite3.Connection) -> None:
    """Make the functions known to a connection; costs next to nothing when it knows them."""
    # A connection with a statement under way refuses to replace a function, and so has them already.
    with suppress(sqlite3.OperationalError):
        connection.create_function("sf_local", 2, local_text, deterministic=True)
        connection.create_function("sf_distance", 5, distance, deterministic=True)
        connection.create_function("sf_fold", 1, fold, deterministic=True)
        connection.create_function("sf_matches", 2, matches, deterministic=True)


def fold(text: str | None) -> str | None:
    """Text without regard to case, for letters beyond ASCII."""
    return None if text is None else str(text).casefold()


def distance(
    latitude: float | None,
    longitude: float | None,
    other_latitude: float | None,
    other_longitude: float | None,
    unit: str,
) -> float | None:
    """Great-circle distance in miles (`mi`) or kilometres; None where a location is missing or half."""
    if latitude is None or longitude is None or other_latitude is None or other_longitude is None:
        return None
    here, there = math.radians(latitude), math.radians(other_latitude)
    across = math.radians(other_longitude - longitude)
    haversine = math.sin((there - here) / 2) ** 2 + math.cos(here) * math.cos(there) * math.sin(across / 2) ** 2
    radius = _EARTH_MILES if unit == "mi" else _EARTH_KM
    return 2 * radius * math.asin(math.sqrt(min(1.0, haversine)))
