"""What tools put on the wire, seen between them and the demo org; and whether a value stayed a value there."""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Iterator, Sequence
from contextlib import closing
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit
from xml.etree import ElementTree

from salesforce_mcp.demo.local import DemoOrg
from salesforce_mcp.soql.parser import parse
from salesforce_mcp.soql.search_syntax import Returned
from salesforce_mcp.soql.sosl import parse_sosl
from salesforce_mcp.soql.syntax import String, walk
from tests.salesforce.scripted import Reply, ScriptedOrg, Seen

MARK = "Zq7x"
"""In every hostile value, so that it is found wherever it went."""

_ROOT = re.compile(r"/services/(?:data/v\d+\.0|oauth2|Soap|async/\d+\.0)(?:/|$)")
_PLAIN = re.compile(r"[A-Za-z0-9_.\-]+|@\{[\w.]+\}")
"""A word of ours in a path, or in a composite call what an earlier part has made."""
_HOPS = frozenset({"connection", "transfer-encoding", "content-length", "content-encoding", "date", "server"})


class Wiretap(ScriptedOrg):
    """Passes each request on to a demo org, and keeps it."""

    def __init__(self, org: DemoOrg) -> None:
        super().__init__()
        self._target = urlsplit(org.instance_url)
        self.token = org.users[0].access_token

    def answer(self, seen: Seen) -> Reply:
        with self._lock:
            self.seen.append(seen)
        with closing(http.client.HTTPConnection(self._target.hostname or "", self._target.port, timeout=60)) as there:
            headers = {name: value for name, value in seen.headers.items() if name.lower() not in ("accept-encoding",)}
            there.request(seen.method, seen.target, seen.body or None, {**headers, "Host": self._target.netloc})
            answer = there.getresponse()
            content = answer.read()
        kept = {name: value for name, value in answer.getheaders() if name.lower() not in _HOPS}
        return Reply(answer.status, content or None, kept)


class Request:
    """A request, or a part of a composite one, taken apart."""

    def __init__(self, method: str, target: str, headers: dict[str, str], body: Any) -> None:
        self.method = method
        self.target = target
        parts = urlsplit(target)
        self.path = parts.path
        self.query = parse_qsl(parts.query, keep_blank_values=True)
        self.headers = headers
        self.body = body

    @property
    def resource(self) -> str:
        """The first word below the version: sobjects, query, chatter, ..."""
        match = _ROOT.match(self.path)
        return self.path[match.end() :].split("/")[0] if match else self.path

    def statements(self) -> list[tuple[str, str]]:
        """SOQL and SOSL in it, each with its resource."""
        return [(self.path.rsplit("/", 1)[-1], value) for name, value in self.query if name in ("q", "explain")]


def requests(seen: Seen) -> Iterator[Request]:
    """The request and those inside it."""
    body = _json(seen.body)
    yield Request(seen.method, seen.target, dict(seen.headers), seen.body if body is None else body)
    for part in _objects(body):
        if isinstance(part.get("url"), str) and isinstance(part.get("method"), str):
            url = part["url"] if part["url"].startswith("/") else f"/services/data/{part['url']}"
            yield Request(part["method"], url, {}, part.get("body"))


def check(request: Request, value: str, *, code: bool, earlier: Sequence[str]) -> None:
    """Assert that `value` is in this request only as a value, whole.

    `code`: the value is itself a statement. `earlier`: values that the org may hold from calls before, and that go back
    with what is changed there.
    """
    assert _ROOT.match(request.path), f"outside: {request.path}"
    for segment in request.path.split("/")[1:]:
        decoded = unquote(segment)
        assert decoded not in (".", ".."), request.path
        assert _PLAIN.fullmatch(segment) or _holds(decoded, value), f"not encoded: {request.path}"
    assert MARK not in str(request.headers), request.headers
    for name, text in request.query:
        assert MARK not in name, request.query
        if name in ("q", "explain") and not (code and text.strip() == value.strip()):
            _check_statement(request.path, text, value)
        else:
            assert MARK not in text or _holds(text, value), request.query
    _check_body(request.body, value, earlier)


def check_url(request: Request) -> None:
    """Assert that a URL that the caller wrote whole stays below the API and moves nowhere."""
    assert _ROOT.match(request.path), f"outside: {request.path}"
    for text in (request.path, unquote(request.path)):
        assert not {".", ".."} & set(text.split("/")), request.path
        assert not re.search(r"[\x00-\x1f\\]", text), request.path


def _check_statement(path: str, text: str, value: str) -> None:
    if path.endswith("/search"):
        parse_sosl(text)
    elif path.endswith(("/query", "/queryAll")):
        strings = [node for node in walk(parse(text)) if isinstance(node, String)]
        outside = text
        for node in strings:
            outside = outside.replace(MARK, "", node.value.count(MARK))
            assert MARK not in node.value or _holds(node.value, value) or _holds(node.like, value), text
        assert MARK not in outside, text
    else:
        assert MARK not in text or _holds(text, value), text


def _check_body(body: Any, value: str, earlier: Sequence[str]) -> None:
    if isinstance(body, bytes):
        if body.lstrip().startswith(b"<"):
            texts = [
                part for node in ElementTree.fromstring(body).iter() for part in (node.text, *node.attrib.values())
            ]
            for text in texts:
                assert MARK not in (text or "") or any(_holds(text or "", each) for each in (value, *earlier)), body
        return
    texts = [text for text in _strings(body) if MARK in text]
    # Rich text is cut into segments: together they are the value.
    whole = "".join(_strings(body))
    assert all(_holds(text, value) for text in texts) or _holds(whole, value), body


def _holds(text: str, value: str) -> bool:
    """Whether the value is in a text, however its blanks, escapes and wildcards were written."""
    return _bare(value) in _bare(text) or _bare(value) in _bare(unescape(text))


def _bare(text: str) -> str:
    return re.sub(r"[\s\\#@\x00-\x1f]+", "", text).replace("*", "%").casefold()


def returned(sosl: str) -> set[str]:
    """The objects that a SOSL statement asks for."""
    return {node.object for node in walk(parse_sosl(sosl)) if isinstance(node, Returned)}


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None


def _objects(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
    for item in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _objects(item)


def _strings(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    for item in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _strings(item)
