"""What an org's refusal says, whatever shape it comes in.

Shapes seen: an array of `{message, errorCode, fields?}`, one such object, OAuth's `{error, error_description}`, a
record's `{success: false, errors: [{statusCode, message, fields}]}` under 200, a tree's `{hasErrors, results:
[{referenceId, errors}]}`, an action's outcomes `[{actionName, isSuccess, errors}]`, an array of record URLs under 300,
plain words, a web page, nothing at all. Whatever was meant by the writer and isn't the type it should be is left out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import unescape
from typing import Any

import orjson

from salesforce_mcp.errors import NetworkError, SalesforceError, SessionError, SfmcpError
from salesforce_mcp.salesforce.response import Response

MAX_MESSAGE = 2_000
"""Characters of Salesforce's words that are passed on. Its longest repeat a query, or a value that is too long."""

_NO_TOKEN = (b"Bad_OAuth_Token", b"Missing_OAuth_Token")
"""The identity service refuses a token with 403 and one of these instead of 401."""

_SOAP_FAULT = re.compile(
    rb"<faultcode>\s*(?:\w+:)?(?P<code>[A-Z_]+)\s*</faultcode>\s*<faultstring[^>]*>(?P<words>.*?)</faultstring>",
    re.DOTALL,
)
_GATEWAY = frozenset({502, 503, 504})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


class FreshTokenRefused(SessionError):
    """The org refuses even the token that was just renewed."""

    default_code = "INVALID_SESSION_ID"


class PreconditionFailed(SalesforceError):
    """A guarded write (If-Match, If-Unmodified-Since) met a changed record.

    When it is `uncertain`, the write was sent before and may itself have made the change: read the record again before
    calling it failed.
    """

    default_code = "PRECONDITION_FAILED"


def unauthorized(response: Response) -> bool:
    """The org does not accept the token."""
    if response.status == 403:
        return response.content.strip() in _NO_TOKEN
    return response.status == 401 or soap_code(response) == "INVALID_SESSION_ID"


def soap_code(response: Response) -> str | None:
    """The code of a SOAP fault, None for any other answer. All faults come under 500, whatever they are about."""
    match = _SOAP_FAULT.search(response.content) if response.status == 500 else None
    return match["code"].decode() if match else None


def of_response(response: Response) -> SfmcpError:
    """The error that an answer with status 300 or higher stands for."""
    if unauthorized(response):
        return _unauthorized(response)
    if response.status in _REDIRECTS:
        return NetworkError(
            "The org's address redirects elsewhere, and a token is never sent to another address.",
            code="REDIRECTED",
            hint="The org may have moved: log in again with its present address.",
        )
    body = _body(response)
    entries = _entries(body)
    if response.status == 300:
        return _ambiguous(body)
    error = _from_entries(entries, response.status) if entries else _wordless(response)
    if response.status in _GATEWAY:
        return NetworkError(error.message, code=error.code, hint="The org is not available just now: try again later.")
    return error


def of_record(errors: Any) -> SalesforceError:
    """One record's errors inside an answer with status 200: a list of `{statusCode, message, fields}`."""
    return _from_entries(_entries(errors), None) if _entries(errors) else SalesforceError("The record was refused.")


def of_result(body: Any) -> SalesforceError | None:
    """The refusal of one record's write that came with status 200 (`{success: false, errors: [...]}`), if it is one."""
    if isinstance(body, dict) and body.get("success") is False and _entries(body.get("errors")):
        return of_record(body["errors"])
    return None


def shortened(words: str) -> str:
    """The words without the middle of what is too long: what is wrong stands at their end as often as not."""
    half = MAX_MESSAGE // 2
    left_out = len(words) - 2 * half
    return f"{words[:half]} ... ({left_out:,} characters) ... {words[-half:]}" if left_out > 0 else words


def _from_entries(entries: Sequence[dict[str, Any]], status: int | None) -> SalesforceError:
    first = entries[0]
    code = _code(first)
    words = [_text(first.get("message")) or _text(first.get("error_description")) or "The request was refused."]
    words += [f"{_code(entry)}: {_text(entry.get('message'))}" for entry in entries[1:]]
    named = [entry.get("fields") for entry in entries]
    fields = [name for names in named if isinstance(names, list) for name in names if isinstance(name, str)]
    kind = PreconditionFailed if status == 412 else SalesforceError
    return kind(
        shortened("\n".join(words)),
        status=status,
        code=code,
        fields=tuple(dict.fromkeys(fields)),
    )


def _unauthorized(response: Response) -> SessionError:
    entries = _entries(_body(response))
    message = _text(entries[0].get("message") or entries[0].get("error_description")) if entries else ""
    return FreshTokenRefused(
        message or "Session expired or invalid",
        code=_code(entries[0]) if entries else None,
        hint="Log in again with `sfmcp login`.",
    )


def _ambiguous(body: Any) -> SalesforceError:
    """Status 300: an array of the URLs of all records with this external Id."""
    urls = [url for url in body if isinstance(url, str)] if isinstance(body, list) else []
    ids = ", ".join(url.rstrip("/").rsplit("/", 1)[-1] for url in urls[:20])
    return SalesforceError(
        f"More than one record has this external Id{': ' + ids if ids else ''}.",
        status=300,
        code="DUPLICATE_EXTERNAL_ID",
        hint="Use the Id of the record that you mean.",
    )


def _wordless(response: Response) -> SalesforceError:
    """An answer without words that could be trusted: a web page, other text, nothing."""
    if response.status == 412:
        return PreconditionFailed("The record was changed by somebody else meanwhile.", status=412)
    if not response.content.strip():
        message = f"The org refused the request without saying why (HTTP {response.status})."
    else:
        message = f"The org answered with something other than data (HTTP {response.status})."
    hint = "The statement is too long for a URL of 16,384 bytes." if response.status in (414, 431) else None
    return SalesforceError(message, status=response.status, code=f"HTTP_{response.status}", hint=hint)


def _body(response: Response) -> Any:
    try:
        return orjson.loads(response.content)
    except orjson.JSONDecodeError:
        return _soap_entry(response)


def _soap_entry(response: Response) -> dict[str, str] | None:
    """A SOAP fault in the shape of other errors. Its words begin with its code."""
    code, match = soap_code(response), _SOAP_FAULT.search(response.content)
    if code is None or match is None:
        return None
    return {"errorCode": code, "message": unescape(match["words"].decode("utf-8", "replace")).removeprefix(f"{code}: ")}


def _entries(body: Any) -> list[dict[str, Any]]:
    """The errors in a body, as objects that have a code or a message."""
    if isinstance(body, dict) and body.get("hasErrors") is True and isinstance(body.get("results"), list):
        parts = [part for part in body["results"] if isinstance(part, dict)]
        body = [
            {**error, "message": f"{part.get('referenceId')}: {error.get('message')}"}
            for part in parts
            for error in _entries(part.get("errors"))
        ]
    found = body if isinstance(body, list) else [body]
    if any(isinstance(entry, dict) and "actionName" in entry for entry in found):
        found = [
            {**error, "message": f"input {place}: {error.get('message')}"}
            for place, outcome in enumerate(found, 1)
            for error in _entries(outcome.get("errors") if isinstance(outcome, dict) else None)
        ]
    return [entry for entry in found if isinstance(entry, dict) and any(map(entry.get, _KEYS))]


_KEYS = ("errorCode", "statusCode", "message", "error")


def _code(entry: dict[str, Any]) -> str:
    for key in ("errorCode", "statusCode", "error"):
        value = entry.get(key)
        if isinstance(value, str) and value:
            return value[:100]
    return SalesforceError.default_code


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
