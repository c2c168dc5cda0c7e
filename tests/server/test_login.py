"""A tool call without a session: the real client shows the login link, a person logs in, and the call goes on."""

from __future__ import annotations

import json
import os
import re
import sys
import threading
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urljoin

import anyio
import mcp_types as types
import pytest
import requests
from mcp import Client, StdioServerParameters

from salesforce_mcp.auth import orgs
from salesforce_mcp.auth.orgs import Org
from salesforce_mcp.demo.local import DemoOrg
from salesforce_mcp.demo.oauth.apps import PUBLIC_CLIENT_ID
from salesforce_mcp.errors import SessionError
from salesforce_mcp.salesforce.caller import Caller
from salesforce_mcp.server import calls
from salesforce_mcp.tools import registry
from salesforce_mcp.tools.context import Context
from salesforce_mcp.tools.pages import PageStore
from tests.auth.desktop import ADMIN, Control

Era = Literal["legacy", "auto"]
BOTH = pytest.mark.parametrize("era", ["legacy", "auto"])


class Person:
    """The user at the client: gets links, and logs in in a browser, denies there, or declines the link."""

    def __init__(self, does: Literal["log in", "deny", "decline"] = "log in") -> None:
        self.does = does
        self.links: list[str] = []
        self.ended: list[str] = []

    async def __call__(self, context: Any, params: types.ElicitRequestParams) -> types.ElicitResult:
        assert isinstance(params, types.ElicitRequestURLParams)
        seen = params.url in self.links
        self.links.append(params.url)
        if self.does == "decline":
            return types.ElicitResult(action="decline")
        # The client answers when the user has agreed to open the link, not when the login is over.
        if not seen:
            threading.Thread(target=self._visit, args=(params.url,)).start()
        return types.ElicitResult(action="accept")

    async def hear(self, message: Any) -> None:
        if isinstance(message, types.ElicitCompleteNotification):
            self.ended.append(message.params.elicitation_id)

    def _visit(self, link: str) -> None:
        with requests.Session() as browser:
            page = browser.get(link, timeout=30)
            page = _submit(browser, page, username=ADMIN[0], pw=ADMIN[1])
            if "decision" in page.text:  # consent is asked for once
                _submit(browser, page, decision="allow" if self.does == "log in" else "deny")


def _submit(browser: requests.Session, page: requests.Response, **values: str) -> requests.Response:
    form = re.search(r'<form method="post" action="([^"]*)"', page.text)
    assert form, page.text
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page.text))
    return browser.post(urljoin(page.url, unescape(form[1])), data={**hidden, **values}, timeout=30)


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[DemoOrg]:
    with DemoOrg(tmp_path / "org") as running:
        yield running


@pytest.fixture
def control(demo: DemoOrg) -> Control:
    return Control(demo.instance_url)


@pytest.fixture
def acme(demo: DemoOrg, control: Control) -> Org:
    """A login that was made once, and whose secrets are gone."""
    org = Org(
        alias="acme",
        login_url=demo.instance_url,
        instance_url=demo.instance_url,
        client_id=PUBLIC_CLIENT_ID,
        port=control.app(PUBLIC_CLIENT_ID),
    )
    with orgs.changing() as book:
        book.put(org)
    return org


def client(era: Era, person: Person | None) -> Client:
    ours = {name: value for name, value in os.environ.items() if name.startswith("SFMCP_")}
    ours["PYTHON_KEYRING_BACKEND"] = "tests.auth.memory_keyring.Memory"
    server = StdioServerParameters(
        command=sys.executable,
        args=["-m", "salesforce_mcp", "serve", "--toolsets", "query,records"],
        env=ours,
        cwd=Path(__file__).parents[2],
    )
    return Client(
        server,
        mode=era,
        elicitation_callback=person,
        message_handler=person.hear if person else None,
    )


async def ask(client: Client, tool: str, **arguments: Any) -> tuple[str, bool]:
    result = await client.call_tool(tool, arguments)
    (block,) = result.content
    assert block.type == "text"
    return block.text, bool(result.is_error)


QUERY = {"soql": "SELECT Username FROM User WHERE Username = 'ada.admin@demo.example'"}
FOUND = ("1 row.\nUsername\nada.admin@demo.example\n", False)


@BOTH
def test_the_call_goes_on_after_the_login(era: Era, acme: Org, control: Control) -> None:
    person = Person()

    async def converse() -> None:
        async with client(era, person) as connected:
            await connected.list_tools()
        # The second start answers first requests from what the first one said.
        async with client(era, person) as connected:
            assert await ask(connected, "query", **QUERY) == FOUND
            assert await ask(connected, "query", **QUERY) == FOUND
            assert len(person.links) == 1
            # The login is ended in the org: the first request, of a write too, is refused and can be done again.
            control("DELETE", "grants")
            text, failed = await ask(connected, "create_record", object="Account", data={"Name": "After the login"})
            assert not failed, text
            assert len(person.links) == 2

    anyio.run(converse)
    assert person.ended == [] if era == "auto" else len(person.ended) == 2
    assert orgs.load().by_alias["acme"].username == ADMIN[0]
    made = control("GET", "requests?method=POST&path=*/sobjects/Account")
    assert [each["status"] for each in made["requests"]] == [401, 201]


@BOTH
def test_calls_beside_each_other_need_one_login(era: Era, acme: Org) -> None:
    person = Person()
    answers = []

    async def converse() -> None:
        async with client(era, person) as connected:

            async def one() -> None:
                answers.append(await ask(connected, "query", **QUERY))

            async with anyio.create_task_group() as group:
                for _ in range(3):
                    group.start_soon(one)

    anyio.run(converse)
    assert answers == [FOUND] * 3
    assert len(person.links) == 1


@BOTH
@pytest.mark.parametrize(("does", "code"), [("decline", "LOGIN_CANCELLED"), ("deny", "access_denied")])
def test_what_the_model_reads_when_there_is_no_login(
    era: Era, does: Literal["decline", "deny"], code: str, acme: Org
) -> None:
    person = Person(does)

    async def converse() -> None:
        async with client(era, person) as connected:
            text, failed = await ask(connected, "query", **QUERY)
            assert failed
            assert text.startswith(f"{code}: ")
            assert "Hint: Log in" in text
            assert "authorize" not in text
            # Another call asks anew, on the same port.
            person.does = "log in"
            assert await ask(connected, "query", **QUERY) == FOUND

    anyio.run(converse)
    assert len(set(person.links)) == 2


@BOTH
def test_a_client_without_links_is_told_the_command(era: Era, acme: Org) -> None:
    async def converse() -> None:
        async with client(era, None) as connected:
            text, failed = await ask(connected, "query", **QUERY)
            assert failed
            assert text.startswith("NO_SESSION: ")
            assert "`sfmcp login --org acme`" in text

    anyio.run(converse)


def test_the_trail_names_the_user(acme: Org, private_folders: Path) -> None:
    async def converse() -> None:
        async with client("auto", Person()) as connected:
            await ask(connected, "query", **QUERY)

    anyio.run(converse)
    lines = [json.loads(line) for line in (private_folders / "state" / "audit.jsonl").read_text("utf-8").splitlines()]
    assert [line["outcome"] for line in lines] == ["NO_SESSION", "ok"]
    assert "code_challenge" not in json.dumps(lines)


@pytest.mark.parametrize(
    ("tool", "requests_sent", "again"), [("query", 5, True), ("create_records", 1, True), ("create_records", 2, False)]
)
def test_a_write_that_may_have_begun_is_not_done_again(tool: str, requests_sent: int, again: bool) -> None:
    context = Context(lambda: pytest.fail("no client is needed"), pages=PageStore())
    context.caller = Caller()
    for _ in range(requests_sent):
        context.caller.count()
    assert calls._mended_by_login(SessionError("ended"), registry.load()[tool], context) is again
