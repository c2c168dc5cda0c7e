"""CSV files on their way into jobs: what is a row, what is a part."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from salesforce_mcp.errors import UsageError
from salesforce_mcp.salesforce.loading import source


def write(folder: Path, content: bytes) -> Path:
    path = folder / "rows.csv"
    path.write_bytes(content)
    return path


def test_what_a_file_holds(tmp_path: Path) -> None:
    found = source.scan(write(tmp_path, b'\xef\xbb\xbf"Name" ;Phone\r\n"a;""b\r\nc";1\r\n\r\nd;2'))
    assert (found.columns, found.delimiter_name, found.rows) == (["Name", "Phone"], "SEMICOLON", 2)
    assert list(source.read_rows(found)) == [['a;"b\r\nc', "1"], ["d", "2"]]


def test_parts_hold_all_rows_once_and_keep_to_their_size(tmp_path: Path) -> None:
    rows = [[f"{number}", 'a "quoted"\nline' if number % 3 else "ä" * (number % 50)] for number in range(500)]
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([["Name", "Text"], *rows])
    found = source.scan(write(tmp_path, text.getvalue().encode()))
    joined: list[list[str]] = []
    for part in source.parts(found, skip=7, size=400):
        content = part.content.read()
        assert len(content) <= 400 and part.first == len(joined) + 7
        header, *read = csv.reader(io.StringIO(content.decode(), newline=""))
        assert header == ["Name", "Text"] and len(read) == part.rows
        joined += read
    assert joined == rows[7:]


def test_the_digest_is_of_the_content(tmp_path: Path) -> None:
    digests = {
        source.scan(write(tmp_path, content)).digest for content in (b"Name\na\n", b"Name\r\na\r\n", b"Name\nb\n")
    }
    assert len(digests) == 2


def test_a_row_larger_than_a_part(tmp_path: Path) -> None:
    found = source.scan(write(tmp_path, b"Name\nshort\n" + b"x" * 100 + b"\n"))
    with pytest.raises(UsageError, match="row 2 is larger than a job"):
        for _ in source.parts(found, size=50):
            pass


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        source.scan(tmp_path / "none.csv")
