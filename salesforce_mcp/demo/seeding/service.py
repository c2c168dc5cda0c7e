"""Customer service: entitlements, cases with their comments, emails, history and milestones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from salesforce_mcp.demo.seeding.customers import Contact, World
from salesforce_mcp.demo.seeding.writer import DAY, Writer, load

_PRIORITIES = ("Critical", "High", "Medium", "Low")
RESPONSE_MINUTES = {"Critical": 60, "High": 240, "Medium": 1440, "Low": 2880}
"""What the entitlement process promises: minutes to the first response; ten times as long to the solution."""
_FIRST_NUMBER = 1000
_DRAFT, _SENT, _READ = "5", "3", "1"


@dataclass
class _Rows:
    """Rows of what belongs to cases."""

    comments: list[tuple[Any, ...]] = field(default_factory=list)
    emails: list[tuple[Any, ...]] = field(default_factory=list)
    history: list[tuple[Any, ...]] = field(default_factory=list)
    milestones: list[tuple[Any, ...]] = field(default_factory=list)


@dataclass(slots=True)
class _Case:
    """What the parts of one case share."""

    id: str
    number: str
    contact: Contact
    problem: dict[str, str]
    subject: str
    priority: str
    agent: str
    created: int
    response: int | None
    closed: int | None


def seed(writer: Writer, world: World, scale: int) -> None:
    """At a large scale there are `scale` cases, and one in ten has comments, emails, history and milestones."""
    statuses = (("New", False), ("Working", False), ("Escalated", False), ("Closed", True))
    writer.insert_labels(
        "CaseStatus", [(name, {"IsDefault": name == "New", "IsClosed": closed}) for name, closed in statuses]
    )
    entitlements, milestones = _entitlements(writer, world)
    content = load("service")
    count = max(scale, 1050)
    rows, parts = [], _Rows()
    for number, record in enumerate(writer.ids("Case", count)):
        case = _make(writer, world, content["problems"], record, number)
        entitlement = entitlements.get(case.contact.account.id) if case.contact.account else None
        rows.append(_case_row(writer, world, case, entitlement, number))
        if count <= 100_000 or number % 10 == 0:
            _converse(writer, case, content, parts, number)
            if entitlement:
                _measure(case, milestones, parts)
        if len(rows) == 50_000:
            writer.insert_audited("Case", _CASE_COLUMNS, rows)
            rows.clear()
        if len(world.cases) < 20_000:
            world.cases.append(record)
    writer.insert_audited("Case", _CASE_COLUMNS, rows)
    writer.counts["Case.CaseNumber"] = _FIRST_NUMBER + count - 1
    _insert_parts(writer, parts)


def _entitlements(writer: Writer, world: World) -> tuple[dict[str, str], tuple[str, str]]:
    """Entitlements by account, and the two milestone types."""
    hannah, stamp = writer.users["hannah"], writer.stamp(-700 * DAY)
    audit = (stamp, hannah, stamp, hannah)
    first, solved = writer.ids("MilestoneType", 2)
    writer.insert_audited(
        "MilestoneType",
        "Id Name Description",
        [
            (first, "First Response", "A person answers the customer.", *audit),
            (solved, "Resolution Time", None, *audit),
        ],
    )
    process = writer.ids("SlaProcess", 1)[0]
    writer.insert_audited(
        "SlaProcess",
        "Id Name Description IsActive StartDateField IsVersionDefault VersionNumber SobjectType",
        [(process, "Standard Support", None, 1, "CreatedDate", 1, 1, "Case", *audit)],
    )
    accounts = [account for number, account in enumerate(world.accounts[:200]) if number % 2 == 0]
    ids = dict(zip([account.id for account in accounts], writer.ids("Entitlement", len(accounts)), strict=True))
    writer.insert_audited(
        "Entitlement",
        "Id Name AccountId Type StartDate EndDate SlaProcessId",
        [
            (
                ids[account.id], f"{('Gold', 'Silver')[number % 2]} support: {account.name}"[:255], account.id,
                ("Phone Support", "Web Support")[number % 2], writer.day(-400 * DAY),
                writer.day((-30 if number % 9 == 8 else 300) * DAY), process, *audit,
            )
            for number, account in enumerate(accounts)
        ],
    )  # fmt: skip
    return ids, (first, solved)


def _make(writer: Writer, world: World, problems: list[dict[str, str]], record: str, number: int) -> _Case:
    draw = writer.random
    contact = world.contacts[int(len(world.contacts) * draw.random() ** 1.3)]
    problem = problems[draw.randrange(len(problems))]
    city = contact.account.city[0] if contact.account else "home"
    assets = world.assets.get(contact.account.id) if contact.account else None
    product = assets[0][1] if assets else "generator"
    created = writer.past(365, recent=1.8)
    priority = draw.choices(_PRIORITIES, (1, 3, 6, 3))[0]
    target = RESPONSE_MINUTES[priority]
    response: int | None = created + int(target * (0.1 + 1.2 * draw.random() ** 2))
    if number % 23 == 0 or (response is not None and response > writer.now):
        response = None
    solved, length = draw.random() < 0.8, int(target * (0.5 + 9 * draw.random()))
    closed = response + length if response is not None and solved else None
    if closed is not None and closed > writer.now:
        closed = None
    agent = writer.users[draw.choice(("lena", "marcus", "sofia"))]
    subject = problem["subject"].format(product=product, city=city)
    return _Case(
        record, f"{_FIRST_NUMBER + number:08d}", contact, problem, subject, priority, agent, created, response, closed
    )


_CASE_COLUMNS = (
    "Id CaseNumber RecordTypeId ContactId AccountId AssetId EntitlementId SlaStartDate SlaExitDate SuppliedName"
    " SuppliedEmail Type Status Reason Origin Subject Priority Description IsClosed ClosedDate IsEscalated OwnerId"
)


def _case_row(writer: Writer, world: World, case: _Case, entitlement: str | None, number: int) -> tuple[Any, ...]:
    contact, problem, draw = case.contact, case.problem, writer.random
    origin = ("Web", "Email", "Phone", "Phone", "Chat")[draw.randrange(5)]
    escalated = case.closed is None and case.priority in ("Critical", "High") and number % 5 == 0
    if case.closed:
        status, owner = "Closed", case.agent
    elif case.response is None:
        status, owner = "New", writer.users["Tier 1 Support"] if number % 2 else case.agent
    elif escalated:
        status, owner = "Escalated", writer.users["Tier 2 Support"]
    else:
        status, owner = "Working", case.agent
    assets = world.assets.get(contact.account.id) if contact.account else None
    city = contact.account.city[0] if contact.account else "home"
    description = problem["description"].format(product=assets[0][1] if assets else "generator", city=city)
    types = writer.objects["Case"].record_types
    creator = writer.users["integration"] if origin in ("Web", "Email") else case.agent
    last = case.closed or case.response or case.created
    return (
        case.id, case.number, types[problem["reason"] == "Feedback"].id, contact.id,
        contact.account.id if contact.account else None, assets[0][0] if assets and number % 2 else None, entitlement,
        writer.stamp(case.created) if entitlement else None,
        writer.stamp(case.closed) if entitlement and case.closed else None,
        f"{contact.first or ''} {contact.last}".strip() if origin == "Web" else None,
        contact.email if origin in ("Web", "Email") else None,
        problem["type"] if number % 13 else None, status, problem["reason"], origin, case.subject, case.priority,
        description if number % 17 else None, case.closed is not None,
        writer.stamp(case.closed) if case.closed else None, escalated, owner,
        writer.stamp(case.created), creator, writer.stamp(last), case.agent,
    )  # fmt: skip


def _converse(writer: Writer, case: _Case, content: dict[str, Any], parts: _Rows, number: int) -> None:
    """The customer's email, internal notes, the answer, the solution, and the status changes in between."""
    stamp = writer.stamp
    created, agent = stamp(case.created), case.agent
    internal, public = content["internal_comments"], content["public_comments"]
    if number % 3 == 0:
        noted = stamp(min(case.created + 9, writer.now))
        parts.comments.append((case.id, 0, internal[number % len(internal)], noted, agent, noted, agent))
    incoming = case.contact.email if number % 2 == 0 else None
    if incoming:
        parts.emails.append(
            _email(case, case.problem["description"], incoming, _READ, created, writer.users["integration"])
        )
    if case.response is not None:
        answered = stamp(case.response)
        answer = public[number % len(public)]
        if incoming:
            parts.emails.append(_email(case, answer, incoming, _SENT, answered, agent))
        else:
            parts.comments.append((case.id, 1, answer, answered, agent, answered, agent))
        parts.history.append((case.id, agent, answered, "Status", "DynamicEnum", "New", "Working"))
    elif incoming and number % 4 == 0:
        parts.emails.append(_email(case, public[0], incoming, _DRAFT, created, agent))
    if case.closed is not None:
        closed = stamp(case.closed)
        parts.comments.append((case.id, number % 2, case.problem["fix"], closed, agent, closed, agent))
        parts.history.append((case.id, agent, closed, "Status", "DynamicEnum", "Working", "Closed"))
    if number % 7 == 0 and case.response is not None:
        moment = stamp(case.response)
        parts.history.append((case.id, agent, moment, "Priority", "DynamicEnum", "Medium", case.priority))


def _email(case: _Case, text: str, customer: str, status: str, moment: str, sender: str) -> tuple[Any, ...]:
    """One EmailMessage: from the customer when read, else to the customer."""
    received = status == _READ
    body = text.format(product="generator", city="our")
    name = f"{case.contact.first or ''} {case.contact.last}".strip()
    support = "support@kestrel-power.example"
    subject = case.subject if received else f"Re: {case.subject} [{case.number}]"
    html = f"<html><body><p>{body}</p></body></html>"
    return (
        case.id, case.id, body, html, subject, name if received else "Kestrel Support",
        customer if received else support, support if received else customer, received, status,
        None if status == _DRAFT else moment, moment, sender, moment, sender,
    )  # fmt: skip


def _measure(case: _Case, milestones: tuple[str, str], parts: _Rows) -> None:
    """The case's milestones; their moments are made text when they are inserted."""
    target = RESPONSE_MINUTES[case.priority]
    for kind, minutes, done in zip(milestones, (target, target * 10), (case.response, case.closed), strict=True):
        parts.milestones.append((case.id, case.created, case.created + minutes, done, kind, minutes, case.agent))


def _insert_parts(writer: Writer, parts: _Rows) -> None:
    stamp = writer.stamp

    def numbered(sobject: str, rows: list[tuple[Any, ...]], made: Callable[[tuple[Any, ...]], tuple[Any, ...]]) -> Any:
        ids = writer.ids(sobject, len(rows))
        return ((record, *made(row)) for record, row in zip(ids, rows, strict=True))

    writer.insert_audited(
        "CaseComment",
        "Id ParentId IsPublished CommentBody",
        numbered("CaseComment", parts.comments, lambda row: row),
    )
    writer.insert_audited(
        "EmailMessage",
        "Id ParentId RelatedToId TextBody HtmlBody Subject FromName FromAddress ToAddress Incoming Status MessageDate",
        numbered("EmailMessage", parts.emails, lambda row: row),
    )
    writer.insert(
        "CaseHistory",
        "Id CaseId CreatedById CreatedDate Field DataType OldValue NewValue",
        numbered("CaseHistory", parts.history, lambda row: row),
    )
    writer.insert_audited(
        "CaseMilestone",
        "Id CaseId StartDate TargetDate CompletionDate MilestoneTypeId TargetResponseInMins",
        numbered(
            "CaseMilestone",
            parts.milestones,
            lambda row: (
                row[0], stamp(row[1]), stamp(row[2]), stamp(row[3]) if row[3] is not None else None, *row[4:6],
                stamp(row[1]), row[6], stamp(row[3] or row[1]), row[6],
            ),
        ),
    )  # fmt: skip
