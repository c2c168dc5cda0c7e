"""Bodies of several parts (multipart/form-data and multipart/mixed, RFC 2046), as forms and file uploads send them."""

from __future__ import annotations

import re
from dataclasses import dataclass

_BOUNDARY = re.compile(r'boundary="?([^";,]+)"?', re.IGNORECASE)
_PARAMETER = re.compile(r'\b(name|filename)="((?:[^"\\]|\\.)*)"')


@dataclass(frozen=True, slots=True)
class Part:
    """One part. `name` is "" where its Content-Disposition names none; `filename` is None for a plain field."""

    name: str
    filename: str | None
    content_type: str
    data: bytes


def parse(content_type: str, body: bytes) -> list[Part]:
    """The parts of a body; none for a body that isn't multipart, or is broken."""
    boundary = _BOUNDARY.search(content_type)
    if not content_type.lower().startswith("multipart/") or not boundary:
        return []
    delimiter = b"\r\n--" + boundary[1].encode("latin-1")
    _preamble, *sections = (b"\r\n" + body).split(delimiter)
    return [_parse(section) for section in sections if not section.startswith(b"--")]


def _parse(section: bytes) -> Part:
    head, _, data = section.partition(b"\r\n\r\n")
    headers: dict[str, str] = {}
    for line in head.decode("utf-8", "replace").split("\r\n"):
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    found = dict(_PARAMETER.findall(headers.get("content-disposition", "")))
    return Part(found.get("name", ""), found.get("filename"), headers.get("content-type", "text/plain"), data)
