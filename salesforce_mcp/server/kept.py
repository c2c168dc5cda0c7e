"""What the SDK answered when a server was started the same way before: kept in the state folder, to be said at once.

The answers of one configuration are one file. It is taken for nothing unless all that they could depend on is as it
was: the program and what it runs on, the flags, the environment, the policy and the orgs. Nothing secret goes into it.
"""

from __future__ import annotations

import json
import os
import sys
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Any

from salesforce_mcp import __version__, folders
from salesforce_mcp.errors import SfmcpError

METHODS = frozenset({"initialize", "server/discover", "ping", "tools/list", "prompts/list", "resources/templates/list"})
"""Requests whose answers depend on nothing but the configuration and the request itself."""

_META = frozenset(f"io.modelcontextprotocol/{name}" for name in ("protocolVersion", "clientInfo", "clientCapabilities"))
_SECRET = ("TOKEN", "SECRET", "PASSWORD", "PASSPHRASE")
_MOST_ANSWERS = 24
_MOST_FILES = 16


def request_key(message: Mapping[str, Any], opening: str | None) -> str | None:
    """What the answer to a request depends on; None when it isn't one that is kept.

    `opening` is the key of the handshake, or else of the connection's first request: it settles the protocol's era and
    version and what the client can do. The client's name and version are left out, nothing is made of them.
    """
    if message["method"] not in METHODS:
        return None
    params = {key: value for key, value in (message.get("params") or {}).items() if key != "clientInfo"}
    meta = params.get("_meta")
    if isinstance(meta, dict):
        if not meta.keys() <= _META:
            return None  # a progress token or a trace: another one each time
        params["_meta"] = {key: value for key, value in meta.items() if not key.endswith("/clientInfo")}
    return json.dumps([message["method"], params, opening], sort_keys=True)


class Kept:
    """The kept answers of one configuration: JSON texts of results, by request key."""

    def __init__(self, path: Path | None, configuration: str) -> None:
        self._path = path
        self._configuration = configuration
        self.answers: dict[str, str] = dict(self._read())

    @classmethod
    def of(cls, argv: Sequence[str]) -> Kept:
        """What is kept for these flags, in this environment. Without a state folder that is nothing."""
        configuration = _configuration(argv)
        try:
            folder = folders.state_dir() / "answers"
        except SfmcpError:
            return cls(None, configuration)
        return cls(folder / f"{zlib.crc32(configuration.encode()):08x}.txt", configuration)

    def keep(self, key: str, result: Any) -> None:
        """Keep what the SDK answered, for the next start; None when it refused."""
        if result is None:
            if self.answers.pop(key, None):
                self._write()
            return
        text = json.dumps(result, ensure_ascii=False, separators=(",", ":"))
        if self.answers.get(key) != text:
            self.answers.pop(key, None)
            self.answers[key] = text
            while len(self.answers) > _MOST_ANSWERS:
                del self.answers[next(iter(self.answers))]
            self._write()

    def _read(self) -> Iterator[tuple[str, str]]:
        if self._path is None:
            return
        try:
            check, _, body = self._path.read_bytes().partition(b"\n")
            if int(check, 16) != zlib.crc32(body):
                return
            configuration, *lines = body.decode().split("\n")
        except (OSError, ValueError):
            return
        if configuration == self._configuration:
            yield from zip(lines[::2], lines[1::2], strict=False)

    def _write(self) -> None:
        """Put the file in place as a whole. What can't be written is only slower the next time."""
        if self._path is None:
            return
        import logging

        lines = (line for pair in self.answers.items() for line in pair)
        body = "\n".join([self._configuration, *lines]).encode()
        try:
            self._path.parent.mkdir(mode=0o700, exist_ok=True)
            folders.write_private(self._path, f"{zlib.crc32(body):08x}\n".encode() + body)
            _clear_out(self._path.parent)
        except OSError as error:
            logging.getLogger(__name__).debug("answers can't be kept: %s", error)


def _clear_out(folder: Path) -> None:
    """Remove the files of the configurations that were not written for longest."""
    files = sorted(folder.iterdir(), key=lambda file: file.stat().st_mtime_ns, reverse=True)
    for file in files[_MOST_FILES:]:
        file.unlink(missing_ok=True)


def _configuration(argv: Sequence[str]) -> str:
    """Everything that answers could depend on, as one line of JSON. Of secrets only that they are set."""
    environment = {
        name: "set" if any(word in name for word in _SECRET) else value
        for name, value in os.environ.items()
        if name.startswith("SFMCP_")
    }
    return json.dumps([__version__, sys.version, _installed(), _sources(), list(argv), environment, _settings()])


def _installed() -> list[str]:
    """The installed packages with their versions: their `.dist-info` folders beside the SDK."""
    spec = PathFinder.find_spec("mcp")
    if spec is None or spec.origin is None:
        return []
    beside = os.listdir(Path(spec.origin).parent.parent)  # noqa: PTH208 - names alone, at every start
    return sorted(name for name in beside if name.endswith(".dist-info"))


def _sources() -> list[int]:
    """How many files the answers are made of, and when the last was changed: it may be a working copy."""
    times = [
        entry.stat().st_mtime_ns
        for name in ("server", "policy", "tools")
        for entry in _files(os.path.join(os.path.dirname(__file__), os.pardir, name))  # noqa: PTH118, PTH120
        if not entry.name.endswith(".pyc")
    ]
    return [len(times), max(times, default=0)]


def _files(folder: str) -> Iterator[os.DirEntry[str]]:
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return  # not installed as files
    for entry in entries:
        if entry.is_dir():
            yield from _files(entry.path)
        else:
            yield entry


def _settings() -> list[list[Any]]:
    """The files that decide what is offered (policies, approvals, orgs), each with time and checksum."""
    named = os.environ.get("SFMCP_POLICY")
    files = [Path(named).expanduser()] if named else []
    for folder in (folders.machine_dir, folders.config_dir):
        with suppress(SfmcpError, OSError):  # said where the folder is needed
            files += sorted(path for path in folder().iterdir() if path.suffix in (".toml", ".json"))
    return [[str(path), *_stamp(path)] for path in files]


def _stamp(path: Path) -> list[int]:
    try:
        return [path.stat().st_mtime_ns, zlib.crc32(path.read_bytes())]
    except OSError:
        return []
