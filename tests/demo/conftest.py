"""A running demo org for the tests of this package, and a small client for it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from salesforce_mcp.demo import users
from salesforce_mcp.demo.context import RequestContext
from salesforce_mcp.demo.local import DemoOrg
from salesforce_mcp.demo.store import Store


class Web:
    """Requests to one org: paths below its address, or below /services/data/v66.0 when they start with `/v/`."""

    def __init__(self, org: DemoOrg) -> None:
        self.org = org
        self.url = org.instance_url
        self.admin, self.standard = (user.access_token for user in org.users)

    def send(self, method: str, path: str, *, token: str | None = "admin", **options: Any) -> requests.Response:
        """`token`: "admin", "standard", a token, or None for no Authorization header."""
        headers = dict(options.pop("headers", {}))
        token = {"admin": self.admin, "standard": self.standard}.get(token or "", token)
        if token:
            headers.setdefault("Authorization", f"Bearer {token}")
        if path.startswith("/v/"):
            path = f"/services/data/v66.0/{path[3:]}"
        options.setdefault("timeout", 20)
        options.setdefault("allow_redirects", False)
        return requests.request(method, self.url + path, headers=headers, **options)

    def get(self, path: str, **options: Any) -> requests.Response:
        return self.send("GET", path, **options)

    def post(self, path: str, **options: Any) -> requests.Response:
        return self.send("POST", path, **options)

    def token(self, **form: str) -> requests.Response:
        """Ask the token endpoint, as the confidential app unless the form says otherwise."""
        form = {"client_id": self.org.client_id, "client_secret": self.org.client_secret, **form}
        return self.post(
            "/services/oauth2/token", token=None, data={key: value for key, value in form.items() if value}
        )

    def settings(self, **changes: Any) -> None:
        response = self.post("/demo/settings", token=None, json=changes)
        assert response.status_code == 200, response.text

    def fault(self, fault: str, path: str = "*", method: str = "*", **rule: Any) -> None:
        rule = {"fault": fault, "match": {"path": path, "method": method}, **rule}
        response = self.post("/demo/faults", token=None, json=rule)
        assert response.status_code == 201, response.text


@pytest.fixture(scope="session")
def _web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    with DemoOrg(tmp_path_factory.mktemp("demo-org")) as org:
        yield Web(org)


@pytest.fixture
def web(_web: Web) -> Iterator[Web]:
    """One org for all tests of the package: records stay, settings, faults and the journal begin anew."""
    _web.org.faults.clear()
    _web.org.journal.clear()
    yield _web
    _web.org.faults.clear()
    _web.send("DELETE", "/demo/settings", token=None)


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A freshly seeded file, to be copied."""
    path = tmp_path_factory.mktemp("seeded") / "org.db"
    Store(path).close()
    return path


@pytest.fixture
def store(seeded: Path, tmp_path: Path) -> Iterator[Store]:
    """A fresh org's data, without HTTP."""
    opened = Store(Path(shutil.copy(seeded, tmp_path / "org.db")))
    yield opened
    opened.close()


@pytest.fixture
def admin(store: Store) -> RequestContext:
    return RequestContext(store, users.by_username(store, users.ADMIN_USERNAME))


@pytest.fixture
def standard(store: Store) -> RequestContext:
    return RequestContext(store, users.by_username(store, users.STANDARD_USERNAME))
