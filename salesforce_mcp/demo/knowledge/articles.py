"""Published articles as readers get them: `/support/knowledgeArticles`.

Source: Knowledge Developer Guide, "Articles List", "Articles Details".
"""

from __future__ import annotations

from typing import Any

from salesforce_mcp.demo.chatter.paging import link, one_of, whole_number
from salesforce_mcp.demo.errors import not_found
from salesforce_mcp.demo.http import Call
from salesforce_mcp.demo.ids import full_id
from salesforce_mcp.demo.knowledge import categories, languages, suggestions
from salesforce_mcp.demo.knowledge.publishing import ARTICLE_TYPE
from salesforce_mcp.demo.schema import Field
from salesforce_mcp.demo.search import run_search

CHANNELS = ("App", "Pkb", "Csp", "Prm")
_COLUMNS = (
    "Id", "KnowledgeArticleId", "Title", "UrlName", "Summary", "VersionNumber", "CreatedDate", "CreatedById",
    "LastModifiedDate", "LastModifiedById", "LastPublishedDate", "ArticleTotalViewCount",
)  # fmt: skip
_SORTS = {
    "LastPublishedDate": "v.LastPublishedDate",
    "CreatedDate": "v.CreatedDate",
    "Title": "v.Title",
    "ViewScore": "v.ArticleTotalViewCount",
}
_NAMES_SINCE = 44.0
"""From this version on, articles have their type and url name."""
_LAYOUT_TYPES = {
    "boolean": "CHECKBOX",
    "picklist": "PICK_LIST",
    "int": "NUMBER",
    "double": "NUMBER",
    "datetime": "DATE_TIME",
    "reference": "LOOKUP",
    "textarea": "TEXT_AREA",
    "string": "TEXT",
}
_LAYOUT = ("Title", "UrlName", "Summary", "Question__c", "Answer__c", "Language", "IsOutOfDate", "ValidationStatus")
"""The fields of the org's article layout, in its order."""

Version = dict[str, Any]


def page(call: Call) -> dict[str, Any]:
    """A page of the articles that are online in the language of the call."""
    language = languages.of_header(call)
    channel = one_of(call, "channel", CHANNELS)
    number, size = whole_number(call, "pageNumber", 1, 1, 100_000), whole_number(call, "pageSize", 20, 1, 100)
    chosen, parameters = categories.condition(call, "v.Id")
    column = _SORTS[one_of(call, "sort", tuple(_SORTS))]
    order = one_of(call, "order", ("DESC", "ASC"))
    where = f"v.Language = ? AND v.IsVisibleIn{channel} = 1{chosen}"
    ranking = f"{column} {order}, v.Id"
    text = call.query.get("q", "").strip()
    ids: list[str] = []
    if text:
        ids = _search(call, text)
        suggestions.note(call.store, text, language)
        marks = ", ".join("?" * len(ids))
        where += f" AND v.Id IN ({marks})"
    rows = _select(call, where, language, *parameters, *ids, order=ranking)
    if text and "sort" not in call.query:
        rows.sort(key=lambda row: ids.index(row["Id"]))
    shown = rows[(number - 1) * size : number * size]
    more = len(rows) > number * size
    return {
        "articles": [_summary(call, row, channel) for row in shown],
        "currentPageUrl": _page_url(call, number),
        "nextPageUrl": _page_url(call, number + 1) if more else None,
        "pageNumber": number,
    }


def detail(call: Call, key: str) -> dict[str, Any]:
    """One article by Id or, with `isUrlName`, by its url name; reading it counts as a view."""
    language = languages.of_header(call)
    channel = one_of(call, "channel", CHANNELS)
    by_name = call.query.get("isUrlName", "").lower() == "true"
    value = key if by_name else full_id(key)
    column = "v.UrlName" if by_name else "v.KnowledgeArticleId"
    rows = _select(call, f"v.Language = ? AND v.IsVisibleIn{channel} = 1 AND {column} = ?", language, value)
    if not rows:
        raise not_found()
    version = rows[0]
    if call.query.get("updateViewStat", "true").lower() != "false":
        with call.store.transaction() as connection:
            statement = "UPDATE Knowledge__kav SET ArticleTotalViewCount = ArticleTotalViewCount + 1 WHERE Id = ?"
            connection.execute(statement, (version["Id"],))
        version["ArticleTotalViewCount"] += 1
    return _detail(call, version)


def _select(call: Call, where: str, *parameters: Any, order: str = "v.Id") -> list[Version]:
    """The online versions that meet a condition."""
    if not call.user.can_read(ARTICLE_TYPE):
        raise not_found()
    columns = ", ".join(f"v.{name}" for name in _COLUMNS)
    statement = (
        f"SELECT {columns}, a.ArticleNumber FROM Knowledge__kav v"  # noqa: S608 - names of the schema
        " JOIN KnowledgeArticle a ON a.Id = v.KnowledgeArticleId"
        f" WHERE v.PublishStatus = 'Online' AND v.IsDeleted = 0 AND {where} ORDER BY {order}"
    )
    rows = call.store.connection().execute(statement, parameters).fetchall()
    return [dict(zip((*_COLUMNS, "ArticleNumber"), row, strict=True)) for row in rows]


def _search(call: Call, text: str) -> list[str]:
    """Ids of the versions that hold the words, the best first."""
    escaped = text.replace("{", "\\{").replace("}", "\\}")
    sosl = f"FIND {{{escaped}}} IN ALL FIELDS RETURNING {ARTICLE_TYPE}(Id WHERE PublishStatus = 'Online')"
    found = run_search(call.store, call.user, sosl, version="66.0")
    return [record["Id"] for record in found["searchRecords"]]


def _page_url(call: Call, number: int) -> str:
    kept = {name: value for name, value in call.query.items() if name != "pageNumber"}
    if number > 1:
        kept["pageNumber"] = str(number)
    return link(f"{call.version_path}/support/knowledgeArticles", kept)


def _named(call: Call, version: Version) -> dict[str, Any]:
    """What summary and detail have in common."""
    article = version["KnowledgeArticleId"]
    names = {"articleType": ARTICLE_TYPE, "urlName": version["UrlName"]}
    return {
        **(names if call.version_number >= _NAMES_SINCE else {}),
        "articleNumber": version["ArticleNumber"],
        "categoryGroups": categories.of_version(call, version["Id"]),
        "id": article,
        "lastPublishedDate": _moment(version["LastPublishedDate"]),
        "summary": version["Summary"],
        "title": version["Title"],
        "url": f"{call.version_path}/support/knowledgeArticles/{article}",
    }


def _summary(call: Call, version: Version, channel: str) -> dict[str, Any]:
    views, score = _views(call, version, channel)
    counts = {"downVoteCount": 0, "upVoteCount": 0, "viewCount": views, "viewScore": score}
    return {**_named(call, version), **counts}


def _detail(call: Call, version: Version) -> dict[str, Any]:
    counts: dict[str, Any] = {}
    for channel in CHANNELS:
        name = channel.lower()
        views, score = _views(call, version, channel)
        counts |= {f"{name}UpVoteCount": 0, f"{name}DownVoteCount": 0}
        counts |= {f"{name}ViewCount": views, f"{name}ViewScore": score}
    views, score = _views(call, version, "App")
    return {
        **_named(call, version),
        **counts,
        "allViewCount": views,
        "allViewScore": score,
        "createdBy": _person(call, version["CreatedById"]),
        "createdDate": _moment(version["CreatedDate"]),
        "lastModifiedBy": _person(call, version["LastModifiedById"]),
        "lastModifiedDate": _moment(version["LastModifiedDate"]),
        "layoutItems": _layout(call, version["Id"]),
        "versionNumber": version["VersionNumber"],
    }


def _views(call: Call, version: Version, channel: str) -> tuple[int, float]:
    """Views and score in a channel: all of the demo org's readers are inside."""
    if channel != "App":
        return 0, 0.0
    views = version["ArticleTotalViewCount"] or 0
    most = call.store.connection().execute("SELECT max(ArticleTotalViewCount) FROM Knowledge__kav").fetchone()[0]
    return views, round(100 * views / most, 4) if most else 0.0


def _person(call: Call, record: str) -> dict[str, Any]:
    statement = 'SELECT Id, IsActive, Username, FirstName, LastName, Email FROM "User" WHERE Id = ?'
    row = call.store.connection().execute(statement, (record,)).fetchone()
    names = ("id", "isActive", "userName", "firstName", "lastName", "email")
    person = dict(zip(names, row, strict=True))
    return {**person, "isActive": bool(row[1]), "url": f"{call.version_path}/chatter/users/{record}"}


def _layout(call: Call, version: str) -> list[dict[str, Any]]:
    """The layout's fields that the user may see, with their values as text."""
    sobject = call.store.objects[ARTICLE_TYPE]
    fields = [
        each
        for name in _LAYOUT
        if (each := sobject.field(name)) is not None and call.user.can_read_field(ARTICLE_TYPE, each.name)
    ]
    columns = ", ".join(f'"{each.name}"' for each in fields)
    statement = f"SELECT {columns} FROM Knowledge__kav WHERE Id = ?"  # noqa: S608 - names of the schema
    values = call.store.connection().execute(statement, (version,)).fetchone()
    return [_layout_item(call, field, value) for field, value in zip(fields, values, strict=True)]


def _layout_item(call: Call, field: Field, value: Any) -> dict[str, Any]:
    kind = "RICH_TEXT_AREA" if field.html_formatted else _LAYOUT_TYPES.get(field.type, "TEXT")
    name = field.name if call.version_number >= _NAMES_SINCE else field.name.removesuffix("__c")
    text = str(bool(value)).lower() if field.type == "boolean" else None if value is None else str(value)
    return {"label": field.label, "name": name, "type": kind, "value": text}


def _moment(stamp: str | None) -> str | None:
    """A stored moment as this resource writes it: `2026-01-31T09:00:00Z`."""
    return None if stamp is None else f"{stamp[:19]}Z"
