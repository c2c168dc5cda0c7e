"""The documentation's pictures, from real commands in a real terminal and from real pages in a real browser.

`python -m tests.docs.pictures` makes them all, or those whose names are given (`pages` and `apps` for the browser's).
Needs tmux, Chromium, and for apps the programs of .ci/node in the folder that SFMCP_TEST_NODE names.
"""

from __future__ import annotations

import io
import os
import re
import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import CONSOLE_SVG_FORMAT, Console
from rich.text import Text

from tests.docs.blocks import DOCS

PICTURES = DOCS / "pictures"
COLUMNS = 100
COMMANDS = {
    "demo": "sfmcp demo",
    "query": (
        'sfmcp query --org demo "SELECT Name, Industry, AnnualRevenue FROM Account '
        'ORDER BY AnnualRevenue DESC NULLS LAST LIMIT 5"'
    ),
    "error": 'sfmcp query --org demo "SELECT Name, AnualRevenue FROM Account"',
    "report": 'sfmcp report run --org demo "Opportunity Pipeline by Stage" --chart -',
    "tools": "sfmcp tools --toolsets service_metrics",
}
"""Pictures of the terminal, and what is typed there."""
APPS: dict[str, tuple[str, dict[str, object], str]] = {
    "app-report": ("run_report", {"report_id": "00O5g0000000005EAA", "include_details": False}, "light"),
    "app-timeline": ("get_case_timeline", {"case_id": "5005g0000000004AAA"}, "light"),
}
"""Pictures of apps: the tool, its arguments (Ids of a fresh demo org) and the client's theme."""
LINES = {"demo": 61}
"""Pictures that show the beginning alone."""

# The font comes from the reader's own machine: nothing is fetched.
SVG = re.sub(r"@font-face \{\{.*?\}\}", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL).replace(
    "Fira Code, monospace", "ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace"
)


def terminal(command: str, state: Path) -> list[str]:
    """The lines of a terminal in which the command ran, with their colours as escape sequences."""
    socket = ["tmux", "-f", os.devnull, "-L", f"pictures-{os.getpid()}"]
    programs = state / "bin"
    programs.mkdir(exist_ok=True)
    program = programs / "sfmcp"
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m salesforce_mcp "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    done = state / "done"
    done.unlink(missing_ok=True)
    environ = {
        "HOME": str(state),
        "LC_ALL": "en_US.UTF-8",
        "COLORTERM": "truecolor",
        **places(state),
        "PATH": f"{programs}:{os.environ['PATH']}",
    }
    settings = [f"{name}={value}" for name, value in environ.items()]
    line = f"{shlex.join(['env', *settings, 'sh', '-c', command])}; touch {shlex.quote(str(done))}; sleep 60"
    subprocess.run([*socket, "new-session", "-d", "-x", str(COLUMNS), "-y", "50", line], check=True, timeout=20)
    try:
        deadline = time.monotonic() + 60
        while not done.exists():
            if time.monotonic() > deadline:
                raise TimeoutError(command)
            time.sleep(0.1)
        shown = subprocess.run(
            [*socket, "capture-pane", "-p", "-e", "-S", "-"],
            check=True,
            capture_output=True,
            encoding="utf-8",
            timeout=20,
        )
    finally:
        subprocess.run([*socket, "kill-server"], check=False, timeout=20)
    return shown.stdout.rstrip().splitlines()


def drawn(name: str, command: str, lines: list[str]) -> str:
    """The terminal as SVG."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    console.print(Text.assemble(("$ ", "green"), (command, "bold")))
    console.print(Text.from_ansi("\n".join(lines)))  # as one: colours go on over the ends of lines
    return console.export_svg(title="", code_format=SVG, unique_id=f"terminal-{name}")


def pages() -> None:
    """The demo org's login and consent pages, as somebody who logs in sees them."""
    from playwright.sync_api import sync_playwright

    from salesforce_mcp.demo.local import DemoOrg

    with tempfile.TemporaryDirectory() as folder, DemoOrg(Path(folder)) as org, sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 620, "height": 560})
        page.goto(
            f"{org.instance_url}/services/oauth2/authorize?response_type=code&client_id={org.client_id}"
            "&redirect_uri=http%3A%2F%2Flocalhost%3A1717%2FOauthRedirect&scope=api+refresh_token"
            "&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256"
        )
        page.locator("main").screenshot(path=PICTURES / "login.png")
        page.fill("input[name=username]", org.users[0].username)
        page.fill("input[name=pw]", org.users[0].password)
        page.click("button[type=submit], input[type=submit]")
        page.wait_for_selector("[name=decision]")
        page.locator("main").screenshot(path=PICTURES / "consent.png")
        browser.close()


def apps() -> None:
    """Answers as a client that knows MCP Apps shows them."""
    from playwright.sync_api import sync_playwright

    from tests.conftest import Node
    from tests.server.apps_client import CAPABILITIES, AppsClient, bundle
    from tests.server.wire import Wire

    programs = Path(os.environ["SFMCP_TEST_NODE"])
    script = bundle(Node(str(programs / "node_modules" / ".bin" / "node"), programs))
    with (
        tempfile.TemporaryDirectory() as folder,
        Wire("--org", "demo", "--toolsets", "all", **places(Path(folder))) as wire,
        sync_playwright() as play,
    ):
        client = {"name": "pictures", "version": "1"}
        offered = {"protocolVersion": "2025-11-25", "capabilities": CAPABILITIES, "clientInfo": client}
        wire.ask("initialize", offered)
        wire.send("notifications/initialized")
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        for name, (tool, arguments, theme) in APPS.items():
            page = browser.new_page(viewport={"width": 760, "height": 700})
            AppsClient(page, wire, script).show(tool, arguments, theme=theme)
            page.wait_for_timeout(500)  # the frame takes the height that the app asks for
            page.locator("iframe").screenshot(path=PICTURES / f"{name}.png")
        browser.close()


def places(folder: Path) -> dict[str, str]:
    """Folders of its own for a program."""
    return {f"SFMCP_{kind}_DIR": str(folder / kind.lower()) for kind in ("CONFIG", "STATE", "EXPORT")}


def main(names: list[str]) -> None:
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for name, command in COMMANDS.items():
            if not names or name in names:
                lines = terminal(command, Path(folder))[: LINES.get(name)]
                (PICTURES / f"{name}.svg").write_text(drawn(name, command, lines), encoding="utf-8")
    if not names or "pages" in names:
        pages()
    if not names or "apps" in names:
        apps()


if __name__ == "__main__":
    main(sys.argv[1:])
