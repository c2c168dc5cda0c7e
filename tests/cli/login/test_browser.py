"""`sfmcp login` through Chromium, the demo org's pages and gnome-keyring; and what it leaves behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from salesforce_mcp.demo.local import DemoOrg
from tests.auth.desktop import Control, Sfmcp, log_in_on_page, read_link

if TYPE_CHECKING:
    from playwright.sync_api import Page

PUBLIC, CONFIDENTIAL = "3MVG9demoOrgPublicClientApp", "3MVG9demoOrgConfidentialClientApp"


def log_in(
    sfmcp: Sfmcp, page: Page, org: DemoOrg, port: int, *options: str, client_id: str = PUBLIC, **variables: str
) -> tuple[int, str]:
    """Log in with alias `acme`; exit code and stderr."""
    arguments = ["login", "--org", "acme", "--login-url", org.instance_url, "--client-id", client_id]
    arguments += ["--no-browser", "--port", str(port), *options]
    with sfmcp.started(*arguments, **variables) as process:
        log_in_on_page(page, read_link(process))
        page.wait_for_selector("main h1")
        out, said = process.communicate(timeout=60)
    sfmcp.said += [out, said]
    assert out == ""
    return process.returncode, said


def test_from_login_to_logout(sfmcp: Sfmcp, page: Page, demo: DemoOrg, control: Control) -> None:
    port = control.app(PUBLIC)
    code, said = log_in(sfmcp, page, demo, port)
    assert code == 0, said
    assert "Logged in as ada.admin@demo.example" in said
    assert "It is the default" in said
    assert page.title().startswith("You are logged in")
    assert page.url.startswith(f"http://localhost:{port}/OauthRedirect")
    assert page.evaluate("getComputedStyle(document.querySelector('main')).borderTopStyle") == "solid"

    done = sfmcp("whoami", "--json")
    assert done.returncode == 0, done.stderr
    me = json.loads(done.stdout)
    assert (me["alias"], me["username"]) == ("acme", "ada.admin@demo.example")

    control("DELETE", "sessions")
    done = sfmcp("whoami")
    assert done.returncode == 0, done.stderr
    assert "ada.admin@demo.example" in done.stdout
    assert control.refreshes() == 1

    (row,) = json.loads(sfmcp("orgs", "--json").stdout)
    assert (row["alias"], row["default"], row["flow"], row["session"]) == ("acme", True, "web", "kept")

    done = sfmcp("logout", "acme")
    assert done.returncode == 0, done.stderr
    assert "its tokens are revoked" in done.stderr
    assert json.loads(sfmcp("orgs", "--json").stdout) == []
    done = sfmcp("whoami")
    assert done.returncode == 3
    assert "sfmcp login" in done.stderr
    revoked = control("GET", "requests?path=/services/oauth2/revoke")
    assert [entry["status"] for entry in revoked["requests"]] == [200]


def test_a_confidential_app_and_its_secret_replaced(sfmcp: Sfmcp, page: Page, demo: DemoOrg, control: Control) -> None:
    port = control.app(CONFIDENTIAL)
    code, said = log_in(sfmcp, page, demo, port, client_id=CONFIDENTIAL, SFMCP_CLIENT_SECRET=demo.client_secret)
    assert code == 0, said
    control("POST", "apps", {"client_id": CONFIDENTIAL, "secret": "another-secret-987"})
    control("DELETE", "sessions")
    done = sfmcp("whoami")
    assert done.returncode == 3
    assert "client secret is missing or wrong" in done.stderr
    assert "--rotate-secret" in done.stderr
    done = sfmcp("login", "--org", "acme", "--rotate-secret")
    assert done.returncode == 2
    assert "SFMCP_CLIENT_SECRET" in done.stderr
    done = sfmcp("login", "--org", "acme", "--rotate-secret", SFMCP_CLIENT_SECRET="wrong-secret-123")
    assert done.returncode == 3
    done = sfmcp("login", "--org", "acme", "--rotate-secret", SFMCP_CLIENT_SECRET="another-secret-987")
    assert done.returncode == 0, done.stderr
    assert sfmcp("whoami").returncode == 0


def test_denied_on_the_consent_page(sfmcp: Sfmcp, page: Page, demo: DemoOrg, control: Control) -> None:
    arguments = ["login", "--login-url", demo.instance_url, "--client-id", PUBLIC, "--no-browser"]
    with sfmcp.started(*arguments, "--port", str(control.app(PUBLIC))) as process:
        log_in_on_page(page, read_link(process), allow=False)
        page.wait_for_selector("main h1")
        said = process.communicate(timeout=60)[1]
    assert process.returncode == 3
    assert "access_denied: Access was denied on the consent page." in said
    assert "The login did not work" in page.content()
    assert json.loads(sfmcp("orgs", "--json").stdout) == []


def test_with_long_jwt_tokens_and_rotation(sfmcp: Sfmcp, page: Page, demo: DemoOrg, control: Control) -> None:
    control.settings(jwt_access_tokens=True, refresh_token_rotation=True)
    code, said = log_in(sfmcp, page, demo, control.app(PUBLIC))
    assert code == 0, said
    for count in (1, 2, 3):
        control("DELETE", "sessions")
        assert sfmcp("whoami").returncode == 0
        assert control.refreshes() == count


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({"app_installed": False}, "not installed in this org"),
        ({"admin_approved_only": True}, "not approved for this app"),
        ({"ip_restricted": True}, "network address may not log in"),
        ({"api_disabled_users": ["ada.admin@demo.example"]}, "API Enabled"),
    ],
)
def test_refusals_reach_terminal_and_page(
    sfmcp: Sfmcp, page: Page, demo: DemoOrg, control: Control, setting: dict[str, Any], words: str
) -> None:
    control.settings(**setting)
    arguments = ["login", "--login-url", demo.instance_url, "--client-id", PUBLIC, "--no-browser"]
    with sfmcp.started(*arguments, "--port", str(control.app(PUBLIC))) as process:
        page.goto(read_link(process))
        page.fill("#username", "ada.admin@demo.example")
        page.fill("#password", "demo-admin-1")
        page.click("#Login")
        if page.locator("#oaapprove").count():
            page.click("#oaapprove")
        page.wait_for_selector("main.bad")
        said = process.communicate(timeout=60)[1]
    assert process.returncode == 3
    assert words in said
    assert words in page.inner_text("main")


def test_the_browser_is_opened(sfmcp: Sfmcp, page: Page, demo: DemoOrg, control: Control, tmp_path: Path) -> None:
    note = tmp_path / "link"
    script = tmp_path / "browser"
    script.write_text(f'#!/bin/sh\nprintf %s "$1" > {note}.part && mv {note}.part {note}\n', encoding="utf-8")
    script.chmod(0o700)
    arguments = ["login", "--org", "acme", "--login-url", demo.instance_url, "--client-id", PUBLIC]
    with sfmcp.started(*arguments, "--port", str(control.app(PUBLIC)), BROWSER=f"{script} %s") as process:
        link = read_link(process)
        log_in_on_page(page, link)
        process.communicate(timeout=60)
    assert process.returncode == 0
    assert note.read_text(encoding="utf-8") == link


@pytest.mark.skipif(os.name == "nt", reason="sends SIGINT to a process")
def test_ctrl_c_ends_the_wait_and_frees_the_port(sfmcp: Sfmcp, demo: DemoOrg, control: Control) -> None:
    arguments = ["login", "--login-url", demo.instance_url, "--client-id", PUBLIC, "--no-browser"]
    arguments += ["--port", str(control.app(PUBLIC))]
    for _ in range(2):
        with sfmcp.started(*arguments) as process:
            read_link(process)
            process.send_signal(signal.SIGINT)
            said = process.communicate(timeout=60)[1]
        assert process.returncode == 130
        assert "Traceback" not in said


def test_a_busy_port_ends_at_once(sfmcp: Sfmcp, demo: DemoOrg, control: Control) -> None:
    port = str(control.app(PUBLIC))
    arguments = ["login", "--login-url", demo.instance_url, "--client-id", PUBLIC, "--no-browser", "--port", port]
    with sfmcp.started(*arguments) as process:
        read_link(process)
        done = sfmcp(*arguments)
        process.kill()
    assert done.returncode == 2
    assert f"Port {port} on 127.0.0.1 is in use" in done.stderr
    assert "--port" in done.stderr


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("--client-id", "3MVG9nobody"), "invalid_client_id"),
        (("--client-id", PUBLIC, "--port", "1799"), "redirect_uri_mismatch"),
    ],
)
def test_what_the_org_refuses_outright(sfmcp: Sfmcp, demo: DemoOrg, options: tuple[str, ...], code: str) -> None:
    done = sfmcp("login", "--login-url", demo.instance_url, "--no-browser", *options)
    assert done.returncode == 3
    assert done.stderr.startswith(f"{code}: ")


def test_nothing_secret_is_left_anywhere(
    sfmcp: Sfmcp, page: Page, demo: DemoOrg, control: Control, tmp_path: Path
) -> None:
    """Plants secrets, uses them through login, renewal, failure and logout, and looks for them afterwards."""
    planted = "PLANTED-client-secret-4711"
    port = control.app(CONFIDENTIAL, secret=planted)
    control.settings(refresh_token_rotation=True)
    lists: list[str] = []

    def watch(process: subprocess.Popen[str]) -> None:
        for entry in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                lists.append(entry.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace"))
            except OSError:
                continue  # ended meanwhile

    arguments = ["login", "--org", "acme", "--login-url", demo.instance_url, "--client-id", CONFIDENTIAL]
    variables = {"SFMCP_CLIENT_SECRET": planted, "SFMCP_DEBUG": "1"}
    with sfmcp.started(*arguments, "--no-browser", "--port", str(port), **variables) as process:
        link = read_link(process)
        watch(process)
        log_in_on_page(page, link)
        page.wait_for_selector("main h1")
        sfmcp.said += process.communicate(timeout=60)
    secrets = {planted, "demo-admin-1", *_kept(sfmcp)}
    for _ in range(2):
        control("DELETE", "sessions")
        with sfmcp.started("whoami", SFMCP_DEBUG="1") as process:
            watch(process)
            sfmcp.said += process.communicate(timeout=60)
        secrets |= _kept(sfmcp)
    sfmcp("doctor")
    sfmcp("orgs", "--json")
    control("DELETE", "grants")
    control("DELETE", "sessions")
    assert sfmcp("whoami", SFMCP_DEBUG="1").returncode == 3
    assert sfmcp("logout", "--all", SFMCP_DEBUG="1").returncode == 0

    assert len(secrets) >= 8  # client secret, password, three access and three refresh tokens
    places = {"output": "\n".join(sfmcp.said), "process list": "\n".join(lists), "page": page.content()}
    for folder in ("config", "state", "exports"):
        for file in (tmp_path / folder).rglob("*"):
            if file.is_file():
                places[str(file)] = file.read_bytes().decode("latin-1")
    assert any(name.endswith("orgs.toml") for name in places)
    for secret in secrets:
        for name, text in places.items():
            assert secret not in text, f"{secret[:12]}... is in {name}"


def _kept(sfmcp: Sfmcp) -> set[str]:
    """The tokens that the keyring holds now."""
    code = "import keyring, sys\nsys.stdout.write(keyring.get_keyring().get_password('sfmcp:acme', 'session') or '{}')"
    import sys

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", env=sfmcp.variables, check=True
    )
    kept = json.loads(done.stdout)
    return {kept[name] for name in ("access_token", "refresh_token")}
