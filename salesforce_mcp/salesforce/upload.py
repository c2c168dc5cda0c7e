"""A record with a file, as one multipart body (REST API Developer Guide, "Insert or Update Blob Data")."""

from __future__ import annotations

import mimetypes
import secrets
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import orjson

from salesforce_mcp import folders
from salesforce_mcp.errors import UsageError


@contextmanager
def multipart(entity_part: str, entity: Mapping[str, Any], blob: str, path: Path) -> Iterator[tuple[IO[bytes], str]]:
    """The body, on disk since files may be larger than memory, and its Content-Type.

    `entity_part` names the part of JSON, `blob` the field that the file goes into. Raises UsageError when the file
    can't be read.
    """
    boundary = f"sfmcp-{secrets.token_hex(16)}"
    # Quotes and line ends would end the header; the record says what the file is called.
    name = path.name.translate({ord(character): "_" for character in '"\r\n\\'})
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="{entity_part}"\r\n'
        "Content-Type: application/json\r\n\r\n"
    )
    between = (
        f'\r\n--{boundary}\r\nContent-Disposition: form-data; name="{blob}"; filename="{name}"\r\n'
        f"Content-Type: {kind}\r\n\r\n"
    )
    with tempfile.TemporaryFile() as body:
        body.write(head.encode() + orjson.dumps(entity) + between.encode())
        try:
            with folders.open_resolved(path) as file:
                shutil.copyfileobj(file, body)
        except OSError as error:
            raise UsageError(
                f"{path} cannot be read: {error.strerror or type(error).__name__}.", code="FILE"
            ) from error
        body.write(f"\r\n--{boundary}--\r\n".encode())
        body.seek(0)
        yield body, f"multipart/form-data; boundary={boundary}"
