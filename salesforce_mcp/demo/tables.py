"""The SQLite tables, views and indexes of an org: those of its objects, and those of the server itself.

The server's own tables have lower-case names:

- `server_state`: kind, key, JSON value, and the time (seconds since 1970) when it no longer counts, or NULL.
- `sequences`: the last number given out, by name: of Ids by object, of auto-numbers by `Object.Field`.
- `recently_viewed`: which records each user has looked at.
- `facts`: what the file was made with: `scale`, `seeded` (the day that its dates are relative to).
"""

from __future__ import annotations

import sqlite3

from salesforce_mcp.demo.schema import Field, SObject, SObjects

_SERVER_TABLES = (
    "server_state (kind TEXT, key TEXT, value BLOB, expires REAL, PRIMARY KEY (kind, key))",
    "sequences (name TEXT PRIMARY KEY, value INTEGER NOT NULL)",
    "facts (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    "recently_viewed (UserId TEXT, RecordId TEXT, Type TEXT COLLATE NOCASE, Name TEXT COLLATE NOCASE,"
    " LastViewedDate TEXT, LastReferencedDate TEXT, PRIMARY KEY (UserId, RecordId))",
)


def create_tables(connection: sqlite3.Connection, objects: SObjects) -> None:
    """Make the tables, without indexes, so that bulk inserts are fast."""
    for table in _SERVER_TABLES:
        connection.execute(f"CREATE TABLE {table} WITHOUT ROWID")
    for sobject in objects:
        if sobject.view is None and not sobject.derived:
            columns = ", ".join(_column(each) for each in sobject.stored_fields)
            connection.execute(f'CREATE TABLE "{sobject.name}" ({columns})')


def provide(connection: sqlite3.Connection, objects: SObjects, name: str) -> None:
    """Let this connection see an object whose rows aren't stored, in a temporary table; made when it is first used."""
    if connection.execute("SELECT 1 FROM temp.sqlite_master WHERE name = ?", (name,)).fetchone():
        return
    from salesforce_mcp.demo.tooling.catalogue import rows, whole

    names = [each.name for each in whole(objects, name)]
    columns = ", ".join(_column(each) for each in whole(objects, name))
    places = ", ".join("?" * len(names))
    connection.execute("SAVEPOINT provide")
    connection.execute(f'CREATE TEMPORARY TABLE "{name}" ({columns})')
    connection.executemany(f'INSERT INTO temp."{name}" VALUES ({places})', rows(objects, name))  # noqa: S608 - names of the schema
    connection.execute("RELEASE provide")


def create_indexes(connection: sqlite3.Connection, objects: SObjects) -> None:
    """Make the indexes and, last, the views."""
    for sobject in objects:
        if sobject.view is None and not sobject.derived:
            for each in sobject.stored_fields:
                if _indexed(sobject, each):
                    # Most look-ups are empty, and nobody looks for those: leaving them out keeps the index small.
                    some = f' WHERE "{each.name}" IS NOT NULL' if each.reference_to and each.nillable else ""
                    index = f'"{sobject.name}.{each.name}" ON "{sobject.name}" ("{each.name}"){some}'
                    connection.execute(f"CREATE INDEX {index}")
    for sobject in objects:
        if sobject.view is not None:
            connection.execute(f'CREATE VIEW "{sobject.name}" AS {sobject.view}')


def _column(field: Field) -> str:
    if field.name == "Id":
        return '"Id" TEXT PRIMARY KEY'
    default = f" NOT NULL DEFAULT {int(field.default_value)}" if field.type == "boolean" else ""
    return f'"{field.name}" {field.sql_type}{default}'


def _indexed(sobject: SObject, field: Field) -> bool:
    """As Salesforce does: foreign keys, external Ids, what records are looked up by, and when they last changed."""
    if field.name == "Id":
        return False
    if field.reference_to:
        return field.on_delete != "clear" or field.child_relationship_name is not None
    if field.name in ("CreatedDate", "SystemModstamp"):
        return sobject.can("undeletable")
    return field.id_lookup or field.unique
