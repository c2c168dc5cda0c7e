"""The files toolset on the demo org."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from salesforce_mcp.demo.faults import Fault
from salesforce_mcp.errors import ArgumentError, PolicyError, SalesforceError
from salesforce_mcp.tools.files import _claimed
from tests.tools.demo import Demo

HOSTILE = ["", "x", "001000000000001AAA", "069000000000001AA'", "../069000000000001", "%2e%2e", "069\x00", "0" * 5_000]


@pytest.fixture
def imports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "imports"
    folder.mkdir()
    monkeypatch.setenv("SFMCP_IMPORT_DIR", str(folder))
    return folder


@pytest.fixture
def account(demo: Demo) -> str:
    return str(demo.structure("create_record", object="Account", data={"Name": "With files"})["id"])


def test_up_and_down(demo: Demo, imports: Path, account: str) -> None:
    content = os.urandom(200_000)
    (imports / 'the "plan" ä.bin').write_bytes(content)
    made = demo.structure("upload_file", file='the "plan" ä.bin', record_id=account)
    table = demo.structure("list_files", record_id=account)
    assert table["total"] == 1
    row = dict(zip(table["columns"], table["rows"][0], strict=True))
    assert (row["ContentDocument.Title"], row["ContentDocument.ContentSize"]) == ('the "plan" ä', 200_000)
    assert row["ContentDocumentId"] == made["file_id"]
    for name in (made["file_id"], made["version"]):
        saved = demo.structure("download_file", file_id=name)
        assert Path(saved["path"]).read_bytes() == content
    assert sorted(path.name for path in (imports.parent / "export").iterdir()) == [
        "the _plan_ ä-2.bin",
        "the _plan_ ä.bin",
    ]


def test_a_new_version(demo: Demo, imports: Path, account: str) -> None:
    (imports / "plan.txt").write_text("one", encoding="utf-8")
    first = demo.structure("upload_file", file="plan.txt", record_id=account, title="Plan")
    (imports / "plan.txt").write_text("two", encoding="utf-8")
    second = demo.structure("upload_file", file="plan.txt", file_id=first["file_id"])
    assert second["file_id"] == first["file_id"] and second["version"] != first["version"]
    texts = [
        Path(demo.structure("download_file", file_id=name)["path"]).read_text(encoding="utf-8")
        for name in (first["version"], first["file_id"])
    ]
    assert texts == ["one", "two"]
    with pytest.raises(ArgumentError, match="name no record"):
        demo.call("upload_file", file="plan.txt", file_id=first["file_id"], record_id=account)
    with pytest.raises(ArgumentError, match="not a version"):
        demo.call("upload_file", file="plan.txt", file_id=first["version"])


def test_a_list_of_all_with_a_filter_and_a_cursor(demo: Demo, imports: Path) -> None:
    for number in range(3):
        (imports / f"100% sure_{number}.txt").write_text("x", encoding="utf-8")
        demo.call("upload_file", file=f"100% sure_{number}.txt")
    table = demo.structure("list_files", filter="100% sure_", limit=2)
    assert (table["total"], len(table["rows"])) == (3, 2)
    assert len(demo.structure("list_files", cursor=table["cursor"])["rows"]) == 1
    assert demo.structure("list_files", filter="' OR Title LIKE '%")["total"] == 0


def test_a_download_that_breaks_off_leaves_nothing(demo: Demo, imports: Path) -> None:
    demo.client.pause = lambda seconds: None
    (imports / "large.bin").write_bytes(bytes(1_000_000))
    made = demo.structure("upload_file", file="large.bin")
    demo.org.faults.add(Fault("cut", path="*/VersionData"))
    with pytest.raises(Exception, match=r"CONNECTION_LOST|broke"):
        demo.call("download_file", file_id=made["file_id"])
    demo.org.faults.clear()
    assert list((imports.parent / "export").iterdir()) == []


def test_files_outside_of_the_allowed_folders(demo: Demo, imports: Path) -> None:
    (imports.parent / "secret.txt").write_text("x", encoding="utf-8")
    for path in ("../secret.txt", str(imports.parent / "secret.txt")):
        with pytest.raises(PolicyError):
            demo.call("upload_file", file=path)


@pytest.mark.parametrize("value", HOSTILE)
def test_ids_that_are_none(demo: Demo, value: str) -> None:
    with pytest.raises(ArgumentError):
        demo.call("download_file", file_id=value)


def test_what_is_not_there(demo: Demo, standard: Demo, imports: Path) -> None:
    with pytest.raises(ArgumentError, match="no file"):
        demo.call("download_file", file_id="069000000000001")
    (imports / "a.txt").write_text("x", encoding="utf-8")
    with pytest.raises(SalesforceError):
        standard.call("upload_file", file="a.txt", record_id="001000000000001")


@pytest.mark.parametrize(
    ("title", "extension", "name"),
    [
        ("../../etc/passwd", None, "_.._etc_passwd"),
        ("a\\b:c", "txt", "a_b_c.txt"),
        ("plan.txt", "txt", "plan.txt"),
        ("..", "..", "file"),
        ("CON", "txt", "_CON.txt"),
        ("x" * 500, "t/x", "x" * 120 + ".t_x"),
    ],
)
def test_names_of_downloads(tmp_path: Path, title: str, extension: str | None, name: str) -> None:
    with _claimed(tmp_path, title, extension) as path:
        assert path.parent == tmp_path and path.name == name
