"""WITH DATA CATEGORY: articles by the categories that they are filed under.

Source: SOQL and SOSL Reference, "WITH DATA CATEGORY".
"""
# ruff: noqa: S608 - names are those of the schema, values are bound

from __future__ import annotations

from salesforce_mcp.demo import data_categories
from salesforce_mcp.demo.schema import SObject
from salesforce_mcp.demo.soql_engine import refusals
from salesforce_mcp.demo.soql_engine.statement import Statement
from salesforce_mcp.soql.syntax import DataCategories, DataCategory

SELECTIONS = "Knowledge__DataCategorySelection"
_ARTICLES = frozenset({"Knowledge__kav", "KnowledgeArticleVersion"})


def conditions(statement: Statement, sobject: SObject, alias: str, clause: DataCategories) -> list[str]:
    """One condition per category group; an article has to meet them all."""
    if sobject.name not in _ARTICLES:
        sentence = f"WITH DATA CATEGORY is not supported on {sobject.name}"
        raise refusals.placed(statement.request, clause.at, sentence)
    return [_condition(statement, alias, each) for each in clause.filters]


def _condition(statement: Statement, alias: str, filter_: DataCategory) -> str:
    names: set[str] = set()
    group = filter_.group
    for wanted in filter_.categories:
        found = data_categories.find(filter_.group, wanted)
        if found is None:
            sentence = f"Invalid data category: {filter_.group} {wanted}"
            raise refusals.placed(statement.request, filter_.at, sentence, "INVALID_FIELD")
        group, category = found
        names.add(category.name)
        if filter_.operator in ("ABOVE", "ABOVE_OR_BELOW"):
            names.update(each.name for each in data_categories.above(group, category))
        if filter_.operator in ("BELOW", "ABOVE_OR_BELOW"):
            names.update(each.name for each in data_categories.below(group, category))
    return (
        f'{alias}."Id" IN (SELECT ParentId FROM {SELECTIONS} WHERE IsDeleted = 0'
        f" AND DataCategoryGroupName = {statement.bind(group)}"
        f" AND DataCategoryName IN {statement.bind_list(sorted(names))})"
    )
