"""The reference of tools and commands as Markdown, from the registry and from the command line itself."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from typing import Any

import typer

from salesforce_mcp.cli.application import application
from salesforce_mcp.server.flags import parser
from salesforce_mcp.tools import registry
from salesforce_mcp.tools.registry import Tool


def toolsets() -> str:
    """A table of all toolsets."""
    lines = ["| toolset | what for | tools |", "| --- | --- | --- |"]
    for name, what in registry.TOOLSETS.items():
        lines.append(f"| [{name}]({name}.md) | {what} | {len(registry.load([name]))} |")
    for name, members in registry.GROUPS.items():
        meant = "all of these" if set(members) == set(registry.TOOLSETS) else ", ".join(members)
        lines.append(f"| {name} | {meant} | {len(registry.load([name]))} |")
    return "\n".join(lines) + "\n"


def tools(toolset: str) -> str:
    """A section for each tool of a toolset."""
    return "\n".join(_tool(tool) for tool in registry.load([toolset]).values())


def _tool(tool: Tool) -> str:
    facts = [f"Access: {tool.access}", f"API calls: {tool.calls}"] + (["offered by default"] if tool.default else [])
    lines = [f"### {tool.name}", "", _prose(tool.description), "", "; ".join(facts) + ".", ""]
    schema = tool.input_schema
    if schema["properties"]:
        lines += ["| argument | takes | |", "| --- | --- | --- |"]
    for name, property in schema["properties"].items():
        need = "required" if name in schema.get("required", ()) else ""
        if "default" in property:
            need = f"default {_word(property['default'])}"
        lines.append(f"| `{name}` | {_takes(property)} | {need} |")
    return "\n".join([*lines, *([""] if schema["properties"] else [])])


def _takes(schema: dict[str, Any]) -> str:
    """What an argument may be, in a few words."""
    if "enum" in schema:
        return " or ".join(_word(value) for value in schema["enum"])
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(_takes(branch) for branch in schema["anyOf"]))
    kind = {"string": "text", "integer": "number", "boolean": "true or false"}.get(schema.get("type", ""), "")
    if schema.get("type") == "array":
        items = schema.get("items", {})
        kind = f"list: {_takes(items)}"
    elif schema.get("type") == "object" and "properties" in schema:
        kind = "object: " + ", ".join(f"`{name}`" for name in schema["properties"])
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        kind += f", {low:,} to {high:,}"
    elif high is not None:
        kind += f", up to {high:,}"
    elif low is not None:
        kind += f", from {low:,}"
    if "maxItems" in schema:
        kind += f", up to {schema['maxItems']:,}"
    return kind or schema.get("type", "anything")


def _word(value: Any) -> str:
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def commands() -> str:
    """A section for each command, in the order of `sfmcp --help`."""
    group: Any = typer.main.get_command(application(["reference"]))
    with group.make_context("sfmcp", [], resilient_parsing=True) as context:
        sections = [_options(_records(group.params, context), "option"), *_commands(group, context, "sfmcp")]
    return "\n".join(sections)


def _commands(group: Any, context: Any, path: str) -> Iterator[str]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if name == "serve" and path == "sfmcp":
            yield _serve()
            continue
        with command.make_context(name, [], parent=context, resilient_parsing=True) as inner:
            level = "##" if path == "sfmcp" else "###"
            usage = " ".join(command.collect_usage_pieces(inner))
            lines = [f"{level} {path} {name}", "", _prose(command.help or ""), ""]
            lines += ["```text", f"{path} {name} {usage}", "```", ""]
            for kind in ("argument", "option"):
                records = _records((each for each in command.params if each.param_type_name == kind), inner)
                lines += [_options(records, kind)] if records else []
            examples = (command.epilog or "").replace("\b\n", "").split("\n\n")[1:]
            if examples:
                lines += ["```sh", *examples, "```", ""]
            yield "\n".join(lines)
            if hasattr(command, "list_commands"):
                yield from _commands(command, inner, f"{path} {name}")


def _records(parameters: Iterable[Any], context: Any) -> list[tuple[str, str]]:
    return [record for each in parameters if (record := each.get_help_record(context)) and "--help" not in record[0]]


def _options(records: Iterable[tuple[str, str]], kind: str) -> str:
    lines = [f"| {kind} | |", "| --- | --- |"]
    for name, help in records:
        lines.append(f"| `{_cell(name)}` | {_cell(_prose(help))} |")
    return "\n".join([*lines, ""])


def _serve() -> str:
    """`sfmcp serve` reads its own flags: typer would cost its start a tenth of a second."""
    flags = parser()
    records = []
    for action in flags._actions:
        if isinstance(action, argparse._HelpAction):
            continue
        value = action.metavar or ("|".join(action.choices) if action.choices else "")
        records.append((f"{action.option_strings[0]} {value}".rstrip(), f"{action.help}."))
    usage = "sfmcp serve [OPTIONS]"
    lines = ["## sfmcp serve", "", flags.description or "", "", "```text", usage, "```", ""]
    return "\n".join([*lines, _options(records, "option"), _prose(flags.epilog or ""), ""])


def _prose(text: str) -> str:
    """Text that Markdown shows as it is."""
    parts = text.split("`")
    for place in range(0, len(parts), 2):
        for sign in ("*", "<"):
            parts[place] = parts[place].replace(sign, f"\\{sign}")
    return "`".join(parts)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
