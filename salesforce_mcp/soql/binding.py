"""Puts values into a statement for its binds: `WHERE Name = :name`.

This is the one way in which values reach SOQL. Strings are quoted and escaped; numbers, booleans and null stay what
they are; a list becomes `('a','b')`. Standard library only, so that a query from the shell loads no parser.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from salesforce_mcp.errors import ArgumentError
from salesforce_mcp.soql.suggest import nearest

_ESCAPES = str.maketrans(
    {
        "\\": "\\\\",
        "'": "\\'",
        '"': '\\"',
        "\n": "\\n",
        "\r": "\\r",
        "\t": "\\t",
        "\b": "\\b",
        "\f": "\\f",
    }
)
MAX_LENGTH = 100_000
"""Characters of a statement that Salesforce takes."""

_LONGEST_NUMBER = 400
"""Places before or behind the point; written out, a number with a large exponent would fill the memory."""
_LIKE_ESCAPES = str.maketrans({"%": "\\%", "_": "\\_"})

# Strings and comments are passed over; of the colons left, only a bind's has a name after it (a time's has digits).
_PIECE = re.compile(
    r"""
    '[^'\\]*(?:\\.[^'\\]*)*(?:'|\Z)
    | //[^\n]*
    | /\*.*?(?:\*/|\Z)
    | (?: (?P<before> \b(?:LAST_N_|NEXT_N_)\w+ | \bN_\w+_AGO | [(,] ) \s* )? : \s* (?P<name>[a-z_]\w*) (?P<dotted>\.\w)?
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE | re.ASCII,
)


def bind(soql: str, values: Mapping[str, Any], types: Mapping[str, str] | None = None) -> str:
    """The statement with each `:name` replaced by its value.

    `types` says of which describe type the field is that a name is compared with: for `date`, `datetime` and `time` an
    ISO string is written without quotes, as Salesforce wants it (targets.bound_fields finds the fields). Python's own
    dates and times never need it. Raises ArgumentError for a name without a value, a value without a name, an empty
    list, and whatever has no form in SOQL.
    """
    if len(soql) > MAX_LENGTH:
        raise ArgumentError(f"A statement has at most {MAX_LENGTH:,} characters.")
    matches = list(_binds(soql))
    _check_names({match["name"] for match in matches}, values)
    pieces: list[str] = []
    end = 0
    for match in matches:
        name, before = match["name"], match["before"] or ""
        kind = (types or {}).get(name)
        pieces += (soql[end : match.start()], before)
        if before in ("(", ","):
            pieces.append(_items(name, values[name], kind))
        elif before:
            pieces += (":", _count(name, values[name]))
        else:
            pieces += (_blank(match), _literal(name, values[name], kind))
        end = match.end()
    return "".join(pieces) + soql[end:]


def quote(text: str) -> str:
    """A string as SOQL writes it, quotes included."""
    return f"'{text.translate(_ESCAPES)}'"


def like_escape(text: str) -> str:
    """What to put between the quotes of a LIKE pattern to match this text itself: `f"LIKE '{like_escape(x)}%'"`."""
    return text.translate(_ESCAPES).translate(_LIKE_ESCAPES)


def _binds(soql: str) -> Iterator[re.Match[str]]:
    for match in _PIECE.finditer(soql):
        if match["name"] is None:
            continue
        if match["dotted"]:
            raise ArgumentError(
                f"The bind :{match['name']}... has a dot.", hint="A bind is a plain name, such as :account_id."
            )
        yield match


def _blank(match: re.Match[str]) -> str:
    """A blank where a word touches the colon (`IN:ids`), which would run into the value."""
    before = match.string[match.start() - 1 : match.start()]
    return " " if before.isalnum() or before == "_" else ""


def _check_names(used: set[str], values: Mapping[str, Any]) -> None:
    missing = sorted(used - values.keys())
    unused = sorted(values.keys() - used)
    if missing:
        raise ArgumentError(
            f"There is no value for {_listed(missing)}.", fields=missing, hint=_did_you_mean(missing[0], unused)
        )
    if unused:
        raise ArgumentError(
            f"The statement has no {_listed(unused)}, for which there is a value.",
            fields=unused,
            hint=_did_you_mean(unused[0], sorted(used)),
        )


def _listed(names: list[str]) -> str:
    return ", ".join(f":{name}" for name in names)


def _did_you_mean(name: str, others: list[str]) -> str | None:
    near = nearest(name, others, 1)
    return f"Did you mean :{near[0]}?" if near else None


def _literal(name: str, value: Any, kind: str | None) -> str:
    if isinstance(value, list | tuple | set | frozenset):
        return f"({_items(name, value, kind)})"
    return _scalar(name, value, kind)


def _items(name: str, value: Any, kind: str | None) -> str:
    """A list without its parentheses, for `IN (:names)`; a single value as it is."""
    if not isinstance(value, list | tuple | set | frozenset):
        return _scalar(name, value, kind)
    if not value:
        raise ArgumentError(
            f"The list for :{name} is empty, and SOQL has no empty list.",
            fields=[name],
            hint="Leave the condition out, or don't run the query: nothing is in an empty list.",
        )
    return ",".join(_scalar(name, item, kind) for item in value)


def _count(name: str, value: Any) -> str:
    """The n of `LAST_N_DAYS:n`."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ArgumentError(f":{name} counts the units of a date literal and so must be a whole number.", fields=[name])
    return str(int(value))


def _scalar(name: str, value: Any, kind: str | None) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return str(int(value))
        case float() | Decimal():
            return _number(name, value)
        case datetime():
            return _datetime(name, value)
        case date():
            return value.isoformat()
        case time():
            return _time(value)
        case str() if kind in ("date", "datetime", "time"):
            return _iso(name, value, kind)
        case str():
            return quote(value)
    raise ArgumentError(
        f"The value for :{name} is of a type that SOQL has no form for ({type(value).__name__}).", fields=[name]
    )


def _number(name: str, value: float | Decimal) -> str:
    exact = Decimal(repr(value)) if isinstance(value, float) else value
    if not exact.is_finite():
        raise ArgumentError(f"The value for :{name} is not a finite number.", fields=[name])
    if abs(exact.adjusted()) > _LONGEST_NUMBER:
        raise ArgumentError(f"The value for :{name} is beyond all numbers that a field can hold.", fields=[name])
    return format(exact, "f")


def _datetime(name: str, value: datetime) -> str:
    if value.tzinfo is None:
        raise ArgumentError(
            f"The date and time for :{name} has no time zone.", fields=[name], hint="Write 2024-05-31T10:00:00Z."
        )
    precision = "milliseconds" if value.microsecond else "seconds"
    try:
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec=precision) + "Z"
    except OverflowError:
        raise ArgumentError(f"The date and time for :{name} is out of range.", fields=[name]) from None


def _time(value: time) -> str:
    return value.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


_EXAMPLES = {"date": "2024-05-31", "datetime": "2024-05-31T10:00:00Z", "time": "10:00:00Z"}


def _iso(name: str, value: str, kind: str) -> str:
    try:
        if kind == "date":
            return date.fromisoformat(value).isoformat()
        if kind == "time":
            return _time(time.fromisoformat(value))
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise ArgumentError(
            f"The value for :{name} is compared with a {kind} field and is no ISO {kind}: {value!r}.",
            fields=[name],
            hint=f"Write {_EXAMPLES[kind]}.",
        ) from None
    return _datetime(name, moment)
