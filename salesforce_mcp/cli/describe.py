"""`sfmcp describe`: the org's objects, or one object's fields."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from salesforce_mcp.cli import completion
from salesforce_mcp.cli.commands import add_command
from salesforce_mcp.cli.environment import environment
from salesforce_mcp.cli.options import Form, Org, OutputFile, Quiet, counting_as
from salesforce_mcp.cli.output import Format, chosen_format, write_json, write_rows
from salesforce_mcp.cli.progress import Progress
from salesforce_mcp.errors import UsageError
from salesforce_mcp.wording import counted

FIELD_COLUMNS = ["name", "label", "type", "length", "required", "references", "values"]
OBJECT_COLUMNS = ["name", "label", "prefix", "custom", "queryable", "createable", "updateable", "deletable"]


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    add_command(
        app,
        describe,
        "sfmcp describe --org demo",
        "sfmcp describe --org demo Case --fields Status,Priority",
        "sfmcp describe Account --format json | jq '.childRelationships[].relationshipName'",
    )


def describe(
    object_name: Annotated[
        str | None,
        typer.Argument(
            metavar="OBJECT",
            help="An object's API name. Without it: all objects.",
            show_default=False,
            autocompletion=completion.objects,
        ),
    ] = None,
    fields: Annotated[
        str | None,
        typer.Option(
            metavar="A,B",
            help="Only these fields of the object.",
            show_default=False,
            autocompletion=completion.fields,
        ),
    ] = None,
    form: Form = None,
    output: OutputFile = None,
    org: Org = None,
    quiet: Quiet = False,
) -> None:
    """Show the org's objects, or an object's fields: types, what is required, references, picklist values.

    --format json gives Salesforce's own describe, whole.
    """
    from salesforce_mcp.tools.schema.fields import choose

    if fields and object_name is None:
        raise UsageError("--fields needs the object that they are of.")
    here = environment()
    form = chosen_format(here, form, output)
    tool = "list_objects" if object_name is None else "describe_object"
    with counting_as(tool, org, quiet=quiet) as admission, Progress(here, shown=not quiet):
        client = admission.context.client
        answer = client.describe_global() if object_name is None else client.describe(object_name)
    if object_name is None:
        columns, rows = OBJECT_COLUMNS, [_object(entry) for entry in answer["sobjects"]]
        words = counted(len(rows), "object")
    else:
        chosen = choose(answer, [name.strip() for name in fields.split(",")] if fields else None)
        answer = {**answer, "fields": chosen}
        columns, rows = FIELD_COLUMNS, [_field(field) for field in chosen]
        children = sum(1 for child in answer["childRelationships"] if child.get("relationshipName"))
        counts = f"{counted(len(rows), 'field')}, {counted(children, 'child relationship')}"
        words = f"{answer['name']} ({answer['label']}): {counts}"
    if form is Format.JSON:
        write_json(here, output, answer)
    else:
        write_rows(here, form, output, columns, rows)
    if not quiet and here.stderr.isatty():
        here.say(words)


def _object(entry: dict[str, Any]) -> list[Any]:
    """A row of a describe global's `sobjects`."""
    return [entry["name"], entry["label"], entry.get("keyPrefix"), *(entry[right] for right in OBJECT_COLUMNS[3:])]


def _field(field: dict[str, Any]) -> list[Any]:
    """A row of a describe's `fields`."""
    from salesforce_mcp.tools.schema.fields import active_values, required_on_create

    return [
        field["name"],
        field["label"],
        field["type"],
        field.get("length") or field.get("precision") or None,
        required_on_create(field),
        ", ".join(field.get("referenceTo") or ()) or None,
        "; ".join(active_values(field)) or None,
    ]
