"""CSV files on their way into jobs: what is a row, what is a part."""

from __future__ import annotations

import csv
import gzip
import io
from pathlib import Path

import pytest

from salesforce_mcp.errors import UsageError
from salesforce_mcp.salesforce.client import Client
from salesforce_mcp.salesforce.loading import rows, source
from tests.salesforce.scripted import ScriptedOrg, ok


def write(folder: Path, content: bytes) -> Path:
    path = folder / "rows.csv"
    path.write_bytes(content)
    return path


def test_what_a_file_holds(tmp_path: Path) -> None:
    found = source.scan(write(tmp_path, b'\xef\xbb\xbf"Name" ;Phone\r\n"a;""b\r\nc";1\r\n\r\nd;2'))
    assert (found.columns, found.delimiter_name, found.rows) == (["Name", "Phone"], "SEMICOLON", 2)
    assert list(source.read_rows(found)) == [['a;"b\r\nc', "1"], ["d", "2"]]


def test_parts_hold_all_rows_once_and_keep_to_their_size(tmp_path: Path) -> None:
    cells = [[f"{number}", 'a "quoted"\nline' if number % 3 else "ä" * (number % 50)] for number in range(500)]
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([["Name", "Text"], *cells])
    found = source.scan(write(tmp_path, text.getvalue().encode()))
    joined: list[list[str]] = []
    for part in source.parts(found, skip=7, size=400):
        content = part.content.read()
        assert len(content) <= 400 and part.first == len(joined) + 7
        header, *read = csv.reader(io.StringIO(content.decode(), newline=""))
        assert header == ["Name", "Text"] and len(read) == part.rows
        joined += read
    assert joined == cells[7:]


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


def test_a_compressed_file(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv.gz"
    path.write_bytes(gzip.compress(b"Name\n") + gzip.compress(b"a\nb\n"))
    found = source.scan(path)
    assert (found.columns, found.rows) == (["Name"], 2)
    assert [part.content.read() for part in source.parts(found)] == [b"Name\na\nb\n"]


@pytest.mark.parametrize("content", [b"Name\na\n", gzip.compress(b"Name\na\n")[:-9], gzip.compress(b"x" * 99)[:12]])
def test_a_compressed_file_that_is_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "rows.csv.gz"
    path.write_bytes(content)
    with pytest.raises(UsageError, match="no gzip file, or not the whole"):
        source.scan(path)


def test_another_compression(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="only compression is gzip"):
        source.scan(tmp_path / "rows.csv.zst")


def test_numbers_that_no_float_holds_go_as_they_stand(org: ScriptedOrg, client: Client, tmp_path: Path) -> None:
    amount = "1234567890123456.78"
    lines = tmp_path / "rows.jsonl"
    lines.write_text(f'{{"Amount": {amount}}}\n{{"Amount": 1.5}}\n', encoding="utf-8")
    found = rows.jsonl_to_csv(lines, tmp_path / "rows.csv")
    assert (tmp_path / "rows.csv").read_text(encoding="utf-8") == f"Amount\n{amount}\n1.5\n"
    org.on("GET sobjects/Opportunity/describe", ok({"fields": [{"name": "Amount", "type": "currency"}]}))
    org.on("POST composite/sobjects", ok([]))
    client.post("composite/sobjects", [record for _, record in rows.from_csv(client, found, "Opportunity")])
    assert org.seen[-1].body == f'[{{"Amount":{amount}}},{{"Amount":1.5}}]'.encode()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"sep=;\r\nName;Phone\r\na;1\r\n", r"its first line is meant for Excel \(sep=\)"),
        ("Name\nMüller\n".encode("cp1252"), "row 1 is not UTF-8"),
        ("Straße\nx\n".encode("cp1252"), "its header is not UTF-8"),
        ("Name\nx\n".encode("utf-16"), "it is UTF-16"),
        (b"PK\x03\x04\xff", "it is a workbook or an archive"),
        (b'Name,Phone\na,1\n"b,2\n', "a quote is opened in row 2 and never closed"),
        (b'"Name,Phone\na,1\n', "a quote is opened in the header and never closed"),
        (b"Name,Phone\na,1\nDoe, Inc,2\n", "row 2 has more cells than the header"),
        (b'Name,Phone\n"Doe, Inc",2,3\n', "row 1 has more cells than the header"),
    ],
)
def test_what_would_be_read_wrongly_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        source.scan(write(tmp_path, content))


def test_empty_cells_beyond_the_header_are_nothing(tmp_path: Path) -> None:
    assert source.scan(write(tmp_path, b'Name,Phone\na,1,,\n"b, c",2,\nd\n')).rows == 3
