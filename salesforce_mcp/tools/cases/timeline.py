"""All that happened on a case, from seven sources, in the order of time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from salesforce_mcp.errors import NetworkError, SalesforceError, SfmcpError
from salesforce_mcp.salesforce import composite
from salesforce_mcp.salesforce.background import Pending
from salesforce_mcp.salesforce.composite import Answer, Part
from salesforce_mcp.soql.binding import bind
from salesforce_mcp.tools.arguments import Cursor, Limit
from salesforce_mcp.tools.cases.arguments import CaseId
from salesforce_mcp.tools.cases.happenings import READERS, Happening
from salesforce_mcp.tools.cases.working import case_path
from salesforce_mcp.tools.context import Context
from salesforce_mcp.tools.registry import tool
from salesforce_mcp.tools.results import Table
from salesforce_mcp.wording import counted

if TYPE_CHECKING:
    from salesforce_mcp.salesforce.client import Client

COLUMNS = ["time", "source", "author", "visibility", "text", "id"]
_UNKNOWN_OBJECT = "INVALID_TYPE"
"""The code of a query of an object that the org doesn't have, or the user may not know of."""


@dataclass(frozen=True)
class _Source:
    """One query. `needed`: fields without which nothing true can be told; `told`: those that may be left out."""

    name: str
    object: str
    needed: tuple[str, ...]
    told: tuple[str, ...]
    rest: str
    resource: str = "query"

    def part(self, client: Client, case_id: str) -> Part:
        told = client.readable(self.object, self.told)
        soql = f"SELECT {', '.join((*self.needed, *told))} FROM {self.object} WHERE {self.rest}"  # noqa: S608 - ours
        return Part(self.name, self.resource, {"q": bind(soql, {"id": case_id})})


_BY = ("CreatedBy.Name",)

# Old activities are archived: only queryAll finds them.
SOURCES = (
    (
        _Source(
            "comments", "CaseComment", ("Id", "IsPublished", "CreatedDate"), ("CommentBody", *_BY), "ParentId = :id"
        ),
        _Source(
            "emails",
            "EmailMessage",
            ("Id", "Incoming", "Status", "MessageDate", "CreatedDate"),
            ("Subject", "TextBody", "HtmlBody", "FromName", "FromAddress", "ToAddress", *_BY),
            "ParentId = :id",
        ),
        _Source(
            "feed",
            "FeedItem",
            (
                "Id",
                "Type",
                "Visibility",
                "CreatedDate",
                "(SELECT Id, CommentBody, CreatedDate, CreatedBy.Name FROM FeedComments)",
            ),
            ("Body", "Title", *_BY),
            "ParentId = :id ORDER BY CreatedDate DESC, Id DESC LIMIT 1000",
        ),
    ),
    (
        _Source(
            "history", "CaseHistory", ("Id", "Field", "CreatedDate"), ("OldValue", "NewValue", *_BY), "CaseId = :id"
        ),
        _Source(
            "tasks",
            "Task",
            ("Id", "CreatedDate"),
            ("Subject", "Description", "Status", "ActivityDate", *_BY),
            "WhatId = :id AND IsDeleted = false",
            "queryAll",
        ),
        _Source(
            "events",
            "Event",
            ("Id", "StartDateTime", "CreatedDate"),
            ("Subject", "Description", *_BY),
            "WhatId = :id AND IsDeleted = false",
            "queryAll",
        ),
        _Source(
            "milestones",
            "CaseMilestone",
            ("Id", "StartDate", "TargetDate", "CompletionDate", "IsViolated"),
            ("MilestoneType.Name",),
            "CaseId = :id",
        ),
    ),
)
"""The queries of the two composite requests."""
MOST_POSTS = 1000


@tool(title="Get case timeline", calls="2 at once", app="timeline")
def get_case_timeline(context: Context, case_id: CaseId, limit: Limit = 200, cursor: Cursor | None = None) -> Table:
    """What happened on a case, oldest first: comments, emails, posts, field changes, tasks, events, milestones, each
    with author and whether the customer sees it.
    """
    if cursor:
        return context.pages.read(cursor)
    client = context.client
    whole = [[source.part(client, case_id) for source in group] for group in SOURCES]
    refused = composite.refused(client, list(chain(*whole)))
    asked = [[part for part in group if part.name not in refused] for group in whole]
    named = client.readable("Case", ("CaseNumber", "Subject", "Status", "CreatedDate"))
    asked[0].insert(0, Part("case", case_path(case_id), {"fields": ",".join(named)}))
    answers = _together(client, list(filter(None, asked)))
    case = answers.pop("case").get()
    happenings, notes, failed = _read(client, answers)
    notes += [f"Left out: {name} ({error.code}: {error.message.strip()})." for name, error in refused.items()]
    # Times are whole seconds, and a case begins with being created.
    ordered = sorted(happenings, key=lambda each: (each.time, each.text != "created", each.id))
    rows = [each.row() for each in ordered]
    state = ", ".join(filter(None, (case.get("CaseNumber") or case_id, case.get("Status"))))
    opened = f"opened {case['CreatedDate']}" if case.get("CreatedDate") else None
    notes.insert(0, f"Case {state}: {'; '.join(filter(None, (case.get('Subject'), opened)))}.")
    return context.pages.first(Table(COLUMNS, rows, total=len(rows), notes=notes, failed=failed), limit)


def _together(client: Client, asked: list[list[Part]]) -> dict[str, Answer]:
    """Send the composite requests at the same time. A request that fails is the failure of all its parts."""
    pending = [Pending(_sender(client, parts)) for parts in asked]
    answers: dict[str, Answer] = {}
    errors: list[SfmcpError] = []
    for parts, each in zip(asked, pending, strict=True):
        try:
            answers |= each.result()
        except (SalesforceError, NetworkError) as error:
            errors.append(error)
            refused = SalesforceError(error.message, code=error.code, hint=error.hint)
            answers |= {part.name: Answer(None, refused) for part in parts}
    if len(errors) == len(asked):
        raise errors[0]
    return answers


def _sender(client: Client, parts: list[Part]) -> Callable[[], dict[str, Answer]]:
    return lambda: composite.send(client, parts)


def _read(client: Client, answers: dict[str, Answer]) -> tuple[list[Happening], list[str], bool]:
    """What all parts tell, what to say of them, and whether one failed."""
    happenings: list[Happening] = []
    notes: list[str] = []
    failed = False
    repeated = 0
    for name, answer in answers.items():
        if answer.error is None:
            try:
                records = list(composite.records(client, answer.body))
            except (SalesforceError, NetworkError) as error:
                answer = Answer(None, SalesforceError(error.message, code=error.code))
            else:
                found = [each for record in records for each in READERS[name](defaultdict(lambda: None, record))]
                happenings += [each for each in found if not each.repeats]
                repeated += sum(each.repeats for each in found)
                if name == "feed" and len(records) == MOST_POSTS:
                    notes.append(f"Only the latest {MOST_POSTS} posts are shown.")
        if answer.error is not None and answer.error.code == _UNKNOWN_OBJECT:
            notes.append(f"No {name}: the org has none, or you have no access to them.")
        elif answer.error is not None:
            failed = True
            notes.append(f"Left out: {name} ({answer.error.code}: {answer.error.message.strip()}).")
    if repeated:
        notes.append(f"Left out: {counted(repeated, 'post')} repeating comments, emails and changes.")
    return happenings, notes, failed
