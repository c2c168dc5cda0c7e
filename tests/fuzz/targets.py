"""What is fuzzed without a network: statements, values, arguments, files and what is rendered.

A check passes when the input is taken, or refused with an error of ours that has a code and words.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from salesforce_mcp.errors import SfmcpError
from salesforce_mcp.policy import confirmation, files
from salesforce_mcp.policy.rules import Rules
from salesforce_mcp.salesforce import bulk2, selection
from salesforce_mcp.salesforce.caller import calling
from salesforce_mcp.salesforce.loading import source
from salesforce_mcp.salesforce.response import Response
from salesforce_mcp.salesforce.unexpected import understood
from salesforce_mcp.server.render import render
from salesforce_mcp.soql import binding, checks
from salesforce_mcp.soql.parser import parse
from salesforce_mcp.soql.sosl import check_search, parse_sosl
from salesforce_mcp.soql.targets import bound_fields, fields
from salesforce_mcp.tools import registry
from salesforce_mcp.tools.pages import PageStore
from salesforce_mcp.tools.reports.facts import Facts
from salesforce_mcp.tools.results import Sections
from tests.tools.bases import BASES

TOOLS = registry.load()


@dataclass(frozen=True)
class Target:
    """`load` makes an input of a file in `found/NAME`."""

    check: Callable[[Any], None]
    inputs: SearchStrategy[Any]
    load: Callable[[bytes], Any] = lambda content: content.decode("utf-8", "surrogateescape")
    examples: int = 50


# --- Values ----------------------------------------------------------------------------------------------------------

WORDS = st.text(max_size=30) | st.sampled_from(
    [
        "",
        " ",
        "\x00",
        "\ud800",
        "\u202e",
        "'",
        '"',
        "\\",
        "{",
        "%",
        "..",
        "/",
        "\r\n",
        "A" * 5000,
        "#N/A",
        "001",
        "=1+1",
    ]
)
NUMBERS = st.integers() | st.floats() | st.sampled_from([10**400, -(10**4000), 2**63, 1e308, -0.0, 1e400])
SCALARS = st.none() | st.booleans() | NUMBERS | WORDS
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4))


def nested(depth: int, leaf: Any = 1) -> Any:
    """A list in a list, `depth` of them."""
    for _ in range(depth):
        leaf = [leaf]
    return leaf


def refused(error: SfmcpError) -> None:
    """It is an error that helps."""
    assert error.code
    assert error.message.strip()
    assert len(str(error)) < 40_000
    assert "Traceback" not in str(error)


# --- SOQL, SOSL, binds -----------------------------------------------------------------------------------------------

_SOQL = [
    "SELECT",
    "FROM",
    "WHERE",
    "AND",
    "OR",
    "NOT",
    "IN",
    "LIKE",
    "INCLUDES",
    "EXCLUDES",
    "GROUP",
    "BY",
    "ROLLUP",
    "CUBE",
    "HAVING",
    "ORDER",
    "ASC",
    "DESC",
    "NULLS",
    "FIRST",
    "LAST",
    "LIMIT",
    "OFFSET",
    "FOR",
    "VIEW",
    "UPDATE",
    "TRACKING",
    "USING",
    "SCOPE",
    "mine",
    "WITH",
    "SECURITY_ENFORCED",
    "DATA",
    "CATEGORY",
    "AT",
    "ABOVE",
    "TYPEOF",
    "WHEN",
    "THEN",
    "ELSE",
    "END",
    "ALL",
    "ROWS",
    "FIELDS(ALL)",
    "COUNT()",
    "COUNT(Id)",
    "toLabel(Name)",
    "DISTANCE(Location__c,GEOLOCATION(1,2),'km')",
    "Account",
    "a.Name",
    "Contacts",
    "Owner.Name",
    "Id",
    "Name",
    "=",
    "!=",
    "<",
    ">",
    "<=",
    ">=",
    "(",
    ")",
    ",",
    ".",
    ":",
    "'",
    "\\'",
    "'x'",
    "'%_'",
    "1",
    "-1",
    "1.5e3",
    "1e400",
    "null",
    "TRUE",
    "TODAY",
    "LAST_N_DAYS:30",
    "N_DAYS_AGO:1",
    "2024-01-01",
    "2024-01-01T00:00:00Z",
    "USD5",
    ":name",
    "/*",
    "*/",
    "//",
    "$",
    "`",
]
_SOSL = [
    "FIND",
    "{",
    "}",
    "IN",
    "ALL",
    "FIELDS",
    "NAME",
    "EMAIL",
    "RETURNING",
    "Account",
    "Case(",
    "Id,",
    ")",
    "WHERE",
    "LIMIT",
    "OFFSET",
    "WITH",
    "HIGHLIGHT",
    "SNIPPET",
    "(target_length=1)",
    "DIVISION",
    "=",
    "'x'",
    "NETWORK",
    "IN",
    "METADATA",
    "PricebookId",
    "UPDATE",
    "TRACKING",
    "*",
    "?",
    '"',
    "AND",
    "OR",
    "NOT",
    "\\{",
    "\\",
    "~",
    "-",
    "USING",
    "ListView=Recent",
    "ORDER",
    "BY",
    ":term",
]


def _statements(words: list[str]) -> SearchStrategy[str]:
    piece = (
        st.sampled_from(words) | st.text(max_size=6) | st.sampled_from(["(" * 200, ")" * 200, "NOT " * 100, "a." * 50])
    )
    return st.text() | st.lists(piece, max_size=40).map(" ".join)


def check_soql(soql: str) -> None:
    selection.read(soql)
    bulk2.refuses(soql)
    try:
        query = parse(soql)
        checks.check(query, soql)
    except SfmcpError as error:
        refused(error)
        return
    list(fields(query))
    bound_fields(query)


def check_sosl(sosl: str) -> None:
    try:
        check_search(parse_sosl(sosl), sosl)
    except SfmcpError as error:
        refused(error)


def check_bind(given: tuple[str, Mapping[str, Any], Mapping[str, str]]) -> None:
    soql, values, types = given
    try:
        bound = binding.bind(soql, values, types)
    except SfmcpError as error:
        refused(error)
        return
    texts = sum(len(value) if isinstance(value, str) else 100 for value in values.values())
    assert len(bound) < len(soql) * 5000 + 10 * texts + 50_000


_NAMED = st.sampled_from(["name", "a", "b", "ids"])
_BINDS = st.tuples(
    st.lists(
        st.sampled_from(
            [
                "SELECT Id FROM A WHERE x = :name",
                " IN :ids",
                ":a",
                "(:a, :b)",
                "LAST_N_DAYS::a",
                "':a'",
                "// :b",
                "/*",
                "'",
            ]
        )
        | st.text(max_size=5),
        max_size=6,
    ).map(" ".join),
    st.dictionaries(_NAMED, SCALARS | st.lists(SCALARS, max_size=3) | st.dates() | st.datetimes() | st.decimals()),
    st.dictionaries(_NAMED, st.sampled_from(["date", "datetime", "time", "string", "x"])),
)


# --- Tool arguments --------------------------------------------------------------------------------------------------


def from_schema(schema: Mapping[str, Any]) -> SearchStrategy[Any]:
    """Values that fit a tool's schema, mostly."""
    if "anyOf" in schema:
        return st.one_of([from_schema(branch) for branch in schema["anyOf"]])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "const" in schema:
        return st.just(schema["const"])
    match schema.get("type"):
        case "boolean":
            return st.booleans()
        case "integer":
            return st.integers(schema.get("minimum"), schema.get("maximum"))
        case "number":
            return st.floats(allow_nan=False)
        case "string":
            return WORDS
        case "array":
            return st.lists(from_schema(schema.get("items", {})), max_size=3)
        case "object" if "properties" in schema:
            return st.fixed_dictionaries({}, optional={k: from_schema(v) for k, v in schema["properties"].items()})
        case "object":
            return st.dictionaries(WORDS, JSON, max_size=3)
    return JSON


@st.composite
def _calls(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """A tool with arguments that it could take, some replaced by what fits the schema, some by anything."""
    name = draw(st.sampled_from(sorted(TOOLS)))
    schema = TOOLS[name].input_schema
    arguments = dict(BASES[name])
    for key in draw(st.lists(st.sampled_from(sorted(schema["properties"]) or ["x"]), max_size=3)):
        how = draw(st.sampled_from(["fitting", "anything", "nested", "gone"]))
        if how == "gone":
            arguments.pop(key, None)
        elif how == "nested":
            arguments[key] = nested(draw(st.sampled_from([3, 200, 700])), draw(SCALARS))
        else:
            arguments[key] = draw(from_schema(schema["properties"].get(key, {})) if how == "fitting" else JSON)
    if draw(st.integers(0, 9)) == 0:
        arguments[draw(WORDS)] = draw(JSON)
    return name, arguments


def check_arguments(given: tuple[str, dict[str, Any]]) -> None:
    name, arguments = given
    tool = TOOLS[name]
    try:
        values = tool.validate(arguments)
        confirmation.decide(tool, values, Rules())
    except SfmcpError as error:
        refused(error)


# --- Files -----------------------------------------------------------------------------------------------------------

_folder = tempfile.TemporaryDirectory(prefix="sfmcp-fuzz-")


def _written(name: str, content: bytes) -> Path:
    path = Path(_folder.name, name)
    path.write_bytes(content)
    return path


def check_policy(content: bytes) -> None:
    try:
        files._read(_written("policy.toml", content), machine=False)
    except SfmcpError as error:
        refused(error)


_TOML = st.lists(
    st.sampled_from(
        """read_only = true|approve = "all"|allow_tools = ["query"]|deny_fields = ["Contact.Email"]|allow_toolsets = [1]
        [confirm]|delete = "ask"|[limits]|rows = 5|rows = 99999999999999999999|rows = 1e400|[[profiles]]|name = "a"
        orgs = ["*"]|environments = ["production"]|users = []|[profiles.confirm]|a.b.c = 1|"" = 1|= |x = [[[[|'''|#
        deny_tools = ["*", "["]|date = 2024-02-30|[limits]|limits = 3|profiles = {}|deny_objects = 'Account'""".replace(
            "\n", "|"
        ).split("|")
    )
    | st.text(max_size=12)
    | st.sampled_from(["[" * 2000, "a." * 2000 + "b = 1", "x = " + "{a=" * 500, "x = " + "9" * 5000]),
    max_size=12,
).map(lambda lines: "\n".join(lines).encode("utf-8", "surrogatepass"))


def check_csv(content: bytes) -> None:
    try:
        found = source.scan(_written("rows.csv", content))
        for skip, size in ((0, source.MAX_PART), (1, 200)):
            sent = sum(part.rows for part in source.parts(found, skip=skip, size=size))
            assert sent == max(found.rows - skip, 0)
        for row in source.read_rows(found):
            assert all(isinstance(cell, str) for cell in row)
    except SfmcpError as error:
        refused(error)


_CSV = st.lists(
    st.sampled_from(
        [b"Name", b"Id", b",", b";", b'"', b'""', b"\n", b"\r\n", b"\r", b"\x00", b"\xff", b"\xef\xbb\xbf", b"a" * 300]
    )
    | st.binary(max_size=8)
    | st.just(b"x" * 140_000),
    max_size=30,
).map(b"".join)


# --- What is rendered ------------------------------------------------------------------------------------------------

_CELL = st.fixed_dictionaries({}, optional={"label": SCALARS, "value": JSON})
_GROUPING = st.recursive(
    st.fixed_dictionaries({"key": SCALARS, "label": SCALARS}),
    lambda inner: st.fixed_dictionaries({"key": WORDS, "label": WORDS, "groupings": st.lists(inner, max_size=3)}),
    max_leaves=6,
)
_NAMES = st.lists(st.sampled_from(["s!AMOUNT", "RowCount", "NAME"]), max_size=3)
_RUN = st.fixed_dictionaries(
    {
        "factMap": st.dictionaries(
            st.sampled_from(["T!T", "0!T", "0_0!T", "0!0", "T!0"]),
            st.fixed_dictionaries(
                {},
                optional={
                    "aggregates": st.lists(_CELL, max_size=3),
                    "rows": st.lists(st.fixed_dictionaries({"dataCells": st.lists(_CELL, max_size=3)}), max_size=3),
                },
            ),
        ),
        "reportMetadata": st.fixed_dictionaries(
            {"aggregates": _NAMES, "detailColumns": _NAMES},
            optional={"groupingsDown": st.lists(st.fixed_dictionaries({"name": WORDS}), max_size=2)},
        ),
        "reportExtendedMetadata": st.dictionaries(
            st.sampled_from(["aggregateColumnInfo", "detailColumnInfo", "groupingColumnInfo"]),
            st.dictionaries(st.sampled_from(["s!AMOUNT", "NAME"]), st.fixed_dictionaries({"label": SCALARS})),
        ),
        "groupingsDown": st.fixed_dictionaries({"groupings": st.lists(_GROUPING, max_size=3)}),
        "groupingsAcross": st.none() | st.fixed_dictionaries({"groupings": st.lists(_GROUPING, max_size=2)}),
    }
)


@st.composite
def _runs(draw: st.DrawFn) -> Any:
    return mutated(draw, draw(_RUN))


def mutated(draw: st.DrawFn, value: Any) -> Any:
    """The value, with a part of it taken away or replaced now and then."""
    for _ in range(draw(st.integers(0, 2))):
        place: Any = value
        while isinstance(place, dict | list) and place:
            keys = list(place) if isinstance(place, dict) else range(len(place))
            key = draw(st.sampled_from(keys))
            if not isinstance(place[key], dict | list) or not place[key] or draw(st.integers(0, 3)) == 0:
                if isinstance(place, dict) and draw(st.booleans()):
                    del place[key]
                else:
                    place[key] = draw(JSON | st.builds(nested, st.sampled_from([30, 200, 900])))
                break
            place = place[key]
        else:
            value = draw(JSON)
    return value


def check_report(run: Any) -> None:
    """As it comes off the wire: what JSON can't say doesn't come."""
    try:
        with calling(lambda: None) as caller, understood(caller, writes=False):
            caller.count()
            facts = Facts(Response(200, {"Content-Type": "application/json"}, wire(run)).json())
            parts = Sections([("Totals", facts.totals()), ("Details", facts.details())])
        shown = render(parts, TOOLS["run_report"], PageStore(), 2000)
    except SfmcpError as error:
        refused(error)
        return
    assert len(shown.text) < 200_000


def wire(value: Any) -> bytes:
    """JSON as a hostile org writes it: also 1e400, NaN, half characters, thousands of digits."""
    import sys

    before = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(0)
    try:
        return json.dumps(value).replace("Infinity", "1e400").encode()
    finally:
        sys.set_int_max_str_digits(before)


TARGETS: dict[str, Target] = {
    "soql": Target(check_soql, _statements(_SOQL)),
    "sosl": Target(check_sosl, _statements(_SOSL).map(lambda text: text if len(text) % 2 else f"FIND {{{text}}}")),
    "bind": Target(check_bind, _BINDS, lambda content: json.loads(content)),
    "arguments": Target(check_arguments, _calls(), lambda content: json.loads(content)),
    "policy": Target(check_policy, st.binary() | _TOML, bytes),
    "csv": Target(check_csv, st.binary() | _CSV, bytes),
    "report": Target(check_report, _runs(), lambda content: json.loads(content)),
}
