"""Several logins: listed, named, chosen, ended; and `sfmcp doctor`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest

from salesforce_mcp.demo.local import DemoOrg
from tests.auth.conftest import LoginHost, free_port
from tests.auth.desktop import Control, Sfmcp, Variables

ROBOT = ["login", "--flow", "client-credentials"]


@pytest.fixture
def logins(sfmcp: Sfmcp, demo: DemoOrg) -> Sfmcp:
    """Two logins, `first` (the default) and `second`."""
    for alias in ("first", "second"):
        arguments = [*ROBOT, "--org", alias, "--login-url", demo.instance_url, "--client-id", demo.client_id]
        done = sfmcp(*arguments, SFMCP_CLIENT_SECRET=demo.client_secret)
        assert done.returncode == 0, done.stderr
    return sfmcp


def test_lists_chooses_renames_and_ends(logins: Sfmcp) -> None:
    table = logins("orgs").stdout
    assert table.split()[:3] == ["alias", "username", "environment"]
    assert "first *" in table
    assert logins("orgs", "default", "second").returncode == 0
    assert logins("orgs", "rename", "second", "main").returncode == 0
    rows = json.loads(logins("orgs", "--json").stdout)
    assert [(row["alias"], row["default"], row["session"]) for row in rows] == [
        ("first", False, "kept"),
        ("main", True, "kept"),
    ]
    assert "alias:        main" in logins("whoami").stdout
    assert logins("whoami", SFMCP_ORG="first").stdout.startswith("alias:        first")
    done = logins("orgs", "rename", "first", "demo")
    assert done.returncode == 2
    done = logins("orgs", "default", "nobody")
    assert done.returncode == 3
    assert "first, main" in done.stderr
    assert "Did you mean first? Otherwise log in with `sfmcp login --org frist`." in logins("logout", "frist").stderr
    done = logins("logout")
    assert done.returncode == 2
    assert "first, main" in done.stderr
    assert logins("logout", "--all").returncode == 0
    assert "Nobody is logged in." in logins("logout", "--all").stderr
    done = logins("orgs")
    assert (done.returncode, done.stdout) == (0, "")
    assert "Nobody is logged in" in done.stderr


def test_logging_in_again_needs_only_the_alias(logins: Sfmcp, control: Control) -> None:
    control("DELETE", "sessions")
    done = logins("login", "--org", "second")
    assert done.returncode == 0, done.stderr
    done = logins("login")
    assert "Its alias is first" in done.stderr


def test_a_production_org_is_marked_everywhere(sfmcp: Sfmcp, host: LoginHost) -> None:
    org = {"Id": "00D1a000000H3O9EAK", "Name": "Acme", "IsSandbox": False, "OrganizationType": "Enterprise Edition"}
    host.pages |= dict.fromkeys(
        (f"/services/data/v{version}/query" for version in ("60.0", "66.0")),
        (200, {"totalSize": 1, "done": True, "records": [org]}, {}),
    )
    arguments = [*ROBOT, "--org", "prod", "--login-url", host.url, "--client-id", "3MVG9"]
    done = sfmcp(*arguments, SFMCP_CLIENT_SECRET="hush")
    assert "(PRODUCTION)" in done.stderr
    assert "what is changed in it is real" in done.stderr
    assert "PRODUCTION" in sfmcp("orgs").stdout
    assert "PRODUCTION" in sfmcp("whoami").stdout
    assert "PRODUCTION" in sfmcp("doctor").stdout
    assert json.loads(sfmcp("orgs", "--json").stdout)[0]["environment"] == "production"


def test_logging_out_while_the_org_is_away(sfmcp: Sfmcp, host: LoginHost) -> None:
    arguments = [*ROBOT, "--org", "acme", "--login-url", host.url, "--client-id", "3MVG9"]
    assert sfmcp(*arguments, SFMCP_CLIENT_SECRET="hush").returncode == 0
    host.pages["/services/oauth2/revoke"] = (503, "maintenance", {})
    done = sfmcp("logout", "acme")
    assert done.returncode == 5
    assert "could not be revoked" in done.stderr
    assert "Connected Apps OAuth Usage" in done.stderr
    assert json.loads(sfmcp("orgs", "--json").stdout) == []


def test_logging_out_mends_a_damaged_entry_of_the_keyring(logins: Sfmcp) -> None:
    damage = [sys.executable, "-m", "keyring", "set", "sfmcp:first", "session"]
    subprocess.run(damage, input="{", encoding="utf-8", env=logins.variables, check=True, capture_output=True)
    done = logins("whoami")
    assert done.returncode == 3
    assert "Delete it with `sfmcp logout first`" in done.stderr
    done = logins("logout", "--all")
    assert done.returncode == 3
    assert "Logged out of first; its tokens could not be revoked." in done.stderr
    assert "Logged out of second; its tokens are revoked." in done.stderr
    assert "sfmcp:first can't be read" in done.stderr
    assert json.loads(logins("orgs", "--json").stdout) == []
    assert logins("logout", "--all").returncode == 0


def test_a_locked_keyring(tmp_path: Path, locked_secret_service: Variables, demo: DemoOrg) -> None:
    sfmcp = Sfmcp(tmp_path, locked_secret_service)
    arguments = [*ROBOT, "--org", "acme", "--login-url", demo.instance_url, "--client-id", demo.client_id]
    done = sfmcp(*arguments, SFMCP_CLIENT_SECRET=demo.client_secret)
    assert done.returncode == 3
    assert done.stderr.startswith("KEYRING_LOCKED: The keyring is locked")
    assert "Unlock it" in done.stderr


def test_a_keyring_is_found_where_an_ai_client_names_no_bus(
    tmp_path: Path, secret_service: Variables, demo: DemoOrg
) -> None:
    """Clients hand few variables on, and D-Bus's address is seldom among them."""
    address = secret_service["DBUS_SESSION_BUS_ADDRESS"].removeprefix("unix:path=").split(",")[0]
    Path(secret_service["XDG_RUNTIME_DIR"], "bus").symlink_to(address)
    sfmcp = Sfmcp(tmp_path, secret_service)
    del sfmcp.variables["DBUS_SESSION_BUS_ADDRESS"]
    arguments = [*ROBOT, "--org", "acme", "--login-url", demo.instance_url, "--client-id", demo.client_id]
    assert sfmcp(*arguments, SFMCP_CLIENT_SECRET=demo.client_secret).returncode == 0
    assert json.loads(sfmcp("orgs", "--json").stdout)[0]["session"] == "kept"


def test_no_keyring_at_all(tmp_path: Path, demo: DemoOrg) -> None:
    sfmcp = Sfmcp(tmp_path, {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"})
    arguments = [*ROBOT, "--org", "acme", "--login-url", demo.instance_url, "--client-id", demo.client_id]
    done = sfmcp(*arguments, SFMCP_CLIENT_SECRET=demo.client_secret)
    assert done.returncode == 3
    assert "NO_KEYRING" in done.stderr
    assert "SFMCP_ACCESS_TOKEN" in done.stderr
    left = [file.name for file in (tmp_path / "config").rglob("*") if file.is_file()]
    assert left == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--org", "demo"], "needs no login"),
        (["--org", "a/b"], "can't be an alias"),
        (["--sandbox", "--domain", "acme"], "not the domain of a sandbox"),
        (["--sandbox", "--login-url", "https://test.salesforce.com"], "goes without"),
        (["--login-url", "https://evil.example"], "--allow-host evil.example"),
        (["--login-url", "http://acme.my.salesforce.com"], "plain http"),
        (["--from-sf", "dev", "--flow", "web"], "without --flow"),
        (["--sandbox"], "--client-id or SFMCP_CLIENT_ID"),
        (["--client-secret", "hush"], "No such option"),
        (["--flow", "magic"], "Invalid value"),
        (["--port", "0"], "Invalid value"),
    ],
)
def test_wrong_usage(sfmcp: Sfmcp, arguments: list[str], words: str) -> None:
    done = sfmcp("login", *arguments)
    assert done.returncode == 2
    assert words in done.stderr


def test_an_access_token_in_the_environment_touches_no_keyring(tmp_path: Path, demo: DemoOrg) -> None:
    variables = {"SFMCP_INSTANCE_URL": demo.instance_url, "SFMCP_ACCESS_TOKEN": demo.users[0].access_token}
    sfmcp = Sfmcp(tmp_path, {**variables, "PYTHON_KEYRING_BACKEND": "tests.auth.memory_keyring.Locked"})
    assert sfmcp("whoami").returncode == 0
    assert not list((tmp_path / "config").iterdir())
    left = [file for file in (tmp_path / "state").rglob("*") if file.is_file()]
    assert not any(demo.users[0].access_token.encode() in file.read_bytes() for file in left)


# --- doctor -----------------------------------------------------------------------------------------------------------


def findings(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    return {finding["check"]: finding for finding in json.loads(done.stdout)}


def test_doctor_finds_nothing_wrong(logins: Sfmcp) -> None:
    done = logins("doctor", "--json")
    assert done.returncode == 0, done.stdout
    assert {name: finding["state"] for name, finding in findings(done).items()} == {
        "keyring": "ok",
        "login": "ok",
        "network": "ok",
        "clock": "ok",
        "API version": "ok",
        "API access": "ok",
        "clients": "skipped",
    }
    assert logins("doctor").stdout.count("✓") == 6


def test_doctor_without_a_login(sfmcp: Sfmcp, monkeypatch: pytest.MonkeyPatch) -> None:
    done = sfmcp("doctor", "--json", HTTPS_PROXY=f"http://user:pass@127.0.0.1:{free_port()}", NO_PROXY="")
    assert done.returncode == 3
    found = findings(done)
    assert found["login"]["remedy"].startswith("Log in with `sfmcp login`")
    assert found["network"]["state"] == "failed"
    assert "by the proxy 127.0.0.1" in found["network"]["detail"]
    assert "HTTPS_PROXY" in found["network"]["remedy"]
    assert "pass" not in done.stdout
    assert found["API access"]["state"] == "skipped"


def test_doctor_with_a_session_that_ended(sfmcp: Sfmcp, demo: DemoOrg) -> None:
    done = sfmcp("doctor", "--json", SFMCP_INSTANCE_URL=demo.instance_url, SFMCP_ACCESS_TOKEN="00D!gone")
    assert done.returncode == 3
    access = findings(done)["API access"]
    assert access["state"] == "failed"
    assert "SFMCP_ACCESS_TOKEN" in access["remedy"]


def test_doctor_with_an_org_out_of_reach(sfmcp: Sfmcp) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    done = sfmcp("doctor", "--json", SFMCP_INSTANCE_URL=url, SFMCP_ACCESS_TOKEN="00D!x")
    assert done.returncode == 5
    assert findings(done)["network"]["state"] == "failed"
    assert findings(done)["API version"]["detail"] == "needs the network"


def test_doctor_with_wrong_clock_and_version(tmp_path: Path, host: LoginHost) -> None:
    host.date = formatdate(0, usegmt=True)
    sfmcp = Sfmcp(tmp_path, {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"})
    variables = {"SFMCP_INSTANCE_URL": host.url, "SFMCP_ACCESS_TOKEN": "00D!x", "SFMCP_API_VERSION": "99.0"}
    done = sfmcp("doctor", "--json", **variables)
    assert done.returncode == 1
    found = findings(done)
    assert found["keyring"]["state"] == "warning"
    assert found["clock"]["state"] == "warning"
    assert "ahead" in found["clock"]["detail"]
    assert "SFMCP_API_VERSION to 66.0" in found["API version"]["remedy"]


@pytest.mark.parametrize(("version", "state"), [("v66.0", "ok"), ("66", "ok"), ("", "ok"), ("newest", "failed")])
def test_doctor_reads_a_version_as_other_commands_do(tmp_path: Path, host: LoginHost, version: str, state: str) -> None:
    sfmcp = Sfmcp(tmp_path, {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"})
    variables = {"SFMCP_INSTANCE_URL": host.url, "SFMCP_ACCESS_TOKEN": "00D!x", "SFMCP_API_VERSION": version}
    assert findings(sfmcp("doctor", "--json", **variables))["API version"]["state"] == state


# --- The Salesforce CLI -----------------------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in for the sf command is a script with #!")
def test_from_the_salesforce_cli(sfmcp: Sfmcp, demo: DemoOrg, control: Control, tmp_path: Path) -> None:
    """Its commands are slow: the token is kept, and they run again only when it is rejected."""
    count = tmp_path / "count"
    token = tmp_path / "token"
    token.write_text(demo.users[1].access_token, encoding="utf-8")
    program = tmp_path / "bin" / "sf"
    program.parent.mkdir()
    program.write_text(
        f"#!{sys.executable}\n"
        "import json, sys, pathlib\n"
        f"pathlib.Path({str(count)!r}).open('a').write('x')\n"
        f"token = pathlib.Path({str(token)!r}).read_text()\n"
        f"shown = {{'instanceUrl': {demo.instance_url!r}, 'accessToken': '[REDACTED] Use ...'}}\n"
        "result = {'accessToken': token} if 'show-access-token' in sys.argv else shown\n"
        "print(json.dumps({'status': 0, 'result': result}))\n",
        encoding="utf-8",
    )
    program.chmod(0o700)
    sfmcp.variables["PATH"] = f"{program.parent}{os.pathsep}{os.environ['PATH']}"
    done = sfmcp("login", "--from-sf", "dev", "--org", "acme", "--login-url", demo.instance_url)
    assert done.returncode == 0, done.stderr
    for _ in range(2):
        assert "stan.standard@demo.example" in sfmcp("whoami", "--org", "acme").stdout
    assert count.read_text(encoding="utf-8") == "xx"
    control("DELETE", "sessions")
    token.write_text(demo.access_token("stan.standard@demo.example"), encoding="utf-8")
    assert sfmcp("whoami", "--org", "acme").returncode == 0
    assert count.read_text(encoding="utf-8") == "xxxx"
