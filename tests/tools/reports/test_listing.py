from __future__ import annotations

import pytest

from tests.salesforce.scripted import ScriptedOrg, page
from tests.tools.conftest import Call


def test_all_reports_by_name(org: ScriptedOrg, call: Call) -> None:
    org.on("GET query", page({"Id": "00O1", "Name": "Pipeline", "FolderName": "Sales"}, total=1))
    table = call("list_reports").as_dict()
    assert table["rows"][0][:3] == ["00O1", "Pipeline", "Sales"]
    assert org.seen[-1].query["q"].endswith("FROM Report ORDER BY Name, Id")


def test_recent_ones_of_a_folder_with_a_name(org: ScriptedOrg, call: Call) -> None:
    org.on("GET query", page())
    call("list_reports", filter="50%_O'Neil", folder="Sales' reports", recent=True)
    assert (
        org.seen[-1]
        .query["q"]
        .endswith(
            "FROM Report WHERE Name LIKE '%50\\%\\_O\\'Neil%' AND FolderName = 'Sales\\' reports' "
            "AND LastViewedDate != null ORDER BY LastViewedDate DESC"
        )
    )


@pytest.mark.parametrize("tool", ["list_reports", "list_dashboards"])
def test_lists_are_paged_over_the_locator(org: ScriptedOrg, call: Call, tool: str) -> None:
    following = "/services/data/v66.0/query/01g000000000001AAA-200"
    org.on("GET query", page(*({"Id": str(n)} for n in range(200)), total=250, following=following))
    org.on(f"GET {following}", page(*({"Id": str(n)} for n in range(200, 250)), total=250))
    table = call(tool, limit=150).as_dict()
    seen = [row[0] for row in table["rows"]]
    while table["cursor"]:
        table = call(tool, cursor=table["cursor"]).as_dict()
        seen += [row[0] for row in table["rows"]]
    assert seen == [str(n) for n in range(250)]
    assert table["total"] == 250


def test_dashboards_are_listed_by_title(org: ScriptedOrg, call: Call) -> None:
    org.on("GET query", page({"Id": "01Z1", "Title": "Sales"}))
    call("list_dashboards", filter="Sal")
    assert org.seen[-1].query["q"].endswith("FROM Dashboard WHERE Title LIKE '%Sal%' ORDER BY Title, Id")
