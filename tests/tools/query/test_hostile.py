"""An org that answers with anything: the tools return a result or a clear error, never a traceback."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from salesforce_mcp.errors import SfmcpError
from tests.salesforce.scripted import ScriptedOrg, ok

KEYS = st.sampled_from(
    [
        "records",
        "totalSize",
        "done",
        "nextRecordsUrl",
        "attributes",
        "type",
        "Id",
        "Owner",
        "searchRecords",
        "plans",
        "notes",
        "fields",
        "relativeCost",
        "errorCode",
        "message",
        "success",
        "errors",
    ]
)
LEAVES = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False) | st.text(max_size=8)
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS | st.text(max_size=5), inner, max_size=6),
    max_leaves=25,
)
FEW = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@FEW
@given(body=ANYTHING, status=st.sampled_from([200, 200, 200, 300, 400, 404, 500]))
def test_query(org: ScriptedOrg, shown: Callable[..., str], body: Any, status: int) -> None:
    org.on("GET query", ok(body, status))
    with suppress(SfmcpError):
        shown("query", soql="SELECT Id, Owner.Name, (SELECT Id FROM Contacts) FROM Account")


@FEW
@given(records=st.lists(st.dictionaries(KEYS, ANYTHING, max_size=5), max_size=4), following=ANYTHING)
def test_query_with_strange_records(org: ScriptedOrg, shown: Callable[..., str], records: Any, following: Any) -> None:
    org.on("GET query", ok({"totalSize": len(records), "done": False, "records": records, "nextRecordsUrl": following}))
    with suppress(SfmcpError):
        shown("query", soql="SELECT Id, Owner.Name FROM Account")


@FEW
@given(body=ANYTHING)
def test_search(org: ScriptedOrg, shown: Callable[..., str], body: Any) -> None:
    org.on("GET search", ok(body))
    with suppress(SfmcpError):
        shown("search", sosl="FIND {x}")


@FEW
@given(body=ANYTHING)
def test_explain(org: ScriptedOrg, shown: Callable[..., str], body: Any) -> None:
    org.on("GET query", ok(body))
    with suppress(SfmcpError):
        shown("explain_query", soql="SELECT Id FROM Account")
