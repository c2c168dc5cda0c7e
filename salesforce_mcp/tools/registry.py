"""The one place where a tool comes into being: `@tool` on a typed function.

Name, description, input schema, hints, toolset, policy entry, the README's row and `sfmcp call` all come from that
declaration. The function takes the call's `Context` first; each further parameter is an argument of the tool. Toolsets
are modules (or packages of modules) of this package, and are imported only when asked for.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, TypeVar, get_type_hints

from salesforce_mcp.errors import ArgumentError, UsageError

if TYPE_CHECKING:
    from pydantic import BaseModel

    from salesforce_mcp.tools.context import Context
    from salesforce_mcp.tools.results import Result

Access = Literal["read", "write", "destructive"]
Asks = Literal["delete", "update_many", "bulk", "email", "publish", "apex", "action", "parts"]
App = Literal["result", "timeline"]
Check = Callable[[Mapping[str, Any]], object]
Fits = Callable[["Context", Mapping[str, Any]], object]
Function = TypeVar("Function", bound="Callable[..., Result]")

TOOLSETS: Mapping[str, str] = {
    "query": "SOQL and SOSL, paging, export to files",
    "schema": "objects, fields, limits, who am I",
    "records": "read, create, update, upsert and delete records",
    "composite": "several requests in one call, record trees, graphs",
    "bulk": "many records from CSV files by Bulk API 2.0",
    "reports": "reports and dashboards",
    "crm": "contacts, leads, deals and the like under plain names",
    "chatter": "feeds, posts, people, groups, topics",
    "knowledge": "articles: read, write, publish; suggestions",
    "cases": "open, answer, categorize cases; timeline, articles, logged conversations",
    "files": "files on records: list, download, upload",
    "service_metrics": "case trends, deflection, first response times",
    "actions": "invocable actions: standard, flows, Apex",
    "tooling": "tooling queries, Apex, search synonyms",
}
"""Toolset names and what each is for; each is a module or package here."""

HOME = ("query", "schema", "records", "reports")
"""Toolsets that the default tools are in: a start without flags imports these alone."""

GROUPS: Mapping[str, tuple[str, ...]] = {
    "all": tuple(TOOLSETS),
    "service": ("query", "records", "cases", "knowledge", "service_metrics"),
}
"""Names that stand for several toolsets."""


@dataclass(frozen=True)
class Tool:
    """A tool, as declared. See `tool` for the fields."""

    name: str
    toolset: str
    title: str
    access: Access
    idempotent: bool
    default: bool
    calls: str
    function: Callable[..., Result]
    asks: Asks | None = None
    app: App | None = None
    check: Check | None = None
    fits: Fits | None = None

    @cached_property
    def description(self) -> str:
        """The function's docstring as clients read it: a line each paragraph."""
        paragraphs = inspect.cleandoc(self.function.__doc__ or "").split("\n\n")
        return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)

    @cached_property
    def _parameters(self) -> dict[str, inspect.Parameter]:
        """Those of the function, without the context."""
        return dict(list(inspect.signature(self.function).parameters.items())[1:])

    @cached_property
    def arguments(self) -> type[BaseModel]:
        """The pydantic model of the arguments. Unknown ones are refused."""
        from pydantic import ConfigDict, create_model

        hints = get_type_hints(self.function, include_extras=True)
        fields: dict[str, Any] = {}
        for name, parameter in self._parameters.items():
            default = ... if parameter.default is parameter.empty else parameter.default
            # An argument called like a word of Python's has an underscore in the function: `for_`.
            fields[name.removesuffix("_")] = (hints[name], default)
        config = ConfigDict(extra="forbid", hide_input_in_errors=True, allow_inf_nan=False)
        return create_model(self.name, __config__=config, **fields)

    @cached_property
    def input_schema(self) -> dict[str, Any]:
        """JSON Schema of the arguments, without what costs tokens and says nothing."""
        whole = self.arguments.model_json_schema()
        schema: dict[str, Any] = _compact(_inline(whole, whole.pop("$defs", {})))
        schema.setdefault("properties", {})
        return schema

    def validate(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Check arguments and give them their types.

        Raises ArgumentError that names each wrong argument and what it should be, and what `check` raises.
        """
        from pydantic import ValidationError

        try:
            model = self.arguments.model_validate(dict(arguments))
        except ValidationError as error:
            raise _explain(self, error, arguments) from None
        values = {name: getattr(model, name.removesuffix("_")) for name in self._parameters}
        if self.check:
            self.check(values)
        return values


_declared: dict[str, Tool] = {}


def tool(
    *,
    title: str,
    access: Access = "read",
    idempotent: bool | None = None,
    default: bool = False,
    calls: str = "1",
    asks: Asks | None = None,
    app: App | None = None,
    check: Check | None = None,
    fits: Fits | None = None,
) -> Callable[[Function], Function]:
    """Declare a tool.

    `title` is what people see. `access` is what it may do in the org. `idempotent`: the same call twice leaves the org
    as one would (reads always do). `default`: offered without asking for its toolset. `calls` says how many API calls
    it spends, for the README. `asks` is what the call does that people may want to confirm first: deleting (taken for
    granted of destructive tools), changing many `records`, a bulk job by its `operation`, sending email, publishing,
    running Apex, an `action` of the org, or whatever its parts do (`parts`: composite requests). `app`: clients that
    can show people its answer, as charts, tables and fields, or as a timeline. `check` refuses checked arguments by
    raising an error: for what a person should not be asked about first, since it will not be done anyway. `fits` does
    so with what the org says, before each call of the function.
    """

    def declare(function: Function) -> Function:
        toolset = function.__module__.removeprefix(f"{__package__}.").split(".")[0]
        name = function.__name__
        if name in _declared and _declared[name].function.__module__ != function.__module__:
            raise RuntimeError(f"The tool {name} is declared twice.")
        _declared[name] = Tool(
            name=name,
            toolset=toolset,
            title=title,
            access=access,
            idempotent=access == "read" if idempotent is None else idempotent,
            default=default,
            calls=calls,
            function=function,
            asks=asks or ("delete" if access == "destructive" else None),
            app=app,
            check=check,
            fits=fits,
        )
        return function

    return declare


def load(toolsets: Iterable[str] = tuple(TOOLSETS)) -> dict[str, Tool]:
    """Import these toolsets; their tools by name, in order of toolset, module and declaration.

    Raises UsageError for a toolset that doesn't exist.
    """
    wanted: dict[str, None] = {}
    for name in toolsets:
        if name not in TOOLSETS and name not in GROUPS:
            raise UsageError(f"There is no toolset {name!r}.", hint=f"Toolsets: {', '.join([*TOOLSETS, *GROUPS])}.")
        wanted.update(dict.fromkeys(GROUPS.get(name, (name,))))
    for name in wanted:
        module = importlib.import_module(f"{__package__}.{name}")
        if hasattr(module, "__path__"):
            for entry in pkgutil.iter_modules(module.__path__):
                importlib.import_module(f"{module.__name__}.{entry.name}")
    # By module, since what else was imported before decides which module declared its tools first.
    declared = sorted(_declared.items(), key=lambda item: item[1].function.__module__)
    return {name: entry for key in wanted for name, entry in declared if entry.toolset == key}


def _inline(node: Any, definitions: Mapping[str, Any]) -> Any:
    """The schema with its definitions where they are used: not all clients follow references."""
    if isinstance(node, list):
        return [_inline(item, definitions) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return _inline(definitions[node["$ref"].removeprefix("#/$defs/")], definitions)
    return {key: _inline(value, definitions) for key, value in node.items()}


def _compact(node: Any, *, names: bool = False) -> Any:
    """Take titles, null branches and null defaults out of a JSON Schema. `names`: the keys of `node` are names."""
    if isinstance(node, list):
        return [_compact(item) for item in node]
    if not isinstance(node, dict):
        return node
    if names:
        return {key: _compact(value) for key, value in node.items()}
    kept = {
        key: _compact(value, names=key == "properties")
        for key, value in node.items()
        if key != "title" and not (key == "default" and value is None)
    }
    if "anyOf" in kept:
        branches = [branch for branch in kept["anyOf"] if branch != {"type": "null"}]
        if len(branches) == 1:
            del kept["anyOf"]
            kept = {**branches[0], **kept}
        else:
            kept["anyOf"] = branches
    return kept


def _explain(entry: Tool, error: Any, arguments: Mapping[str, Any]) -> ArgumentError:
    """One sentence for each argument that is wrong."""
    known = list(entry.arguments.model_fields)
    sentences: dict[str, list[str]] = {}
    for problem in error.errors(include_url=False, include_context=True, include_input=False):
        where = _place(problem["loc"], arguments) or "arguments"
        if problem["type"] == "extra_forbidden":
            words = f"no such argument; {entry.name} takes {', '.join(known) or 'none'}"
        elif problem["type"] == "missing":
            words = "required"
        else:
            # pydantic calls a JSON object a dictionary, as Python does.
            words = problem["msg"].removeprefix("Value error, ").replace("valid dictionary", "JSON object")
            words = words.removesuffix(", unable to interpret input")
        sentences.setdefault(where, []).append(words)
    told = [f"{where}: {_either(list(dict.fromkeys(words)))}" for where, words in sentences.items()]
    return ArgumentError("; ".join(told) + ".", fields=tuple(sentences))


def _place(path: tuple[str | int, ...], given: Any) -> str:
    """Where something is in the arguments, without what pydantic calls the types that a value may have."""
    names = []
    for part in path:
        inside = isinstance(given, Mapping) and part in given
        if not inside and isinstance(part, str) and (part in _TYPES or not part.isidentifier()):
            continue
        names.append(str(part))
        given = given[part] if inside or _has_place(given, part) else None
    return ".".join(names)


def _has_place(given: Any, part: str | int) -> bool:
    return isinstance(given, list) and isinstance(part, int) and part < len(given)


def _either(sentences: list[str]) -> str:
    """What is wrong with one value, for each type that it may have."""
    first, *others = sentences
    if all(each.startswith(_SHOULD) for each in sentences):
        return " or ".join([first, *(each.removeprefix(_SHOULD) for each in others)])
    return "; ".join(sentences)


_SHOULD = "Input should be "
_TYPES = frozenset({"bool", "float", "int", "str"})
"""What pydantic calls types that need no description."""
