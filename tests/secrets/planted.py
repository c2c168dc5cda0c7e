"""What to look for, in every form that a program may write it in, and where."""

from __future__ import annotations

import base64
import html
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, quote_plus

PIECE = 12
"""Bytes of a secret in a row that count as found: what was cut is a leak too."""


class Planted:
    """Secrets and the places where they must not be."""

    def __init__(self) -> None:
        self.secrets: set[str] = set()
        self.places: dict[str, bytes] = {}

    def add(self, *secrets: str) -> None:
        """Plant secrets, each of at least PIECE characters."""
        assert all(len(each) >= PIECE for each in secrets)
        self.secrets.update(secrets)

    def look_in(self, name: str, content: str | bytes) -> None:
        """A place where there must be none."""
        self.places[name] = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content

    def look_below(self, folder: Path) -> None:
        """All files of a folder, and their names."""
        for path in folder.rglob("*"):
            self.look_in(f"name of {path}", path.name)
            if path.is_file():
                self.look_in(str(path), path.read_bytes())

    @property
    def size(self) -> int:
        """Bytes that are looked through."""
        return sum(map(len, self.places.values()))

    def found(self) -> list[str]:
        """Where a piece of a secret is."""
        pieces = {piece for secret in self.secrets for form in forms(secret) for piece in _pieces(form)}
        return [
            f"{name}: ...{content[max(0, place - 60) : place + 60]!r}..."
            for name, content in self.places.items()
            for place in range(len(content) - PIECE + 1)
            if content[place : place + PIECE] in pieces
        ]


def forms(secret: str) -> Iterator[bytes]:
    """A secret as it is and as it stands in URLs, forms, JSON, XML, Python's own notation, Base64 and hexadecimal."""
    raw = secret.encode()
    yield raw
    yield quote(secret).encode()
    yield quote(secret, safe="").encode()
    yield quote_plus(secret).encode()
    yield json.dumps(secret)[1:-1].encode()
    yield json.dumps(secret, ensure_ascii=False)[1:-1].replace("/", "\\/").encode()
    yield html.escape(secret).encode()
    yield repr(secret)[1:-1].encode()
    yield raw.hex().encode()
    for before in range(3):  # Base64 looks different for what stands in front of it
        whole = base64.b64encode(b"\0" * before + raw)[4 if before else 0 : -4]
        yield whole
        yield whole.translate(bytes.maketrans(b"+/", b"-_"))


def _pieces(form: bytes) -> Iterator[bytes]:
    for start in range(0, len(form) - PIECE + 1, 4):
        yield form[start : start + PIECE]


class Commands:
    """The argument lists of all processes, looked at again and again while this is open."""

    def __init__(self) -> None:
        self.seen: set[bytes] = set()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Commands:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(0.1):
            for entry in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    self.seen.add(entry.read_bytes())
                except OSError:
                    continue  # ended meanwhile
