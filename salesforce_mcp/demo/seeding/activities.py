"""Tasks, events, notes and files."""

from __future__ import annotations

import hashlib
from typing import Any

from salesforce_mcp.demo.seeding.customers import World
from salesforce_mcp.demo.seeding.writer import DAY, Writer

_SUBJECTS = ("Call", "Send Quote", "Send Letter", "Follow up on proposal", "Check satisfaction after repair", "Other")
_MEETINGS = ("Site visit", "Quarterly review", "Demo of remote monitoring", "Contract negotiation", "Meeting")


def seed(writer: Writer, world: World, scale: int) -> None:
    """At a large scale there are half as many tasks as `scale`."""
    statuses = ("Not Started", "In Progress", "Completed", "Waiting on someone else", "Deferred")
    writer.insert_labels(
        "TaskStatus",
        [(each, {"IsDefault": each == "Not Started", "IsClosed": each == "Completed"}) for each in statuses],
    )
    priorities = ("High", "Normal", "Low")
    writer.insert_labels(
        "TaskPriority",
        [(each, {"IsDefault": each == "Normal", "IsHighPriority": each == "High"}) for each in priorities],
    )
    _tasks(writer, world, max(scale // 2, 420))
    _events(writer, world)
    _notes(writer, world)
    _files(writer, world)


def _related(writer: Writer, world: World, number: int) -> tuple[str | None, str | None, str | None, str]:
    """Whom and what an activity is about: WhoId, WhatId, AccountId and owner."""
    if number % 10 == 9:
        return world.leads[number % len(world.leads)], None, None, writer.users["stan"]
    contact = world.contacts[number * 3 % len(world.contacts)]
    account = contact.account
    owner = account.owner if account else writer.users["stan"]
    what = (
        world.opportunities[number % len(world.opportunities)][0],
        world.cases[number % len(world.cases)],
        account.id if account else None,
        None,
    )[number % 4]
    return contact.id, what, account.id if account else None, owner


def _tasks(writer: Writer, world: World, count: int) -> None:
    draw = writer.random

    def row(number: int, record: str) -> tuple[Any, ...]:
        who, what, account, owner = _related(writer, world, number)
        created = writer.past(180, recent=1.5)
        due = created + draw.randrange(1, 30) * DAY
        diligent = draw.random() < 0.85
        done = diligent and due < writer.now
        status = "Completed" if done else ("Not Started", "In Progress", "Waiting on someone else")[number % 3]
        call = number % 6 == 0
        changed = min(due, writer.now) if done else created
        return (
            record, who, what, _SUBJECTS[number % len(_SUBJECTS)], writer.day(due) if number % 15 else None, status,
            ("Normal", "High", "Normal", "Low")[number % 4], owner,
            "Asked for references, \"the bigger the better\"." if number % 8 == 0 else None, account, done,
            180 + number if call else None, "Outbound" if call else None, "Call" if call else "Task",
            writer.stamp(changed) if done else None,
            writer.stamp(created), owner, writer.stamp(changed), owner,
        )  # fmt: skip

    writer.insert_audited(
        "Task",
        "Id WhoId WhatId Subject ActivityDate Status Priority OwnerId Description AccountId IsClosed"
        " CallDurationInSeconds CallType TaskSubtype CompletedDateTime",
        (row(number, record) for number, record in enumerate(writer.ids("Task", count))),
    )


def _events(writer: Writer, world: World) -> None:
    rows = []
    for number, record in enumerate(writer.ids("Event", 160)):
        who, what, account, owner = _related(writer, world, number * 5)
        start = (number % 75 - 45) * DAY + (15 + number % 8) * 60
        whole_day = number % 20 == 19
        if whole_day:
            start -= start % DAY
        length = DAY if whole_day else 30 * (1 + number % 4)
        created = writer.stamp(min(start - 7 * DAY, writer.now - 60))
        rows.append(
            (
                record, who, what, _MEETINGS[number % len(_MEETINGS)],
                ("Their office", "Video call", None)[number % 3], whole_day, writer.stamp(start)[:17] + "00.000+0000",
                writer.day(start), length, writer.stamp(start)[:17] + "00.000+0000",
                writer.stamp(start + length)[:17] + "00.000+0000", account, owner, "Busy", "Event", "0",
                created, owner, created, owner,
            )
        )  # fmt: skip
    writer.insert_audited(
        "Event",
        "Id WhoId WhatId Subject Location IsAllDayEvent ActivityDateTime ActivityDate DurationInMinutes StartDateTime"
        " EndDateTime AccountId OwnerId ShowAs EventSubtype GroupEventType",
        rows,
    )


def _notes(writer: Writer, world: World) -> None:
    rows = []
    for number, record in enumerate(writer.ids("Note", 30)):
        account = world.accounts[number * 3]
        stamp = writer.stamp(writer.past(200))
        text = 'Gate code 4711.\nDogs on the site, "friendly" ones.' if number % 2 else "Budget is fixed in October."
        rows.append(
            (
                record,
                account.id,
                "Site access" if number % 2 else "Budget",
                text,
                account.owner,
                stamp,
                account.owner,
                stamp,
                account.owner,
            )
        )
    writer.insert_audited("Note", "Id ParentId Title Body OwnerId", rows)


def _files(writer: Writer, world: World) -> None:
    """A few small files, attached to accounts, opportunities and cases."""
    targets = [world.accounts[0].id, world.opportunities[0][0], *world.cases[:8]]
    documents, versions, links = [], [], []
    for number, target in enumerate(targets):
        document, version = writer.ids("ContentDocument", 1)[0], writer.ids("ContentVersion", 1)[0]
        own, shared = writer.ids("ContentDocumentLink", 2)
        title = ("Data sheet GC5060", "Site plan", "Photo of the panel", "Meter readings")[number % 4]
        data = f"{title}\r\nhour,load\r\n0,{40 + number}\r\n1,{43 + number}\r\n".encode()
        owner, stamp = writer.users["marcus"], writer.stamp(writer.past(60))
        audit = (stamp, owner, stamp, owner)
        documents.append((document, owner, title, "P", version, len(data), "CSV", "csv", "A", "N", stamp, *audit))
        versions.append(
            (
                version, document, 1, "1", title, "A", "N", f"{title}.csv", owner, stamp, owner, "CSV", "P", data,
                len(data), "csv", target, "H", "S", hashlib.md5(data, usedforsecurity=False).hexdigest(), 1, *audit,
            )
        )  # fmt: skip
        links += [(own, owner, document, stamp, "I", "AllUsers"), (shared, target, document, stamp, "V", "AllUsers")]
    writer.insert_audited(
        "ContentDocument",
        "Id OwnerId Title PublishStatus LatestPublishedVersionId ContentSize FileType FileExtension SharingOption"
        " SharingPrivacy ContentModifiedDate",
        documents,
    )
    writer.insert_audited(
        "ContentVersion",
        "Id ContentDocumentId IsLatest VersionNumber Title SharingOption SharingPrivacy PathOnClient OwnerId"
        " ContentModifiedDate ContentModifiedById FileType PublishStatus VersionData ContentSize FileExtension"
        " FirstPublishLocationId Origin ContentLocation Checksum IsMajorVersion",
        versions,
    )
    writer.insert(
        "ContentDocumentLink", "Id LinkedEntityId ContentDocumentId SystemModstamp ShareType Visibility", links
    )
