"""Data categories: the groups that articles are filed under, and an article's place in them.

Source: Knowledge Developer Guide, "Data Category Groups", "Data Category Detail", "Articles List" (`categories`).
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import orjson

from salesforce_mcp.demo import data_categories
from salesforce_mcp.demo.data_categories import GROUPS, Category
from salesforce_mcp.demo.errors import ApiError, not_found
from salesforce_mcp.demo.http import Call

SELECTIONS = "Knowledge__DataCategorySelection"
_METHODS = ("ABOVE_OR_BELOW", "AT", "BELOW", "ABOVE")
_MOST = 3
_OBJECT = "KnowledgeArticleVersion"


def groups(call: Call) -> dict[str, Any]:
    """All groups, with their top categories or the whole tree."""
    _check_object(call)
    whole = call.query.get("topCategoriesOnly", "true").lower() == "false"
    shown = [
        {
            "label": name,
            "name": name,
            "objectUsage": _OBJECT,
            "topCategories": [_summary(call, name, each, whole) for each in categories if each.parent is None],
        }
        for name, categories in GROUPS.items()
    ]
    return {"categoryGroups": shown}


def detail(call: Call, group: str, name: str) -> dict[str, Any]:
    """One category with its children."""
    _check_object(call)
    found = data_categories.find(group, name)
    if found is None:
        raise not_found()
    return {**_summary(call, *found, False), "childCategories": _children(call, *found, False)}


def of_version(call: Call, version: str) -> list[dict[str, Any]]:
    """The groups and categories that a version is filed under."""
    statement = (
        f"SELECT DataCategoryGroupName, DataCategoryName FROM {SELECTIONS}"  # noqa: S608 - constant
        " WHERE ParentId = ? AND IsDeleted = 0 ORDER BY DataCategoryGroupName, Id"
    )
    selected: dict[str, list[dict[str, Any]]] = {}
    for group, name in call.store.connection().execute(statement, (version,)).fetchall():
        found = data_categories.find(group, name)
        label = found[1].label if found else name
        selected.setdefault(group, []).append(
            {"categoryLabel": label, "categoryName": name, "url": _url(call, group, name)}
        )
    return [
        {"groupLabel": group, "groupName": group, "selectedCategories": categories}
        for group, categories in selected.items()
    ]


def condition(call: Call, column: str) -> tuple[str, list[str]]:
    """The SQL that `categories` and `queryMethod` of a call put on a version's Id, with its parameters."""
    text = call.query.get("categories")
    if not text:
        return "", []
    wanted = _pairs(text)
    method = call.query.get("queryMethod") or _METHODS[0]
    if method not in _METHODS or len(wanted) > _MOST:
        raise ApiError(400, "INVALID_FILTER_VALUE", f"Invalid value for categories or queryMethod: {text}")
    sql, parameters = "", []
    for group, name in wanted:
        found = data_categories.find(group, name)
        if found is None:
            raise ApiError(400, "INVALID_FILTER_VALUE", f"Invalid data category: {group} {name}")
        names = {found[1].name}
        if method.startswith("ABOVE"):
            names |= {each.name for each in data_categories.above(*found)}
        if method.endswith("BELOW"):
            names |= {each.name for each in data_categories.below(*found)}
        marks = ", ".join("?" * len(names))
        sql += (
            f" AND {column} IN (SELECT ParentId FROM {SELECTIONS} WHERE IsDeleted = 0 AND DataCategoryGroupName = ?"  # noqa: S608
            f" AND DataCategoryName IN ({marks}))"
        )
        parameters += [found[0], *sorted(names)]
    return sql, parameters


def _pairs(text: str) -> list[tuple[str, str]]:
    """`{"group": "category"}`; a group may stand there once."""
    try:
        given = orjson.loads(text)
    except orjson.JSONDecodeError:
        given = None
    if not isinstance(given, dict) or text.count(":") != len(given):
        raise ApiError(400, "ARGUMENT_OBJECT_PARSE_ERROR", f"Invalid value for categories: {text}")
    return [(str(group), str(name)) for group, name in given.items()]


def _check_object(call: Call) -> None:
    name = call.query.get("sObjectName")
    if not name:
        raise ApiError(400, "MISSING_ARGUMENT", "sObjectName")
    if name != _OBJECT:
        raise ApiError(400, "INVALID_TYPE", f"Only {_OBJECT} is supported: {name}")


def _summary(call: Call, group: str, category: Category, whole: bool) -> dict[str, Any]:
    return {
        "childCategories": _children(call, group, category, whole) if whole else None,
        "label": category.label,
        "name": category.name,
        "url": _url(call, group, category.name),
    }


def _children(call: Call, group: str, category: Category, whole: bool) -> list[dict[str, Any]]:
    return [_summary(call, group, each, whole) for each in GROUPS[group] if each.parent == category.name]


def _url(call: Call, group: str, name: str) -> str:
    path = f"support/dataCategoryGroups/{quote(group)}/dataCategories/{quote(name)}"
    return f"{call.version_path}/{path}?sObjectName={_OBJECT}"
