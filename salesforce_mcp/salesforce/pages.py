"""A query's answer, a page at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from salesforce_mcp.errors import NetworkError
from salesforce_mcp.salesforce.background import Pending

if TYPE_CHECKING:
    from salesforce_mcp.salesforce.response import Response


@dataclass(slots=True)
class Page:
    """Some of a query's records, as Salesforce sends them.

    `total_size` counts all records of the query, `next_url` is `nextRecordsUrl` (None: this is the last page).
    """

    records: list[dict[str, Any]]
    total_size: int
    next_url: str | None

    @classmethod
    def parse(cls, body: Any) -> Page:
        """Read the body of a query resource, or a child result inside a record. Raises NetworkError for others."""
        records = body.get("records") if isinstance(body, dict) else None
        if not isinstance(records, list) or not set(map(type, records)) <= {dict}:
            raise NetworkError("The org's answer to the query has no records.", code="UNEXPECTED_ANSWER")
        following = body.get("nextRecordsUrl")
        total = body.get("totalSize")
        return cls(
            records,
            total if isinstance(total, int) else len(records),
            following if isinstance(following, str) and not body.get("done") else None,
        )


def locator(next_url: str) -> str:
    """The part of a `nextRecordsUrl` below `/services/data/vNN.0/`, which `Client.next_page` takes too."""
    return "/".join(next_url.split("/")[4:])


class Followed(Protocol):
    """What tells where it goes on: `Page`, and what else is read from one."""

    @property
    def next_url(self) -> str | None:
        """The page that follows (None: this is the last one)."""


Each = TypeVar("Each", bound=Followed)


def read(answer: Response) -> Page:
    """The page in an answer. Raises NetworkError when there is none in it."""
    return Page.parse(answer.json())


class Source(Protocol):
    """Where pages come from: `Client`."""

    def fetch_page(self, next_url: str) -> Response:
        """The page of a `nextRecordsUrl`, unparsed."""

    def parse_page(self, answer: Response, next_url: str, parse: Callable[[Response], Each]) -> Each:
        """What came from `fetch_page` for this URL, parsed."""


def follow(page: Each, source: Source, parse: Callable[[Response], Each]) -> Iterator[Each]:
    """This page and all that come after it. The next one is on its way while the caller works on the one it has.

    Only the fetching is done ahead: parsed in the other thread, a page would take a third more processor time. Raises
    NetworkError where the pages go round in a circle.
    """
    seen: set[str] = set()
    while page.next_url:
        url = page.next_url
        if url in seen:
            raise NetworkError("The org's answer goes on with a page that was read before.", code="UNEXPECTED_ANSWER")
        seen.add(url)
        ahead = Pending(partial(source.fetch_page, url))
        yield page
        page = source.parse_page(ahead.result(), url, parse)
    yield page


def complete_children(records: list[dict[str, Any]], source: Source) -> None:
    """Fetch what is missing of child results that came in pages of their own, into their records."""
    for record in records:
        for value in record.values():
            if isinstance(value, dict) and isinstance(value.get("records"), list):
                child = Page.parse(value)
                for page in follow(child, source, read):
                    if page is not child:
                        child.records.extend(page.records)
                value.pop("nextRecordsUrl", None)
                complete_children(child.records, source)
