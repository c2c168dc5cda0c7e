"""FOR VIEW and FOR REFERENCE: the records that a query shows count as looked at.

Source: SOQL and SOSL Reference, "FOR VIEW and FOR REFERENCE".
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from salesforce_mcp.demo.soql_engine.dates import instant
from salesforce_mcp.demo.soql_engine.rows import column_of
from salesforce_mcp.demo.soql_engine.statement import quoted

if TYPE_CHECKING:
    from salesforce_mcp.demo.schema import SObject
    from salesforce_mcp.demo.store import Store
    from salesforce_mcp.demo.users import User
    from salesforce_mcp.soql.syntax import Query


def note(store: Store, user: User, sobject: SObject, query: Query, records: list[dict[str, Any]]) -> None:
    """Remember that the user has viewed, or met, these records, if the query says so."""
    viewed, referenced = "VIEW" in query.for_, "REFERENCE" in query.for_
    if not (viewed or referenced) or not records:
        return
    name = column_of("t", sobject.name_field) if sobject.name_field else "NULL"
    now = instant(datetime.now(UTC))
    ids = [record["attributes"]["url"].rpartition("/")[2] for record in records]
    keep_viewed = "excluded" if viewed else "recently_viewed"
    with store.transaction() as connection:
        connection.executemany(
            "INSERT INTO recently_viewed (UserId, RecordId, Type, Name, LastViewedDate, LastReferencedDate)"  # noqa: S608
            f" SELECT ?, t.Id, ?, {name}, ?, ? FROM {quoted(sobject.name)} AS t WHERE t.Id = ?"
            " ON CONFLICT (UserId, RecordId) DO UPDATE SET Name = excluded.Name,"
            f" LastViewedDate = {keep_viewed}.LastViewedDate, LastReferencedDate = excluded.LastReferencedDate",
            ((user.id, sobject.name, now if viewed else None, now, each) for each in ids),
        )
