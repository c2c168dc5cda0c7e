"""`/query`, `/queryAll` and their further pages, with `?explain=`; the same of the Tooling API.

Source: REST API Developer Guide, "Query", "Query More Results", "QueryAll", "Query Options Header", "Query Performance
Feedback"; Tooling API, "REST Resources".
"""

from __future__ import annotations

import re

from salesforce_mcp.demo import columns
from salesforce_mcp.demo.errors import ApiError
from salesforce_mcp.demo.explain import explain
from salesforce_mcp.demo.http import Call, Reply, resource
from salesforce_mcp.demo.query import BATCH_SIZE, next_page, run_query

SMALLEST_BATCH = 200
_BATCH = re.compile(r"\bbatchSize\s*=\s*(\d{1,9})", re.IGNORECASE)


def query(call: Call) -> Reply:
    """Run a statement, or say how it would be run."""
    if "explain" in call.query:
        return Reply(body=explain(call.store, call.user, call.query["explain"], version=call.version))
    return _run(call, include_deleted=False)


def query_all(call: Call) -> Reply:
    """Run a statement over deleted records too."""
    return _run(call, include_deleted=True)


def tooling_query(call: Call) -> Reply:
    """Run a statement as the Tooling API does."""
    return _run(call, include_deleted=False, tooling=True)


def more(call: Call) -> Reply:
    """The next page of a locator."""
    return Reply(body=next_page(call.store, call.user, call.params["locator"], version=call.version))


def batch_size(call: Call) -> int:
    """The page size that `Sforce-Query-Options` asks for, within its bounds."""
    match = _BATCH.search(call.headers.get("sforce-query-options", ""))
    return min(max(int(match[1]), SMALLEST_BATCH), BATCH_SIZE) if match else BATCH_SIZE


def _run(call: Call, *, include_deleted: bool, tooling: bool = False) -> Reply:
    soql = call.query.get("q")
    if soql is None:
        raise ApiError(400, "MALFORMED_QUERY", "SOQL query is required, use parameter 'q'")
    if call.query.get("columns", "").lower() == "true":
        return Reply(body=columns.describe(call.store, call.user, soql, version=call.version, tooling=tooling))
    body = run_query(
        call.store,
        call.user,
        soql,
        include_deleted=include_deleted,
        batch_size=batch_size(call),
        version=call.version,
        tooling=tooling,
    )
    return Reply(body=body)


routes = [
    resource("GET", "/query", query),
    resource("GET", "/query/{locator}", more),
    resource("GET", "/queryAll", query_all),
    resource("GET", "/queryAll/{locator}", more),
    resource("GET", "/tooling/query", tooling_query),
    resource("GET", "/tooling/query/{locator}", more),
]
