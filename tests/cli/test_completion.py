"""Shell completion: asked as bash asks, answered from files alone."""

from __future__ import annotations

import json
import os
import shlex
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
    "Account": {"fields": [{"name": "Industry"}, {"name": "IsDeleted"}, {"name": "Name"}]},
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


def test_nobody_is_logged_in(sfmcp: Shell) -> None:
    assert complete(sfmcp, "sfmcp query --org ") == ["demo"]
    assert complete(sfmcp, "sfmcp describe Acc") == []


def test_broken_settings_offer_nothing(sfmcp: Shell, private_folders: Path) -> None:
    (private_folders / "config").mkdir()
    (private_folders / "config" / "orgs.toml").write_text("nonsense [", encoding="utf-8")
    assert complete(sfmcp, "sfmcp query --org ") == []
    assert complete(sfmcp, "sfmcp describe Acc") == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no bash")
def test_bash_takes_the_script(shell: Shell, tmp_path: Path) -> None:
    script = shell("--show-completion", "bash").stdout
    program = tmp_path / "sfmcp"
    program.write_text(f"#!/bin/sh\nexec {shlex.quote(sys.executable)} -m salesforce_mcp\n", encoding="utf-8")
    program.chmod(0o755)
    line = ["sfmcp", "query", '"SELECT Id FROM Account WHERE Ind']
    asked = f"COMP_WORDS=({' '.join(map(shlex.quote, line))}); COMP_CWORD=2; _sfmcp_completion {program}"
    done = subprocess.run(
        ["bash", "-c", f'{script}\n{asked}\nprintf "%s\\n" "${{COMPREPLY[@]}}"'],
        capture_output=True,
        encoding="utf-8",
        env=dict(os.environ),
        timeout=60,
        check=True,
    )
    assert done.stdout == "SELECT Id FROM Account WHERE Industry\n"
