"""The conversations in the documentation: what the tools answer there is what they answer on a fresh demo org.

A page has `<!-- call TOOL {arguments} -->`, what was called and answered, and `<!-- /call -->`. An argument
`@Case(CaseNumber = '00001003')` is the Id of that record, `@id` and `@cursor` the first of
the answer before.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from salesforce_mcp.demo.local import DemoOrg
from salesforce_mcp.errors import SfmcpError
from tests.docs.blocks import DOCS, STALE
from tests.tools.demo import Demo

CALL = re.compile(r"<!-- call (?P<tool>\w+) (?P<arguments>\{[^\n]*\}) -->\n(?P<said>.*?)<!-- /call -->\n", re.DOTALL)
PAGES = sorted(page.stem for page in (DOCS / "tools").glob("*.md") if "<!-- call " in page.read_text(encoding="utf-8"))
FILES = {
    "contacts.csv": "LastName,Email,Title\nDoe,jo.doe@example.com,Buyer\nRoe,nowhere,Engineer\n",
    "photo.txt": "panel, left side\n",
}
"""What lies in the export folder, for tools that read files."""
PASSING = (
    (re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|\+0000)?)?"), "<moment>"),
    (re.compile(r'(?<=cursor ")[^"]+|(?<="cursor": ")[^"]+'), "<cursor>"),
    (re.compile(r"\b\w{3}5g0\w{12}\b"), "<id>"),
    (re.compile(r"[0-9a-f]{32}-\w{4}"), "<guid>"),
    (re.compile(r"milliseconds: \d+"), "milliseconds: <passed>"),
)
"""What differs from day to day: it is shown as it was when the page was written."""
FIGURES = ("get_case_trends", "get_sla_compliance", "get_deflection_metrics", "get_limits", "explain_query")
"""Tools whose figures depend on the day, since the org's records lie before the day on which it was made."""


def lasting(tool: str, text: str) -> str:
    """The part of the text that is the same every day."""
    for pattern, shown in PASSING:
        text = pattern.sub(shown, text)
    return re.sub(r"\d[\d.,]*", "#", text) if tool in FIGURES else text


def meant(demo: Demo, value: Any, before: str) -> Any:
    """The argument with the Ids that it stands for."""
    if isinstance(value, dict):
        return {key: meant(demo, each, before) for key, each in value.items()}
    if isinstance(value, list):
        return [meant(demo, each, before) for each in value]
    if value in ("@id", "@cursor"):
        found = re.search(r"\b\w{3}5g0\w{12}\b" if value == "@id" else r'(?<=cursor ")[^"]+', before)
        assert found, f"no {value} in: {before}"
        return found[0]
    record = re.fullmatch(r"@(\w+)\((.*)\)", value) if isinstance(value, str) else None
    return demo.rows(f"SELECT Id FROM {record[1]} WHERE {record[2]}")[0]["Id"] if record else value


@pytest.mark.parametrize("name", PAGES)
def test_the_tools_answer_as_the_page_shows(
    name: str, tmp_path: Path, private_folders: Path, monkeypatch: pytest.MonkeyPatch, update_snapshots: bool
) -> None:
    monkeypatch.setenv("SFMCP_ALLOW_APEX", "1")
    exports = private_folders / "export"
    exports.mkdir()
    for file, content in FILES.items():
        (exports / file).write_text(content, encoding="utf-8")
    page = DOCS / "tools" / f"{name}.md"
    text = page.read_text(encoding="utf-8")
    before = ""
    with DemoOrg(tmp_path / "org") as org:
        demo = Demo(org)
        for call in CALL.finditer(text):
            tool, arguments = call["tool"], meant(demo, json.loads(call["arguments"]), before)
            try:
                before = demo.shown(tool, **arguments)
            except SfmcpError as error:
                before = str(error)
            before = before.replace(f"{exports.resolve()}{os.sep}", "/home/ada/sfmcp/").replace(
                org.instance_url, "http://127.0.0.1:8025"
            )
            said = f"```text\n{tool} {json.dumps(arguments, ensure_ascii=False)}\n\n{before.strip()}\n```\n"
            if update_snapshots:
                if lasting(tool, said) != lasting(tool, call["said"]):
                    text = text.replace(
                        call[0],
                        call[0].replace(call["said"], said)
                        if call["said"]
                        else call[0].replace("<!-- /call -->", said + "<!-- /call -->"),
                    )
            else:
                assert lasting(tool, said) == lasting(tool, call["said"]), f"{page.name} is {STALE}"
    if update_snapshots:
        page.write_text(text, encoding="utf-8")
