"""What is offered while somebody types: titles of articles, and what others searched for.

Source: REST API Developer Guide, "Search Suggested Article Title Matches", "Search Suggested Queries".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from salesforce_mcp.demo import state
from salesforce_mcp.demo.chatter.paging import one_of, whole_number
from salesforce_mcp.demo.errors import ApiError
from salesforce_mcp.demo.http import Call
from salesforce_mcp.demo.knowledge import languages
from salesforce_mcp.demo.knowledge.publishing import ARTICLE_TYPE

if TYPE_CHECKING:
    from salesforce_mcp.demo.store import Store

_SHORTEST, _LONGEST = 3, 250
_DEFAULT_LIMIT, _MOST = 5, 200
_CHANNELS = ("App", "AllChannels", "Pkb", "Csp", "Prm")
_STATUSES = ("Draft", "Online", "Archived")
_STOPWORDS = frozenset(
    {
        "a", "an", "and", "are", "as", "at", "be", "but", "by", "for", "if", "in", "into", "is", "it", "no", "not",
        "of", "on", "or", "such", "that", "the", "their", "then", "there", "these", "they", "this", "to", "was", "will",
        "with", "der", "die", "das", "und", "ein", "eine", "für", "mit",
    }
)  # fmt: skip
_KIND = "knowledge searches"
_USUAL = {
    "en_US": (
        "battery replacement", "coolant sensor", "error e-17", "error e-42", "filter set", "fuel consumption",
        "generator does not start", "generator vibration", "oil leak", "remote monitoring", "service plan",
        "transfer switch",
    ),
    "de": ("batterie tauschen", "fehler e-17", "fehler e-42", "generator vibriert", "wartungsplan"),
}  # fmt: skip
"""What people of the org are known to have searched for."""


def note(store: Store, text: str, language: str) -> None:
    """Remember what somebody searched for."""
    words = " ".join(_words(text))
    if len(words) >= _SHORTEST:
        state.put(store, _KIND, f"{language} {words}"[:_LONGEST], {})


def title_matches(call: Call) -> dict[str, Any]:
    """The articles whose titles hold all words of `q`, but for stopwords; the last may be unfinished."""
    text, language = _query(call), languages.of_query(call)
    if not call.query.get("publishStatus"):
        raise ApiError(400, "MISSING_ARGUMENT", "publishStatus")
    status = one_of(call, "publishStatus", _STATUSES)
    channel = one_of(call, "channel", _CHANNELS)
    limit = whole_number(call, "limit", _DEFAULT_LIMIT, 1, _MOST)
    words = _words(text)
    if len(text.strip()) < _SHORTEST or not words or not _may_see(call, status):
        return _answer([], False)
    needed = [word for word in words[:-1] if word not in _STOPWORDS]
    parts = [*(rf"\b{re.escape(word)}\b" for word in needed), rf"\b{re.escape(words[-1])}"]
    found = [row for row in _titles(call, language, status, channel) if _holds(row[1], parts)]
    # Titles that have the stopwords too come first.
    found.sort(key=lambda row: (not _holds(row[1], [rf"\b{re.escape(word)}" for word in words]), row[1].lower()))
    results = [
        {
            "attributes": {
                "type": "KnowledgeArticleVersion",
                "url": f"{call.version_path}/sobjects/KnowledgeArticleVersion/{record}",
            },
            "Id": record,
            "UrlName": url_name,
            "Title": title,
            "KnowledgeArticleId": article,
        }
        for record, title, url_name, article in found[:limit]
    ]
    return _answer(results, len(found) > limit)


def search_queries(call: Call) -> dict[str, Any]:
    """Earlier searches in which a word begins with `q`. They are numbered keys of one object, as Salesforce has it."""
    text, language = _query(call), languages.of_query(call)
    one_of(call, "channel", _CHANNELS)
    limit = whole_number(call, "limit", _DEFAULT_LIMIT, 1, _MOST)
    words = " ".join(_words(text))
    if len(text.strip()) < _SHORTEST or not words:
        return _answer([], False)
    made = [key.removeprefix(f"{language} ") for key, _ in state.items(call.store, _KIND) if key.startswith(language)]
    known = sorted({*_USUAL.get(language, ()), *made})
    found = [each for each in known if _holds(each, [rf"(?<![\w-]){re.escape(words)}"])]
    numbered = {str(place): each for place, each in enumerate(found[:limit])}
    return _answer([numbered] if numbered else [], len(found) > limit)


def _query(call: Call) -> str:
    text = call.query.get("q", "")
    if not text:
        raise ApiError(400, "MISSING_ARGUMENT", "q")
    if len(text) > _LONGEST:
        message = f"search term must be shorter than or equal to {_LONGEST} characters"
        raise ApiError(400, "INVALID_SEARCH", message)
    return text


def _words(text: str) -> list[str]:
    """Words in lower case, without quotation marks, wildcards and other signs."""
    return re.findall(r"\w[\w-]*", text.lower())


def _holds(text: str, patterns: list[str]) -> bool:
    return all(re.search(pattern, text, re.IGNORECASE) for pattern in patterns)


def _may_see(call: Call, status: str) -> bool:
    """Drafts and archived articles take the right to manage articles."""
    rights = call.user.rights
    return rights.allows(ARTICLE_TYPE, "read" if status == "Online" else "edit")


def _titles(call: Call, language: str, status: str, channel: str) -> list[tuple[str, str, str, str]]:
    """Id, title, url name and article of the versions that are looked through."""
    types = [value for key, value in call.query_pairs if key == "articleTypes"]
    if types and call.store.objects[ARTICLE_TYPE].key_prefix not in types:
        return []
    where = "IsDeleted = 0 AND Language = ? AND PublishStatus = ?"
    parameters = [language, status]
    if channel in ("Pkb", "Csp", "Prm"):
        where += f" AND IsVisibleIn{channel} = 1"
    if call.query.get("validationStatus"):
        where += " AND ValidationStatus = ?"
        parameters.append(call.query["validationStatus"])
    statement = f"SELECT Id, Title, UrlName, KnowledgeArticleId FROM Knowledge__kav WHERE {where}"  # noqa: S608
    rows: list[tuple[str, str, str, str]] = call.store.connection().execute(statement, parameters).fetchall()
    return rows


def _answer(results: list[dict[str, Any]], more: bool) -> dict[str, Any]:
    return {"autoSuggestResults": results, "hasMoreResults": more}
