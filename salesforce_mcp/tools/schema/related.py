"""Records that hang on a record (resource `sobjects/{object}/{id}/{relationship}`)."""

from __future__ import annotations

from typing import Any

from salesforce_mcp.errors import SalesforceError
from salesforce_mcp.salesforce.pages import Page
from salesforce_mcp.salesforce.paths import segment
from salesforce_mcp.salesforce.rows import Shaper, flat
from salesforce_mcp.soql.suggest import nearest
from salesforce_mcp.tools.arguments import FieldNames, Limit, ObjectName, RecordId
from salesforce_mcp.tools.context import Context
from salesforce_mcp.tools.pages import locator_cursor
from salesforce_mcp.tools.registry import tool
from salesforce_mcp.tools.results import Record, Result, Table

DEFAULT_LIMIT = 50


@tool(title="Get related records", default=True)
def get_related_records(
    context: Context,
    object: ObjectName,
    id: RecordId,
    relationship: ObjectName,
    fields: FieldNames | None = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Result:
    """Children or parent of one record by relationship name, as in Contacts of an Account or Owner of a Case; name the
    `fields` you need. For conditions or several records use query.
    """
    path = f"sobjects/{segment(object)}/{segment(id)}/{segment(relationship)}"
    try:
        answer = context.client.get(path, params={"fields": ",".join(fields)} if fields else None)
    except SalesforceError as error:
        if error.code == "NOT_FOUND":
            error.hint = _relationships_like(context, object, relationship) or error.hint
        raise
    if "records" not in answer:
        return Record(flat([answer])[0])
    page = Page.parse(answer)
    shaper = Shaper()
    rows = shaper.rows(page.records)
    table = Table(shaper.columns, rows, total=page.total_size, cursor=locator_cursor(page.next_url))
    return context.pages.first(table, limit)


def _relationships_like(context: Context, object_name: str, wanted: str) -> str | None:
    """What would have been right; None when the relationship exists, so that it is the record that doesn't."""
    describe: dict[str, Any] = context.client.describe(object_name)
    known = [field["relationshipName"] for field in describe["fields"] if field.get("relationshipName")]
    children = {
        child["relationshipName"]: child["childSObject"]
        for child in describe["childRelationships"]
        if child.get("relationshipName")
    }
    if wanted.lower() in (name.lower() for name in [*known, *children]):
        return None
    of_object = [name for name, child in children.items() if child.lower() == wanted.lower()]
    near = of_object or nearest(wanted, [*children, *known])
    if near:
        return f"{describe['name']} has no relationship {wanted}. Did you mean {' or '.join(near)}?"
    return f"{describe['name']} has no relationship {wanted}; describe_object lists them."
