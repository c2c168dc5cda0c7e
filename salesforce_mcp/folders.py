"""Where files live: configuration, state and exports.

SFMCP_CONFIG_DIR, SFMCP_STATE_DIR and SFMCP_EXPORT_DIR override the platform's own folders (platformdirs). Folders are
made when first asked for, private to the user. SFMCP_IMPORT_DIR names folders that tools may read files from.
"""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

from salesforce_mcp.errors import UsageError

APP = "sfmcp"


def config_dir() -> Path:
    """Folder of orgs.toml and policy.toml."""
    return _folder("SFMCP_CONFIG_DIR", "user_config_path")


def machine_dir() -> Path:
    """Folder of the policy.toml that holds for everybody on this machine. No variable can move it."""
    if sys.platform == "win32":
        import platformdirs

        return Path(platformdirs.site_config_dir(APP, appauthor=False))
    if sys.platform == "darwin":
        return Path("/Library/Application Support", APP)
    return Path("/etc", APP)


def state_dir() -> Path:
    """Folder of caches, the audit trail, locks and the demo org's data."""
    return _folder("SFMCP_STATE_DIR", "user_state_path")


def export_dir() -> Path:
    """Folder below which export_query and result files are written."""
    return _folder("SFMCP_EXPORT_DIR", "user_downloads_path", "sfmcp-exports")


def import_dirs() -> list[Path]:
    """The folders that tools may read files from: those of SFMCP_IMPORT_DIR, and the export folder."""
    named = os.environ.get("SFMCP_IMPORT_DIR", "").split(os.pathsep)
    return [*(Path(each).expanduser() for each in named if each.strip()), export_dir()]


def write_private(path: Path, content: bytes) -> None:
    """Put a file that only the user may read in place, as a whole. Raises OSError; nothing is left of it then."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}.new")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        fresh.replace(path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise


def _folder(variable: str, kind: str, *below: str) -> Path:
    named = os.environ.get(variable)
    if named:
        path = Path(named).expanduser()
    else:
        import platformdirs

        base = getattr(platformdirs.PlatformDirs(APP, appauthor=False), kind)
        path = Path(base, *below)
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"The folder {path} cannot be made: {error.strerror or error}.",
            code="FOLDER",
            hint=f"Name another folder with {variable}.",
        ) from error
    return path
