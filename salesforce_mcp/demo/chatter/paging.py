"""Pages of Chatter's lists. Users, groups and topics count pages; feeds go by tokens (see `feeds`).

Source: Connect REST API Developer Guide, the request parameters of "User Information", "List of Groups" and others.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from salesforce_mcp.demo.chatter.viewer import Viewer
from salesforce_mcp.demo.errors import ApiError
from salesforce_mcp.demo.http import Call, Reply

DEFAULT_SIZE = 25
MAX_BATCH = 500


@dataclass(frozen=True)
class Page:
    """A numbered page of a list; the first is 0."""

    call: Call
    path: str
    number: int
    size: int

    @classmethod
    def of(cls, call: Call, path: str, *, most: int = 250) -> Page:
        """The page that a call asks for; `path` is the list's, below `/services/data/vNN.0/`."""
        number = whole_number(call, "page", 0, 0, 100_000)
        return cls(call, path, number, whole_number(call, "pageSize", DEFAULT_SIZE, 1, most))

    @property
    def limit(self) -> str:
        """The SQL that cuts out this page, and one row more to know whether another follows."""
        return f"LIMIT {self.size + 1} OFFSET {self.number * self.size}"

    def urls(self, fetched: int) -> dict[str, str | None]:
        """`currentPageUrl` and its neighbours; `fetched` is how many rows the query with `limit` gave."""
        return {
            "currentPageUrl": self._url(self.number),
            "nextPageUrl": self._url(self.number + 1) if fetched > self.size else None,
            "previousPageUrl": self._url(self.number - 1) if self.number else None,
        }

    def tokens(self, fetched: int) -> dict[str, int | None]:
        """`currentPageToken` and its neighbours."""
        return {
            "currentPageToken": self.number,
            "nextPageToken": self.number + 1 if fetched > self.size else None,
            "previousPageToken": self.number - 1 if self.number else None,
        }

    def _url(self, number: int) -> str:
        kept = {name: value for name, value in self.call.query.items() if name != "page"}
        return link(f"{self.call.version_path}/{self.path}", {**({"page": str(number)} if number else {}), **kept})


def link(path: str, query: dict[str, str]) -> str:
    """A path with its query."""
    return f"{path}?{urlencode(query, quote_via=quote, safe=',:')}" if query else path


def whole_number(call: Call, name: str, default: int, least: int, most: int) -> int:
    """A number of the query string; one out of range is refused."""
    text = call.query.get(name)
    if text is None or text == "":
        return default
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise illegal(name, text)
    return int(text)


def one_of(call: Call, name: str, values: tuple[str, ...]) -> str:
    """A word of the query string; the first is the default, another than these is refused."""
    text = call.query.get(name) or values[0]
    if text not in values:
        raise illegal(name, text)
    return text


def illegal(name: str, text: str) -> ApiError:
    """A parameter whose value can't be."""
    return ApiError(400, "ILLEGAL_QUERY_PARAMETER_VALUE", f"Invalid value for parameter {name}: {text}")


def batch(viewer: Viewer, ids: str, one: Callable[[Viewer, str], dict[str, Any]]) -> Reply:
    """Several things at once: each has its own status, and a failure spoils no other."""
    results: list[dict[str, Any]] = []
    for each in ids.split(",")[:MAX_BATCH]:
        try:
            results.append({"result": one(viewer, each), "statusCode": 200})
        except ApiError as error:
            results.append({"result": error.body(), "statusCode": error.status})
    return Reply(body={"hasErrors": any(each["statusCode"] != 200 for each in results), "results": results})
