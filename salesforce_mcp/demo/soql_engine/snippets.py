"""WITH HIGHLIGHT and WITH SNIPPET: the found words marked in what a search returns.

Source: SOQL and SOSL Reference, "WITH HIGHLIGHT" and "WITH SNIPPET".
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

import orjson

from salesforce_mcp.demo.soql_engine import find
from salesforce_mcp.demo.soql_engine.rows import column_of
from salesforce_mcp.demo.soql_engine.statement import Request, Statement, quoted
from salesforce_mcp.soql.search_syntax import Find, Search
from salesforce_mcp.soql.syntax import Number, WithSetting

if TYPE_CHECKING:
    from salesforce_mcp.demo.schema import SObject
    from salesforce_mcp.demo.soql_engine.shapes import Record
    from salesforce_mcp.demo.store import Store

MOST_HIGHLIGHTED = 25
MOST_WITH_SNIPPETS = 20
_DEFAULT_LENGTH = 300
_HIGHLIGHTED = frozenset({"Account", "Campaign", "Contact", "Lead", "Opportunity", "Quote", "User"})
_SNIPPED = find.ARTICLES | {"Case", "CaseComment", "FeedItem", "FeedComment"}
_MARKED_TYPES = frozenset({"string", "email", "textarea"})
_TAG = re.compile(r"<[^>]+>")


def add(store: Store, request: Request, search: Search, wanted: Find, sobject: SObject, records: list[Record]) -> None:
    """Add `highlight.Field` and `snippet.text` to the records, as the search asks; `wanted` is what was looked for."""
    if not records:
        return
    settings = {each.name.upper(): each for each in search.with_ if isinstance(each, WithSetting)}
    snippet = settings.get("SNIPPET") if sobject.name in _SNIPPED else None
    highlighted = sobject.custom or sobject.name in _HIGHLIGHTED
    if ("HIGHLIGHT" in settings and highlighted) or snippet:
        for record in records[:MOST_HIGHLIGHTED]:
            _highlight(sobject, record, wanted)
    if snippet and len(records) <= MOST_WITH_SNIPPETS:
        _snip(store, request, sobject, records, wanted, _target_length(snippet))


def _highlight(sobject: SObject, record: Record, wanted: Find) -> None:
    for key in list(record):
        field = sobject.field(key)
        if field is not None and field.type in _MARKED_TYPES and not field.html_formatted:
            marked = find.marked(record[key] or "", wanted)
            if marked is not None:
                record[f"highlight.{field.name}"] = marked


def _snip(store: Store, request: Request, sobject: SObject, records: list[Record], wanted: Find, length: int) -> None:
    """An excerpt around the first place where a long text of the record holds the words."""
    statement = Statement(request)
    texts = [each for each in find.searched_fields(statement, sobject, "ALL") if each.type == "textarea"]
    if not texts:
        return
    by_id = {record["attributes"]["url"].rpartition("/")[2]: record for record in records}
    columns = ", ".join(column_of("t", each) for each in texts)
    rows = store.connection().execute(
        f"SELECT t.Id, {columns} FROM {quoted(sobject.name)} AS t WHERE t.Id IN (SELECT value FROM json_each(?))",  # noqa: S608
        (orjson.dumps(list(by_id)).decode(),),
    )
    for record_id, *values in rows:
        for value in values:
            excerpt = _excerpt(_TAG.sub(" ", value or ""), wanted, length)
            if excerpt is not None:
                by_id[record_id]["snippet.text"] = excerpt
                break


def _excerpt(text: str, wanted: Find, length: int) -> str | None:
    marked = find.marked(html.escape(text, quote=False), wanted)
    if marked is None:
        return None
    middle = marked.index("<mark>")
    start = max(0, middle - length // 2)
    end = min(len(marked), start + length)
    while start > 0 and not marked[start - 1].isspace():
        start -= 1
    while end < len(marked) and not marked[end].isspace():
        end += 1
    return marked[start:end].strip()


def _target_length(setting: WithSetting) -> int:
    for name, value in setting.settings:
        if name.lower() == "target_length" and isinstance(value, Number) and 50 <= value.value <= 1_000:
            return int(value.value)
    return _DEFAULT_LENGTH
