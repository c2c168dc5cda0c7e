"""Where files live: configuration, state and exports.

SFMCP_CONFIG_DIR, SFMCP_STATE_DIR and SFMCP_EXPORT_DIR override the platform's own folders (platformdirs). Folders are
made when first asked for, private to the user. SFMCP_IMPORT_DIR names folders that tools may read files from.
"""

from __future__ import annotations

import errno
import os
import re
import stat
import sys
import threading
from pathlib import Path
from typing import BinaryIO

from salesforce_mcp.errors import UsageError

APP = "sfmcp"

_UNSAFE = re.compile(
    r'[\x00-\x1f\x7f-\x9f<>:"/\\|?*\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]+'
)
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|conin\$|conout\$|com[\d¹²³]|lpt[\d¹²³])\s*(\..*)?")
"""Names of devices on Windows, with any ending."""
_BINARY = getattr(os, "O_BINARY", 0)
"""Windows would make CR LF of every line feed."""
_LONGEST_NAME = 120
"""Bytes of a name; systems take 255, and `-2`, an ending and `.part.json` may follow."""


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
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | _BINARY, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        fresh.replace(path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise


def is_own(folder: Path) -> bool:
    """Whether nobody else can put files into the folder. On Windows its place in the user's profile says so."""
    if sys.platform == "win32":
        return True
    found = folder.stat()
    return found.st_uid == os.geteuid() and not found.st_mode & 0o022


def file_name(text: str) -> str:
    """A name for a file after a text that others wrote, such as a title: one that every system takes, in any folder.

    What separates folders, starts streams, or can't be seen becomes `_`; names of devices get one in front.
    """
    name = _UNSAFE.sub("_", text)[:_LONGEST_NAME].encode("utf-8", "replace")[:_LONGEST_NAME].decode("utf-8", "ignore")
    name = name.strip(". ") or "file"
    return f"_{name}" if _RESERVED.fullmatch(name) else name


def open_resolved(path: Path) -> BinaryIO:
    """Open a file for reading whose path was resolved and judged; whatever took its place since then is refused.

    Raises OSError, also for what isn't a regular file (a pipe, a device), without waiting for it.
    """
    handle = _open_by_steps(path) if os.open in os.supports_dir_fd else os.open(path, os.O_RDONLY | _BINARY)
    try:
        opened = os.fstat(handle)
        # Where there are no steps (Windows), a folder on the way may have been another one for a moment.
        same = path.resolve(strict=True) == path and os.path.samestat(opened, path.stat())
        if not same or not stat.S_ISREG(opened.st_mode):
            raise OSError(errno.EPERM, "it has become another file meanwhile")
    except BaseException:
        os.close(handle)
        raise
    return os.fdopen(handle, "rb")


def _open_by_steps(path: Path) -> int:
    """Open each folder on the way in the one before, and then the file: none of them may be a link by now."""
    searching = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_NOFOLLOW
    at = os.open(path.anchor, searching)
    for number, name in enumerate(path.parts[1:], start=2):
        flags = searching if number < len(path.parts) else os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
        before = at
        try:
            at = os.open(name, flags, dir_fd=before)
        finally:
            os.close(before)
    return at


def _folder(variable: str, kind: str, *below: str) -> Path:
    named = os.environ.get(variable)
    if named:
        path = Path(named).expanduser()
    else:
        import platformdirs

        base = getattr(platformdirs.PlatformDirs(APP, appauthor=False), kind)
        path = Path(base, *below)
    if path.is_dir():  # as nearly always
        return path
    try:
        for missing in reversed([each for each in (path, *path.parents) if not each.exists()]):
            missing.mkdir(mode=0o700, exist_ok=True)  # mkdir's own `parents` would leave those to the umask
        path.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"The folder {path} cannot be made: {error.strerror or error}.",
            code="FOLDER",
            hint=f"Name another folder with {variable}.",
        ) from error
    return path
