"""What a person at a terminal is asked, and that a secret isn't shown while it is typed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from salesforce_mcp.demo.local import DemoOrg
from tests.auth.desktop import Control, Sfmcp, log_in_on_page

if TYPE_CHECKING:
    from playwright.sync_api import Page

pty = pytest.importorskip("pty", reason="no pseudo-terminals on this platform")

CONFIDENTIAL = "3MVG9demoOrgConfidentialClientApp"


class Terminal:
    """A pseudo-terminal: what is shown on it, and a keyboard."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self.shown = ""

    def until(self, words: str) -> str:
        """Read until these words are shown; all that was shown since the last time."""
        start = len(self.shown)
        while words not in self.shown[start:]:
            piece = os.read(self._descriptor, 4096).decode()
            assert piece, self.shown
            self.shown += piece
        return self.shown[start:]

    def type(self, text: str) -> None:
        os.write(self._descriptor, f"{text}\n".encode())


@contextmanager
def at_a_terminal(sfmcp: Sfmcp, *arguments: str) -> Iterator[tuple[Terminal, subprocess.Popen[bytes]]]:
    """sfmcp with a terminal for stdin and stderr, and for the password prompt's /dev/tty."""
    leader, follower = pty.openpty()
    command = [sys.executable, "-m", "salesforce_mcp", *arguments]
    with subprocess.Popen(
        command, stdin=follower, stdout=follower, stderr=follower, env=sfmcp.variables, start_new_session=True
    ) as process:
        os.close(follower)
        try:
            yield Terminal(leader), process
        finally:
            if process.poll() is None:
                process.kill()
            os.close(leader)


def test_asks_for_the_app_and_its_secret(sfmcp: Sfmcp, page: Page, demo: DemoOrg, control: Control) -> None:
    port = str(control.app(CONFIDENTIAL))
    arguments = ["login", "--org", "acme", "--login-url", demo.instance_url, "--no-browser", "--port", port]
    with at_a_terminal(sfmcp, *arguments) as (terminal, process):
        said = terminal.until("(consumer key): ")
        assert f"http://localhost:{port}/OauthRedirect" in said
        terminal.type(CONFIDENTIAL)
        terminal.until("(empty if the app requires none): ")
        terminal.type(demo.client_secret)
        said = terminal.until("Ctrl-C stops.")
        link = next(line for line in said.split() if line.startswith(demo.instance_url))
        log_in_on_page(page, link)
        terminal.until("It is the default")
        assert process.wait(60) == 0
        assert demo.client_secret not in terminal.shown
    with at_a_terminal(sfmcp, "login", "--org", "acme", "--no-browser") as (terminal, _):
        assert "Open in a browser" in terminal.until("Ctrl-C stops."), "it should ask nothing the second time"


def test_asks_for_a_new_secret(sfmcp: Sfmcp, demo: DemoOrg) -> None:
    arguments = ["login", "--org", "robot", "--flow", "client-credentials", "--login-url", demo.instance_url]
    with at_a_terminal(sfmcp, *arguments, "--client-id", demo.client_id) as (terminal, process):
        terminal.until("Client secret: ")
        terminal.type(demo.client_secret)
        terminal.until("Its alias is robot")
        assert process.wait(60) == 0
    with at_a_terminal(sfmcp, "login", "--org", "robot", "--rotate-secret") as (terminal, process):
        terminal.until("New client secret (consumer secret): ")
        terminal.type(demo.client_secret)
        terminal.until("works, and is kept for robot")
        assert process.wait(60) == 0
        assert demo.client_secret not in terminal.shown


def test_asks_for_password_and_security_token(sfmcp: Sfmcp, demo: DemoOrg, control: Control) -> None:
    control.settings(security_token_required=True)
    user = demo.users[0]
    arguments = ["login", "--org", "old", "--flow", "soap", "--login-url", demo.instance_url]
    with at_a_terminal(sfmcp, *arguments) as (terminal, process):
        terminal.until("User name: ")
        terminal.type(user.username)
        terminal.until("Password: ")
        terminal.type(user.password)
        terminal.until("(empty if not needed): ")
        terminal.type(user.security_token)
        terminal.until("Its alias is old")
        assert process.wait(60) == 0
        assert user.password not in terminal.shown
        assert user.security_token not in terminal.shown
