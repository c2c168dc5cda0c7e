"""The pages that the browser shows when it comes back from a login."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from hashlib import sha256
from html import escape

from salesforce_mcp.errors import SfmcpError

_STYLE = """
:root { color-scheme: light dark; --back: #f4f6f9; --card: #fff; --text: #16325c; --soft: #54698d; --line: #0b827c; }
@media (prefers-color-scheme: dark) {
  :root { --back: #12161c; --card: #1d232c; --text: #eef2f7; --soft: #aab7c8; --line: #3ccfc4; }
}
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: var(--back); color: var(--text);
  font: 1.125rem/1.6 system-ui, sans-serif; }
main { max-width: 34rem; margin: 1.5rem; padding: 2rem clamp(1.25rem, 5vw, 2.5rem); border-radius: .75rem;
  border-top: .4rem solid var(--line); background: var(--card); box-shadow: 0 .5rem 2rem rgb(0 0 0 / .12);
  overflow-wrap: anywhere; }
main.warn { --line: #dd7a01; }
main.bad { --line: #c23934; }
h1 { margin: 0 0 .5rem; font-size: 1.6rem; line-height: 1.25; }
p { margin: .6rem 0 0; }
p:last-child { color: var(--soft); }
"""

POLICY = (
    "default-src 'none'; "
    f"style-src 'sha256-{b64encode(sha256(_STYLE.encode()).digest()).decode()}'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Content-Security-Policy of every page: nothing runs, nothing is loaded."""


def success(username: str, host: str, *, production: bool) -> str:
    """After a login that worked. `production` makes the page say so."""
    kind = "This is a production org: what you change here is real." if production else ""
    paragraphs = (f"{username} at {host}.", kind, "You can close this page and go back.")
    return _page("You are logged in", paragraphs, mood="warn" if production else "good")


def failure(error: SfmcpError) -> str:
    """After a login that the org, or sfmcp, refused."""
    paragraphs = (
        error.message,
        error.hint or "",
        "You can close this page; sfmcp says the same where the login began.",
    )
    return _page("The login did not work", paragraphs, mood="bad")


def stranger() -> str:
    """For a callback that belongs to no login under way."""
    paragraphs = (
        "It may come from an older login page. The login under way goes on waiting.",
        "You can close this page.",
    )
    return _page("This answer belongs to another login", paragraphs, mood="bad")


def _page(title: str, paragraphs: Iterable[str], *, mood: str) -> str:
    body = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in paragraphs if paragraph)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)} - sfmcp</title><style>{_STYLE}</style></head>"
        f'<body><main class="{mood}"><h1>{escape(title)}</h1>{body}</main></body></html>'
    )
