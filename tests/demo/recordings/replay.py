"""How a recorded request is put to the demo org: as it is, or with the names and Ids that the demo org has."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import requests

from tests.demo.recordings.shape import differences

Answer = requests.Response


@dataclass(frozen=True)
class Replay:
    """A recorded case put to the demo org. What isn't given is taken from the recording.

    `{name}` in a path, query or body stands for what `setup` answers, which does what must have happened before.

    Known differences, each with its reason, under a regular expression for the beginning of a line that `differences`
    gives: `explained` come from the recording (its age, its org, its author's hand), `lacking` from the demo org.
    """

    path: str | None = None
    query: dict[str, str] | None = None
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    setup: Callable[[Org], dict[str, str]] | None = None
    token: bool = True
    explained: dict[str, str] = field(default_factory=dict)
    lacking: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """How a replay came out: differences that nothing explains, and the known ones that did appear, with reasons."""

    unexplained: list[str]
    explained: dict[str, str]
    lacking: dict[str, str]


OLDEST = 31
"""Recordings of older versions of the API, which Salesforce has retired and the demo org refuses, are put to this."""
HEADERS = ("Content-Type", "WWW-Authenticate")
"""Response headers that clients act on; compared where the recording kept them."""
OWN_FIELDS = {
    r"(/attributes)?/\w+(/\w+)?: (recorded|answered), not": "which fields a record has is the org's own affair"
}
NEWER_KEYS = {
    r"\S+: answered, not recorded": "the recorded version of the API, or the guide, is older: keys were added since"
}
RETIRED_URL = {
    r"(/sobjects\[\])?/urls/defaultValues: recorded": "newer versions of the API no longer name this resource"
}


class Org:
    """The demo org as a plain HTTP client sees it, with nothing of this project in between."""

    def __init__(self, instance_url: str, token: str, app: dict[str, str]) -> None:
        self.instance_url = instance_url
        self.token = token
        self.app = app
        self.http = requests.Session()
        self.http.trust_env = False

    def send(self, method: str, path: str, *, token: bool = True, headers: dict[str, str], **body: Any) -> Answer:
        if token:
            headers = {"Authorization": f"Bearer {self.token}", **headers}
        return self.http.request(method, self.instance_url + path, headers=headers, timeout=30, **body)

    def get(self, path: str, **params: str) -> Any:
        answer = self.send("GET", f"/services/data/v60.0/{path}", headers={}, params=params)
        answer.raise_for_status()
        return answer.json()

    def create(self, sobject: str, **data: Any) -> str:
        answer = self.send("POST", f"/services/data/v60.0/sobjects/{sobject}", headers={}, json=data)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def delete(self, sobject: str, record: str) -> None:
        assert self.send("DELETE", f"/services/data/v60.0/sobjects/{sobject}/{record}", headers={}).status_code == 204

    def fault(self, kind: str, path: str) -> None:
        """Let the next request to a path meet a fault."""
        answer = self.http.post(
            f"{self.instance_url}/demo/faults", json={"fault": kind, "match": {"path": path}}, timeout=30
        )
        assert answer.status_code == 201, answer.text

    def page(self, soql: str, number: int, version: str = "v59.0", size: int = 200) -> str:
        """The path of the given further page (1: the second) of a query."""
        headers = {"Sforce-Query-Options": f"batchSize={size}"}
        answer = self.send("GET", f"/services/data/{version}/query", headers=headers, params={"q": soql})
        for _ in range(number - 1):
            answer = self.send("GET", answer.json()["nextRecordsUrl"], headers=headers)
        return str(answer.json()["nextRecordsUrl"])


def fill(value: Any, names: dict[str, str]) -> Any:
    """Put in what stands for `{name}`, and a version that the demo org speaks."""
    if isinstance(value, str):
        for name, known in names.items():
            value = value.replace(f"{{{name}}}", known)
        return _VERSION.sub(_spoken, value)
    if isinstance(value, list):
        return [fill(item, names) for item in value]
    if isinstance(value, dict):
        return {key: fill(item, names) for key, item in value.items()}
    return value


_VERSION = re.compile(r"(?<=/services/data/v)(\d\d|xx)(?=\.0)")


def _spoken(version: re.Match[str]) -> str:
    """A version for one that is too old, and for the placeholder that some recordings' authors left."""
    return "66" if version[0] == "xx" else str(max(int(version[0]), OLDEST))


def _content(answer: Answer) -> Any:
    """The body: JSON, or CSV as the text that it is."""
    if not answer.content:
        return None
    return answer.text if answer.headers["Content-Type"].startswith("text/csv") else answer.json()


def replay(org: Org, case: Replay, recorded: dict[str, Any]) -> Outcome:
    """Put a recorded request to the demo org and compare the answers."""
    names = case.setup(org) if case.setup else {}
    request, response = recorded["request"], recorded["response"]
    body = fill(case.body if case.body is not None else request["body"], names)
    answer = org.send(
        request["method"],
        fill(case.path or request["path"], names),
        token=case.token,
        params=fill(case.query if case.query is not None else request["query"] or {}, names),
        headers=fill(case.headers, names),
        **({"data": body} if isinstance(body, str) else {} if body is None else {"json": body}),
    )
    found = [] if answer.status_code == response["status"] else [f"status: {answer.status_code}, {answer.text[:500]}"]
    kept = {name.lower(): value for name, value in (response["headers"] or {}).items()}
    for name in HEADERS:
        theirs = kept.get(name.lower())
        if theirs and answer.headers.get(name, "").replace(" ", "").lower() != theirs.replace(" ", "").lower():
            found.append(f"header {name}: recorded {theirs}, answered {answer.headers.get(name)}")
    if answer.status_code != 204:
        found += differences(response["body"], _content(answer))
    known = {**case.explained, **case.lacking}
    return Outcome(
        [line for line in found if not any(re.match(pattern, line) for pattern in known)],
        _seen(case.explained, found),
        _seen(case.lacking, found),
    )


def _seen(known: dict[str, str], found: list[str]) -> dict[str, str]:
    return {pattern: why for pattern, why in known.items() if any(re.match(pattern, line) for line in found)}
