"""Reports, dashboards, their folders, and list views.

What a report shows lies in `server_state` under the kind `report`, keyed by the report's Id: the parts of its metadata
that aren't in its row, as the Analytics API writes them (demo/analytics/definitions.py), with the name of the report
type. Of a dashboard it is the kind `dashboard`: the Ids of its `components`, and its `filters` as its metadata has
them, with the `column` of the reports that each is for.
"""

from __future__ import annotations

import json
from itertools import count
from typing import Any

from salesforce_mcp.demo.schema import record_id
from salesforce_mcp.demo.seeding.writer import DAY, Writer, load

_LIST_VIEWS = (
    ("All Accounts", "AllAccounts", "Account"), ("My Accounts", "MyAccounts", "Account"),
    ("All Contacts", "AllContacts", "Contact"), ("All Open Cases", "AllOpenCases", "Case"),
    ("My Open Cases", "MyOpenCases", "Case"), ("All Opportunities", "AllOpportunities", "Opportunity"),
    ("My Opportunities", "MyOpportunities", "Opportunity"), ("Today's Leads", "TodaysLeads", "Lead"),
)  # fmt: skip
_VIEWED = {
    "ada": (
        ("Report", "Opportunity Pipeline by Stage"), ("Dashboard", "Service Overview"),
        ("Report", "Open Cases by Priority"), ("Report", "Board Forecast"),
    ),
    "stan": (("Report", "Stan's Deals"), ("Dashboard", "Sales Overview")),
}  # fmt: skip


def seed(writer: Writer) -> None:
    """Reports first: dashboards show them."""
    content = load("reports")
    ada = writer.users["ada"]
    stamp = writer.stamp(-200 * DAY)
    audit = (stamp, ada, stamp, ada)
    folders = dict(zip([each[0] for each in content["folders"]], writer.ids("Folder", 4), strict=True))
    writer.insert_audited(
        "Folder",
        "Id Name DeveloperName AccessType IsReadonly Type",
        [
            (folders[name], name, developer, access, 0, kind, *audit)
            for name, developer, kind, access in content["folders"]
        ],
    )
    reports = _reports(writer, content["reports"], folders)
    dashboards = _dashboards(writer, content["dashboards"], folders["Service Dashboards"], reports)
    _viewed(writer, {"Report": reports, "Dashboard": dashboards})
    writer.insert_audited(
        "ListView",
        "Id Name DeveloperName SobjectType IsSoqlCompatible",
        [
            (record, *view, 1, *audit)
            for record, view in zip(writer.ids("ListView", len(_LIST_VIEWS)), _LIST_VIEWS, strict=True)
        ],
    )


def _reports(writer: Writer, reports: list[dict[str, Any]], folders: dict[str, str]) -> dict[str, str]:
    ids = dict(zip([each["name"] for each in reports], writer.ids("Report", len(reports)), strict=True))
    rows = []
    for number, report in enumerate(reports):
        private = report["folder"] not in folders
        owner = writer.users[report["folder"]] if private else folders[report["folder"]]
        user = writer.users["stan" if private else "hannah" if report["folder"] == "Service Reports" else "priya"]
        created = writer.stamp(-(150 - number) * DAY)
        run = writer.stamp(report["run"] * DAY if "run" in report else writer.past(10))
        rows.append(
            (
                ids[report["name"]], owner, "Private Reports" if private else report["folder"], report["name"],
                "".join(letter if letter.isalnum() else "_" for letter in report["name"]),
                report.get("description"), run, report["format"],
                created, user, created, user,
            )
        )  # fmt: skip
    writer.insert_audited("Report", "Id OwnerId FolderName Name DeveloperName Description LastRunDate Format", rows)
    _state(writer, "report", {ids[report["name"]]: report["definition"] for report in reports})
    return ids


def _dashboards(
    writer: Writer, dashboards: list[dict[str, Any]], folder: str, reports: dict[str, str]
) -> dict[str, str]:
    hannah = writer.users["hannah"]
    rows, components, states = [], [], {}
    options = count(1)
    for record, dashboard in zip(writer.ids("Dashboard", len(dashboards)), dashboards, strict=True):
        title, developer_name, shown = dashboard["title"], dashboard["name"], dashboard["reports"]
        stamp = writer.stamp(-100 * DAY)
        rows.append(
            (
                record, folder, title, developer_name, None, "Medium", "Medium", "Medium", hannah, 0, 12, 0, 16777215,
                16777215, "Diagonal", "SpecifiedUser", "unity", "light", stamp, hannah, stamp, hannah,
            )
        )  # fmt: skip
        own = writer.ids("DashboardComponent", len(shown))
        components += [(part, name, record, reports[name]) for part, name in zip(own, shown, strict=True)]
        for option in (option for each in dashboard["filters"] for option in each["options"]):
            option["id"] = record_id("0IC", next(options))
        states[record] = {"components": own, "filters": dashboard["filters"]}
    writer.insert_audited(
        "Dashboard",
        "Id FolderId Title DeveloperName Description LeftSize MiddleSize RightSize RunningUserId TitleColor TitleSize"
        " TextColor BackgroundStart BackgroundEnd BackgroundDirection Type ColorPalette ChartTheme",
        rows,
    )
    writer.insert("DashboardComponent", "Id Name DashboardId CustomReportId", components)
    _state(writer, "dashboard", states)
    return {each["title"]: record for record, each in zip(states, dashboards, strict=True)}


def _viewed(writer: Writer, records: dict[str, dict[str, str]]) -> None:
    """What the two users who can log in looked at some days ago."""
    rows = []
    for user, names in _VIEWED.items():
        for number, (kind, name) in enumerate(names):
            moment = writer.stamp(writer.now - (number + 2) * DAY)
            rows.append((writer.users[user], records[kind][name], kind, name, moment, moment))
    writer.connection.executemany("INSERT INTO recently_viewed VALUES (?, ?, ?, ?, ?, ?)", rows)


def _state(writer: Writer, kind: str, values: dict[str, dict[str, Any]]) -> None:
    writer.connection.executemany(
        "INSERT INTO server_state (kind, key, value) VALUES (?, ?, ?)",
        [(kind, key, json.dumps(value, ensure_ascii=False).encode()) for key, value in values.items()],
    )
