"""USING SCOPE: which of an object's rows a query looks at.

Source: SOQL and SOSL Reference, "USING SCOPE". The org has no territories, account teams, delegated approvers or
scoping rules: such scopes hold nothing, and a scoping rule that isn't there hides nothing.
"""
# ruff: noqa: S608 - names are those of the schema, values are bound

from __future__ import annotations

from salesforce_mcp.demo.errors import ApiError
from salesforce_mcp.demo.schema import SObject
from salesforce_mcp.demo.soql_engine.statement import Statement
from salesforce_mcp.soql.syntax import Scope

_ALL = frozenset({"everything", "scopingrule"})
_NONE = frozenset({"my_territory", "my_team_territory", "team"})


def conditions(statement: Statement, sobject: SObject, alias: str, scope: Scope) -> list[str]:
    """The conditions that a scope adds to a query."""
    name = scope.name.lower()
    user = statement.request.user
    owner = "OwnerId" if sobject.field("OwnerId") else "CreatedById" if sobject.field("CreatedById") else "Id"
    owner_sql = f'{alias}."{owner}"'
    if name in _ALL:
        return []
    if name in _NONE:
        return ["0"]
    if name == "mine":
        return [f"{owner_sql} = {statement.bind(user.id)}"]
    if name == "mine_and_my_groups":
        return [f"{owner_sql} IN {statement.bind_list([user.id, *user.groups])}"]
    if name == "queue_owned":
        return [f"{owner_sql} LIKE '00G%'"]
    if name == "user_owned":
        return [f"{owner_sql} LIKE '005%'"]
    if name == "delegated" and sobject.field("CreatedById"):
        me = statement.bind(user.id)
        return [f'({alias}."CreatedById" = {me} AND {owner_sql} <> {me})']
    if name == "mru":
        me = statement.bind(user.id)
        return [f'{alias}."Id" IN (SELECT RecordId FROM recently_viewed WHERE UserId = {me})']
    if name == "allprivate":
        folder = "FolderId" if sobject.field("FolderId") else owner
        return [f"{alias}.\"{folder}\" LIKE '005%'"]
    raise ApiError(400, "INVALID_QUERY_SCOPE", f"Invalid query scope: {scope.name}")
