"""Articles that may solve a case: those that Salesforce suggests, then those that a full-text search finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from salesforce_mcp.errors import ArgumentError, NetworkError, PolicyError, SalesforceError
from salesforce_mcp.salesforce import composite
from salesforce_mcp.salesforce.background import Pending
from salesforce_mcp.salesforce.composite import Answer, Part
from salesforce_mcp.soql.binding import bind
from salesforce_mcp.tools import language as languages
from salesforce_mcp.tools.cases.arguments import CaseId
from salesforce_mcp.tools.cases.words import shared, worth_searching
from salesforce_mcp.tools.cases.working import case_path
from salesforce_mcp.tools.context import Context
from salesforce_mcp.tools.knowledge.versions import ArticleId
from salesforce_mcp.tools.language import Language
from salesforce_mcp.tools.registry import tool
from salesforce_mcp.tools.results import Table

COLUMNS = ["rank", "article_id", "version_id", "number", "title", "summary", "attached", "reason"]
VERSION = "KnowledgeArticleVersion"
_FIELDS = ["Id", "KnowledgeArticleId", "ArticleNumber", "Title", "Summary"]
_MOST = 20
"""Articles asked of each source."""


@dataclass
class _Found:
    """An article and why it was found. `place`: among Salesforce's own suggestions, counted from 1."""

    version: dict[str, Any]
    place: int | None
    words: list[str]
    in_title: list[str]

    @property
    def key(self) -> tuple[int, int]:
        """What ranks it: Salesforce's order first, then how many words it shares, those of its title twice."""
        return (self.place or _MOST + 1, -(len(self.words) + len(self.in_title)))

    @property
    def reason(self) -> str:
        said = [f"suggested by Salesforce (no. {self.place})"] if self.place else []
        if self.in_title:
            said.append(f"title has {', '.join(self.in_title)}")
        elif self.words:
            said.append(f"summary has {', '.join(self.words)}")
        elif not self.place:
            said.append("found in its text")
        return "; ".join(said)


@tool(title="Suggest articles for case", access="write", calls="3, 4 without language; 1 to attach")
def suggest_kb_for_case(
    context: Context,
    case_id: CaseId,
    search_terms: Annotated[str, Field(max_length=500)] | None = None,
    attach: bool | ArticleId = False,
    language: Language | None = None,
    limit: Annotated[int, Field(ge=1, le=20)] = 10,
) -> Table:
    """Online articles that may solve a case, best first, with the reason. `attach`: an article's Id, or true for the
    best one, attaches it to the case.
    """
    client = context.client
    asked = language or languages.of_user(context)
    parts = [
        Part("case", case_path(case_id), {"fields": ",".join(client.readable("Case", ("Subject", "Description")))}),
        Part(
            "suggested",
            f"{case_path(case_id)}/suggestedArticles",
            {"language": asked, "limit": _MOST, "publishStatus": "Online"},
        ),
        composite.query(
            "attached", bind("SELECT KnowledgeArticleId FROM CaseArticle WHERE CaseId = :id", {"id": case_id})
        ),
    ]
    refused = composite.refused(client, parts[1:])
    answers = composite.send(client, [part for part in parts if part.name not in refused])
    answers |= {name: Answer(None, SalesforceError(error.message, code=error.code)) for name, error in refused.items()}
    case = answers["case"].get()
    notes = [f"Language: {asked}."]
    words = worth_searching([search_terms] if search_terms else [case.get("Subject"), case.get("Description")])
    suggested: list[str] = []
    if (error := answers["suggested"].error) is not None:
        notes.append(f"Left out: Salesforce's own suggestions ({error.code}: {error.message.strip()}).")
    else:
        suggested = [each["Id"] for each in answers["suggested"].body]
    attached: set[str] = set()
    if (error := answers["attached"].error) is not None:
        notes.append(f"Unknown: what is attached already ({error.code}: {error.message.strip()}).")
    else:
        attached = {each["KnowledgeArticleId"] for each in answers["attached"].body["records"]}
    found = _versions(context, suggested, words, asked, notes)
    ranked = sorted(_merged(found, suggested, words), key=lambda each: each.key)[:limit]
    if attach:
        notes.append(_attach(context, case_id, attach, ranked, attached))
    rows = [
        [
            place,
            *(each.version.get(name) for name in ("KnowledgeArticleId", "Id", "ArticleNumber", "Title", "Summary")),
            each.version["KnowledgeArticleId"] in attached,
            each.reason,
        ]
        for place, each in enumerate(ranked, 1)
    ]
    notes.append(f"Searched for: {', '.join(words)}." if words else "The case says nothing to search for.")
    return Table(COLUMNS, rows, total=len(rows), notes=notes)


def _versions(
    context: Context, suggested: list[str], words: list[str], language: str, notes: list[str]
) -> dict[str, dict[str, Any]]:
    """The articles suggested, then those found, by the Id of their version; both are asked for at the same time."""
    client = context.client
    soql = f"SELECT {', '.join(client.readable(VERSION, _FIELDS))} FROM {VERSION} WHERE Id IN :ids"  # noqa: S608 - ours
    titles = Pending(lambda: client.query(bind(soql, {"ids": suggested})).records) if suggested else None
    found: list[dict[str, Any]] = []
    if words:
        try:
            found = _search(context, words, language)
        except (SalesforceError, NetworkError, PolicyError) as error:
            if titles is None:
                raise
            notes.append(f"Left out: full text ({error.code}: {error.message.strip()}).")
    return {each["Id"]: each for each in [*(titles.result() if titles else []), *found]}


def _search(context: Context, words: list[str], language: str) -> list[dict[str, Any]]:
    where = bind("PublishStatus = 'Online' AND Language = :language", {"language": language})
    names = context.client.readable(VERSION, _FIELDS)
    wanted = {"name": VERSION, "fields": names, "where": where, "limit": _MOST}
    # A word with a hyphen is a phrase; between quotes it is no sign of the search language.
    terms = " OR ".join(f'"{word}"' for word in words)
    answer = context.client.post(
        "parameterizedSearch", {"q": terms, "in": "ALL", "sobjects": [wanted]}, repeatable=True
    )
    records: list[dict[str, Any]] = answer["searchRecords"] if isinstance(answer, dict) else answer
    return records


def _merged(found: dict[str, dict[str, Any]], suggested: list[str], words: list[str]) -> list[_Found]:
    """One entry for each article, however often it was found."""
    articles: dict[str, _Found] = {}
    for version_id, version in found.items():
        place = suggested.index(version_id) + 1 if version_id in suggested else None
        in_title = shared(words, version.get("Title"))
        in_text = shared(words, f"{version.get('Title')} {version.get('Summary')}")
        entry = _Found(version, place, in_text, in_title)
        known = articles.get(version["KnowledgeArticleId"])
        if known is None or entry.key < known.key:
            articles[version["KnowledgeArticleId"]] = entry
    return list(articles.values())


def _attach(context: Context, case_id: str, attach: bool | str, ranked: list[_Found], attached: set[str]) -> str:
    """Attach an article to the case, unless it is; says what was done."""
    if attach is True:
        if not ranked:
            return "Nothing attached: no article was found."
        version = ranked[0].version
    else:
        known = {each.version[name][:15]: each.version for each in ranked for name in ("Id", "KnowledgeArticleId")}
        given = known.get(str(attach)[:15])
        if given is None and not str(attach).startswith("kA"):
            raise ArgumentError("attach: this version was not found for the case.", fields=("attach",))
        version = given or {"KnowledgeArticleId": attach, "Title": attach}
    article = version["KnowledgeArticleId"]
    if article[:15] in {each[:15] for each in attached}:
        return f"{version.get('Title') or article} was attached already."
    context.client.post("sobjects/CaseArticle", {"CaseId": case_id, "KnowledgeArticleId": article})
    attached.add(article)
    return f"Attached {version.get('Title') or article} to the case."
