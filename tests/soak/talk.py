"""One MCP client: what it asks, and what it makes of the answers."""

from __future__ import annotations

import csv
import io
import random
import re
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
from mcp import Client

from tests.soak.ledger import Ledger, Said, Write

PATIENCE = 300.0
"""Seconds after which a call counts as one without an answer: the longest that retries take, and some."""

UNANSWERED = "may have been done"
INTERACTION, KEY = "Copilot_Interaction__c", "Conversation_Id__c"


@dataclass
class Figures:
    """What was counted over all clients."""

    calls: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    unanswered: list[str] = field(default_factory=list)
    slowest: tuple[float, str] = (0.0, "")

    def note(self, what: str, seconds: float) -> None:
        self.calls[what] += 1
        self.slowest = max(self.slowest, (seconds, what))


@dataclass
class Record:
    """A record that this client made, with the phone that it knows it to have (None: unknown)."""

    id: str
    phone: str | None


class Talker:
    """Asks one server, one call at a time. `name` keeps its records apart from those of the others."""

    def __init__(self, name: str, client: Client, ledger: Ledger, figures: Figures, seed: int, files: Path) -> None:
        self._name = name
        self._client = client
        self._ledger = ledger
        self._figures = figures
        self._seed = seed
        self._chance = random.Random(seed)
        self._files = files
        self._number = 0
        self._accounts: list[Record] = []
        self._contacts: list[str] = []
        self._taken_back: list[Write] = []

    async def step(self) -> None:
        """Do one of the things that a client does."""
        (what,) = self._chance.choices(list(DEEDS), weights=list(DEEDS.values()))
        deed: Callable[[], Awaitable[None]] = getattr(self, what)
        await deed()

    def settle(self) -> None:
        """Look what became of the calls that were taken back. Called when nothing is under way any more."""
        for write in self._taken_back:
            self._ledger.check(write)

    # --- Writes ------------------------------------------------------------------------------------------------------

    async def create(self) -> None:
        name, phone = self._new(), self._new()
        text, failed = await self._ask("create_record", object="Account", data={"Name": name, "Phone": phone})
        said = Said.of(text, failed=failed)
        write = Write("Account", "Name", name, said, {"Phone": phone}, None, text, _value(text, "id"))
        if made := self._ledger.check(write):
            self._accounts.append(Record(made, phone))

    async def update(self) -> None:
        if (record := self._pick()) is None:
            return await self.create()
        guard = {}
        if self._chance.random() < 0.4:
            read = await self._ask("get_record", object="Account", id=record.id, fields=["LastModifiedDate"])
            if moment := _value(read[0], "LastModifiedDate"):
                guard = {"if_unmodified_since": moment}
        phone = self._new()
        text, failed = await self._ask("update_record", object="Account", id=record.id, data={"Phone": phone}, **guard)
        self._ledger.check(_change(record, phone, text, failed=failed))
        record.phone = self._ledger.read("SELECT Phone FROM Account WHERE Id = ?", [record.id])[0][0]

    async def update_several(self) -> None:
        if len(self._accounts) < 3:
            return await self.create()
        records = self._chance.sample(self._accounts, 3)
        phones = [self._new() for _ in records]
        data = [{"Id": each.id, "Phone": phone} for each, phone in zip(records, phones, strict=True)]
        answer = await self._ask("update_records", object="Account", records=data)
        for record, phone, (text, failed) in zip(records, phones, _each(answer, len(data)), strict=True):
            self._ledger.check(_change(record, phone, text, failed=failed))
            record.phone = self._ledger.read("SELECT Phone FROM Account WHERE Id = ?", [record.id])[0][0]

    async def delete(self) -> None:
        if (record := self._pick()) is None:
            return await self.create()
        self._accounts.remove(record)
        text, failed = await self._ask("delete_record", object="Account", id=record.id)
        self._ledger.check(Write("Account", "Id", record.id, Said.of(text, failed=failed), None, {}, text))

    async def create_several(self) -> None:
        count = self._chance.choice([3, 10, 230])
        names = [self._new() for _ in range(count)]
        whole = count < 200 and self._chance.random() < 0.5
        records: list[dict[str, Any]] = [{"LastName": name} for name in names]
        if spoilt := self._chance.random() < 0.3:
            records[1]["Email"] = "nowhere"
        answer = await self._ask("create_records", object="Contact", records=records, all_or_none=whole)
        for name, (text, failed) in zip(names, _each(answer, count), strict=True):
            if spoilt and whole and not failed:
                self._ledger.wrong(f"all or none, one of them wrong, and yet done: {text[:600]}")
            write = Write("Contact", "LastName", name, Said.of(text, failed=failed), {}, None, text)
            if made := self._ledger.check(write):
                self._contacts.append(made)

    async def delete_several(self) -> None:
        if len(self._contacts) < 3:
            return await self.create_several()
        ids = [self._contacts.pop() for _ in range(3)]
        whole = self._chance.random() < 0.3
        answer = await self._ask("delete_records", object="Contact", ids=ids, all_or_none=whole)
        for id, (text, failed) in zip(ids, _each(answer, len(ids)), strict=True):
            self._ledger.check(Write("Contact", "Id", id, Said.of(text, failed=failed), None, {}, text))

    async def upsert(self) -> None:
        key, before = self._new(), None
        for text in (self._new(), self._new()):
            data = {"Outcome__c": "Deflected", "Summary__c": text}
            said, failed = await self._ask(
                "upsert_record", object=INTERACTION, external_id_field=KEY, external_id=key, data=data
            )
            self._ledger.check(Write(INTERACTION, KEY, key, Said.of(said, failed=failed), data, before, said))
            new = _value(said, "created")
            if new is not None and (new == "true") is not (before is None):
                self._ledger.wrong(f"created={new} for {key}, of which there was {before}: {said[:600]}")
            if failed:
                return
            before = data

    async def upsert_several(self) -> None:
        keys = [self._new() for _ in range(3)]
        answer = await self._ask(
            "upsert_records",
            object=INTERACTION,
            external_id_field=KEY,
            records=[{KEY: key, "Outcome__c": "Deflected"} for key in keys],
        )
        for key, (text, failed) in zip(keys, _each(answer, len(keys)), strict=True):
            self._ledger.check(Write(INTERACTION, KEY, key, Said.of(text, failed=failed), {}, None, text))

    async def create_tree(self) -> None:
        name, child = self._new(), self._new()
        data = [{"Name": name, "Contacts": [{"LastName": child}]}]
        text, failed = await self._ask("composite_tree", object="Account", records=data)
        said = Said.of(text, failed=failed)
        parent = self._ledger.check(Write("Account", "Name", name, said, {}, None, text))
        below = self._ledger.check(Write("Contact", "LastName", child, said, {}, None, text))
        if (parent is None) is not (below is None):
            self._ledger.wrong(f"half a tree: {text[:600]}")

    async def comment(self) -> None:
        case = self._ledger.read('SELECT Id FROM "Case" WHERE IsDeleted = 0 LIMIT 1')[0][0]
        body = self._new()
        text, failed = await self._ask("add_case_comment", case_id=case, body=body)
        said = Said.of(text, failed=failed)
        self._ledger.check(Write("CaseComment", "CommentBody", body, said, {"ParentId": case}, None, text))

    async def load(self) -> None:
        """A file by Bulk API; the same call again goes on with what was begun."""
        names = [self._new() for _ in range(40)]
        file = self._files / f"{names[0]}.csv"
        file.write_text("\n".join(["LastName", *names, ""]), encoding="utf-8")
        for _ in range(8):
            text, failed = await self._ask("bulk_ingest", object="Contact", operation="insert", file=str(file))
            if not failed:
                break
        for name in names:
            self._ledger.check(Write("Contact", "LastName", name, Said.of(text, failed=failed), {}, None, text))

    async def take_back(self) -> None:
        """A create that the client doesn't wait for: it is there once or not at all."""
        name = self._new()
        with anyio.move_on_after(self._chance.uniform(0.0, 0.2)):
            await self._ask("create_record", object="Account", data={"Name": name})
        text = "It was taken back: a query tells."
        self._taken_back.append(Write("Account", "Name", name, Said.UNKNOWN, {}, None, text))

    # --- Reads -------------------------------------------------------------------------------------------------------

    async def page_through(self) -> None:
        """All rows of an object that nobody changes: each once, or an error."""
        ids: list[str] = []
        text, failed = await self._ask("query", soql="SELECT Id FROM CaseHistory", limit=900)
        while not failed:
            ids += [row["Id"] for row in csv.DictReader(io.StringIO(text.split("\n", 1)[1]))]
            cursor = re.search(r'cursor "([^"]+)"', text)
            if cursor is None:
                break
            text, failed = await self._ask("query_more", cursor=cursor[1])
        wanted = self._ledger.count("CaseHistory")
        if len(set(ids)) != len(ids) or (not failed and len(ids) != wanted):
            self._ledger.wrong(f"{len(ids)} rows, {len(set(ids))} different, of {wanted}: {text[-300:]}")

    async def export(self) -> None:
        # Of its own, since two exports of the same statement at once get in each other's way, and say so.
        soql = f"SELECT Id, Field FROM CaseHistory LIMIT {100_000 + self._seed}"
        text, failed = await self._ask("export_query", soql=soql, format="csv")
        if failed:
            return
        file = Path(_value(text, "path") or "")
        with file.open(encoding="utf-8", newline="") as rows:
            ids = [row["Id"] for row in csv.DictReader(rows)]
        if len(set(ids)) != len(ids) or len(ids) != self._ledger.count("CaseHistory"):
            self._ledger.wrong(f"{len(ids)} rows in {file.name}: {text[:300]}")
        file.unlink()

    async def look_around(self) -> None:
        tool, arguments = self._chance.choice(LOOKS)
        await self._ask(tool, **arguments)

    # --- Asking ------------------------------------------------------------------------------------------------------

    async def _ask(self, tool: str, **arguments: Any) -> tuple[str, bool]:
        """The text of the answer, and whether it is an error."""
        began = time.monotonic()
        with anyio.move_on_after(PATIENCE) as patience:
            result = await self._client.call_tool(tool, arguments)
        self._figures.note(tool, time.monotonic() - began)
        if patience.cancelled_caught:
            self._figures.unanswered.append(f"{tool} {arguments}")
            return "not known: it was not answered; a query tells.", True
        block = result.content[0]
        assert block.type == "text"
        if result.is_error:
            found = re.match(r"\w+(?=:)", block.text)
            self._figures.refused[found[0] if found else "part of the records failed"] += 1
            if block.text.startswith("INTERNAL_ERROR"):
                self._ledger.wrong(f"{tool}: {block.text}")
        return block.text, bool(result.is_error)

    def _new(self) -> str:
        self._number += 1
        return f"{self._name}-{self._number}"

    def _pick(self) -> Record | None:
        return self._chance.choice(self._accounts) if self._accounts else None


DEEDS = {
    "create": 10,
    "update": 10,
    "update_several": 5,
    "delete": 4,
    "create_several": 4,
    "delete_several": 4,
    "upsert": 6,
    "upsert_several": 3,
    "create_tree": 3,
    "comment": 3,
    "load": 1,
    "take_back": 3,
    "page_through": 4,
    "export": 2,
    "look_around": 12,
}
"""What a client does, and how often."""

LOOKS: list[tuple[str, dict[str, Any]]] = [
    ("describe_object", {"object": "Case"}),
    ("list_objects", {"filter": "case"}),
    ("get_user_info", {}),
    ("list_reports", {}),
    ("search", {"sosl": "FIND {pump} RETURNING Case(Id, Subject LIMIT 5)"}),
    ("query", {"soql": "SELECT COUNT() FROM Case"}),
    ("get_limits", {}),
    ("get_case_trends", {"group_by": ["Priority"]}),
    ("list_knowledge_articles", {"q": "vibration"}),
    ("get_chatter_user", {}),
]


def _change(record: Record, phone: str, text: str, *, failed: bool) -> Write:
    said = Said.of(text, failed=failed)
    return Write("Account", "Id", record.id, said, {"Phone": phone}, {"Phone": record.phone}, text)


def _value(text: str, name: str) -> str | None:
    """A field of a record as it is rendered."""
    found = re.search(rf"^{name}: (.*)$", text, re.MULTILINE)
    return found[1] if found else None


def _each(answer: tuple[str, bool], count: int) -> list[tuple[str, bool]]:
    """What was said of each of several records, and whether it failed."""
    text, failed = answer
    summary, _, table = text.partition("\n")
    rows = list(csv.DictReader(io.StringIO(table))) if table.startswith("index,") else []
    if not rows:
        return [(text, failed)] * count
    assert len(rows) == count, text[:600]
    words = [" ".join(filter(None, [row.get("error"), row.get("message")])) for row in rows]
    words = [f"{each} {summary}" if UNANSWERED in each else each for each in words]  # where the hint stands, once
    return [(each, row["ok"] != "true") for each, row in zip(words, rows, strict=True)]
