"""What a person sees: the same commands on a pseudo-terminal."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Org, Record, Shell, heed_interrupts

if os.name == "nt":
    pytest.skip("POSIX: pseudo-terminals", allow_module_level=True)

import fcntl
import pty
import struct
import termios


class Terminal:
    """Runs commands with stdin, stdout and stderr on one terminal of 60 columns."""

    def __init__(self, sfmcp: Shell) -> None:
        self._sfmcp = sfmcp
        self._master, self._slave = pty.openpty()
        self.written = ""
        self.resize(60)

    def resize(self, columns: int) -> None:
        fcntl.ioctl(self._slave, termios.TIOCSWINSZ, struct.pack("HHHH", 30, columns, 0, 0))

    def start(self, *arguments: str, **streams: int) -> subprocess.Popen[bytes]:
        on = {"stdin": self._slave, "stdout": self._slave, "stderr": self._slave, **streams}
        environment = {**os.environ, "TERM": "xterm-256color", **self._sfmcp.environment}
        environment.pop("COLUMNS", None)
        return subprocess.Popen(
            self._sfmcp.arguments(*arguments), env=environment, start_new_session=True, preexec_fn=heed_interrupts, **on
        )

    def type(self, text: str) -> None:
        os.write(self._master, text.encode())

    def run(self, *arguments: str, **streams: int) -> tuple[int, str]:
        return self.finish(self.start(*arguments, **streams))

    def wait_for(self, words: str) -> None:
        """Read until these words are shown."""
        shown = b""
        while words.encode() not in shown:
            shown += os.read(self._master, 65536)

    def finish(self, command: subprocess.Popen[bytes]) -> tuple[int, str]:
        """The exit code, and all that was shown and not wiped off again, as the line about a long wait is."""
        os.close(self._slave)
        shown = b""
        while True:
            try:
                piece = os.read(self._master, 65536)
            except OSError:  # Linux's way of saying that nobody has the terminal open any more
                break
            if not piece:
                break
            shown += piece
        self.written = shown.decode()
        lines = self.written.replace("\r\n", "\n").split("\n")
        return command.wait(30), "\n".join(line.rpartition("\r\x1b[K")[2] for line in lines)

    def close(self) -> None:
        os.close(self._master)


@pytest.fixture
def terminal(sfmcp: Shell, org: Org, record: Record, monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminal]:
    monkeypatch.delenv("NO_COLOR", raising=False)
    org.records = [
        record("Account", Name="Acme", Description="long words " * 20, Employees=5),
        record("Account", Name="Bolt", Description=None, Employees=12345),
    ]
    opened = Terminal(sfmcp)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def locales(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A folder with German's locale, whatever the machine has."""
    folder = tmp_path_factory.mktemp("locales")
    localedef = shutil.which("localedef")
    if not localedef or not Path("/usr/share/i18n/locales/de_DE").exists():
        pytest.skip("no localedef with its definitions (package locales)")
    subprocess.run([localedef, "-i", "de_DE", "-f", "UTF-8", folder / "de_DE.UTF-8"], check=True, timeout=60)
    return str(folder)


SOQL = "SELECT Name, Description, Employees FROM Account"


def test_a_table_that_fits(terminal: Terminal) -> None:
    code, shown = terminal.run("query", SOQL)
    lines = re.sub(r"\x1b\[\d*m", "", shown).splitlines()
    assert code == 0
    assert lines[0].split() == ["Name", "Description", "Employees"]
    assert lines[2].startswith("Acme  long words long")
    assert lines[2].endswith("…          5")
    assert lines[3].split() == ["Bolt", "12345"]
    assert re.fullmatch(r"2 rows in \d+\.\d s", lines[4])
    assert max(map(len, lines)) <= 60
    assert "\x1b[1mName" in shown


MOMENTS = "SELECT Name, Year, Amount, CloseDate, CreatedDate FROM Deal"


@pytest.fixture
def german(terminal: Terminal, sfmcp: Shell, org: Org, record: Record, locales: str) -> Terminal:
    """A terminal of somebody in Berlin."""
    sfmcp.environment |= {"LC_ALL": "de_DE.UTF-8", "LOCPATH": locales, "TZ": "Europe/Berlin", "NO_COLOR": "1"}
    rest = {"CloseDate": "2027-03-27", "CreatedDate": "2026-06-30T22:29:53.000+0000"}
    org.records = [
        record("Deal", Name="2026-01-31", Year=2026, Amount=1980000.5, **rest),
        record("Deal", Name="x", Year=2027, Amount=None, **rest),
    ]
    terminal.resize(120)
    return terminal


def test_numbers_and_dates_are_written_as_the_user_does(german: Terminal) -> None:
    _, shown = german.run("query", MOMENTS, "--quiet")
    first = shown.splitlines()[2]
    assert re.split("  +", first) == ["2026-01-31", "2026", "1.980.000,5", "27.03.2027", "01.07.2026 00:29:53 CEST"]


def test_data_is_never_written_as_the_user_does(german: Terminal, sfmcp: Shell, tmp_path: Path) -> None:
    _, shown = german.run("query", MOMENTS, "--quiet", "--format", "csv")
    in_pipe = sfmcp("query", MOMENTS).stdout
    assert shown == in_pipe
    assert in_pipe.splitlines()[1] == "2026-01-31,2026,1980000.5,2027-03-27,2026-06-30T22:29:53.000+0000"
    table = sfmcp("query", MOMENTS, "--format", "table").stdout.splitlines()[2]
    assert re.split("  +", table)[1:] == ["2026", "1980000.5", "2027-03-27", "2026-06-30T22:29:53.000+0000"]


@pytest.mark.parametrize("name", ["C", "xx_XX.UTF-8"])
def test_without_a_locale_values_are_as_they_came(german: Terminal, sfmcp: Shell, name: str) -> None:
    sfmcp.environment["LC_ALL"] = name
    _, shown = german.run("query", MOMENTS, "--quiet")
    assert "1980000.5  2027-03-27  2026-06-30T22:29:53.000+0000" in shown


def test_no_color(terminal: Terminal, sfmcp: Shell) -> None:
    sfmcp.environment["NO_COLOR"] = "1"
    assert "\x1b[" not in terminal.run("query", SOQL)[1]


def test_quiet(terminal: Terminal) -> None:
    assert "rows in" not in terminal.run("query", SOQL, "--quiet")[1]


def test_data_formats_are_the_same_as_in_a_pipe(terminal: Terminal) -> None:
    _, shown = terminal.run("query", "SELECT Name FROM Account", "--format", "csv", "--quiet")
    assert shown.startswith("Name,")
    assert "\x1b" not in shown


def test_json_is_indented_for_people(terminal: Terminal) -> None:
    _, shown = terminal.run("call", "query", json.dumps({"soql": SOQL}))
    assert shown.startswith('{\n  "columns": [')


def test_an_error_in_colour(terminal: Terminal) -> None:
    code, shown = terminal.run("query")
    assert code == 2
    assert shown.startswith("\x1b[1;31mUSAGE\x1b[0m: ")


def test_what_an_org_says_does_not_steer_the_terminal(terminal: Terminal, org: Org, sfmcp: Shell) -> None:
    words = "bad\x1b]0;owned\x07 value\x9b2J\b"
    org.refusal = 400, [{"message": words, "errorCode": "INVALID_FIELD"}]
    _, shown = terminal.run("query", SOQL)
    assert shown == "\x1b[1;31mINVALID_FIELD\x1b[0m: bad]0;owned value2J\n"
    assert words in sfmcp("query", SOQL).stderr  # a log has it as it came


@pytest.mark.parametrize(("answer", "code", "requests"), [("y\n", 0, 1), ("n\n", 4, 0), ("\n", 4, 0)])
def test_what_destroys_is_asked(terminal: Terminal, org: Org, answer: str, code: int, requests: int) -> None:
    terminal.type(answer)
    done, shown = terminal.run("call", "delete_record", '{"object": "Case", "id": "500000000000001AAA"}')
    assert "500000000000001AAA" in shown
    assert "[y/N]" in shown
    assert done == code
    assert sum(path.endswith("/Case/500000000000001AAA") for path in org.paths) == requests


def test_interruption_while_waiting(terminal: Terminal, org: Org) -> None:
    org.go.clear()
    command = terminal.start("query", SOQL)
    assert org.reached.wait(30)
    command.send_signal(signal.SIGINT)
    code, shown = terminal.finish(command)
    assert code == 130
    assert "Traceback" not in shown


def test_who_starts_the_server_by_hand_is_told_what_it_waits_for(terminal: Terminal) -> None:
    for _ in ("the first start", "one with kept answers"):
        command = terminal.start("serve")
        terminal.wait_for("see `sfmcp install`")
        terminal.type("\x04")  # Ctrl-D: the end of stdin
        assert command.wait(30) == 0


def test_rows_to_a_file_are_summed_up(terminal: Terminal, tmp_path, sfmcp: Shell) -> None:
    code, shown = terminal.run("query", SOQL, "--output", str(tmp_path / "x.csv"))
    assert code == 0
    assert re.fullmatch(r"2 rows in \d+\.\d s\n", shown)


def test_a_long_wait_is_shown_and_wiped_off(terminal: Terminal, org: Org, tmp_path: Path) -> None:
    org.go.clear()
    command = terminal.start("query", SOQL, "--output", str(tmp_path / "x.csv"))
    terminal.wait_for("\r\x1b[KWaiting for the org, 1 s")
    org.go.set()
    code, shown = terminal.finish(command)
    assert code == 0
    assert re.fullmatch(r"2 rows in \d+\.\d s\n", shown)


def test_a_dumb_terminal_is_spared(terminal: Terminal, sfmcp: Shell, org: Org, tmp_path: Path) -> None:
    sfmcp.environment["TERM"] = "dumb"
    threading.Timer(1.5, org.go.set).start()
    org.go.clear()
    code, _ = terminal.run("query", SOQL, "--output", str(tmp_path / "x.csv"))
    assert code == 0
    assert re.fullmatch(r"2 rows in \d+\.\d s\r\n", terminal.written)


def test_stdin_is_read_from_a_pipe_beside_a_terminal(terminal: Terminal, org: Org) -> None:
    reading, writing = os.pipe()
    os.write(writing, b"SELECT Name FROM Account")
    os.close(writing)
    code, _ = terminal.run("query", "-", stdin=reading)
    os.close(reading)
    assert code == 0
    assert org.asked == ["SELECT Name FROM Account"]


def test_messages_break_between_words_on_a_terminal_alone(terminal: Terminal, sfmcp: Shell, org: Org) -> None:
    words = "The value 東京 of this field is longer than the field can hold, which is not what was expected of it here"
    org.refusal = 400, [{"message": words, "errorCode": "MADE_UP"}]
    assert f"MADE_UP: {words}\n" in sfmcp("query", SOQL).stderr
    _, shown = terminal.run("query", SOQL)
    said = re.sub(r"\x1b\[[\d;]*m", "", shown).splitlines()
    assert len(said) > 1
    assert " ".join(said) == f"MADE_UP: {words}"
    assert max(map(len, said)) <= 60
