"""Bodies of multipart/form-data, as clients send files with a record's fields.

Source: RFC 7578, and REST API Developer Guide, "Insert or Update Blob Data": one part is the record as JSON, the other
one the bytes, named as the blob field.
"""

from __future__ import annotations

from email.message import Message
from typing import Any

import orjson

from salesforce_mcp.demo.errors import ApiError


def record_of(content_type: str, body: bytes) -> dict[str, Any]:
    """The record of a multipart body, its blob as bytes under the name of the blob's field."""
    record: dict[str, Any] = {}
    for headers, content in _parts(content_type, body):
        name = str(headers.get_param("name", "", header="content-disposition"))
        if headers.get_content_type() == "application/json" or name.startswith("entity_"):
            try:
                fields = orjson.loads(content)
            except orjson.JSONDecodeError as error:
                raise ApiError(400, "JSON_PARSER_ERROR", error.msg) from None
            if not isinstance(fields, dict):
                raise ApiError(400, "JSON_PARSER_ERROR", "The part with the record must be a JSON object.")
            record |= fields
        elif name:
            record[name] = content
    if not record:
        raise ApiError(400, "INVALID_MULTIPART_REQUEST", "The multipart request has no part with a record.")
    return record


def _parts(content_type: str, body: bytes) -> list[tuple[Message, bytes]]:
    """Headers and content of each part."""
    header = Message()
    header["content-type"] = content_type
    boundary = header.get_boundary()
    if not boundary:
        raise ApiError(400, "INVALID_MULTIPART_REQUEST", "The multipart request has no boundary.")
    delimiter = b"\r\n--" + boundary.encode("latin-1")
    parts = []
    for piece in (b"\r\n" + body).split(delimiter)[1:]:
        if piece.startswith(b"--"):
            break
        head, found, content = piece.lstrip(b" \t").removeprefix(b"\r\n").partition(b"\r\n\r\n")
        if found:
            headers = Message()
            for line in head.decode("utf-8", "replace").split("\r\n"):
                name, _, value = line.partition(":")
                headers[name.strip()] = value.strip()
            parts.append((headers, content))
    return parts
