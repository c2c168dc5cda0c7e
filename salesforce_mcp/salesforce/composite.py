"""Several requests in one (resources `composite` and `composite/batch`), each with its own answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from salesforce_mcp.errors import SalesforceError
from salesforce_mcp.salesforce import faults
from salesforce_mcp.salesforce.guard import Asked

if TYPE_CHECKING:
    from salesforce_mcp.errors import PolicyError
    from salesforce_mcp.salesforce.client import Client

_UNDONE = "PROCESSING_HALTED"
"""The code of a part that was rolled back, or never tried, because another one failed."""


@dataclass(frozen=True)
class Part:
    """One request. `path` is below `/services/data/vNN.0/`; the caller percent-encodes its segments."""

    name: str
    path: str
    params: Mapping[str, Any] | None = None
    method: str = "GET"
    body: Any = None

    def url(self) -> str:
        """The path with its query."""
        return f"{self.path}?{urlencode(self.params)}" if self.params else self.path


def query(name: str, soql: str) -> Part:
    """A part that asks for the first page of a query."""
    return Part(name, "query", {"q": soql})


@dataclass(frozen=True)
class Answer:
    """A part's answer: its body, or the error that it stands for."""

    body: Any
    error: SalesforceError | None = None

    def get(self) -> Any:
        """The body. Raises the error that came instead."""
        if self.error:
            raise self.error
        return self.body


def send(client: Client, parts: Sequence[Part], *, all_or_none: bool = False) -> dict[str, Answer]:
    """Send parts as one composite request (at most 25, of which 5 queries or collections); answers by name.

    Raises as `Client.request` when the request as a whole is refused and, with `all_or_none`, when a part is.
    """
    root = f"/services/data/v{client.api_version}"
    requests = [
        {
            "method": part.method,
            "url": f"{root}/{part.url()}",
            "referenceId": part.name,
            **({} if part.body is None else {"body": part.body}),
        }
        for part in parts
    ]
    body = {"allOrNone": all_or_none, "compositeRequest": requests}
    answer = client.post("composite", body, repeatable=all(part.method == "GET" for part in parts))
    found = {part["referenceId"]: _answer(part["httpStatusCode"], part["body"]) for part in answer["compositeResponse"]}
    for part in parts:
        error = found[part.name].error
        if error and error.code != _UNDONE:
            client.explain(error, part.path)
            if all_or_none:
                raise error
    return found


def refused(client: Client, parts: Sequence[Part]) -> dict[str, PolicyError]:
    """Those of the parts that the guard would not let through, by name: a request with one is refused whole."""
    found = ((part.name, client.guard.refusal(client, Asked(part.method, part.path, part.params))) for part in parts)
    return {name: error for name, error in found if error}


def records(client: Client, body: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The records of a query's answer, further pages included. Raises as `Client.request`."""
    yield from body["records"]
    following = body.get("nextRecordsUrl")
    while following:
        page = client.next_page(following)
        yield from page.records
        following = page.next_url


def batch(client: Client, parts: Sequence[Part]) -> dict[str, Answer]:
    """Read several resources in one batch (at most 25); answers by name. Raises as `Client.request`."""
    requests = [{"method": part.method, "url": f"v{client.api_version}/{part.url()}"} for part in parts]
    answer = client.post("composite/batch", {"batchRequests": requests}, repeatable=True)
    return {
        part.name: _answer(result["statusCode"], result["result"])
        for part, result in zip(parts, answer["results"], strict=True)
    }


def _answer(status: int, body: Any) -> Answer:
    return Answer(body) if status < 300 else Answer(None, faults.of_record(body))
