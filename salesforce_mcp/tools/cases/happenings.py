"""Records of a case's sources as what happened: when, who, seen by whom, and what."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from html import unescape
from typing import Any

MAX_TEXT = 1000
"""Characters shown of one text; what is cut is said in its place."""
DRAFT = "5"
"""Status of an email that was never sent."""
_EMAIL_STATES = {"0": "new", "1": "read", "2": "replied", "3": "sent", "4": "forwarded", DRAFT: "draft"}
_ECHOES = frozenset(
    {
        "ActivityEvent", "CallLogPost", "CaseCommentPost", "ChangeStatusPost", "CreateRecordEvent", "EmailMessageEvent",
        "MilestoneEvent", "TrackedChange",
    }
)  # fmt: skip
"""Feed items that Salesforce makes itself of what the other sources tell."""
# Anybody can send an email: nothing here looks further ahead than it takes away, however it is written.
_TAG = re.compile(r"<(script|style)\b.*?(?:</\1\s*>|\Z)|<[^<>]*>", re.DOTALL | re.IGNORECASE)
_SPACES = re.compile(r"[ \t\r\f\v\xa0]*\n\s*|[ \t\r\f\v\xa0]+")


@dataclass(frozen=True)
class Happening:
    """One line of a timeline. `time` as Salesforce writes it, in UTC, so that its order is the order of time.

    `repeats`: another source tells the same.
    """

    time: str
    source: str
    author: str | None
    public: bool
    text: str
    id: str
    repeats: bool = False

    def row(self) -> list[Any]:
        """The row of the timeline."""
        return [self.time, self.source, self.author, "public" if self.public else "internal", self.text, self.id]


def plain(html: str) -> str:
    """The text of some HTML."""
    return unescape(_TAG.sub(" ", html)).strip()


def shortened(text: str | None) -> str:
    """A text on one line, or its beginning and how long it is."""
    whole = _SPACES.sub(lambda space: "\n" if "\n" in space[0] else " ", (text or "").strip())
    return whole if len(whole) <= MAX_TEXT else f"{whole[:MAX_TEXT]}... ({len(whole)} characters)"


def _author(record: Mapping[str, Any]) -> str | None:
    return (record.get("CreatedBy") or {}).get("Name")


def _joined(*texts: Any) -> str:
    return ": ".join(str(text) for text in texts if text)


def _comment(record: dict[str, Any]) -> Iterator[Happening]:
    text = shortened(record["CommentBody"])
    yield Happening(record["CreatedDate"], "comment", _author(record), record["IsPublished"], text, record["Id"])


def _email(record: dict[str, Any]) -> Iterator[Happening]:
    state = str(record["Status"])
    body = record["TextBody"] or plain(record["HtmlBody"] or "")
    if record["Incoming"]:
        kind, author = "email in", record["FromName"] or record["FromAddress"]
    else:
        kind = "email draft" if state == DRAFT else "email out"
        author = _author(record) or record["FromName"]
    to = f"to {record['ToAddress']}" if record["ToAddress"] and not record["Incoming"] else None
    known = _EMAIL_STATES.get(state)
    note = f"({known})" if known in ("new", "replied", "forwarded") else None
    text = shortened(_joined(" ".join(filter(None, (to, note))), record["Subject"], body))
    time = record["MessageDate"] or record["CreatedDate"]
    yield Happening(time, kind, author, state != DRAFT, text, record["Id"])


def _post(record: dict[str, Any]) -> Iterator[Happening]:
    public = record["Visibility"] == "AllUsers"
    text = shortened(_joined(record["Title"], plain(record["Body"] or "")))
    echo = record["Type"] in _ECHOES
    yield Happening(record["CreatedDate"], "post", _author(record), public, text, record["Id"], repeats=echo)
    for comment in (record["FeedComments"] or {}).get("records", ()):
        said = shortened(plain(comment["CommentBody"] or ""))
        yield Happening(comment["CreatedDate"], "post comment", _author(comment), public, said, comment["Id"])


def _change(record: dict[str, Any]) -> Iterator[Happening]:
    old, new = ("(empty)" if record[name] is None else record[name] for name in ("OldValue", "NewValue"))
    text = record["Field"] if (old, new) == ("(empty)", "(empty)") else f"{record['Field']}: {old} -> {new}"
    yield Happening(record["CreatedDate"], "change", _author(record), False, shortened(text), record["Id"])


def _task(record: dict[str, Any]) -> Iterator[Happening]:
    due = f"due {record['ActivityDate']}" if record["ActivityDate"] else None
    state = ", ".join(filter(None, (record["Status"], due)))
    text = shortened(_joined(f"{record['Subject'] or 'Task'} ({state})", record["Description"]))
    yield Happening(record["CreatedDate"], "task", _author(record), False, text, record["Id"])


def _event(record: dict[str, Any]) -> Iterator[Happening]:
    time = record["StartDateTime"] or record["CreatedDate"]
    text = shortened(_joined(record["Subject"] or "Event", record["Description"]))
    yield Happening(time, "event", _author(record), False, text, record["Id"])


def _milestone(record: dict[str, Any]) -> Iterator[Happening]:
    done, target = record["CompletionDate"], record["TargetDate"]
    name = (record.get("MilestoneType") or {}).get("Name") or "Milestone"
    kept = "violated" if record["IsViolated"] else "in time" if done else "open"
    text = f"{name}: {'completed' if done else 'due'}, {kept}"
    if done and target:
        text += f" (target {target.replace('.000+0000', 'Z')})"
    yield Happening(done or target or record["StartDate"], "milestone", None, False, text, record["Id"])


READERS: Mapping[str, Callable[[dict[str, Any]], Iterator[Happening]]] = {
    "comments": _comment,
    "emails": _email,
    "feed": _post,
    "history": _change,
    "tasks": _task,
    "events": _event,
    "milestones": _milestone,
}
"""What a record of a source tells, by the name of the source."""
