"""HTTP for logins: time limits, the system's proxies and trust store, no redirects, no cookies, no netrc."""

from __future__ import annotations

import email.utils
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests

from salesforce_mcp.auth import hosts
from salesforce_mcp.auth.adapter import Adapter, never_left
from salesforce_mcp.auth.watch import pieces_of, whole
from salesforce_mcp.errors import NetworkError, UsageError

if TYPE_CHECKING:
    from requests import PreparedRequest

TIMEOUT = (10, 60)
"""Seconds to connect, and to wait for the next bytes."""

ANSWER_TIMEOUT = 120.0
"""Seconds in which an answer must have arrived."""

PAUSES = (0.5, 2.0)
"""Seconds before what could not be sent is tried again: a computer that wakes up takes a moment to find its network."""

MAX_BODY = 1_000_000
"""Bytes; answers of login hosts are far smaller."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`body` is the parsed JSON, None if it is none; `skew` the seconds by which our clock is ahead of the host's.

    `location` is where a redirect leads.
    """

    status: int
    text: str
    body: Any
    skew: float | None
    location: str = ""

    def get(self, key: str) -> str | None:
        """A text value of a JSON object; None where the body is no object or lacks it."""
        return texts(self.body).get(key)


def texts(value: object) -> dict[str, str]:
    """The text values of a JSON object, if it is one. Half a character, which no file takes, becomes `?`."""
    if not isinstance(value, dict):
        return {}
    return {key: text.encode("utf-8", "replace").decode() for key, text in value.items() if isinstance(text, str)}


class NotSent(NetworkError):
    """No connection could be made, so nothing was sent."""


def post(url: str, form: Mapping[str, str]) -> Answer:
    """Send a form. Raises NetworkError (NotSent where nothing left), UsageError for a redirect."""
    return _persistently("POST", url, data=dict(form), headers={"Accept": "application/json"})


def post_xml(url: str, document: str) -> Answer:
    """Send a SOAP 1.1 envelope. Raises as `post` does."""
    headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '""'}
    return _persistently("POST", url, data=document.encode(), headers=headers)


def get(url: str, *, token: str | None = None, params: Mapping[str, str] | None = None) -> Answer:
    """Fetch a resource, with an access token where one is given. Raises as `post` does."""
    headers = {"Accept": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    return _send("GET", url, params=params, headers=headers)


def probe(url: str) -> Answer:
    """Fetch a page of a login host; a redirect is its usual answer, and an answer like any other."""
    return _send("GET", url, redirects=True)


def _persistently(method: str, url: str, **keywords: Any) -> Answer:
    """Send it, again too where nothing was sent.

    What may have arrived is not repeated: a refresh token can be good for one use.
    """
    for pause in PAUSES:
        try:
            return _send(method, url, **keywords)
        except NotSent:
            time.sleep(pause)
    return _send(method, url, **keywords)


def _send(method: str, url: str, *, redirects: bool = False, **keywords: Any) -> Answer:
    host = urlsplit(url).hostname or ""
    with requests.Session() as session:
        session.mount("https://", Adapter(system_trust=True))
        session.mount("http://", Adapter())
        session.trust_env = not hosts.is_loopback(host)
        try:
            with session.request(
                method, url, auth=_unchanged, timeout=TIMEOUT, allow_redirects=False, stream=True, **keywords
            ) as response:
                content = _read(response)
        except (requests.RequestException, OSError) as error:
            raise unreachable(host, error) from error
    location = response.headers.get("Location", "")
    if response.is_redirect and not redirects:
        raise _moved(host, location)
    return Answer(response.status_code, content.decode("utf-8", "replace"), _json(content), _skew(response), location)


def unreachable(host: str, error: Exception) -> NetworkError:
    """What a failed request means, in words, and what to try."""
    text = str(error)
    kind = NotSent if never_left(error) else NetworkError
    if isinstance(error, requests.exceptions.ProxyError):
        return kind(
            f"The proxy on the way to {host} can't be reached or refuses.",
            code="PROXY",
            hint="Check HTTPS_PROXY; hosts that need no proxy belong into NO_PROXY.",
            retryable=True,
        )
    if isinstance(error, requests.exceptions.SSLError):
        return kind(
            f"The certificate of {host} isn't trusted by this machine.",
            code="CERTIFICATE",
            hint="Where a proxy inspects traffic, add its certificate authority to the system's trust store, "
            "or name its file with REQUESTS_CA_BUNDLE.",
        )
    if isinstance(error, requests.exceptions.Timeout):
        return kind(
            f"{host} didn't answer in time.", code="TIMEOUT", hint="Try again; `sfmcp doctor` checks.", retryable=True
        )
    if "NameResolution" in text or "getaddrinfo" in text:
        return kind(
            f"There is no host {host}.",
            code="HOST_NOT_FOUND",
            hint="Check the domain for typing errors, and the network; `sfmcp doctor` checks.",
        )
    return kind(f"{host} can't be reached.", hint="Check the network; `sfmcp doctor` checks.", retryable=True)


def _read(response: requests.Response) -> bytes:
    content = bytearray()
    with whole(response, ANSWER_TIMEOUT):
        for piece in pieces_of(response, 65536):
            content += piece
            if len(content) > MAX_BODY:
                raise requests.exceptions.ContentDecodingError("The answer is too long.")
    return bytes(content)


def _unchanged(request: PreparedRequest) -> PreparedRequest:
    """In the place of an authentication: without one, requests would look into ~/.netrc and overrule our header."""
    return request


def _moved(host: str, location: str) -> UsageError:
    """A redirect is never followed: the form holds secrets. Only the other host's name is shown."""
    try:
        other = urlsplit(location)
    except ValueError:
        other = urlsplit("")
    where = f"{other.scheme}://{other.hostname}" if other.hostname else "another page"
    return UsageError(
        f"{host} sends logins on to {where}.",
        code="REDIRECTED",
        hint=f"If that is your org's address, log in with --login-url {where}." if other.hostname else None,
    )


def _json(content: bytes) -> Any:
    import json

    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _skew(response: requests.Response) -> float | None:
    try:
        told = email.utils.parsedate_to_datetime(response.headers["Date"])
        return time.time() - told.timestamp()
    except (KeyError, ValueError, OverflowError):
        return None
