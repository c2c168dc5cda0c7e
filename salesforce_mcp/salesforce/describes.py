"""Describes, kept in memory and on disk: no describe is fetched twice while it stays the same.

A describe younger than `FRESH` is used as it is. An older one is asked for again with its ETag and Last-Modified
(If-None-Match, If-Modified-Since), which the org answers with 304 when nothing changed. On disk they lie per org, user
and API version, since a describe shows what that user may see; several processes share them safely (files are replaced
whole). Without a writable folder they are kept in memory alone.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from salesforce_mcp import folders
from salesforce_mcp.auth.session import Session
from salesforce_mcp.errors import NetworkError, SfmcpError
from salesforce_mcp.salesforce.response import Response

FRESH = 300.0
"""Seconds for which a describe is taken as true without asking."""

MAX_DISK = 64 * 1024 * 1024
"""Bytes kept on disk for one org, user and version. An object's describe takes up to half a megabyte."""

Fetch = Callable[[Mapping[str, str]], Response]
"""Asks the org for a describe with these headers; the answer has status 200 or 304."""


@dataclass(slots=True)
class _Kept:
    """A describe and when it was last known to be true (seconds since the epoch)."""

    value: dict[str, Any]
    validators: dict[str, str]
    checked: float

    @property
    def fresh(self) -> bool:
        return 0 <= time.time() - self.checked < FRESH


class DescribeCache:
    """The describes of one org as one user sees them. Safe for threads and processes."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._memory: dict[str, _Kept] = {}
        self._locks: dict[str, threading.Lock] = {}

    def get(self, name: str, fetch: Fetch) -> dict[str, Any]:
        """The describe called `name` (an object, in any case, or an empty string for the list of all objects).

        Everybody who asks gets the same dict: don't change it. Raises what `fetch` raises.
        """
        key = name.lower()
        with self._locks.setdefault(key, threading.Lock()):  # one request for all who ask for the same at once
            kept = self._memory.get(key) or self._load(key)
            if kept is None or not kept.fresh:
                kept = self._refresh(key, kept, fetch)
            self._memory[key] = kept
        return kept.value

    def kept(self, name: str) -> dict[str, Any] | None:
        """What is on disk under `name`, however old; the org is not asked."""
        kept = self._load(name.lower())
        return kept.value if kept else None

    def _refresh(self, key: str, kept: _Kept | None, fetch: Fetch) -> _Kept:
        answer = fetch(kept.validators if kept else {})
        if kept and answer.status == 304:
            kept.checked = time.time()
            self._touch(key)
            return kept
        value = answer.json()
        if not isinstance(value, dict):
            raise NetworkError("The org's answer is no describe.", code="UNEXPECTED_ANSWER")
        validators = {
            condition: answer.headers[header]
            for condition, header in (("If-None-Match", "ETag"), ("If-Modified-Since", "Last-Modified"))
            if header in answer.headers
        }
        fetched = _Kept(value, validators, time.time())
        self._save(key, validators, answer.content)
        return fetched

    def _path(self, key: str) -> Path | None:
        # The suffix keeps objects' names away from those that Windows reserves (one may be called Con) and the list's.
        return self._folder / (f"{key}_.describe" if key else "objects.describe") if self._folder else None

    def _load(self, key: str) -> _Kept | None:
        path = self._path(key)
        try:
            if path is None:
                return None
            checked = path.stat().st_mtime
            head, _, body = path.read_bytes().partition(b"\n")
            value, validators = orjson.loads(body), orjson.loads(head)
        except (OSError, ValueError):
            return None
        if not isinstance(value, dict) or not isinstance(validators, dict):
            return None
        return _Kept(value, validators, checked)

    def _save(self, key: str, validators: dict[str, str], body: bytes) -> None:
        path = self._path(key)
        if path is None:
            return
        temporary = None
        try:
            for folder in (*reversed(path.parents[1:3]), path.parent):  # `parents=True` would make them for everybody
                folder.mkdir(mode=0o700, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".new")
            with os.fdopen(handle, "wb") as file:
                file.write(orjson.dumps(validators) + b"\n" + body)
            Path(temporary).replace(path)
            _prune(path.parent)
        except OSError:  # a full disk, a folder that others took away, a file that Windows has in use
            if temporary:
                Path(temporary).unlink(missing_ok=True)

    def _touch(self, key: str) -> None:
        path = self._path(key)
        try:
            if path:
                os.utime(path)
        except OSError:
            return  # the next process asks the org again


def open_cache(session: Session, api_version: str) -> DescribeCache:
    """The cache for the user of this session.

    A session that doesn't know its user is told apart by its token's digest, from which nobody gets the token back.
    """
    token = session.access_token()
    user = session.username or hashlib.sha256(token.encode()).hexdigest()
    try:
        folder = _folder(session.instance_url, session.org_id, user) / f"v{api_version}"
    except SfmcpError:
        return DescribeCache(None)
    return DescribeCache(folder)


def kept_cache(instance_url: str, org_id: str | None, username: str) -> DescribeCache:
    """The cache that a user's commands filled last, of whichever API version, for reading with `kept`."""
    versions = _folder(instance_url, org_id, username).glob("v*")
    return DescribeCache(max(versions, key=lambda path: path.stat().st_mtime, default=None))


def _folder(instance_url: str, org_id: str | None, user: str) -> Path:
    identity = hashlib.sha256(f"{instance_url}\n{org_id}\n{user}".encode()).hexdigest()[:32]
    return folders.state_dir() / "describes" / identity


def _prune(folder: Path) -> None:
    """Remove the describes that were true longest ago, until the rest fits."""
    files = sorted(folder.glob("*.describe"), key=lambda path: path.stat().st_mtime, reverse=True)
    total = 0
    for path in files:
        total += path.stat().st_size
        if total > MAX_DISK:
            path.unlink(missing_ok=True)
