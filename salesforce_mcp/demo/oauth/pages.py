"""The pages people see while they log in: login, consent, device code, and what went wrong.

Element ids are those of Salesforce's own pages (`username`, `password`, `Login`, `oaapprove`, `oadeny`), so that
scripts that drive a browser work on both. Everything that comes from a request is escaped.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape

from salesforce_mcp.demo.http import HTML_TYPE, Reply

_STYLE = """
:root { color-scheme: light dark; --line: #8886; --accent: #0b5cab; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0; display: grid; place-items: start center; }
main { width: min(26rem, 92vw); margin: 8vh 0; padding: 1.5rem 2rem; border: 1px solid var(--line);
  border-radius: .5rem; }
h1 { font-size: 1.3rem; margin: 0 0 1rem; }
label { display: block; margin: .75rem 0 .25rem; }
input { width: 100%; box-sizing: border-box; padding: .5rem; font: inherit; border: 1px solid var(--line);
  border-radius: .25rem; }
button { font: inherit; padding: .5rem 1.25rem; margin: 1rem .5rem 0 0; border-radius: .25rem; cursor: pointer;
  border: 1px solid var(--accent); background: var(--accent); color: #fff; }
button.plain { background: transparent; color: inherit; }
.error { border-left: .25rem solid #ba0517; padding-left: .75rem; }
.aside { font-size: .875rem; border-top: 1px solid var(--line); margin-top: 1.5rem; padding-top: .75rem; }
code { overflow-wrap: anywhere; }
"""

SCOPE_WORDS = {
    "api": "Manage user data via APIs",
    "refresh_token": "Perform requests at any time",
    "offline_access": "Perform requests at any time",
    "full": "Full access",
    "web": "Manage user data via Web browsers",
    "id": "Access the identity URL service",
    "openid": "Access unique user identifiers",
    "profile": "Access your basic information",
    "email": "Access your email address",
    "sfap_api": "Access the Salesforce API Platform",
}

SAFETY_HEADERS = {
    "Content-Type": HTML_TYPE,
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
}


def login(pending: str, *, action: str, users: Mapping[str, str], username: str = "", error: str = "") -> Reply:
    """The login form. `pending` names the authorization that goes on afterwards; `users` are shown with passwords."""
    known = "".join(
        f"<li><code>{escape(name)}</code> / <code>{escape(word)}</code></li>" for name, word in users.items()
    )
    return _page(
        "Log in to the demo org",
        _error(error)
        + _form(
            action,
            {"pending": pending},
            f"""
<label for="username">Username</label>
<input id="username" name="username" type="email" autocomplete="username" required value="{escape(username)}">
<label for="password">Password</label>
<input id="password" name="pw" type="password" autocomplete="current-password" required>
<button id="Login" name="Login" type="submit">Log In</button>""",
        )
        + f'<div class="aside">This org runs on this computer alone. Its users:<ul>{known}</ul></div>',
    )


def consent(pending: str, *, app: str, user: str, scopes: Iterable[str], action: str) -> Reply:
    """Ask whether the app may act for the user."""
    wishes = "".join(f"<li>{escape(words)}</li>" for words in dict.fromkeys(SCOPE_WORDS.get(s, s) for s in scopes))
    return _page(
        "Allow Access?",
        f"<p><strong>{escape(app)}</strong> is asking to:</p><ul>{wishes}</ul>"
        f"<p>Do you want to allow access for <code id='user'>{escape(user)}</code>?</p>"
        + _form(
            action,
            {"pending": pending},
            """
<button id="oaapprove" name="decision" value="allow" type="submit">Allow</button>
<button id="oadeny" name="decision" value="deny" type="submit" class="plain">Deny</button>""",
        ),
    )


def device_code(code: str, *, action: str, error: str = "") -> Reply:
    """Ask for the code that a device shows."""
    return _page(
        "Connect Device",
        _error(error)
        + _form(
            action,
            {},
            f"""
<label for="user_code">Enter the code displayed by your device</label>
<input id="user_code" name="user_code" autocomplete="off" required value="{escape(code)}">
<button id="connect" type="submit">Connect</button>""",
        ),
    )


def message(title: str, text: str, *, status: int = 200) -> Reply:
    """Something to read, and nothing to do."""
    return _page(title, f"<p id='message'>{escape(text)}</p>", status=status)


def _form(action: str, hidden: Mapping[str, str], fields: str) -> str:
    inputs = "".join(f'<input type="hidden" name="{escape(k)}" value="{escape(v)}">' for k, v in hidden.items())
    return f'<form method="post" action="{escape(action)}">{inputs}{fields}</form>'


def _error(text: str) -> str:
    return f'<p class="error" id="error" role="alert">{escape(text)}</p>' if text else ""


def _page(title: str, content: str, *, status: int = 200) -> Reply:
    html = (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)} | Demo org</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head>'
        f"<body><main><h1>{escape(title)}</h1>{content}</main></body></html>"
    )
    return Reply(status, html.encode("utf-8"), dict(SAFETY_HEADERS))
