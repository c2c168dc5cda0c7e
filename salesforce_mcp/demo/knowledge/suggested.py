"""Articles that Salesforce itself suggests for a case: those that share words with its subject and description.

Source: REST API Developer Guide, "sObjects Suggested Articles", "sObjects Suggested Articles by ID". How Salesforce
ranks them is its own affair; here an article counts by the rare words that it shares, twice in its title.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from typing import Any

from salesforce_mcp.demo import records
from salesforce_mcp.demo.chatter.paging import one_of, whole_number
from salesforce_mcp.demo.context import RequestContext
from salesforce_mcp.demo.errors import ApiError, not_found
from salesforce_mcp.demo.http import Call
from salesforce_mcp.demo.knowledge import categories, languages
from salesforce_mcp.demo.knowledge.publishing import ARTICLE_TYPE

_OBJECTS = ("Case", "WorkOrder", "WorkOrderLineItem")
_DEFAULT_LIMIT, _MOST = 20, 200
_STATUSES = ("Draft", "Online", "Archived")
_SHORTEST_WORD = 4
_WORD = re.compile(r"\w[\w-]+")
_TAG = re.compile(r"<[^>]*>")


def for_text(call: Call) -> list[dict[str, Any]]:
    """Suggestions for a record that isn't saved yet, by its `subject` and `description`."""
    _check_object(call)
    texts = [call.query.get(name) for name in ("subject", "description")]
    if not any(texts):
        raise ApiError(400, "MISSING_ARGUMENT", "subject")
    return _suggest(call, " ".join(filter(None, texts)))


def for_record(call: Call) -> list[dict[str, Any]]:
    """Suggestions for a record."""
    name = _check_object(call)
    record = records.get(RequestContext.of(call), name, call.params["id"], ["Subject", "Description"])
    return _suggest(call, " ".join(filter(None, (record["Subject"], record["Description"]))))


def _check_object(call: Call) -> str:
    name = records.object_named(RequestContext.of(call), call.params["object"]).name
    if name not in _OBJECTS:
        raise not_found()
    return name


def _suggest(call: Call, text: str) -> list[dict[str, Any]]:
    language, limit = languages.of_query(call), whole_number(call, "limit", _DEFAULT_LIMIT, 1, _MOST)
    status = one_of(call, "publishStatus", _STATUSES) if call.query.get("publishStatus") else "Online"
    if not call.user.rights.allows(ARTICLE_TYPE, "read" if status == "Online" else "edit"):
        return []
    types = [value for key, value in call.query_pairs if key == "articleTypes"]
    if types and call.store.objects[ARTICLE_TYPE].key_prefix not in types:
        return []
    where, parameters = categories.condition(call, "Id")
    statement = (
        "SELECT Id, Title, Summary, Question__c, Answer__c FROM Knowledge__kav"  # noqa: S608 - fixed conditions
        f" WHERE IsDeleted = 0 AND IsLatestVersion = 1 AND Language = ? AND PublishStatus = ?{where}"
    )
    rows = call.store.connection().execute(statement, (language, status, *parameters)).fetchall()
    return [_shown(call, record) for record in _ranked(_words(text), rows)[:limit]]


def _ranked(wanted: set[str], rows: list[Any]) -> list[str]:
    """Ids of the articles that share words with a text, the closest first."""
    found = [(record, _words(title), _words(" ".join(filter(None, rest)))) for record, title, *rest in rows]
    frequency = Counter(word for _, title, body in found for word in title | body)
    scores: dict[str, float] = {}
    for record, title, body in found:
        shared = wanted & (title | body)
        scores[record] = sum(math.log(1 + len(rows) / frequency[word]) * (1 + (word in title)) for word in shared)
    return [record for record in sorted(scores, key=lambda each: (-scores[each], each)) if scores[record]]


def _words(text: str | None) -> set[str]:
    return {word for word in _WORD.findall(_TAG.sub(" ", text or "").lower()) if len(word) >= _SHORTEST_WORD}


def _shown(call: Call, record: str) -> dict[str, Any]:
    kind = "KnowledgeArticleVersion"
    return {"attributes": {"type": kind, "url": f"{call.version_path}/sobjects/{kind}/{record}"}, "Id": record}
