"""The parts of a composite call: what a caller gives, what Salesforce takes, and a row for each answer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal
from urllib.parse import unquote

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from salesforce_mcp.tools.arguments import quoted
from salesforce_mcp.wording import counted

COLUMNS = ["reference_id", "status", "ok", "error", "message", "body"]
_REFERENCE = re.compile(r"[A-Za-z0-9]\w*", re.ASCII)
_VERSIONED = re.compile(r"/services/data/v\d+\.\d/.+")


def check_url(value: str) -> str:
    """A resource of the REST API: below `/services/data/vNN.0/`, or from there on. ValueError otherwise."""
    path = unquote(value.partition("?")[0])
    if (
        not path
        or any(character < " " or character in "\\\x7f" for character in path)
        or "://" in path
        or {".", ".."} & set(path.split("/"))
        or (path.startswith("/") and not _VERSIONED.fullmatch(path))
    ):
        raise ValueError(f"{quoted(value)} is not a resource; as in sobjects/Account/001... or query?q=SELECT ...")
    return value


def _check_reference(value: str) -> str:
    if not _REFERENCE.fullmatch(value):
        raise ValueError(f"{quoted(value)} must be letters, digits and underscores, beginning with no underscore")
    return value


Url = Annotated[str, AfterValidator(check_url)]
Reference = Annotated[str, AfterValidator(_check_reference)]


class Request(BaseModel):
    """A part of a batch."""

    model_config = ConfigDict(extra="forbid")

    method: Annotated[Literal["GET", "POST", "PATCH", "PUT", "DELETE"], BeforeValidator(lambda word: str(word).upper())]
    url: Url
    body: dict[str, Any] | None = None


class Part(Request):
    """A part that others can refer to, as in @{ref.id}."""

    reference_id: Reference


def as_part(part: Part, version: str) -> dict[str, Any]:
    """A part as `composite` and `composite/graph` take it."""
    body = {"body": part.body} if part.body is not None else {}
    return {"method": part.method, "url": full(part.url, version), "referenceId": part.reference_id, **body}


def full(url: str, version: str) -> str:
    """The whole path of a resource."""
    return url if url.startswith("/") else f"/services/data/v{version}/{url}"


def only_reads(parts: list[Any]) -> bool:
    """Nothing of it writes, so it may be sent twice."""
    return all(part.method == "GET" for part in parts)


def row(answer: Mapping[str, Any]) -> list[Any]:
    """A row (`COLUMNS`) for one part's answer."""
    return outcome(answer.get("referenceId"), int(answer["httpStatusCode"]), answer.get("body"))


def outcome(reference: str | None, status: int, body: Any) -> list[Any]:
    """A row for a part's status and body. A failed one has its reason; one of a collection shows each record's."""
    if status < 400:
        ok = not (isinstance(body, list) and any(isinstance(each, dict) and each.get("errors") for each in body))
        return [reference, status, ok, None, None, _without_attributes(body)]
    errors = [each for each in body if isinstance(each, dict)] if isinstance(body, list) else []
    if not errors:
        return [reference, status, False, f"HTTP_{status}", None, body]
    codes = "; ".join(dict.fromkeys(str(error.get("errorCode")) for error in errors))
    return [reference, status, False, codes, "; ".join(str(error.get("message", "")).strip() for error in errors), None]


def summary(rows: list[list[Any]], *, rolled_back: bool = False) -> list[str]:
    """What to say of the whole."""
    failed = sum(not each[COLUMNS.index("ok")] for each in rows)
    if not failed:
        return [f"{counted(len(rows), 'part')} done."]
    return [f"{failed} of {counted(len(rows), 'part')} failed{'; nothing was changed' if rolled_back else ''}."]


def _without_attributes(node: Any) -> Any:
    """A body without the `attributes` of its records, which say nothing that the caller didn't."""
    if isinstance(node, list):
        return [_without_attributes(item) for item in node]
    if isinstance(node, dict):
        return {key: _without_attributes(value) for key, value in node.items() if key != "attributes"}
    return node


Parts = Annotated[list[Part], Field(min_length=1, max_length=25)]
