from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from salesforce_mcp.errors import UsageError
from salesforce_mcp.policy import files
from salesforce_mcp.policy.model import Part, Policy, Profile, parse, schema
from salesforce_mcp.policy.rules import Target, combine
from salesforce_mcp.tools import registry

TOOLS = registry.load()


def test_a_byte_order_mark_is_no_mistake(write_policy: Callable[[str], Path]) -> None:
    write_policy("\ufeffread_only = true\n")
    assert [layer.policy.read_only for layer in files.load()] == [True]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("read_only = true\nread_onyl = true\n", 2, "read_onyl: there is no such key"),
        ("\n\nread_only = 'yes'\n", 3, "read_only: Expected `bool`, got a text"),
        ("[limits]\nrows = 5\nupdates = -1\n", 3, "limits.updates"),
        ("[confirm]\ndelete = 'perhaps'\n", 2, "confirm.delete"),
        ("[[profiles]]\nname = 'a'\n[[profiles]]\nname = 'b'\norgs = 'prod'\n", 5, "profiles.1.orgs"),
        ("[[profiles]]\nname = 'a'\n\n[profiles.limits]\nrows = 0\n", 5, "profiles.0.limits.rows"),
        ("deny_fields = ['Email']\n", 1, "is not Object.Field"),
        ("deny_fields = ['Contact.\uff25mail']\n", 1, "is not Object.Field"),
        ("deny_toolsets = ['recods']\n", 1, "there is no toolset 'recods'"),
        ("read_only = false\ndeny_tools = ['delet_record']\n", 2, "did you mean delete_record"),
        ("[[profiles]]\nname = 'a'\nallow_tools = ['nope_*']\n", 3, "there is no tool 'nope_*'"),
        ("read_only = \n", 1, "Invalid value"),
        ("[[profiles]]\norgs = ['a']\n", 1, "profiles.0: it lacks the key `name`"),
        ("deny_fields = 'Contact.Email'\n", 1, "deny_fields: Expected a list, got a text"),
    ],
)
def test_a_mistake_names_file_line_and_key(
    write_policy: Callable[[str], Path], text: str, line: int, words: str
) -> None:
    path = write_policy(text)
    with pytest.raises(UsageError) as mistake:
        files.load()
    assert str(path) in mistake.value.message
    assert f"line {line}" in mistake.value.message
    assert words in mistake.value.message


def test_a_named_file_must_be_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SFMCP_POLICY", str(tmp_path / "none.toml"))
    with pytest.raises(UsageError, match="SFMCP_POLICY"):
        files.load()


def test_later_files_only_tighten(
    machine: Path, write_policy: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.mkdir()
    (machine / "policy.toml").write_text(
        "read_only = true\ndeny_objects = ['Lead']\n[confirm]\ndelete = 'deny'\n[limits]\nrows = 100\n"
        "requests_per_second = 5\n",
        encoding="utf-8",
    )
    write_policy(
        "read_only = false\ndeny_objects = ['Task']\n[limits]\nrows = 500\n"
        "[confirm]\ndelete = 'never'\nemail = 'never'\n"
    )
    (tmp_path / "third.toml").write_text("deny_tools = ['query']\n[confirm]\nemail = 'ask'\n", encoding="utf-8")
    monkeypatch.setenv("SFMCP_POLICY", str(tmp_path / "third.toml"))
    rules = combine(files.load(), Target())
    assert rules.refusal(TOOLS["create_record"])
    assert rules.refusal(TOOLS["query"])
    assert rules.refusal(TOOLS["search"]) is None
    assert (rules.answer("delete"), rules.answer("email"), rules.answer("apex")) == ("deny", "ask", "ask")
    assert (rules.rows, rules.per_second) == (100, 5)
    assert rules.data.refuses_object("lead")
    assert rules.data.refuses_object("TASK")


PROFILES = """
[[profiles]]
name = "production"
environments = ["production"]
read_only = true
[[profiles]]
name = "sandboxes of the robot"
environments = ["sandbox"]
users = ["robot@*"]
[profiles.confirm]
delete = "never"
[[profiles]]
name = "crm"
orgs = ["sales-*"]
allow_toolsets = ["crm"]
allow_tools = ["query*"]
"""


@pytest.mark.parametrize(
    ("target", "tool", "allowed", "deleting"),
    [
        (Target(), "create_record", True, "ask"),
        (Target("prod", "production", "ada@example.com"), "create_record", False, "ask"),
        (Target("prod", "production", "ada@example.com"), "query", True, "ask"),
        (Target("box", "sandbox", "Robot@Example.com"), "create_record", True, "never"),
        (Target("box", "sandbox", "ada@example.com"), "create_record", True, "ask"),
        (Target("sales-eu", "sandbox", "robot@example.com"), "create_record", False, "never"),
        (Target("sales-eu", "sandbox", "x"), "crm_create", True, "ask"),
        (Target("sales-eu", "sandbox", "x"), "query_more", True, "ask"),
        (Target("sales-eu", "production", "x"), "crm_create", False, "ask"),
    ],
)
def test_profiles_hold_where_all_of_them_fits(
    write_policy: Callable[[str], Path], target: Target, tool: str, allowed: bool, deleting: str
) -> None:
    write_policy(PROFILES)
    rules = combine(files.load(), target)
    assert (rules.refusal(TOOLS[tool]) is None) == allowed
    assert rules.answer("delete") == deleting


def keys(model: type[Part], prefix: str = "") -> Iterator[str]:
    """A row of the documentation's table for each key."""
    for name, annotated in get_type_hints(model, include_extras=True).items():
        kind, *_, told = get_args(annotated)
        if isinstance(kind, type) and issubclass(kind, Part):
            yield from keys(kind, f"{prefix}{name}.")
        elif name != "profiles":
            yield f"| `{prefix}{name}` | {told.description} |"


def table() -> str:
    own = [row for row in keys(Profile) if row not in set(keys(Policy))]
    head = ["| key | |", "| --- | --- |"]
    return "\n".join(
        [*head, *keys(Policy), "", "In `[[profiles]]`, beside all of these but `approve`:", "", *head, *own]
    )


def test_the_schema_that_is_shipped_is_the_models(update_snapshots: bool) -> None:
    path = Path(files.__file__).parent / "policy.schema.json"
    text = json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"
    if update_snapshots:
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text, "stale: run pytest tests/policy --update-snapshots"


def test_the_documentation_has_every_key_and_its_examples_are_policies(update_snapshots: bool) -> None:
    path = Path(__file__).parent.parent.parent / "docs" / "policy.md"
    text = path.read_text(encoding="utf-8")
    start, end = "<!-- keys: generated by pytest --update-snapshots -->\n", "<!-- /keys -->"
    before, rest = text.split(start)
    found, after = rest.split(end)
    if update_snapshots:
        path.write_text(f"{before}{start}{table()}\n{end}{after}", encoding="utf-8")
        return
    assert found == f"{table()}\n", "stale: run pytest tests/policy --update-snapshots"
    text += path.with_name("security.md").read_text(encoding="utf-8")
    examples = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    assert len(examples) > 2
    for example in examples:
        parse(tomllib.loads(example))
