"""What has to be read of a period's cases to measure their first responses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from salesforce_mcp.salesforce import composite
from salesforce_mcp.soql.binding import bind
from salesforce_mcp.tools.service_metrics.business_hours import ALWAYS, DAYS, BusinessHours, parse
from salesforce_mcp.tools.service_metrics.period import Period
from salesforce_mcp.tools.service_metrics.responses import Case, Milestone

if TYPE_CHECKING:
    from salesforce_mcp.salesforce.client import Client

_NO_SUCH_OBJECT = "INVALID_TYPE"
_NAMES = {"hours": "business hours"}

# A customer's own comment is by a portal user; what a rule sends is by no user: Standard is whoever works here.
_OF_PERIOD = {
    "cases": "SELECT Id, Priority, CreatedDate FROM Case WHERE CreatedDate >= :start AND CreatedDate < :end",
    "comments": "SELECT ParentId, CreatedDate FROM CaseComment WHERE IsPublished = true"
    " AND CreatedBy.UserType = 'Standard' AND Parent.CreatedDate >= :start AND Parent.CreatedDate < :end",
    "emails": "SELECT ParentId, CreatedDate, MessageDate FROM EmailMessage WHERE Incoming = false AND Status = '3'"
    " AND CreatedBy.UserType = 'Standard' AND Parent.CreatedDate >= :start AND Parent.CreatedDate < :end",
    "milestones": "SELECT CaseId, TargetDate, CompletionDate FROM CaseMilestone"
    " WHERE MilestoneType.Name LIKE '%respon%' AND Case.CreatedDate >= :start AND Case.CreatedDate < :end",
}
_TIMES = ", ".join(f"{day}StartTime, {day}EndTime" for day in DAYS)
_HOURS = "SELECT Id, Name, IsDefault, TimeZoneSidKey, " + _TIMES + " FROM BusinessHours WHERE IsActive = true"  # noqa: S608 - names of ours


@dataclass
class Reading:
    """What is read of a period's cases: one composite request, and the further pages of its parts."""

    client: Client
    period: Period
    notes: list[str] = field(default_factory=list)
    failed: bool = False
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def fetch(self) -> None:
        """Fetch everything. Only the cases themselves can't be done without."""
        answers = composite.send(self.client, [composite.query(name, soql) for name, soql in self._queries().items()])
        for name, answer in answers.items():
            error = None if name == "cases" else answer.error
            self.rows[name] = [] if error else list(composite.records(self.client, answer.get()))
            if error and error.code == _NO_SUCH_OBJECT:
                self.notes.append(f"No {_NAMES.get(name, name)}: the org has none, or you have no access to them.")
            elif error:
                self.failed = True
                self.notes.append(f"Left out: {_NAMES.get(name, name)} ({error.code}: {error.message.strip()}).")

    def _queries(self) -> dict[str, str]:
        described = {each["name"] for each in self.client.describe("Case")["fields"]}
        moments = {"start": self.period.start, "end": self.period.end}
        queries = {name: bind(soql, moments) for name, soql in _OF_PERIOD.items()}
        if "BusinessHoursId" in described:
            queries["cases"] = queries["cases"].replace("SELECT Id", "SELECT Id, BusinessHoursId", 1)
        return {**queries, "hours": _HOURS}

    def cases(self, wanted: Iterable[str]) -> tuple[list[Case], Counter[str]]:
        """The cases of the priorities wanted, and how many others there are by priority."""
        priorities = {name.lower(): name for name in wanted}
        responded = self._first_responses()
        milestones = self._milestones()
        default, by_id = self._hours()
        cases: list[Case] = []
        others: Counter[str] = Counter()
        for row in self.rows["cases"]:
            priority = priorities.get(str(row["Priority"]).lower())
            if priority is None:
                others[row["Priority"] or "no priority"] += 1
                continue
            hours = by_id.get(row.get("BusinessHoursId") or "", default)
            record = row["Id"]
            created = moment(row["CreatedDate"])
            cases.append(Case(priority, created, responded.get(record), hours, milestones.get(record)))
        return cases, others

    def _first_responses(self) -> dict[str, datetime]:
        first: dict[str, datetime] = {}
        for row in (*self.rows["comments"], *self.rows["emails"]):
            at = moment(row.get("MessageDate") or row["CreatedDate"])
            first[row["ParentId"]] = min(at, first.get(row["ParentId"], at))
        return first

    def _milestones(self) -> dict[str, Milestone]:
        """The first response of each case; where several milestones are called so, the one that is due first."""
        found: dict[str, Milestone] = {}
        for row in self.rows["milestones"]:
            done = row["CompletionDate"]
            each = Milestone(moment(row["TargetDate"]), moment(done) if done else None)
            known = found.get(row["CaseId"])
            if known is None or each.target < known.target:
                found[row["CaseId"]] = each
        return found

    def _hours(self) -> tuple[BusinessHours, dict[str, BusinessHours]]:
        """The org's default hours, and all by Id."""
        by_id = {row["Id"]: parse(row) for row in self.rows["hours"]}
        default = next((by_id[row["Id"]] for row in self.rows["hours"] if row["IsDefault"]), ALWAYS)
        if default.always and all(each.always for each in by_id.values()):
            self.notes.append("Time runs around the clock.")
        else:
            self.notes.append(
                f"Time runs in business hours ({default.name} where the case names none); holidays count as working"
                " days, for Salesforce doesn't tell which hours they belong to."
            )
        return default, by_id


def moment(text: str) -> datetime:
    """A moment as Salesforce writes it: 2026-01-31T09:00:00.000+0000."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%f%z")
