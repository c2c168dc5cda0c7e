"""The troubleshooting page knows every code that sfmcp gives."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator

from salesforce_mcp.auth.oauth_errors import TABLE
from salesforce_mcp.errors import SfmcpError
from salesforce_mcp.salesforce import hints
from tests.docs.blocks import DOCS, ROOT, check

PAGE = DOCS / "troubleshooting.md"
INSIDE = {"ERROR", "CONFIRMATION_ASKED", "HTTP_"}
"""Never shown: a base class, a step on the way to a question, the beginning of HTTP_502 and the like."""


def raised() -> Iterator[str]:
    """The codes in the source: `code="..."`, `default_code = "..."`, `CODE = "..."`."""
    for tree in trees():
        for node in ast.walk(tree):
            named = isinstance(node, ast.keyword) and node.arg == "code"
            kept = isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in ("default_code", "CODE")
            parts = ast.walk(node) if named or kept else ()
            values = (each.value for each in parts if isinstance(each, ast.Constant))
            yield from (value for value in values if isinstance(value, str) and re.fullmatch(r"[A-Z][A-Z_]+", value))


def exits() -> dict[str, set[int]]:
    """The exit codes of each code: those of the errors that are made with it, or that have it by default."""
    for path in (ROOT / "salesforce_mcp").rglob("*.py"):
        if not {"demo", "__main__.py"} & set(path.parts):
            importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    found: dict[str, set[int]] = {}
    errors = {error.__name__: error for error in descendants(SfmcpError)}
    for error in errors.values():
        found.setdefault(error.default_code, set()).add(error.exit_code)
    for call in (node for tree in trees() for node in ast.walk(tree) if isinstance(node, ast.Call)):
        made = errors.get(getattr(call.func, "id", ""))
        for value in (each for keyword in call.keywords if keyword.arg == "code" for each in ast.walk(keyword.value)):
            if made and isinstance(value, ast.Constant):
                found.setdefault(str(value.value), set()).add(made.exit_code)
    return found


def descendants(error: type[SfmcpError]) -> Iterator[type[SfmcpError]]:
    yield error
    for each in error.__subclasses__():
        yield from descendants(each)


def trees() -> Iterator[ast.Module]:
    for path in (ROOT / "salesforce_mcp").rglob("*.py"):
        if (ROOT / "salesforce_mcp" / "demo") not in path.parents:
            yield ast.parse(path.read_text(encoding="utf-8"))


def listed() -> list[str]:
    """The codes in the first cells of the page's tables."""
    rows = re.findall(r"^\| (`[^|]*) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    return [code for row in rows for code in re.findall(r"`(\w+)`", row)]


def test_every_code_is_explained() -> None:
    codes = set(raised()) - INSIDE
    assert len(codes) > 60
    assert codes - set(listed()) == set()
    assert set(hints._BY_CODE) - set(listed()) == set()


def test_the_exit_codes_are_those_that_the_program_gives() -> None:
    """The section's, unless the row has its own (`Exit code 2.`) or one more (`with exit code 2`)."""
    given, wrong = exits(), []
    for section in PAGE.read_text(encoding="utf-8").split("\n## ")[1:]:
        usual = re.findall(r"^Exit code (\d)", section, re.MULTILINE) or ["1"]
        for row in re.findall(r"^\| `.*", section, re.MULTILINE):
            said = re.findall(r"Exit code (\d)", row) or [*usual, *re.findall(r"with exit code (\d)", row)]
            codes = re.findall(r"`([A-Z_]+)`", row.split(" | ")[0])
            wrong += [(code, said) for code in codes if code in given and given[code] != set(map(int, said))]
    assert len(given) > 60
    assert wrong == []


def test_no_code_is_explained_twice_by_hand() -> None:
    by_hand = PAGE.read_text(encoding="utf-8").split("<!-- login:")
    text = by_hand[0] + by_hand[1].split("<!-- /login -->")[1]
    codes = re.findall(r"`([A-Z][A-Z_]{3,})`", "\n".join(re.findall(r"^\| (`[^|]*) \|", text, re.MULTILINE)))
    assert sorted(codes) == sorted(set(codes))


def refusals() -> str:
    """The login's refusals, from the table that explains them when they happen."""
    said_by_meaning: dict[tuple[str, str], list[str]] = {}
    for row in TABLE:
        words = " or ".join(f"“{each}”" for each in re.sub(r"\\|\(is \)\?", "", row.words).split("|") if each)
        said = ", ".join(filter(None, [f"`{row.error}`" if row.error else "", words]))
        if row.flows:
            said += f" ({', '.join(row.flows)})"
        remedy = re.sub(r"\{(\w+)\}", lambda name: NAMES[name[1]], row.remedy)
        sentence = re.sub(r"\{(\w+)\}", lambda name: NAMES[name[1]], row.sentence)
        said_by_meaning.setdefault((sentence, remedy), []).append(said)
    lines = ["| Salesforce says | what it means | what to do |", "| --- | --- | --- |"]
    lines += [f"| {'; '.join(said)} | {sentence} | {remedy} |" for (sentence, remedy), said in said_by_meaning.items()]
    return "\n".join(lines) + "\n"


NAMES = {
    "login": "sfmcp login --org ALIAS",
    "callback": "`http://localhost:1717/OauthRedirect`",
    "login_url": "the login address",
    "scopes": "api refresh_token",
}
"""What the table's remedies fill in when they are shown."""


def test_the_logins_refusals_are_those_that_the_program_explains(update_snapshots: bool) -> None:
    check(PAGE, "login", refusals(), update=update_snapshots)
