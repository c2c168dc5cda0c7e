"""What a login is made of: options first, then the last login under the alias, then the environment."""

from __future__ import annotations

import pytest

from salesforce_mcp.auth.orgs import Org, Orgs
from salesforce_mcp.cli.login_settings import Wishes, settings
from salesforce_mcp.errors import UsageError

BEFORE = Org(
    alias="acme",
    flow="device",
    login_url="https://acme.my.salesforce.com",
    instance_url="https://acme.my.salesforce.com",
    client_id="3MVG9before",
    username="ada@example.com",
    scopes=("api",),
    port=1800,
    api_version="64.0",
)


@pytest.fixture
def book() -> Orgs:
    known = Orgs()
    known.put(BEFORE)
    return known


def test_a_first_login() -> None:
    org = settings(Wishes(client_id="3MVG9"), Orgs())
    assert (org.alias, org.flow, org.login_url, org.port) == ("", "web", "https://login.salesforce.com", 1717)
    assert org.scopes == ("api", "refresh_token")


def test_the_environment_fills_the_gaps_of_a_first_login(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SFMCP_CLIENT_ID", "3MVG9env")
    monkeypatch.setenv("SFMCP_LOGIN_URL", "https://env.my.salesforce.com")
    org = settings(Wishes(), Orgs())
    assert (org.client_id, org.login_url) == ("3MVG9env", "https://env.my.salesforce.com")
    org = settings(Wishes(client_id="3MVG9", sandbox=True), Orgs())
    assert (org.client_id, org.login_url) == ("3MVG9", "https://test.salesforce.com")


def test_the_same_login_again(book: Orgs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SFMCP_CLIENT_ID", "3MVG9env")
    assert settings(Wishes(alias="acme"), book) == BEFORE
    assert settings(Wishes(), book) == BEFORE, "without any option the default login is meant"


def test_options_change_what_was(book: Orgs) -> None:
    org = settings(Wishes(alias="acme", flow="web", port=1900, scopes=["api,openid", "id api"]), book)
    assert (org.flow, org.port, org.scopes) == ("web", 1900, ("api", "openid", "id"))
    assert (org.client_id, org.api_version) == ("3MVG9before", "64.0")


def test_an_option_that_names_another_login_starts_afresh(book: Orgs) -> None:
    org = settings(Wishes(domain="other", client_id="3MVG9"), book)
    assert (org.alias, org.flow, org.login_url) == ("", "web", "https://other.my.salesforce.com")


@pytest.mark.parametrize(
    ("wishes", "flow"),
    [
        (Wishes(key_file="ci.pem"), "jwt"),
        (Wishes(from_sf="dev"), "sf"),
        (Wishes(flow="soap", username="ada@example.com"), "soap"),
    ],
)
def test_the_flow_follows_from_the_options(wishes: Wishes, flow: str) -> None:
    assert settings(wishes, Orgs()).flow == flow


def test_a_host_that_is_allowed_once_stays_allowed() -> None:
    wishes = Wishes(alias="acme", login_url="https://crm.example.org", allowed_hosts=["crm.example.org"])
    org = settings(wishes, Orgs())
    book = Orgs()
    book.put(org)
    assert settings(Wishes(alias="acme"), book).allowed_hosts == ("crm.example.org",)
    with pytest.raises(UsageError, match="not a host of Salesforce"):
        settings(Wishes(alias="acme", login_url="https://other.example.org"), book)
