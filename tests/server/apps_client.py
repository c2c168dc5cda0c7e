"""A client that shows apps: the SDK of the extension in Chromium, around what a real server answers."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

from salesforce_mcp.server.apps import EXTENSION, MIME_TYPE, PAGE
from tests.server.wire import Wire

if TYPE_CHECKING:
    from playwright.sync_api import FrameLocator, Page, Route

    from tests.conftest import Node

CAPABILITIES = {"extensions": {EXTENSION: {"mimeTypes": [MIME_TYPE]}}}

POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "media-src 'self' data:; connect-src 'none'; frame-src 'none'; base-uri 'self'"
)
"""What the extension prescribes for a page that names no domains."""

BUNDLE = """
const stdin = { contents: require("fs").readFileSync(0, "utf8"), resolveDir: process.cwd() };
const made = require("esbuild").buildSync({ stdin, bundle: true, write: false, format: "iife" });
process.stdout.write(made.outputFiles[0].text);
"""

AROUND, INSIDE = "https://client.example/", "https://app.example/"


def bundle(node: Node) -> str:
    """The extension's own client side as one script."""
    made = subprocess.run(
        [node.program, "-e", BUNDLE],
        input=Path(__file__).with_name("apps_host.js").read_bytes(),
        cwd=node.folder,
        capture_output=True,
        timeout=60,
        check=True,
    )
    return made.stdout.decode()


class AppsClient:
    """Shows answers of `wire` in `page`. `requests` are all addresses that the page asked for, `said` its errors."""

    def __init__(self, page: Page, wire: Wire, script: str) -> None:
        from playwright.sync_api import expect

        expect.set_options(timeout=30_000)
        self.page = page
        self.wire = wire
        self.requests: list[str] = []
        self.said: list[str] = []
        self._script = script
        self._app = wire.ask("resources/read", {"uri": PAGE})["result"]["contents"][0]["text"]
        page.route("**/*", self._route)
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("console", lambda message: self.said.append(message.text) if message.type == "error" else None)
        page.on("dialog", lambda dialog: (self.said.append(dialog.message), dialog.dismiss()))
        page.expose_function("callTool", self._call)

    def show(
        self,
        tool: str,
        arguments: dict[str, Any],
        *,
        answer: dict[str, Any] | None = None,
        abilities: dict[str, Any] | None = None,
        **context: Any,
    ) -> FrameLocator:
        """The app of a tool with its answer, by default what the server answers. `context` is what the host says."""
        answer = answer or self.wire.ask("tools/call", {"name": tool, "arguments": arguments})["result"]
        self.page.goto(AROUND)
        self.page.evaluate("([context, abilities]) => start(context, abilities)", [context, abilities or {}])
        self.page.evaluate("(given) => bridge.sendToolInput({ arguments: given })", arguments)
        self.page.evaluate("(answer) => bridge.sendToolResult(answer)", answer)
        app = self.page.frame_locator("iframe")
        app.locator("main > *").first.wait_for()
        return app

    def tell(self, **context: Any) -> None:
        """The host's surroundings change."""
        self.page.evaluate("(context) => bridge.setHostContext(context)", context)

    def _call(self, params: dict[str, Any]) -> dict[str, Any]:
        result: dict[str, Any] = self.wire.ask("tools/call", params)["result"]
        return result

    def _route(self, route: Route) -> None:
        url = route.request.url
        self.requests.append(url)
        if url == AROUND:
            body = f"<!DOCTYPE html><html lang=en><title>client</title><body><script>{self._script}</script>"
            route.fulfill(body=body, content_type="text/html")
        elif url == INSIDE:
            route.fulfill(body=self._app, content_type="text/html", headers={"Content-Security-Policy": POLICY})
        else:
            route.abort()
