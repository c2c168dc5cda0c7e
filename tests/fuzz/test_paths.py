"""Files stay in their folders and are the user's alone, whatever they are called and whatever lies in the way."""

from __future__ import annotations

import gzip
import os
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesforce_mcp import folders
from salesforce_mcp.auth.session import GivenSession
from salesforce_mcp.demo.local import DemoOrg
from salesforce_mcp.errors import ArgumentError, PolicyError, SfmcpError, UsageError
from salesforce_mcp.salesforce.client import Client
from salesforce_mcp.salesforce.loading.results import ResultFiles, free_paths
from salesforce_mcp.salesforce.packing import private
from salesforce_mcp.tools.localfiles import readable
from tests.fuzz.calls import call_tool
from tests.salesforce.scripted import Reply, ScriptedOrg, Seen, ok, page

pytestmark = pytest.mark.skipif(os.name == "nt", reason="links, pipes and modes of POSIX")

JOB = "750000000000001AAA"


@pytest.fixture(autouse=True)
def no_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.fixture
def org() -> Iterator[ScriptedOrg]:
    with ScriptedOrg() as running:
        yield running


NAMES = [
    ".",
    "..",
    "../../x",
    "/etc/passwd",
    "C:\\x",
    "\\\\host\\x",
    "NUL",
    "con.txt",
    "COM1",
    "a:b",
    "~",
    "-rf",
    "a/",
    "...",
    "aux",
    "lpt¹.txt",
    "\u202egpj.exe",
]


@settings(max_examples=300, derandomize=True, database=None)
@given(st.text() | st.sampled_from([*NAMES, "", " ", "a\nb", "a\x00b", "aux ", "\ud800", "x" * 5000, "字" * 300]))
def test_a_name_that_others_gave(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    name = folders.file_name(text)
    folder = folders.state_dir()
    assert (folder / name).parent == folder
    assert name == name.strip(". ")
    assert not set(name) & set('<>:"/\\|?*\r\n\x00')
    (folder / f"{name}-2.failed.csv.part.json").write_bytes(b"")
    (folder / f"{name}-2.failed.csv.part.json").unlink()


def test_a_job_whose_object_leads_elsewhere(org: ScriptedOrg, private_folders: Path) -> None:
    """The names of the files are made of what the org says."""
    body = {"id": JOB, "object": "../../../evil", "operation": "/insert", "state": "JobComplete"}
    org.on(f"GET jobs/ingest/{JOB}", ok(body))
    for kind in ("successfulResults", "failedResults", "unprocessedrecords"):
        org.on(f"GET jobs/ingest/{JOB}/{kind}", ok(b"sf__Id,Name\n1,x\n", Content_Type="text/csv"))
    call_tool(org.url, "bulk_job_results", {"job_id": JOB}, token="token-1")
    made = [path for path in private_folders.rglob("*") if "evil" in path.name]
    assert len(made) == 3
    assert {path.parent for path in made} == {private_folders / "export"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in made} == {0o600}


def _download(org: ScriptedOrg, title: str, extension: str | None = "txt") -> str:
    version = {"Id": "068000000000001AAA", "ContentDocumentId": "069000000000001AAA", "Title": title}
    org.on("GET query", page({**version, "FileExtension": extension, "ContentSize": 5, "ContentUrl": None}))
    org.on("GET sobjects/ContentVersion/068000000000001AAA/VersionData", ok(b"hello", Content_Type="text/plain"))
    return call_tool(org.url, "download_file", {"file_id": "069000000000001AAA"}, token="token-1")


@pytest.mark.parametrize(
    "title", ["../../x", "/etc/x", "a\nb", "\u202ex", "NUL", "x" * 4000, "字" * 400, ".bashrc", ""]
)
def test_a_title_stays_below_the_export_folder(org: ScriptedOrg, private_folders: Path, title: str) -> None:
    _download(org, title, "../sh")
    (made,) = (private_folders / "export").iterdir()
    assert made.read_bytes() == b"hello"
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    assert stat.S_IMODE(made.parent.stat().st_mode) == 0o700


def test_a_download_follows_no_link(org: ScriptedOrg, private_folders: Path) -> None:
    victim = private_folders / "victim"
    victim.write_text("mine", encoding="utf-8")
    for name in ("plan.txt", "plan.txt.part"):
        (folders.export_dir() / name).symlink_to(victim)
    _download(org, "plan")
    assert victim.read_text(encoding="utf-8") == "mine"
    assert (folders.export_dir() / "plan-2.txt").read_bytes() == b"hello"


def _plant_link(path: Path, victim: Path) -> None:
    path.symlink_to(victim)


def _plant_hard_link(path: Path, victim: Path) -> None:
    path.hardlink_to(victim)


def _plant_pipe(path: Path, _: Path) -> None:
    os.mkfifo(path)


def _plant_device(path: Path, _: Path) -> None:
    path.symlink_to("/dev/full")


@pytest.mark.parametrize("plant", [_plant_link, _plant_hard_link, _plant_pipe, _plant_device])
def test_what_lies_in_the_way_is_not_written(
    private_folders: Path, org: ScriptedOrg, plant: Callable[[Path, Path], None]
) -> None:
    victim = private_folders / "victim"
    victim.write_text("mine", encoding="utf-8")
    folder = folders.export_dir()
    plant(folder / "x", victim)
    with pytest.raises(OSError, match=r"something else|Too many levels|No such device"):
        private(folder / "x")
    plant(folder / "a.failed.csv.part", victim)
    with pytest.raises(SfmcpError, match="cannot be written"), ResultFiles(free_paths(folder, "a")).opened():
        pass
    org.on("GET query", page({"Id": "1"}))
    name = _exported(org).removesuffix("-2")
    for ending in ("csv.part", "csv.part.json"):
        planted = folder / f"{name}-2.{ending}"
        plant(planted, victim)
    with suppress(SfmcpError):
        _exported(org)
    assert victim.read_text(encoding="utf-8") == "mine"


def _exported(org: ScriptedOrg) -> str:
    """The stem of the file that an export made."""
    before = set(folders.export_dir().glob("*.csv"))
    call_tool(org.url, "export_query", {"soql": "SELECT Id FROM Account", "method": "rest"}, token="token-1")
    (made,) = set(folders.export_dir().glob("*.csv")) - before
    return made.stem


def test_everything_is_private_without_a_umask(private_folders: Path) -> None:
    with DemoOrg(private_folders / "org") as org:
        session = GivenSession(org.instance_url, org.users[0].access_token, environment="demo", remedy="")
        with Client(session) as client:
            client.describe("Account")
        token = org.users[0].access_token
        for arguments in ({"format": "csv"}, {"format": "jsonl"}, {"method": "bulk"}):
            call_tool(org.instance_url, "export_query", {"soql": "SELECT Id FROM Case", **arguments}, token=token)
        (folders.export_dir() / "a.csv").write_text("Name\nx\n", encoding="utf-8")
        Path(folders.export_dir() / "a.csv").chmod(0o600)
        loading = {"object": "Account", "operation": "insert", "file": "a.csv"}
        call_tool(org.instance_url, "bulk_ingest", loading, token=token, seconds=60)
    for path in [*private_folders.joinpath("state").rglob("*"), *private_folders.joinpath("export").rglob("*")]:
        mode = stat.S_IMODE(path.stat().st_mode)
        assert path.suffix == ".lock" or not mode & 0o077 or path.name == "soql.tables", f"{path}: {mode:o}"


# --- What tools may read ---------------------------------------------------------------------------------------------


def test_only_allowed_files_are_read(private_folders: Path) -> None:
    outside = private_folders / "secret"
    outside.write_text("s", encoding="utf-8")
    folder = folders.export_dir()
    (folder / "link").symlink_to(outside)
    (folder / "folder").symlink_to(private_folders)
    (folder / "round").symlink_to(folder / "round")
    os.mkfifo(folder / "pipe")
    (folder / "device").symlink_to("/dev/zero")
    names = [
        "link",
        "folder/secret",
        "../secret",
        str(outside),
        "/dev/zero",
        "/dev/stdin",
        "/proc/self/environ",
        "device",
    ]
    names += [
        "round",
        "pipe",
        ".",
        "",
        "x" * 300,
        "a\0b",
        "~/x",
        "~root/x",
        "C:x",
        "NUL",
        "\ud800",
        "link/../../secret",
    ]
    for name in names:
        with pytest.raises((PolicyError, ArgumentError)):
            readable(name)


def test_a_link_swapped_in_between_is_not_read(private_folders: Path) -> None:
    """A thread puts a link to a secret in the file's and the folder's place, again and again."""
    root = folders.export_dir().resolve()
    outside = private_folders / "outside"
    outside.mkdir()
    (outside / "a.txt").write_text("secret", encoding="utf-8")
    inside = root / "inside"
    inside.mkdir()
    (inside / "a.txt").write_text("public", encoding="utf-8")
    link = root / "link"
    link.symlink_to(outside)
    stop = threading.Event()

    def swap() -> None:
        while not stop.is_set():
            Path(inside).rename(root / "kept")
            Path(link).rename(inside)
            Path(inside).rename(link)
            Path(root / "kept").rename(inside)

    thread = threading.Thread(target=swap)
    thread.start()
    seen: list[Any] = []
    for _ in range(1000):
        try:
            with folders.open_resolved(readable("inside/a.txt")) as file:
                seen.append(file.read())
        except (OSError, SfmcpError):
            seen.append(None)
    stop.set()
    thread.join()
    assert b"secret" not in seen
    assert b"public" in seen


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("of_folder", [False, True])
def test_a_link_put_there_during_an_import_is_not_followed(
    org: ScriptedOrg, private_folders: Path, of_folder: bool, packed: bool
) -> None:
    """The file is read once to know what is in it, and once more to send it."""
    name = "a.csv.gz" if packed else "a.csv"
    inside, outside = folders.export_dir() / "inside", private_folders / "outside"
    for folder, cell in ((inside, b"public"), (outside, b"secret")):
        folder.mkdir()
        content = b"Name\n" + cell + b"\n"
        (folder / name).write_bytes(gzip.compress(content) if packed else content)

    def swap(_: Seen) -> Reply:
        place = inside if of_folder else inside / name
        place.rename(inside.with_name("kept"))
        place.symlink_to(outside if of_folder else outside / name)
        return ok({"name": "Account", "fields": [{"name": "Name", "type": "string", "createable": True}]})

    org.on("GET sobjects/Account/describe", swap)
    arguments = {"object": "Account", "operation": "insert", "file": f"inside/{name}"}
    with pytest.raises(UsageError, match="cannot be read"):
        call_tool(org.url, "bulk_ingest", arguments, token="token-1")
    assert [seen.method for seen in org.seen] == ["GET"]
