"""The page of MCP Apps as a person meets it: in Chromium, in a client's frame, with what a real server answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest

from tests.auth.desktop import chromium, page
from tests.conftest import Node
from tests.server.apps_client import AROUND, CAPABILITIES, INSIDE, AppsClient, bundle
from tests.server.wire import Wire

if TYPE_CHECKING:
    from playwright.sync_api import Page

__all__ = ["chromium", "page"]

HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script> \u202eevil\u202c {{7*7}} ${alert(3)}"
SEEN = "<img src=x onerror=alert(1)><script>alert(2)</script> evil {{7*7}} ${alert(3)}"
"""What is left of it without the characters that nobody sees."""

REPORT = ("run_report", {"report_id": "00O5g0000000001EAA", "row_limit": 20})
TRENDS = ("get_case_trends", {"group_by": ["month", "Priority"], "days": 60})
DASHBOARD = "01Z5g0000000002EAA"


@pytest.fixture(scope="module")
def script(node: Node) -> str:
    return bundle(node)


@pytest.fixture(scope="module")
def wire(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire]:
    """A server of the demo org, which knows that its client shows apps."""
    folders = {f"SFMCP_{kind}_DIR": str(tmp_path_factory.mktemp(kind)) for kind in ("CONFIG", "STATE", "EXPORT")}
    with Wire("--org", "demo", "--toolsets", "all", **folders) as server:
        client = {"name": "tests", "version": "1"}
        params = {"protocolVersion": "2025-11-25", "capabilities": CAPABILITIES, "clientInfo": client}
        server.ask("initialize", params)
        server.send("notifications/initialized")
        yield server


@pytest.fixture
def client(page: Page, wire: Wire, script: str) -> Iterator[AppsClient]:
    made = AppsClient(page, wire, script)
    yield made
    assert made.said == []
    assert set(made.requests) == {AROUND, INSIDE}


def created(wire: Wire, kind: str, **fields: Any) -> str:
    answer = wire.ask("tools/call", {"name": "create_record", "arguments": {"object": kind, "data": fields}})["result"]
    assert not answer.get("isError"), answer
    text: str = answer["content"][0]["text"]
    return text.split()[2].rstrip(".")


def faults(client: AppsClient, node: Node) -> list[str]:
    """What the axe accessibility checker finds in the app."""
    app = client.page.frame(url=INSIDE)
    assert app
    app.evaluate((node.folder / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8"))
    found = app.evaluate("async () => (await axe.run()).violations.map((each) => [each.id, each.nodes[0].html])")
    return [": ".join(each) for each in found]


def test_everyone_can_read_it(client: AppsClient, node: Node, wire: Wire) -> None:
    case = created(wire, "Case", Subject="Leak", Origin="Web")
    timeline = ("get_case_timeline", {"case_id": case})
    record = ("get_record", {"object": "Case", "id": case})
    for tool, given in (REPORT, TRENDS, timeline, record):
        app = client.show(tool, given)
        for width, theme in product((900, 360), ("light", "dark")):
            client.page.set_viewport_size({"width": width, "height": 700})
            client.tell(theme=theme)
            app.locator(f"html[data-theme={theme}]").wait_for()
            assert faults(client, node) == [], (tool, width, theme)
            wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            assert app.locator("html").evaluate(wider) <= 0, (tool, width)


def test_a_table_is_sorted_by_keyboard(client: AppsClient) -> None:
    from playwright.sync_api import expect

    app = client.show(*REPORT)
    totals = app.get_by_role("region", name="totals")
    head = totals.get_by_role("columnheader", name="Record Count")
    press = client.page.keyboard.press
    priorities = totals.locator("tbody td:nth-child(1)")
    expect(priorities).to_have_text(["Critical", "High", "Medium", "Low"])
    # The table can be scrolled, so it has the focus first.
    for focused in (totals, totals.get_by_role("button", name="Priority"), head.get_by_role("button")):
        press("Tab")
        expect(focused).to_be_focused()
    press("Enter")
    expect(head).to_have_attribute("aria-sort", "ascending")
    expect(app.get_by_role("status")).to_have_text("By Record Count, ascending.")
    numbers = [int(text) for text in totals.locator("tbody td:nth-child(2)").all_inner_texts()]
    assert numbers == sorted(numbers)
    press("Space")
    expect(head).to_have_attribute("aria-sort", "descending")
    expect(totals.locator("tfoot td").first).to_have_text("Total")
    press("Space")
    expect(head).to_have_attribute("aria-sort", "none")
    expect(priorities).to_have_text(["Critical", "High", "Medium", "Low"])


def test_it_follows_the_theme(client: AppsClient) -> None:
    app = client.show(*TRENDS, theme="light")
    body, bar = app.locator("body"), app.locator(".wide svg .mark-rect path").first

    def colours() -> tuple[str, str]:
        back: str = body.evaluate("node => getComputedStyle(node).backgroundColor")
        fill: str = bar.evaluate("node => getComputedStyle(node).fill")
        return back, fill

    light = colours()
    client.tell(theme="dark")
    app.locator("html[data-theme=dark]").wait_for()
    dark = colours()
    assert light[0] != dark[0]
    assert light[1] != dark[1]
    client.tell(styles={"variables": {"--color-background-primary": "rgb(1, 2, 3)"}})
    app.locator("html[style*='rgb(1, 2, 3)']").wait_for()
    assert colours()[0] == "rgb(1, 2, 3)"


def test_without_a_word_from_the_client_the_system_decides(client: AppsClient) -> None:
    client.page.emulate_media(color_scheme="dark")
    app = client.show(*REPORT)
    assert app.locator("html").get_attribute("data-theme") == "dark"
    client.page.emulate_media(color_scheme="light")
    app.locator("html[data-theme=light]").wait_for()


def test_it_fits_the_window_and_says_its_height(client: AppsClient) -> None:
    app = client.show(*TRENDS)
    assert app.locator(".wide svg").is_visible()
    assert not app.locator(".narrow svg").is_visible()
    client.page.set_viewport_size({"width": 360, "height": 700})
    app.locator(".narrow svg").wait_for()
    assert not app.locator(".wide svg").is_visible()
    content = app.locator("html").evaluate("node => Math.ceil(node.getBoundingClientRect().height)")
    client.page.wait_for_function("height => document.querySelector('iframe').offsetHeight === height", arg=content)


def test_numbers_and_dates_are_the_users(client: AppsClient, wire: Wire) -> None:
    given = {
        "object": "Opportunity",
        "id": created(
            wire, "Opportunity", Name="Pumps", StageName="Prospecting", CloseDate="2026-12-31", Amount=1234567.5
        ),
    }
    app = client.show("get_record", given, locale="de-DE", timeZone="Asia/Tokyo")
    assert app.get_by_role("heading", level=1).inner_text() == "Opportunity Pumps"
    assert app.get_by_role("row", name="Amount").first.locator("td").inner_text() == "1.234.567,5"
    stamped = app.get_by_role("row", name="CreatedDate").locator("td").inner_text()
    assert "T" not in stamped
    assert "." in stamped


def test_a_timeline_is_narrowed_to_a_source(client: AppsClient, wire: Wire) -> None:
    case = created(wire, "Case", Subject="Leak", Origin="Web")
    created(wire, "CaseComment", ParentId=case, CommentBody="First line\nSecond line", IsPublished=True)
    created(wire, "Task", WhatId=case, Subject="Call back")
    app = client.show("get_case_timeline", {"case_id": case})
    assert app.get_by_role("listitem").count() >= 2
    app.get_by_label("Show").select_option("comment")
    (item,) = app.get_by_role("listitem").all()
    assert "First line\nSecond line" in item.inner_text()
    assert "public" in item.inner_text()


def test_a_refreshed_dashboard_shows_its_figures(client: AppsClient) -> None:
    app = client.show("refresh_dashboard", {"dashboard_id": DASHBOARD}, abilities={"serverTools": {}})
    app.get_by_role("heading", name="Opportunity Pipeline by Stage").wait_for()
    assert app.get_by_role("img").count() >= 1
    app = client.show("refresh_dashboard", {"dashboard_id": DASHBOARD})
    assert app.get_by_role("columnheader", name="status").count() == 1


def test_texts_of_records_stay_texts(client: AppsClient, wire: Wire) -> None:
    case = created(wire, "Case", Subject=HOSTILE, Origin="Web")
    created(wire, "CaseComment", ParentId=case, CommentBody=HOSTILE)
    for tool, given in (
        ("get_record", {"object": "Case", "id": case}),
        ("get_case_timeline", {"case_id": case}),
        ("get_case_trends", {"group_by": "Subject", "days": 1}),
        ("query", {"soql": "SELECT"}),
    ):
        answer = wire.ask("tools/call", {"name": tool, "arguments": given})["result"]
        app = client.show(tool, given, answer=answer)
        assert app.locator("img[src], script:not(body > script), iframe").count() == 0
        if tool != "query":
            assert SEEN in app.locator("main").inner_text()
    assert app.get_by_role("alert").inner_text().startswith("MALFORMED_QUERY")


def test_of_a_chart_only_shapes_are_taken(client: AppsClient, wire: Wire) -> None:
    answer = wire.ask("tools/call", {"name": TRENDS[0], "arguments": TRENDS[1]})["result"]
    evil = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:x="http://www.w3.org/1999/xlink" onload="alert(1)">'
        "<script>alert(2)</script><style>@import 'https://evil.example/'</style>"
        '<image href="https://evil.example/a.png"/><foreignObject><p>HTML</p></foreignObject>'
        '<a x:href="javascript:alert(3)"><text>link</text></a>'
        '<rect onclick="alert(4)" style="fill: url(https://evil.example/)" fill="url(https://evil.example/b)"/></svg>'
    )
    (part,) = answer["_meta"]["sfmcp/result"]["parts"]
    part["chart"]["svg"] = {"wide": evil, "narrow": evil}
    app = client.show(*TRENDS, answer=answer)
    svg = app.locator(".wide svg")
    assert svg.evaluate("node => [...node.querySelectorAll('*')].map((each) => each.localName)") == ["rect"]
    assert (
        svg.evaluate("node => [node, ...node.children].flatMap((each) => each.getAttributeNames())").count("onload")
        == 0
    )
    assert svg.locator("rect").evaluate("node => node.getAttributeNames()") == []


def test_a_chart_that_cannot_be_drawn_says_how_it_can(client: AppsClient, wire: Wire) -> None:
    answer = wire.ask("tools/call", {"name": TRENDS[0], "arguments": TRENDS[1]})["result"]
    answer["_meta"]["sfmcp/result"]["parts"][0]["chart"] = {"missing": "pip install something"}
    app = client.show(*TRENDS, answer=answer)
    assert app.get_by_text("pip install something").is_visible()
    assert app.get_by_role("table").is_visible()


def test_a_client_that_keeps_the_data_back_still_shows_the_text(client: AppsClient, wire: Wire) -> None:
    answer = wire.ask("tools/call", {"name": REPORT[0], "arguments": REPORT[1]})["result"]
    app = client.show(*REPORT, answer={"content": answer["content"]})
    assert re.search(r"^Critical,\d+$", app.locator("pre").inner_text(), re.MULTILINE)
