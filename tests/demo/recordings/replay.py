"""How a recorded request is put to the demo org: as it is, or with the names and Ids that the demo org has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import requests

Answer = requests.Response


@dataclass(frozen=True)
class Replay:
    """A recorded case put to the demo org. What isn't given is taken from the recording.

    `{name}` in a path, query or body stands for the Id of a prepared record (see `prepare`). `setup` does what must
    have happened before. `explained` are differences that are known and right, each with its reason: the key is a
    regular expression for the beginning of a line of `shape.differences`.
    """

    path: str | None = None
    query: dict[str, str] | None = None
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    setup: Callable[[Org], dict[str, str]] | None = None
    token: bool = True
    explained: dict[str, str] = field(default_factory=dict)


OWN_FIELDS = {
    r"(/attributes)?/\w+(/\w+)?: (recorded|answered), not": "which fields a record has is the org's own affair"
}
NEWER_KEYS = {
    r"\S+: answered, not recorded": "the recorded version of the API, or the guide, is older: keys were added since"
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

    def page(self, soql: str, number: int, version: str = "v59.0", size: int = 200) -> str:
        """The path of the given further page (1: the second) of a query."""
        headers = {"Sforce-Query-Options": f"batchSize={size}"}
        answer = self.send("GET", f"/services/data/{version}/query", headers=headers, params={"q": soql})
        for _ in range(number - 1):
            answer = self.send("GET", answer.json()["nextRecordsUrl"], headers=headers)
        return str(answer.json()["nextRecordsUrl"])


def fill(value: Any, names: dict[str, str]) -> Any:
    """Put Ids for `{name}`, and a version for placeholders that the recordings' authors left."""
    if isinstance(value, str):
        for name, known in names.items():
            value = value.replace(f"{{{name}}}", known)
        return value.replace("/vxx.0/", "/v66.0/")
    if isinstance(value, list):
        return [fill(item, names) for item in value]
    if isinstance(value, dict):
        return {key: fill(item, names) for key, item in value.items()}
    return value
