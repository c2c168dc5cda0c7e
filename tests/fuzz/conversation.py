"""What a client may write to stdin, all of it at once and then the end: each request has one answer, and nothing else.

It goes through the front and the SDK to the tools of a server that reaches no org.
"""

from __future__ import annotations

import io
import json
import logging
import tempfile
from collections import Counter
from typing import Any, NoReturn

import anyio
from hypothesis import strategies as st

from salesforce_mcp.errors import NetworkError
from salesforce_mcp.policy.policies import Policies
from salesforce_mcp.policy.selection import Selection
from salesforce_mcp.server.app import App
from salesforce_mcp.server.front import Front
from salesforce_mcp.server.kept import METHODS, Kept
from salesforce_mcp.server.serve import converse
from tests.fuzz.targets import JSON, NUMBERS, TARGETS, TOOLS, WORDS, Target, mutated, wire
from tests.server.wire import MODERN

PATIENCE = 20.0
"""Seconds for a conversation. The server itself holds the end back for longer when an answer is missing."""


def hold(content: bytes, kept: Kept) -> list[dict[str, Any]]:
    """The messages that a server writes to a client that sends this and closes stdin. Raises what the server raises."""
    log = _Log()
    logging.getLogger().addHandler(log)
    try:
        with tempfile.TemporaryFile() as out:
            front = Front(kept, (io.BytesIO(content), out.fileno()), gone=lambda: None)

            async def serve() -> None:
                app = App(TOOLS, Selection(), Policies(), _no_org, _no_org, budget=8000)
                with anyio.fail_after(PATIENCE):
                    await converse(app, front)

            front.start()
            anyio.run(serve)
            out.seek(0)
            messages = [json.loads(line) for line in out]
    finally:
        logging.getLogger().removeHandler(log)
    assert not log.traces, log.traces
    return messages


def _no_org() -> NoReturn:
    raise NetworkError("There is no network.", code="CONNECTION_LOST")


class _Log(logging.Handler):
    """Keeps what would be a traceback on stderr."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.traces: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info:
            self.traces.append(logging.Formatter().format(record))


def _opening(version: str = "2025-11-25") -> dict[str, Any]:
    return {"protocolVersion": version, "capabilities": {}, "clientInfo": {"name": "fuzz", "version": "1"}}


def _request(number: int, method: str, **params: Any) -> bytes:
    return wire({"jsonrpc": "2.0", "id": number, "method": method, "params": params}) + b"\n"


def _answered_before() -> dict[str, str]:
    """Answers as an earlier start of the server kept them."""
    kept = Kept(None, "")
    for opening in (_request(0, "initialize", **_opening()), _request(0, "server/discover", _meta=MODERN)):
        lists = [_request(1 + place, method) for place, method in enumerate(sorted(METHODS - {"initialize"}))]
        hold(opening + b"".join(lists), kept)
    return dict(kept.answers)


KEPT: dict[str, str] = {}


def check_conversation(given: tuple[bool, bytes]) -> None:
    warm, content = given
    kept = Kept(None, "")
    if warm:
        if not KEPT:
            KEPT.update(_answered_before())
        kept.answers.update(KEPT)
    said: Counter[str] = Counter()
    for message in hold(content, kept):
        assert message["jsonrpc"] == "2.0"
        if "method" not in message:
            assert ("result" in message) != ("error" in message)
            said[json.dumps(message["id"])] += 1
    least, most = _due(content)
    assert all(said[name] <= most[name] for name in said), f"not asked, or answered twice: {said - most}"
    assert all(said[name] >= least[name] for name in least), f"no answer: {least - said}"


def _due(content: bytes) -> tuple[Counter[str], Counter[str]]:
    """How many answers there must be at least, and may be at most, to each id; for lines without one to `null`."""
    least: Counter[str] = Counter()
    most: Counter[str] = Counter()
    taken_back: set[str] = set()
    for line in content.split(b"\n"):
        if not line or line.isspace():
            continue
        try:
            message = json.loads(line.decode("utf-8", "replace"))
        except (ValueError, RecursionError):
            message = None
        if not isinstance(message, dict):
            least["null"] += 1
            most["null"] += 1
            continue
        name = message.get("id")
        key = json.dumps(name) if isinstance(name, str) or type(name) is int else "null"
        told = ("id" not in message and "method" in message) or "result" in message or "error" in message
        most[key] += 1
        # Ids that are used again before their answer are answered once (the protocol forbids them).
        if not told and (key == "null" or not least[key]):
            least[key] += 1
        if message.get("method") == "notifications/cancelled" and isinstance(message.get("params"), dict):
            taken_back.add(json.dumps(message["params"].get("requestId")))
    for name in taken_back - {"null"}:
        del least[name]
    return least, most


# --- What is sent ----------------------------------------------------------------------------------------------------

_ID = st.integers(0, 9) | WORDS | NUMBERS | JSON
_URIS = (
    st.sampled_from(["salesforce://reference/soql", "salesforce://org/limits", "file:///x", "ui://sfmcp/page"]) | WORDS
)
_NAMES = st.sampled_from(["name", "object", "soql", "id"]) | WORDS
_PARAMS: dict[str, st.SearchStrategy[Any]] = {
    "initialize": st.sampled_from(["2024-11-05", "2025-06-18", "2025-11-25", "x"]).map(_opening),
    "notifications/initialized": st.just({}),
    "notifications/cancelled": st.fixed_dictionaries({"requestId": _ID}),
    "notifications/progress": st.fixed_dictionaries({"progressToken": _ID, "progress": NUMBERS}),
    "notifications/roots/list_changed": st.just({}),
    "tools/call": TARGETS["arguments"].inputs.map(lambda call: {"name": call[0], "arguments": call[1]}),
    "resources/list": st.fixed_dictionaries({}, optional={"cursor": WORDS}),
    "resources/read": st.fixed_dictionaries({"uri": _URIS}),
    "prompts/get": st.fixed_dictionaries({"name": WORDS, "arguments": st.dictionaries(_NAMES, JSON, max_size=2)}),
    "completion/complete": st.fixed_dictionaries(
        {
            "ref": st.fixed_dictionaries({"type": st.just("ref/resource"), "uri": _URIS})
            | st.fixed_dictionaries({"type": st.just("ref/prompt"), "name": WORDS}),
            "argument": st.fixed_dictionaries({"name": _NAMES, "value": WORDS}),
        }
    ),
    "logging/setLevel": st.fixed_dictionaries({"level": st.sampled_from(["debug", "x"])}),
    **{method: st.just({}) for method in sorted(METHODS - {"initialize"})},
}


@st.composite
def _message(draw: st.DrawFn) -> bytes:
    method = draw(st.sampled_from(sorted(_PARAMS)))
    params = draw(_PARAMS[method])
    if draw(st.booleans()):
        params = {**params, "_meta": draw(st.just(MODERN) | JSON)}
    message: Any = {"jsonrpc": "2.0", "method": method, "params": params}
    if not method.startswith("notifications/"):
        message["id"] = draw(_ID)
    # What is drawn is shared: it is changed in a copy.
    return wire(mutated(draw, json.loads(wire(message))))


@st.composite
def _conversations(draw: st.DrawFn) -> tuple[bool, bytes]:
    lines = draw(st.lists(_message() | _message() | st.binary() | st.just(b"[" * 1500), max_size=6))
    first = draw(
        st.sampled_from(
            [
                b"",
                _request(77, "initialize", **_opening()),
                _request(77, "initialize", **_opening()) + b'{"jsonrpc":"2.0","method":"notifications/initialized"}\n',
                _request(77, "server/discover", _meta=MODERN),
            ]
        )
    )
    cut = draw(st.none() | st.integers(0, 200))
    content = b"\n".join(lines) + b"\n"
    return draw(st.booleans()), first + (content if cut is None else content[:-cut])


STDIN = Target(check_conversation, _conversations(), lambda content: (content[:1] == b"1", content[1:]), examples=40)
