"""Real parts for login tests: a Secret Service on a bus of its own, Chromium, the demo org, and sfmcp as a process.

A test whose real part is absent skips and names it.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from salesforce_mcp.demo.local import DemoOrg
from tests.auth.conftest import free_port

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = "/usr/bin/chromium"
CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
ADMIN = ("ada.admin@demo.example", "demo-admin-1")

Variables = dict[str, str]


class Sfmcp:
    """Runs `python -m salesforce_mcp` with folders of its own, and remembers all that it said."""

    def __init__(self, folder: Path, variables: Variables) -> None:
        self.variables = {
            **os.environ,
            "SFMCP_CONFIG_DIR": str(folder / "config"),
            "SFMCP_STATE_DIR": str(folder / "state"),
            "SFMCP_EXPORT_DIR": str(folder / "exports"),
            "COLUMNS": "200",
            **variables,
        }
        if "PYTHON_KEYRING_BACKEND" not in variables:
            del self.variables["PYTHON_KEYRING_BACKEND"]
        self.said: list[str] = []

    def __call__(self, *arguments: str, stdin: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "salesforce_mcp", *arguments],
            input=stdin,
            capture_output=True,
            encoding="utf-8",
            env={**self.variables, **variables},
            timeout=90,
            check=False,
        )
        self.said += [done.stdout, done.stderr]
        return done

    @contextmanager
    def started(self, *arguments: str, **variables: str) -> Iterator[subprocess.Popen[str]]:
        """A process to talk to; it is killed at the end if it still runs."""
        with subprocess.Popen(
            [sys.executable, "-m", "salesforce_mcp", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            env={**self.variables, **variables},
        ) as process:
            try:
                yield process
            finally:
                if process.poll() is None:
                    process.kill()


class Control:
    """The demo org's control resource; see demo/control.py."""

    def __init__(self, instance_url: str) -> None:
        self._instance_url = instance_url

    def __call__(self, method: str, path: str, body: Any = None) -> Any:
        request = urllib.request.Request(
            f"{self._instance_url}/demo/{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
            method=method,
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            content = answer.read()
        return json.loads(content) if content else None

    def settings(self, **changes: Any) -> None:
        self("POST", "settings", changes)

    def app(self, client_id: str, **changes: Any) -> int:
        """Register or change an app that may come back on a port of the test's own; the port."""
        port = free_port()
        self(
            "POST", "apps", {"client_id": client_id, "callbacks": [f"http://localhost:{port}/OauthRedirect"], **changes}
        )
        return port

    def refreshes(self) -> int:
        """How many refresh requests the org has had."""
        return int(self("GET", "requests?grant_type=refresh_token")["count"])


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[DemoOrg]:
    with DemoOrg(tmp_path / "org") as org:
        yield org


@pytest.fixture
def control(demo: DemoOrg) -> Control:
    return Control(demo.instance_url)


def _demand(*programs: str) -> None:
    for name in programs:
        if not shutil.which(name):
            pytest.skip(f"no {name} on this machine")


UNLOCKED = "printf 'pw\\n' | gnome-keyring-daemon --unlock --components=secrets"
LOCKED = "gnome-keyring-daemon --start --components=secrets"


@contextmanager
def gnome_keyring(folder: Path, start: str = UNLOCKED) -> Iterator[Variables]:
    """gnome-keyring on a session bus of its own; the variables by which processes find it."""
    home = folder / "home"
    home.mkdir()
    own = {"HOME": str(home), "XDG_DATA_HOME": str(home / "data"), "XDG_RUNTIME_DIR": str(home)}
    script = f'{start} >/dev/null; echo "$DBUS_SESSION_BUS_ADDRESS"; cat'
    with subprocess.Popen(
        ["dbus-run-session", "--", "sh", "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
        env={**os.environ, **own},
    ) as session:
        assert session.stdout is not None
        address = session.stdout.readline().strip()
        assert address, "gnome-keyring did not start"
        yield {**own, "DBUS_SESSION_BUS_ADDRESS": address}
        session.communicate("")


@pytest.fixture
def secret_service(tmp_path: Path) -> Iterator[Variables]:
    """gnome-keyring, unlocked."""
    _demand("dbus-run-session", "gnome-keyring-daemon")
    with gnome_keyring(tmp_path) as variables:
        yield variables


@pytest.fixture
def locked_secret_service(tmp_path: Path) -> Iterator[Variables]:
    """gnome-keyring that nobody has unlocked, without a screen to ask on."""
    _demand("dbus-run-session", "gnome-keyring-daemon")
    with gnome_keyring(tmp_path, LOCKED) as variables:
        yield variables


@pytest.fixture
def sfmcp(tmp_path: Path, secret_service: Variables) -> Sfmcp:
    """sfmcp with gnome-keyring to keep its secrets."""
    return Sfmcp(tmp_path, secret_service)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Chromium, without a window. It ends with its module: as long as it lives, no other event loop can run here."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="no playwright on this machine")
    if not Path(CHROMIUM).exists():
        pytest.skip(f"no Chromium at {CHROMIUM}")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=CHROMIUM_OPTIONS)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A page of a browser that has seen nothing yet."""
    with chromium.new_context() as context:
        yield context.new_page()


def read_link(process: subprocess.Popen[str]) -> str:
    """The login link that `sfmcp login --no-browser` prints."""
    assert process.stderr is not None
    said = []
    for line in process.stderr:
        said.append(line)
        if found := re.match(r"(https?://\S+/services/oauth2/authorize\?\S+)", line):
            return found.group()
    raise AssertionError(f"no link was printed: {''.join(said)}")


def log_in_on_page(page: Page, link: str, *, user: tuple[str, str] = ADMIN, allow: bool = True) -> None:
    """Go through the login and consent pages."""
    page.goto(link)
    page.fill("#username", user[0])
    page.fill("#password", user[1])
    page.click("#Login")
    page.click("#oaapprove" if allow else "#oadeny")
