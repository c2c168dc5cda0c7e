"""What the two users who can log in looked at lately."""

from __future__ import annotations

from salesforce_mcp.demo.seeding.customers import World
from salesforce_mcp.demo.seeding.writer import Writer

_STEP = 47
"""Minutes between two looks."""


def seed(writer: Writer, world: World) -> None:
    """Accounts, contacts, cases and opportunities by turns, the latest first."""
    rows = []
    for place, user in enumerate((writer.users["ada"], writer.users["stan"])):
        looked_at = [writer.users["stan" if place == 0 else "priya"]]
        for number in range(place, 12, 2):
            looked_at += [
                world.accounts[number].id,
                world.contacts[number * 3].id,
                world.cases[number * 5],
                world.opportunities[number][0],
            ]
        for number, record in enumerate(looked_at):
            sobject = writer.objects.by_id(record)
            if sobject is None or sobject.name_field is None:
                continue
            name = sobject.name_field
            column = name.expression.replace("{t}", "t") if name.expression else f't."{name.name}"'
            statement = f'SELECT {column} FROM "{sobject.name}" t WHERE t.Id = ?'  # noqa: S608 - names of the schema
            (shown,) = writer.connection.execute(statement, (record,)).fetchone()
            moment = writer.stamp(writer.now - _STEP * number - place)
            rows.append((user, record, sobject.name, shown, moment, moment))
    writer.connection.executemany("INSERT INTO recently_viewed VALUES (?, ?, ?, ?, ?, ?)", rows)
