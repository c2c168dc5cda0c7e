"""FIND as SQL: which rows hold the words and phrases of a search.

A word of a search matches a whole word of a field, whatever its case; `*` stands for any letters and `?` for one.
Punctuation parts words, so an email address is a phrase. A LIKE sorts out most rows before the words are compared, and
nothing has to be kept in step with writes as an index would. Source: SOQL and SOSL Reference, "FIND {SearchQuery}" and
"IN SearchGroup".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from salesforce_mcp.demo.schema import Field, SObject
from salesforce_mcp.demo.soql_engine.rows import column_of
from salesforce_mcp.demo.soql_engine.statement import Statement, all_of, any_of
from salesforce_mcp.demo.soql_engine.values import like_text
from salesforce_mcp.soql.search_syntax import AllOf, AnyOf, Find, Term, Without

_TEXT_TYPES = frozenset({"string", "textarea", "email", "phone", "url", "combobox"})
_GROUP_TYPES = {"EMAIL": "email", "PHONE": "phone"}
_MORE_NAMES = {
    "Account": "Website Site",
    "Asset": "SerialNumber",
    "Case": "SuppliedName SuppliedCompany Subject",
    "Contact": "AssistantName",
    "Event": "Subject",
    "Lead": "Company",
    "Note": "Title",
    "PermissionSet": "Label",
    "Report": "Description",
    "Task": "Subject",
    "User": "CommunityNickname",
}
"""What IN NAME FIELDS searches besides the name field."""
WITH_SYNONYMS = frozenset(
    {"Case", "CaseComment", "FeedComment", "FeedItem", "Knowledge__kav", "KnowledgeArticleVersion"}
)
"""Objects of Service Cloud, which searches with synonyms."""
ARTICLES = frozenset({"Knowledge__kav", "KnowledgeArticleVersion"})
ONLY_ON_REQUEST = ARTICLES | {"Document", "FeedComment", "FeedItem", "ContentVersion", "ContentDocument", "Product2"}
"""Objects that have to be named in RETURNING, and whose fields are all searched whatever IN says."""
_TOKEN = re.compile(r"[\w*?]+")
_SIGN = re.compile(r"\\(?P<literal>[\\%_])|(?P<wild>[%_])|[*?]")
_START, _BETWEEN, _END = r"(?<!\w)", r"\W+", r"(?!\w)"


def searched_fields(statement: Statement, sobject: SObject, group: str) -> list[Field]:
    """The fields of an object that a search group covers and the user may read."""
    user = statement.request.user
    texts = [
        each
        for each in sobject.fields
        if (each.type in _TEXT_TYPES and (each.stored or each.name_field))
        and user.can_read_field(sobject.name, each.name)
    ]
    if group == "ALL" or sobject.name in ONLY_ON_REQUEST:
        return texts
    if group in _GROUP_TYPES:
        return [each for each in texts if each.type == _GROUP_TYPES[group]]
    more = _MORE_NAMES.get(sobject.name, "").split()
    return [each for each in texts if each.name_field or each.compound == "Name" or each.name in more]


def condition(statement: Statement, alias: str, fields: list[Field], find: Find) -> str:
    """The condition that a row meets the search with these fields taken together."""
    if isinstance(find, Term):
        return any_of([_in_field(statement, column_of(alias, each), find) for each in fields]) or "0"
    if isinstance(find, Without):
        return f"({condition(statement, alias, fields, find.condition)}) IS NOT TRUE"
    joined = all_of if isinstance(find, AllOf) else any_of
    return joined([condition(statement, alias, fields, each) for each in find.conditions]) or "0"


def terms(find: Find) -> Iterable[Term]:
    """The words and phrases that are looked for."""
    if isinstance(find, Term):
        yield find
    elif isinstance(find, (AllOf, AnyOf)):
        for each in find.conditions:
            yield from terms(each)


def loosened(find: Find) -> Find:
    """A row of words without operators, as articles are searched: any of them will do."""
    if isinstance(find, AllOf) and all(isinstance(each, Term) for each in find.conditions):
        return AnyOf(find.conditions, at=find.at)
    return find


def expanded(find: Find, groups: Sequence[Sequence[str]]) -> Find:
    """The search with every term that has synonyms replaced by all of its group."""
    if isinstance(find, Without):
        return find
    spoken = _spoken(find)
    others = [each for group in groups if spoken in [_folded(term) for term in group] for each in group]
    alternatives = [_phrase(each) for each in others if spoken and _folded(each) != spoken]
    if isinstance(find, (AllOf, AnyOf)):
        conditions = tuple(expanded(each, groups) for each in find.conditions)
        find = AllOf(conditions, at=find.at) if isinstance(find, AllOf) else AnyOf(conditions, at=find.at)
    return AnyOf((find, *alternatives), at=find.at) if alternatives else find


def _spoken(find: Find) -> tuple[str, ...]:
    """The words of a term, or of terms in a row; nothing for other searches."""
    parts = find.conditions if isinstance(find, AllOf) else (find,)
    words = [word for each in parts if isinstance(each, Term) for word in _folded(each.text)]
    return tuple(words) if all(isinstance(each, Term) for each in parts) else ()


def _folded(text: str) -> tuple[str, ...]:
    return tuple(_TOKEN.findall(text.casefold()))


def _phrase(text: str) -> Term:
    return Term(text, like_text(text), phrase=True)


def _in_field(statement: Statement, sql: str, term: Term) -> str:
    matches = f"sf_matches({sql}, {statement.bind(_pattern(term))})"
    longest = max(_tokens(term), key=len, default="")
    if not longest or not longest.isascii():
        return matches
    like = statement.bind(f"%{_like(longest)}%")
    return f"({sql} LIKE {like} ESCAPE '\\' AND {matches})"


def _tokens(term: Term) -> list[str]:
    """The words of a term, with their wildcards; other signs part words, escaped wildcards too."""
    return _TOKEN.findall(_SIGN.sub(_plain, term.like))


def _plain(match: re.Match[str]) -> str:
    if match["wild"]:
        return "*" if match["wild"] == "%" else "?"
    return "_" if match["literal"] == "_" else " "


def _like(token: str) -> str:
    return like_text(token).replace("*", "%").replace("?", "_")


def _pattern(term: Term) -> str:
    words = _words(term)
    return f"{_START}{_BETWEEN.join(words)}{_END}" if words else "(?!)"


def _words(term: Term) -> list[str]:
    """A pattern for each word of a term."""
    return [re.escape(each).replace(r"\*", r"\w*").replace(r"\?", r"\w") for each in _tokens(term)]


@lru_cache(maxsize=512)
def expression(pattern: str) -> re.Pattern[str]:
    """A term's pattern, ready to use."""
    return re.compile(pattern, re.IGNORECASE)


def matches(text: str | None, pattern: str) -> bool:
    """Whether a field's text holds a term."""
    return text is not None and expression(pattern).search(str(text)) is not None


def marked(text: str, find: Find) -> str | None:
    """The text with the terms of a search marked, or None if it holds none; terms with wildcards aren't marked."""
    plain = [each for each in terms(find) if not {"*", "?"} & set("".join(_tokens(each)))]
    if not any(matches(text, _pattern(each)) for each in plain):
        return None
    words = "|".join(word for each in plain for word in _words(each))
    return expression(f"{_START}(?:{words}){_END}").sub(lambda match: f"<mark>{match[0]}</mark>", text)
