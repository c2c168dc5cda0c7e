"""Authorization code flow with PKCE for an app on this machine (RFC 6749 section 4.1, RFC 7636, RFC 8252)."""

from __future__ import annotations

import re
import secrets as random
from base64 import urlsafe_b64encode
from hashlib import sha256
from urllib.parse import parse_qs, urlencode, urlsplit

from salesforce_mcp.auth import oauth_errors, tokens, web
from salesforce_mcp.auth.grant import Grant, Secrets
from salesforce_mcp.auth.loopback import Callback
from salesforce_mcp.auth.orgs import Org
from salesforce_mcp.errors import NetworkError, UsageError


class Authorization:
    """One attempt: its state and its code verifier are used once."""

    def __init__(self, org: Org, *, prompt: str | None = None) -> None:
        if not org.client_id:
            raise UsageError(
                "The login needs the client id (consumer key) of an External Client App in your org.",
                hint=f"Use --client-id or SFMCP_CLIENT_ID. The app's callback URL must be {org.callback_url}.",
            )
        self._org = org
        self._client_id = org.client_id
        self._prompt = prompt
        self._verifier = random.token_urlsafe(64)
        self.state = random.token_urlsafe(32)

    @property
    def url(self) -> str:
        """The login link. It holds no secret: of the verifier only the hash."""
        challenge = urlsafe_b64encode(sha256(self._verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": self._org.callback_url,
            "scope": " ".join(self._org.scopes),
            "state": self.state,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        if self._prompt:
            query["prompt"] = self._prompt
        if self._org.username:
            query["login_hint"] = self._org.username
        return f"{tokens.login_origin(self._org)}/services/oauth2/authorize?{urlencode(query)}"

    def check(self) -> None:
        """Ask the authorization endpoint first, so that what it refuses outright is said here.

        A wrong client id or callback URL, or an app that isn't installed, leads to an error page in the browser and no
        callback: the login would wait in vain. Raises SessionError for those, NetworkError when there is no such host.
        """
        answer = web.probe(self.url)
        error, description = _refusal(answer)
        if error:
            raise oauth_errors.explain(error, description, self._org, skew=answer.skew)
        if answer.status in (404, 503):
            raise tokens.unusable(self._org.login_url, answer)

    def finish(self, callback: Callback, secrets: Secrets) -> Grant:
        """Exchange the code of the callback. Raises SessionError when refused, NetworkError."""
        if callback.error or not callback.code:
            raise oauth_errors.explain(callback.error or "", callback.description, self._org)
        form = {
            "grant_type": "authorization_code",
            "code": callback.code,
            "client_id": self._client_id,
            "redirect_uri": self._org.callback_url,
            "code_verifier": self._verifier,
        }
        if secrets.client_secret:
            form["client_secret"] = secrets.client_secret
        try:
            return tokens.request(self._org, form)
        except NetworkError as error:
            error.hint = f"Log in again with `{self._org.login_command}`; the code of this login can't be used twice."
            raise


def _refusal(answer: web.Answer) -> tuple[str, str]:
    """Error and description in a redirect, in JSON, or as `error=...&error_description=...` in an error page's text."""
    if error := answer.get("error"):
        return error, answer.get("error_description") or ""
    query = urlsplit(answer.location).query
    if answer.status >= 400:
        found = re.search(r"error=[\w.-]+(&(?:amp;)?error_description=[^\s\"'<]*)?", answer.text)
        query = found.group().replace("&amp;", "&") if found else ""
    values = parse_qs(query)
    return values.get("error", [""])[0], values.get("error_description", [""])[0]
