"""Shell completion: asked as bash asks, answered from files alone."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from salesforce_mcp.auth import orgs
from salesforce_mcp.auth.orgs import Org
from salesforce_mcp.auth.session import Session
from salesforce_mcp.salesforce.describes import open_cache
from salesforce_mcp.salesforce.response import Response
from tests.cli.conftest import Shell

DESCRIBES = {
    "": {"sobjects": [{"name": "Account"}, {"name": "AccountContactRole"}, {"name": "Invoice__c"}]},
    "Account": {"name": "Account", "fields": [{"name": "Industry"}, {"name": "IsDeleted"}, {"name": "Name"}]},
}


class Known(Session):
    """The session whose commands filled the cache."""

    alias = "prod"
    instance_url = "https://acme.my.salesforce.com"
    username = "ada@acme.example"
    org_id = "00D000000000001EAA"

    def access_token(self) -> str:
        return "00D!token"

    def renew(self, rejected: str) -> str:
        raise AssertionError


@pytest.fixture
def shell(sfmcp: Shell) -> Shell:
    """Somebody is logged in to `prod` and `preview`; commands have described objects of `prod`."""
    session = Known()
    with orgs.changing() as book:
        for alias, url in (("prod", session.instance_url), ("preview", "https://preview.my.salesforce.com")):
            book.put(
                Org(
                    alias=alias,
                    login_url=url,
                    instance_url=url,
                    username=session.username,
                    org_id=session.org_id,
                )
            )
    cache = open_cache(session, "66.0")
    for name, value in DESCRIBES.items():
        body = json.dumps(value).encode()
        cache.get(name, lambda _, body=body: Response(200, {}, body))  # type: ignore[misc]
    return sfmcp


def complete(shell: Shell, line: str) -> list[str]:
    """What is offered for the last word of the line."""
    words = shlex.split(line + '"' * (line.count('"') % 2)) + ([""] if line.endswith(" ") and '"' not in line else [])
    shell.environment |= {
        "_SFMCP_COMPLETE": "complete_bash",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(words) - 1),
    }
    done = shell()
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.split("\n")[:-1] if done.stdout.strip() else []


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("sfmcp in", ["install"]),
        ("sfmcp install c", ["claude-desktop", "cursor", "claude-code"]),
        ("sfmcp query --fail", ["--fail-empty"]),
        ("sfmcp call describe_ob", ["describe_object"]),
        ("sfmcp logout p", ["prod", "preview"]),
        ("sfmcp orgs default ", ["prod", "preview"]),
        ("sfmcp query --org ", ["prod", "preview", "demo"]),
        ("sfmcp query -o pre", ["preview"]),
        ("sfmcp describe Acc", ["Account", "AccountContactRole"]),
        ("sfmcp describe --org preview Acc", []),
        ("sfmcp describe Account --fields Name,I", ["Name,Industry", "Name,IsDeleted"]),
        ("sfmcp export Inv", ["Invoice__c"]),
        ('sfmcp query "SELECT Id FROM Inv', ["SELECT Id FROM Invoice__c"]),
        ('sfmcp query "SELECT Id FROM Account WHERE In', ["SELECT Id FROM Account WHERE Industry"]),
        ('sfmcp query "SELECT Id FROM Contact WHERE In', []),
        ("sfmcp describe --org nobody Acc", []),
        ("sfmcp describe --org demo Opportunity --fields StageN", ["StageName"]),
        ('sfmcp query --org demo "SELECT Id FROM Organiz', ["SELECT Id FROM Organization"]),
    ],
)
def test_what_is_offered(shell: Shell, line: str, offered: list[str]) -> None:
    assert complete(shell, line) == offered


@pytest.mark.parametrize(
    ("policy", "line", "offered"),
    [
        ('deny_objects = ["invoice__c"]', "sfmcp export Inv", []),
        ('deny_objects = ["Lead"]', "sfmcp export Inv", ["Invoice__c"]),
        ('deny_fields = ["Account.Industry"]', "sfmcp describe Account --fields I", ["IsDeleted"]),
        ('deny_objects = ["Account"]', 'sfmcp query "SELECT Id FROM Account WHERE In', []),
        ('deny_fields = ["Account.Industry"]', "sfmcp describe --org demo Account --fields Indus", []),
        ('deny_objects = ["Lead"]', 'sfmcp query --org demo "SELECT Id FROM Lead', ["SELECT Id FROM LeadStatus"]),
        # Of which kind the org of this login is isn't known: the profile may hold.
        ('[[profiles]]\nname = "p"\nenvironments = ["sandbox"]\ndeny_objects = ["Lead"]', "sfmcp export Inv", []),
        (
            '[[profiles]]\nname = "p"\norgs = ["demo"]\ndeny_objects = ["Lead"]',
            "sfmcp export --org demo Lead",
            ["LeadStatus"],
        ),
        ("nonsense = ", "sfmcp export Inv", []),
    ],
)
def test_what_a_policy_hides_is_not_offered(
    shell: Shell, private_folders: Path, policy: str, line: str, offered: list[str]
) -> None:
    (private_folders / "config" / "policy.toml").write_text(policy, encoding="utf-8")
    assert complete(shell, line) == offered


def test_nobody_is_logged_in(sfmcp: Shell) -> None:
    assert complete(sfmcp, "sfmcp query --org ") == ["demo"]
    assert complete(sfmcp, "sfmcp describe Acc") == []


def test_broken_settings_offer_nothing(sfmcp: Shell, private_folders: Path) -> None:
    (private_folders / "config").mkdir()
    (private_folders / "config" / "orgs.toml").write_text("nonsense [", encoding="utf-8")
    assert complete(sfmcp, "sfmcp query --org ") == []
    assert complete(sfmcp, "sfmcp describe Acc") == []


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """`sfmcp` on the PATH of a shell."""
    if sys.platform == "win32":
        pytest.skip("POSIX: bash, zsh, fish")
    path = tmp_path / "bin" / "sfmcp"
    path.parent.mkdir()
    path.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m salesforce_mcp "$@"\n', encoding="utf-8")
    path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{path.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("HOME", str(tmp_path))
    return path


def script(name: str, folder: Path) -> Path:
    """The file that a person installs for this shell, which has to be the one that asks for it."""
    if not shutil.which(name):
        pytest.skip(f"no {name}")
    text = subprocess.run(
        [name, "-c", "sfmcp --show-completion; true"], capture_output=True, encoding="utf-8", timeout=60, check=True
    ).stdout
    assert f"complete_{name}" in text
    path = folder / f"completion.{name}"
    path.write_text(text, encoding="utf-8")
    return path


def test_bash_takes_the_script(shell: Shell, program: Path, tmp_path: Path) -> None:
    line = ["sfmcp", "query", '"SELECT Id FROM Account WHERE Ind']
    asked = f"COMP_WORDS=({' '.join(map(shlex.quote, line))}); COMP_CWORD=2; _sfmcp_completion {program}"
    command = f'source {script("bash", tmp_path)}\n{asked}\nprintf "%s\\n" "${{COMPREPLY[@]}}"'
    done = subprocess.run(["bash", "-c", command], capture_output=True, encoding="utf-8", timeout=60, check=True)
    assert done.stdout == "SELECT Id FROM Account WHERE Industry\n"


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("sfmcp inst", "install\t"),
        ("sfmcp query --org pro", "prod\n"),
        ("sfmcp describe Inv", "Invoice__c\n"),
        ("sfmcp query \"SELECT Id FROM Account WHERE Name = 'A' AND Indu", "= 'A' AND Industry\n"),
    ],
)
def test_fish_takes_the_script(line: str, offered: str, shell: Shell, program: Path, tmp_path: Path) -> None:
    command = f"source {script('fish', tmp_path)}; complete -C $argv[1]"
    done = subprocess.run(
        ["fish", "--no-config", "-c", command, line], capture_output=True, encoding="utf-8", timeout=60, check=True
    )
    assert offered in done.stdout
    assert done.stdout.count("\n") == 1


@pytest.mark.parametrize(
    ("line", "completed"),
    [
        ("sfmcp inst", "sfmcp install "),
        ("sfmcp query --org pro", "sfmcp query --org prod "),
        ("sfmcp describe Inv", "sfmcp describe Invoice__c "),
        ('sfmcp query "SELECT Id FROM Inv', 'sfmcp query "SELECT Id FROM Invoice__c'),
        (
            "sfmcp query \"SELECT Id FROM Account WHERE Name = 'A' AND Indu",
            "sfmcp query \"SELECT Id FROM Account WHERE Name = 'A' AND Industry",
        ),
    ],
)
def test_zsh_takes_the_script(line: str, completed: str, shell: Shell, program: Path, tmp_path: Path) -> None:
    """In a terminal of zsh's own: its completion works nowhere else. A line is shown as it is after the first Tab."""
    if not shutil.which("zsh"):
        pytest.skip("no zsh")
    for _ in range(2):  # to install it again changes nothing
        subprocess.run(["zsh", "-c", "sfmcp --install-completion; true"], capture_output=True, timeout=60, check=True)
    assert (tmp_path / ".zfunc" / "_sfmcp").read_text(encoding="utf-8").count('_sfmcp_completion "$@"') == 1
    commands = [
        "zmodload zsh/zpty",
        "zpty shell zsh -f -i",
        "zpty -w shell 'fpath+=~/.zfunc; autoload -Uz compinit; compinit -u -D'",
        # What Tab makes of the line is handed to a command that prints it.
        'zpty -w shell \'shown() { zle -M "<<$BUFFER>>"; }; zle -N shown; bindkey "^X" shown; print -r re"ady"\'',
        "zpty -r -m shell out '*ready*'",
        "zpty -w -n shell \"$1\"$'\\t\\C-x'",
        "zpty -r -m shell out '*<<*>>*'; print -r -- $out; zpty -d shell",
    ]
    done = subprocess.run(
        ["zsh", "-f", "-c", "\n".join(commands), "zsh", line], capture_output=True, encoding="utf-8", timeout=60
    )
    assert f"<<{completed}" in done.stdout, done.stdout + done.stderr
