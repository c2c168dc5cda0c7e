"""`/support` and `/knowledgeManagement`: articles for readers and for those who write them; suggestions.

Source: Knowledge Developer Guide, "Support Knowledge with REST API", "Manage Knowledge with REST APIs".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from salesforce_mcp.demo import records
from salesforce_mcp.demo.context import RequestContext
from salesforce_mcp.demo.errors import ApiError
from salesforce_mcp.demo.http import Call, Handler, Reply, resource
from salesforce_mcp.demo.knowledge import articles, categories, languages, publishing, suggestions

_SCHEDULES = ("publishScheduleDate", "archiveScheduleDate")
_CHANGES: Mapping[str, Callable[[RequestContext, str], None]] = {
    "archived": publishing.archive,
    "draft": publishing.unpublish,
}


def _shows(show: Callable[[Call], dict[str, Any]]) -> Handler:
    return lambda call: Reply(body=show(call))


def change_version(call: Call) -> Reply:
    """PATCH: `publishStatus` publishes, archives or unpublishes; other fields change a draft."""
    given, context, version = call.json_object(), RequestContext.of(call), call.params["version_id"]
    if any(name in given for name in _SCHEDULES):
        raise ApiError(400, "INVALID_OPERATION", "The demo org has no scheduled publishing.")
    status = str(given.pop("publishStatus", "")).lower()
    number = str(given.pop("versionNumber", ""))
    if given:
        fields = {name[:1].upper() + name[1:]: value for name, value in given.items()}
        records.update(context, publishing.ARTICLE_TYPE, version, fields)
    if status == "online":
        publishing.publish(context, version, major=number.lower() == "nextversion")
    elif status in _CHANGES:
        _CHANGES[status](context, version)
    elif status or not given:
        raise ApiError(400, "INVALID_INPUT", f"Invalid value for publishStatus: {status}")
    return Reply(204)


def create_draft(call: Call) -> Reply:
    """POST: a draft of the online version, or of an archived one."""
    given = call.json_object()
    number = given.get("versionNumber")
    if number is not None and not str(number).isdecimal():
        raise ApiError(400, "INVALID_INPUT", f"Invalid value for versionNumber: {number}")
    draft = publishing.create_draft(
        RequestContext.of(call), str(given.get("articleId") or ""), None if number is None else int(number)
    )
    return Reply(201, {"id": draft, "success": True, "errors": []})


def delete_version(call: Call) -> Reply:
    publishing.delete(RequestContext.of(call), call.params["version_id"])
    return Reply(204)


_VERSIONS = "/knowledgeManagement/articleVersions"

routes = [
    resource("GET", "/support/knowledgeArticles", _shows(articles.page)),
    resource("GET", "/support/knowledgeArticles/{key}", _shows(lambda call: articles.detail(call, call.params["key"]))),
    resource("GET", "/support/dataCategoryGroups", _shows(categories.groups)),
    resource(
        "GET",
        "/support/dataCategoryGroups/{group}/dataCategories/{category}",
        _shows(lambda call: categories.detail(call, call.params["group"], call.params["category"])),
    ),
    resource("GET", "/knowledgeManagement/settings", _shows(lambda call: languages.settings(call.store.objects))),
    resource("POST", f"{_VERSIONS}/masterVersions", create_draft),
    *(
        route
        for kind in ("masterVersions", "translations")
        for route in (
            resource("PATCH", f"{_VERSIONS}/{kind}/{{version_id}}", change_version),
            resource("DELETE", f"{_VERSIONS}/{kind}/{{version_id}}", delete_version),
        )
    ),
    resource("GET", "/search/suggestTitleMatches", _shows(suggestions.title_matches)),
    resource("GET", "/search/suggestSearchQueries", _shows(suggestions.search_queries)),
]
