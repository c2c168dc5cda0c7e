"""https: whose certificates are trusted, and by way of which proxy."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from salesforce_mcp.errors import NetworkError
from salesforce_mcp.salesforce.client import Client
from tests.salesforce.scripted import ScriptedOrg, ScriptedSession, ok
from tests.salesforce.tls import Authority, Proxy

VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR", "HTTPS_PROXY", "https_proxy")


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*VARIABLES, "NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def secure(authority: Authority) -> Iterator[ScriptedOrg]:
    """An org at https://localhost whose certificate a company's own authority signed."""
    with ScriptedOrg(tls=authority.server_context("localhost")) as org:
        org.on("GET limits", ok({"a": 1}))
        yield org


@pytest.fixture
def client(secure: ScriptedOrg) -> Iterator[Client]:
    with Client(ScriptedSession(f"https://localhost:{secure.port}"), pause=lambda seconds: None) as made:
        yield made


def test_an_unknown_authority_is_refused_before_the_token_leaves(secure: ScriptedOrg, client: Client) -> None:
    with pytest.raises(NetworkError, match="not trusted") as caught:
        client.get("limits")
    assert "REQUESTS_CA_BUNDLE" in str(caught.value)
    assert secure.seen == []


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_the_users_own_bundle(
    client: Client, authority: Authority, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, str(authority.bundle))
    assert client.get("limits") == {"a": 1}


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the system's store can't be changed for a test")
def test_what_the_system_trusts(client: Client, authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.bundle))
    assert client.get("limits") == {"a": 1}
    assert client.get("limits") == {"a": 1}


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_by_way_of_a_proxy(authority: Authority, monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
    host = "mycompany.my.salesforce.test"
    with ScriptedOrg(tls=authority.server_context(host)) as org:
        org.on("GET limits", ok({"a": 1}))
        proxy = Proxy(org.port, authority.server_context("localhost") if scheme == "https" else None)
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.bundle))
        with Client(ScriptedSession(f"https://{host}")) as client:
            assert client.get("limits") == {"a": 1}
            assert client.get("limits") == {"a": 1}
        proxy.close()
    assert proxy.asked == [f"{host}:443"]


def test_a_proxy_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    with (
        Client(ScriptedSession("https://mycompany.my.salesforce.test"), pause=lambda seconds: None) as client,
        pytest.raises(NetworkError, match="could not be reached") as caught,
    ):
        client.get("limits")
    assert "HTTPS_PROXY" in str(caught.value)
