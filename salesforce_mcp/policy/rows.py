"""How many rows requests bring, against `limits.rows`: those of queries with their child rows, of searches and reports.

Child rows are known only page by page. The pages of a query are counted together, those of its child results too, so
that no query brings more by being read on; a page that is read twice counts once.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from salesforce_mcp.errors import PolicyError

if TYPE_CHECKING:
    from salesforce_mcp.salesforce.client import Client
    from salesforce_mcp.salesforce.guard import Asked, Clean

_FOUND = re.compile(r"jobs/query/(\w+)/result\w+", re.ASCII)
_PAGE = re.compile(r"(?:tooling/)?query(?:All)?/(\w+)-\d+", re.ASCII)
_SUBQUERY = re.compile(r"\(\s*SELECT\b", re.IGNORECASE)
_MOST_LOCATORS = 10_000
"""Locators whose counts are kept; what goes on with an older one is as one that another process began."""

Counts = dict[str, int]
"""Rows by the page that they came on."""


class Rows:
    """The rows that one client reads. `most`: how many one query, search or report may bring."""

    def __init__(self, most: int, client: Client) -> None:
        self._most = most
        self._client = client
        self._small: set[str] = set()
        """Bulk queries that brought no more rows than are allowed."""
        self._counts: dict[str, Counts | None] = {}
        """What each locator's query has brought so far; None for one without child queries, which its first page told.
        """
        self._lock = threading.Lock()

    def before(self, asked: Asked, path: str) -> Clean | None:
        """Refuse a bulk query that may bring too many rows; look how many others found. `path`: below the version.

        Raises PolicyError ROW_LIMIT.
        """
        if path == "jobs/query" and asked.method == "POST":
            from salesforce_mcp.policy.statements import too_many
            from salesforce_mcp.soql.parser import parse

            reason = too_many(self._most, parse(str((asked.body or {}).get("query"))))
            if reason:
                raise PolicyError(reason, code="ROW_LIMIT")
        elif (job := _FOUND.fullmatch(path)) and job[1] not in self._small:
            found = self._client.look(f"jobs/query/{job[1]}").json().get("numberRecordsProcessed")
            hint = f"End the query with LIMIT {self._most}, or narrow it."
            self._few_enough(int(found or 0), "The bulk query", hint)
            self._small.add(job[1])
        elif path.startswith("jobs/") or path == "recent":
            return None
        elif page := _PAGE.fullmatch(path):
            if self._counts.get(page[1], {}) is not None:
                return partial(self._page, page[1], page[0])
        elif path.startswith(("composite", "tooling/composite")):
            _without_pages(asked)
            return self._parts
        else:
            soql = (asked.params or {}).get("q")
            return partial(self._answer, alone=soql is not None and not _SUBQUERY.search(str(soql)))
        return None

    def _answer(self, answer: Any, *, alone: bool = False) -> Any:
        """An answer that brings few enough rows. `alone`: its query has no child queries."""
        if isinstance(answer, list):  # a search, of an older API version
            self._search([each for each in answer if isinstance(each, dict) and "attributes" in each])
        if not isinstance(answer, dict):
            return answer
        if answer.get("records") and isinstance(answer.get("totalSize"), int):
            self._query(answer, alone=alone)
        if isinstance(answer.get("searchRecords"), list):
            self._search(answer["searchRecords"])
        if isinstance(answer.get("factMap"), dict):
            rows = sum(len(cell.get("rows") or ()) for cell in answer["factMap"].values())
            self._few_enough(rows, "The report", "Leave out its details, or narrow it with filters.")
        return answer

    def _parts(self, answer: Any) -> Any:
        """The answer of a composite request, with an error in the place of what brings too many rows.

        The other parts are done: nobody would learn what became of them if all were refused.
        """
        if isinstance(answer, list):
            return [self._parts(each) for each in answer]
        if not isinstance(answer, dict):
            return answer
        for body, status in (("body", "httpStatusCode"), ("result", "statusCode")):
            if body in answer and status in answer:
                try:
                    self._answer(answer[body])
                except PolicyError as error:
                    words = " ".join(filter(None, (error.message, error.hint)))
                    return {**answer, body: [{"errorCode": error.code, "message": words}], status: 403}
                return answer
        return {name: self._parts(value) for name, value in answer.items()}

    def _search(self, records: list[Any]) -> None:
        self._few_enough(len(records), "The search", f"Give it LIMIT {self._most}, or search for more words.")

    def _query(self, answer: Mapping[str, Any], *, alone: bool) -> None:
        """The first page of a query: of all its rows, and of the child rows on it."""
        counts: Counts = {"": answer["totalSize"]}
        self._few_enough(counts[""], "The query", f"End the query with LIMIT {self._most}, or narrow it.")
        if alone:
            self._keep([answer], None)
        else:
            self._count(counts, "first", answer)

    def _page(self, locator: str, page: str, answer: Any) -> Any:
        """A later page, of a query or of a child result."""
        if not isinstance(answer, dict) or not isinstance(answer.get("records"), list):
            return answer
        counts = self._counts.get(locator)
        if counts is not None:
            self._count(counts, page, answer)
            return answer
        self._few_enough(int(answer.get("totalSize") or 0), "The query", "Narrow it.")
        if any(_children(answer)):
            raise PolicyError(
                "This query's child rows can't be counted: another process has begun it.",
                code="ROW_LIMIT",
                hint="Run the query again.",
            )
        return answer

    def _count(self, counts: Counts, page: str, answer: Mapping[str, Any]) -> None:
        found = list(_children(answer))
        with self._lock:
            counts[page] = sum(_size(each) for each in found)
            self._keep([answer, *found], counts)
            rows = sum(counts.values())
        hint = f"Give it and its child queries a LIMIT: at most {self._most:,} rows in all."
        self._few_enough(rows, "The query, with its child rows so far,", hint)

    def _keep(self, results: list[Mapping[str, Any]], counts: Counts | None) -> None:
        """Remember by which locators these results go on."""
        for each in results:
            name = str(each.get("nextRecordsUrl") or "").rpartition("/")[2].rpartition("-")[0]
            if name:
                self._counts[name] = counts
        while len(self._counts) > _MOST_LOCATORS:
            del self._counts[next(iter(self._counts))]

    def _few_enough(self, rows: int, what: str, hint: str) -> None:
        if rows > self._most:
            words = f"{what} finds {rows:,} rows, and at most {self._most:,} may be read."
            raise PolicyError(words, code="ROW_LIMIT", hint=hint or None)


def _children(result: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The results of child queries in a page's records, those of their records too."""
    for record in result["records"]:
        for value in record.values() if isinstance(record, dict) else ():
            if isinstance(value, dict) and isinstance(value.get("records"), list):
                yield value
                yield from _children(value)


def _size(result: Mapping[str, Any]) -> int:
    """All rows of a child result, those on later pages too."""
    total = result.get("totalSize")
    return max(total if isinstance(total, int) else 0, len(result["records"]))


def _without_pages(asked: Asked) -> None:
    """Raise PolicyError for a composite request that goes on with a query: what it has brought isn't counted there."""
    from salesforce_mcp.policy.calls import Call, inside

    for part in inside(Call.of(asked.method, asked.path, asked.params, asked.body)):
        if _PAGE.fullmatch("/".join(part.path)):
            raise PolicyError(
                "A later page of a query can't be read inside a composite request where rows are limited.",
                code="ROW_LIMIT",
                hint="query_more goes on with a query.",
            )
