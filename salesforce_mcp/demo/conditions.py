"""Conditional requests: ETag and Last-Modified against If-Match, If-None-Match, If-Modified-Since, If-Unmodified-Since.

Source: REST API Developer Guide, "Conditional Request Headers", which follows RFC 9110 but refuses invalid headers of
writes with 400.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

from salesforce_mcp.demo.errors import ApiError
from salesforce_mcp.demo.http import Reply

_STORED = "%Y-%m-%dT%H:%M:%S"


def http_date(stored: str) -> str:
    """A stored moment as HTTP has it: `Fri, 01 May 2026 21:13:13 GMT`."""
    moment = datetime.strptime(stored[:19], _STORED).replace(tzinfo=UTC)
    return format_datetime(moment, usegmt=True)


def entity_tag(content: bytes) -> str:
    """The ETag of some content."""
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def not_modified(headers: Mapping[str, str], tag: str | None, modified: str | None) -> Reply | None:
    """The 304 that answers a read, or None where the content has to be sent."""
    validators = {}
    if tag:
        validators["ETag"] = tag
    if modified:
        validators["Last-Modified"] = http_date(modified)
    known = headers.get("if-none-match")
    if known is not None:
        return Reply(304, None, validators) if tag and _matches(known, tag) else None
    since = _moment(headers.get("if-modified-since"))
    if since is not None and modified and _parsed(modified) <= since:
        return Reply(304, None, validators)
    return None


def check_before_write(headers: Mapping[str, str], tag: str | None, modified: str | None) -> None:
    """Refuse with 412 when the record is not what the client believes it to be, with 400 for an invalid header."""
    for name in ("if-modified-since", "if-unmodified-since"):
        if name in headers and _moment(headers[name]) is None:
            raise ApiError(400, "INVALID_HEADER", f"Invalid value for header {name}: {headers[name]}")
    expected = headers.get("if-match")
    if expected is not None and not (tag and _matches(expected, tag)):
        raise _failed()
    refused = headers.get("if-none-match")
    if refused is not None and tag and _matches(refused, tag):
        raise _failed()
    if modified is None:
        return
    unmodified_since = _moment(headers.get("if-unmodified-since"))
    if unmodified_since is not None and _parsed(modified) > unmodified_since:
        raise _failed()
    modified_since = _moment(headers.get("if-modified-since"))
    if modified_since is not None and _parsed(modified) <= modified_since:
        raise _failed()


def _failed() -> ApiError:
    message = "The requested resource has been modified since the time given in the request's precondition"
    return ApiError(412, "PRECONDITION_FAILED", message)


def _matches(header: str, tag: str) -> bool:
    """True if one of the header's tags is this one; a suffix that a compressing server adds doesn't count."""
    given = [each.strip().removeprefix("W/").replace("--gzip", "") for each in header.split(",")]
    return "*" in given or tag in given


def _parsed(stored: str) -> datetime:
    return datetime.strptime(stored[:19], _STORED).replace(tzinfo=UTC)


def _moment(header: str | None) -> datetime | None:
    if header is None:
        return None
    try:
        moment = parsedate_to_datetime(header)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
