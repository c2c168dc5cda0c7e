"""How commands end when they are stopped, and what they leave: nothing half-written, nobody running, no traceback."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from salesforce_mcp.demo.faults import Fault
from salesforce_mcp.demo.local import DemoOrg
from tests.cli.conftest import Org, Shell

pytestmark = pytest.mark.skipif(os.name == "nt", reason="POSIX: signals and limits")

PATIENCE = 60

LIMITED = """
import resource, runpy, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
sys.argv[0] = "sfmcp"
runpy.run_module("salesforce_mcp", run_name="__main__")
"""
"""sfmcp, which can make no file longer than 4 KB: what a full disk does to long files, it does to all of them."""

CONTACTS = "SELECT Id, LastName, Email FROM Contact"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoOrg]:
    """One demo org for all tests here; each minds only the records that it made."""
    with DemoOrg(tmp_path_factory.mktemp("demo")) as org:
        yield org


@pytest.fixture
def logged_in(sfmcp: Shell, demo: DemoOrg, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shell]:
    """sfmcp with the demo org's token, in a folder of its own, with scratch files in a folder that is looked at."""
    token = demo.users[0].access_token
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    sfmcp.environment.update({"SFMCP_INSTANCE_URL": demo.instance_url, "SFMCP_ACCESS_TOKEN": token})
    monkeypatch.setenv("TMPDIR", str(scratch))
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    yield sfmcp
    demo.faults.clear()
    assert list(scratch.iterdir()) == []


def stop(command: subprocess.Popen[str], number: signal.Signals) -> tuple[int, str]:
    """Send the signal; exit code and stderr."""
    command.send_signal(number)
    _, said = command.communicate(timeout=PATIENCE)
    return command.returncode, said


def reached(demo: DemoOrg, path: str, count: int = 1) -> None:
    """Wait until the org has begun to answer a request to this path."""
    end = time.monotonic() + PATIENCE
    while sum(rule["done"] for rule in demo.faults.describe() if rule["match"]["path"] == path) < count:
        assert time.monotonic() < end, f"nobody asked for {path}"
        time.sleep(0.01)


def limited(sfmcp: Shell, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run sfmcp on a disk that is full."""
    return subprocess.run(
        [sys.executable, "-c", LIMITED, *arguments],
        capture_output=True,
        encoding="utf-8",
        env=sfmcp.all_variables(),
        timeout=PATIENCE,
        check=False,
    )


def contacts(folder: Path, name: str, count: int) -> Path:
    file = folder / f"{name}.csv"
    file.write_text("".join(["LastName\n", *(f"{name} {place}\n" for place in range(count))]), encoding="utf-8")
    return file


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# --- Signals ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "form"), [(signal.SIGTERM, "csv"), (signal.SIGHUP, "csv"), (signal.SIGTERM, "parquet")]
)
def test_a_query_into_a_file(logged_in: Shell, demo: DemoOrg, number: signal.Signals, form: str) -> None:
    Path("rows").write_text("as it was", encoding="utf-8")
    demo.faults.add(Fault("slow", path="*/query", delay=30))
    command = logged_in.start("query", CONTACTS, "--output", "rows", "--format", form)
    reached(demo, "*/query")
    assert stop(command, number) == (130, "")
    assert Path("rows").read_text(encoding="utf-8") == "as it was"
    assert not [file.name for file in Path.cwd().iterdir() if file.name != "rows" and form == "csv"]


def test_an_export_goes_on_later(logged_in: Shell, demo: DemoOrg) -> None:
    demo.faults.add(Fault("slow", path="*/results", delay=30))
    arguments = ["export", CONTACTS, "--output", "rows.csv", "--bulk"]
    command = logged_in.start(*arguments)
    reached(demo, "*/results")
    assert stop(command, signal.SIGTERM) == (130, "")
    assert not Path("rows.csv").exists()
    demo.faults.clear()
    done = logged_in(*arguments)
    assert done.returncode == 0, done.stderr
    assert [file.name for file in Path.cwd().iterdir()] == ["rows.csv"]
    assert len({row["Id"] for row in rows(Path("rows.csv"))}) >= 500


def test_an_import_says_which_rows_are_in_doubt(logged_in: Shell, demo: DemoOrg) -> None:
    file = contacts(Path.cwd(), "Stopped", 450)
    demo.faults.add(Fault("slow", path="*/composite/sobjects", delay=30, skip=1))
    command = logged_in.start("import", str(file), "--object", "Contact", "--operation", "insert", "--no-bulk")
    reached(demo, "*/composite/sobjects")
    code, said = stop(command, signal.SIGINT)
    assert code == 130, said
    assert len(rows(file.with_suffix(".successful.csv"))) == 200
    doubtful = rows(file.with_suffix(".failed.csv"))
    assert len(doubtful) == 200
    assert {row["sf__Error"] for row in doubtful} == {"INTERRUPTED:It may have been done, or not.: --"}
    assert len(rows(file.with_suffix(".unprocessed.csv"))) == 50


def test_a_bulk_import_is_taken_up_again(logged_in: Shell, demo: DemoOrg) -> None:
    file = contacts(Path.cwd(), "Killed", 50)
    demo.faults.add(Fault("slow", path="*/successfulResults", delay=30))
    arguments = ["import", str(file), "--object", "Contact", "--operation", "insert", "--bulk"]
    command = logged_in.start(*arguments)
    reached(demo, "*/successfulResults")
    stop(command, signal.SIGKILL)
    shutil.rmtree(os.environ["TMPDIR"])  # no program can tidy up after this one
    Path(os.environ["TMPDIR"]).mkdir()
    assert not list(Path.cwd().glob("*.successful.csv"))
    demo.faults.clear()
    done = logged_in(*arguments)
    assert done.returncode == 0, done.stderr
    assert "Went on with the jobs of an import that was interrupted" in done.stderr
    assert len(rows(file.with_suffix(".successful.csv"))) == 50
    found = logged_in("query", "SELECT COUNT() FROM Contact WHERE LastName LIKE 'Killed%'")
    assert found.stdout.split()[-1] == "50"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_demo_takes_its_server_with_it(sfmcp: Shell, number: signal.Signals) -> None:
    command = sfmcp.start("demo")
    end = time.monotonic() + PATIENCE
    while not (servers := children(command.pid)):
        assert time.monotonic() < end and command.poll() is None
        time.sleep(0.01)
    code, said = stop(command, number)
    assert (code, said) == (130, "")
    while any(map(alive, servers)):
        assert time.monotonic() < end, "the server outlived the demo"
        time.sleep(0.01)


@pytest.mark.parametrize("words", ["MCP server", "biggest", "case"])
def test_the_demo_ends_quietly_in_the_middle_of_its_conversation(sfmcp: Shell, words: str) -> None:
    command = sfmcp.start("demo")
    assert command.stdout
    while words not in command.stdout.readline():
        assert command.poll() is None
    assert stop(command, signal.SIGTERM) == (130, "")


def children(pid: int) -> list[int]:
    """The processes that a process has started."""
    if not sys.platform.startswith("linux"):
        pytest.skip("no /proc")
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split()]


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


# --- Disks and folders -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["query", "export"])
def test_rows_that_the_disk_has_no_room_for(logged_in: Shell, command: str) -> None:
    arguments = [command, CONTACTS, "--output", "rows.csv"]
    done = limited(logged_in, *arguments)
    assert done.returncode == 1
    assert done.stderr.startswith("SYSTEM: ")
    assert "rows.csv cannot be written: File too large." in done.stderr
    assert not Path("rows.csv").exists()
    done = logged_in(*arguments)
    assert done.returncode == 0, done.stderr
    assert [file.name for file in Path.cwd().iterdir()] == ["rows.csv"]
    assert len({row["Id"] for row in rows(Path("rows.csv"))}) >= 500


@pytest.mark.parametrize("way", ["--bulk", "--no-bulk"])
def test_outcomes_that_the_disk_has_no_room_for(logged_in: Shell, way: str) -> None:
    name = f"Full {way}"
    file = contacts(Path.cwd(), name, 200)  # the parts that are sent fit, the results don't
    arguments = ["import", str(file), "--object", "Contact", "--operation", "insert", way]
    done = limited(logged_in, *arguments)
    assert done.returncode == 1
    assert done.stderr.startswith("SYSTEM: ")
    assert "File too large" in done.stderr
    if way == "--bulk":
        assert "The same import goes on with them" in done.stderr
        done = logged_in(*arguments)
        assert done.returncode == 0, done.stderr
        found = logged_in("query", f"SELECT COUNT() FROM Contact WHERE LastName LIKE '{name}%'")
        assert found.stdout.split()[-1] == "200"
    else:
        assert "stays done" in done.stderr


def test_a_folder_that_is_taken_away_during_an_export(logged_in: Shell, demo: DemoOrg) -> None:
    Path("out").mkdir()
    demo.faults.add(Fault("slow", path="*/results", delay=2))
    command = logged_in.start("export", CONTACTS, "--output", "out/rows.csv", "--bulk")
    reached(demo, "*/results")
    shutil.rmtree("out")
    _, said = command.communicate(timeout=PATIENCE)
    assert command.returncode == 2
    assert "cannot be written" in said
    assert "Traceback" not in said


@pytest.mark.parametrize("arguments", [["query", CONTACTS], ["whoami"]])
def test_a_state_folder_that_cannot_be_used(logged_in: Shell, tmp_path: Path, arguments: list[str]) -> None:
    (tmp_path / "state").write_text("a file", encoding="utf-8")
    done = logged_in(*arguments)
    assert done.returncode == 0, done.stderr
    assert done.stdout
    done = logged_in(*arguments, "--org", "demo")
    assert done.returncode == 2
    assert "SFMCP_STATE_DIR" in done.stderr


def test_a_state_folder_on_a_full_disk(logged_in: Shell, tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "audit.jsonl").write_text("{}\n" * 1400, encoding="utf-8")
    done = limited(logged_in, "call", "get_user_info")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["username"]
    assert "The audit trail cannot be written" in done.stderr
    assert "Traceback" not in done.stderr
    done = limited(logged_in, "query", "--org", "demo", CONTACTS)
    assert done.returncode == 2
    assert "Make room there" in done.stderr
    assert "Traceback" not in done.stderr and "UNEXPECTED" not in done.stderr
    assert logged_in("query", "--org", "demo", CONTACTS).returncode == 0


def test_a_connection_that_hangs_can_be_left(sfmcp: Shell, org: Org) -> None:
    org.go.clear()
    command = sfmcp.start("whoami")
    assert org.reached.wait(PATIENCE)
    assert stop(command, signal.SIGTERM)[0] == 130
