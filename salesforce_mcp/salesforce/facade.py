"""simple-salesforce over our transport.

It takes a requests session, always says https, asks for pretty-printed JSON and puts its own token into every request;
here its requests become ours, and get our token, limits, retries and errors.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import orjson
import requests
from simple_salesforce.api import Salesforce

from salesforce_mcp.errors import UsageError
from salesforce_mcp.salesforce.guard import Asked
from salesforce_mcp.salesforce.transport import READ_TIMEOUT, Outgoing

if TYPE_CHECKING:
    from salesforce_mcp.salesforce.client import Client

_OURS = frozenset({"authorization", "x-prettyprint", "x-sfdc-session", "x-sfdc-client"})
_IDEMPOTENT = frozenset({"GET", "HEAD", "PUT", "PATCH", "DELETE"})


def simple(client: Client) -> Salesforce:
    """A simple-salesforce client for the same org, user and API version."""
    address = client.session.instance_url
    return Salesforce(
        instance_url=address,
        session_id="set by the transport",
        version=client.api_version,
        session=TransportSession(client, urlsplit(address).netloc),
    )


class TransportSession(requests.Session):
    """Sends every request through the transport of one org."""

    def __init__(self, client: Client, netloc: str) -> None:
        super().__init__()
        self._client = client
        self._netloc = netloc.removesuffix(":443")

    def request(  # type: ignore[override]
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, Any] | None = None,
        data: bytes | str | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        **_: Any,
    ) -> requests.Response:
        """Send it to the org. Raises as `Transport.send`, UsageError for another host."""
        parts = urlsplit(url)
        if parts.netloc.removesuffix(":443") != self._netloc:
            raise UsageError("simple-salesforce asked for another address than the org's.", code="OTHER_HOST")
        clean = self._client.guard.before(
            self._client, Asked(method, parts.path, _parameters(params, parts.query), _json(data))
        )
        answer = self._client.transport.send(
            Outgoing(
                method,
                f"{parts.path}?{parts.query}" if parts.query else parts.path,
                params,
                data,
                {name: value for name, value in (headers or {}).items() if name.lower() not in _OURS},
                timeout or READ_TIMEOUT,
                repeatable=method in _IDEMPOTENT,
            )
        )
        if clean:
            answer = answer.cleaned(clean)
        response = requests.Response()
        response.status_code = answer.status
        response.headers = requests.structures.CaseInsensitiveDict(answer.headers)
        response.headers.pop("Content-Encoding", None)
        response.raw = io.BytesIO(answer.content)
        response.url = url
        response.encoding = "utf-8"
        return response


def _parameters(given: Mapping[str, Any] | None, query: str) -> dict[str, Any]:
    return {**dict(parse_qsl(query)), **(given or {})}


def _json(data: bytes | str | None) -> Any:
    """The body as JSON where it is some."""
    try:
        return orjson.loads(data) if data else None
    except orjson.JSONDecodeError:
        return data
