"""Bodies of several parts."""

from __future__ import annotations

import pytest

from salesforce_mcp.demo.multipart import Part, parse

KIND = "multipart/form-data; boundary=line"
BODY = (
    b"--line\r\n"
    b'Content-Disposition: form-data; name="entity_document";\r\n'
    b"Content-Type: application/json\r\n\r\n"
    b'{"Name": "x"}\r\n'
    b"--line\r\n"
    b'Content-Disposition: form-data; name="VersionData"; filename="a \\"b\\".bin"\r\n'
    b"Content-Type: application/octet-stream\r\n\r\n"
    b"\x00\r\n--lin\r\n\xff\r\n"
    b"--line--\r\n"
)


def test_parts() -> None:
    record, file = parse(KIND, BODY)
    assert record == Part("entity_document", None, "application/json", b'{"Name": "x"}')
    assert file.name == "VersionData"
    assert file.content_type == "application/octet-stream"
    assert file.data == b"\x00\r\n--lin\r\n\xff"


def test_a_quoted_boundary() -> None:
    assert len(parse('multipart/form-data; charset=UTF-8; boundary="line"', BODY)) == 2


@pytest.mark.parametrize(
    ("kind", "body"),
    [("application/json", BODY), ("multipart/form-data", BODY), (KIND, b""), (KIND, b"nonsense"), ("", b"")],
)
def test_bodies_without_parts(kind: str, body: bytes) -> None:
    assert parse(kind, body) == []
