"""Files of the user's that tools may read: those below the folders that the user has allowed, and no others."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator

from salesforce_mcp import folders
from salesforce_mcp.errors import ArgumentError, PolicyError
from salesforce_mcp.tools.arguments import quoted

LONGEST = 4_096


def _check_path(value: str) -> str:
    if not value.strip() or "\x00" in value or len(value) > LONGEST:
        raise ValueError(f"{quoted(value)} is not the path of a file")
    return value


LocalFile = Annotated[str, AfterValidator(_check_path)]
"""Path of a file below an allowed folder."""


def readable(named: str) -> Path:
    """The file that a path names, with all links followed: relative ones are looked for below each allowed folder.

    Raises PolicyError for a file outside of them, ArgumentError where there is none.
    """
    allowed = [folder.resolve() for folder in folders.import_dirs()]
    given = Path(named).expanduser() if named.startswith("~") else Path(named)
    candidates = [given] if given.is_absolute() else [folder / given for folder in allowed]
    found = [path for path in map(_resolved, candidates) if path is not None]
    inside = [path for path in found if any(path.is_relative_to(folder) for folder in allowed)]
    if inside and inside[0].is_file():
        return inside[0]
    if found and not inside:
        raise PolicyError(
            f"{quoted(named)} is outside of the folders that files may be read from.",
            code="FILE_NOT_ALLOWED",
            hint=f"Allowed: {', '.join(map(str, allowed))}. SFMCP_IMPORT_DIR names others.",
        )
    raise ArgumentError(
        f"There is no file {quoted(named)}.",
        fields=("file",),
        hint=f"Files are looked for below {', '.join(map(str, allowed))}.",
    )


def _resolved(path: Path) -> Path | None:
    """The path without links and dots; None where nothing is."""
    try:
        return path.resolve(strict=True)
    except (OSError, RuntimeError, ValueError):  # none, too long, a circle of links, no valid path at all
        return None
