"""Up to 200 records in one call (resource composite/sobjects), and one outcome for each, in order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from salesforce_mcp.errors import NetworkError, SfmcpError
from salesforce_mcp.salesforce.paths import segment
from salesforce_mcp.salesforce.response import Response

if TYPE_CHECKING:
    from salesforce_mcp.salesforce.client import Client

CALL = 200
"""Records in one call."""

Outcomes = list[dict[str, Any]]
"""One for each record, in order: `id`, `success`, `created`, `errors` of `statusCode`, `message` and `fields`."""

_PATH = "composite/sobjects"


def create(client: Client, kind: str, records: Sequence[dict[str, Any]], *, all_or_none: bool = False) -> Outcomes:
    """Create records of an object. Raises as `Client.request` when the call fails as a whole."""
    return _outcomes(client.request("POST", _PATH, json=_body(kind, records, all_or_none)), len(records))


def update(client: Client, kind: str, records: Sequence[dict[str, Any]], *, all_or_none: bool = False) -> Outcomes:
    """Change records of an object, each with its Id. Raises as `create`."""
    return _outcomes(client.request("PATCH", _PATH, json=_body(kind, records, all_or_none)), len(records))


def upsert(
    client: Client, kind: str, field: str, records: Sequence[dict[str, Any]], *, all_or_none: bool = False
) -> Outcomes:
    """Create or update records of an object by this external Id field. Raises as `create`.

    `created` is None where that can't be told, since an earlier sending of the same may have created the record.
    """
    path = f"{_PATH}/{segment(kind)}/{segment(field)}"
    response = client.request("PATCH", path, json=_body(kind, records, all_or_none))
    outcomes = _outcomes(response, len(records))
    if response.repeated:
        outcomes = [{**each, "created": each.get("created") or None} for each in outcomes]
    return outcomes


def delete(client: Client, ids: Sequence[str], *, all_or_none: bool = False) -> Outcomes:
    """Move records to the recycle bin. Raises as `create`.

    The resource takes Ids of any object. What is found deleted when a call was sent again was deleted by it.
    """
    params = {"ids": ",".join(ids), "allOrNone": str(all_or_none).lower()}
    response = client.request("DELETE", _PATH, params=params)
    outcomes = _outcomes(response, len(ids))
    gone = [_is_gone(each) for each in outcomes]
    if response.repeated and (all(gone) or not all_or_none):
        done = [{"id": id, "success": True, "errors": []} for id in ids]
        return [done[place] if gone[place] else each for place, each in enumerate(outcomes)]
    return outcomes


def failure(error: SfmcpError) -> dict[str, Any]:
    """The outcome of each record of a call that failed as a whole."""
    words = error.message.strip()
    if error.uncertain:
        words = f"{words} It may have been done, or not."
    return {"success": False, "errors": [{"statusCode": error.code, "message": words, "fields": []}]}


def stopped(place: int, error: SfmcpError) -> str:
    """What to say of a call that failed as a whole after others were done; its first record is at `place`."""
    words = f"Stopped at record {place:,}. {error.message.strip()}"
    return f"{words} {error.hint}" if error.hint else words


def _body(kind: str, records: Sequence[dict[str, Any]], all_or_none: bool) -> dict[str, Any]:
    """The type comes first: some references are refused otherwise."""
    return {"allOrNone": all_or_none, "records": [{"attributes": {"type": kind}, **record} for record in records]}


def _outcomes(response: Response, expected: int) -> Outcomes:
    """The answer, checked: an outcome that can't be matched with its record is worth nothing."""
    answer = response.json()
    if isinstance(answer, list) and len(answer) == expected and all(isinstance(each, dict) for each in answer):
        return answer
    error = NetworkError(
        "The org's answer doesn't have one outcome for each record.",
        code="UNEXPECTED_ANSWER",
        hint="What was done is not known: look for the records with a query.",
    )
    error.uncertain = True
    raise error


def _is_gone(outcome: dict[str, Any]) -> bool:
    return any(error.get("statusCode") == "ENTITY_IS_DELETED" for error in outcome.get("errors") or [])
