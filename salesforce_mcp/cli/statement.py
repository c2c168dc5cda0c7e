"""The statement that a command was given, and the values for its binds."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from salesforce_mcp.cli.environment import Environment
from salesforce_mcp.errors import ArgumentError, SalesforceError, UsageError

if TYPE_CHECKING:
    from salesforce_mcp.salesforce.client import Client

_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)


def read_statement(here: Environment, given: str | None, file: Path | None) -> str:
    """The statement from the command line, from stdin (`-`) or from a file; a semicolon at its end is dropped.

    Raises UsageError when there is none, or more than one source of it.
    """
    if (given is None) == (file is None):
        raise UsageError(
            "Give the statement as an argument, as - for stdin, or with --file; one of them.",
            hint='For example: sfmcp query "SELECT Name FROM Account LIMIT 5"',
        )
    if file is not None:
        try:
            text = _decoded(str(file), file.read_bytes())
        except OSError as error:
            raise UsageError(f"{file} cannot be read: {error.strerror}.", code="FILE") from error
    elif given == "-":
        text = _decoded("stdin", here.read())
    else:
        # Bytes of an argument that are no UTF-8 came as surrogates, which can't be sent.
        text = _decoded("The statement", os.fsencode(given or ""))
    text = text.strip().removesuffix(";").rstrip()
    if not text:
        raise UsageError("The statement is empty.")
    return text


def refuse_more(words: Sequence[str]) -> None:
    """Raise UsageError where a statement came in several words, as it does without quotes."""
    if words:
        raise UsageError(
            f"The statement came in several words: {' '.join(words)!r} stands outside of it.",
            hint='Quote it for the shell: sfmcp query "SELECT Name FROM Account LIMIT 5"',
        )


def read_binds(given: Iterable[str]) -> dict[str, Any]:
    """Values from `name=text` and `name:=JSON`. Raises UsageError for anything else, and for a name given twice."""
    values: dict[str, Any] = {}
    for entry in given:
        name, equals, text = entry.partition("=")
        typed = name.endswith(":")
        name = name.removesuffix(":").removeprefix(":").strip()
        if not equals or not _NAME.fullmatch(name):
            raise UsageError(
                "--bind takes name=text or name:=JSON.", hint="For example --bind name=Acme --bind 'ids:=[\"001...\"]'."
            )
        if name in values:
            raise UsageError(f"--bind gives {name} twice.")
        text = _decoded(f"The value for {name}", os.fsencode(text))
        values[name] = _json(name, text) if typed else text
    return values


def _decoded(source: str, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{source} is not text in UTF-8.", code="FILE") from error


def bound_statement(client: Client, soql: str, values: Mapping[str, Any]) -> str:
    """The statement with its binds replaced. Raises UsageError where the values don't fit it."""
    if not values and ":" not in soql:
        return soql
    from salesforce_mcp.salesforce.binds import bound

    try:
        return bound(client, soql, values)
    except ArgumentError as error:
        name = error.fields[0] if error.fields else ""
        asks = name not in values or "must be" in error.message
        hint = error.hint or (_bind_hint(name, values) if name and asks else None)
        raise UsageError(error.message, code=error.code, fields=error.fields, hint=hint) from error


@contextmanager
def explained(values: Mapping[str, Any]) -> Iterator[None]:
    """Where the org refuses a bound text because something else belongs there, say how to bind that."""
    try:
        yield
    except SalesforceError as error:
        texts = [name for name, value in values.items() if isinstance(value, str) and value in error.message]
        quoted = "enclosed in quotes" in error.message and "of type date" not in error.message
        if texts and (quoted or error.code == "MALFORMED_QUERY"):
            error.hint = " ".join(filter(None, (error.hint, _bind_hint(texts[0], values))))
        raise


def _bind_hint(name: str, values: Mapping[str, Any]) -> str | None:
    if name not in values:
        return f"Give it with --bind {name}=TEXT; {name}:=JSON for numbers, true, null and lists."
    if isinstance(values[name], str):
        return f"--bind {name}=TEXT is text, in quotes; {name}:=JSON gives numbers, true, null and lists."
    return None


def _json(name: str, text: str) -> Any:
    import orjson

    from salesforce_mcp.salesforce.response import exact_loads

    try:
        return exact_loads(text)
    except orjson.JSONDecodeError as error:
        raise UsageError(
            f"The value for {name} is no JSON: {error.msg} at column {error.colno}.",
            hint=f"For plain text, leave the colon out: --bind {name}=...",
        ) from error
