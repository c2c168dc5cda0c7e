"""Logging in by browser, and out: what is sent, shown and kept."""

from __future__ import annotations

import base64
import hashlib
import http.client
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from salesforce_mcp.auth import keyring_store, login, orgs, stored
from salesforce_mcp.auth.grant import Grant, Secrets
from salesforce_mcp.auth.identity import Identity
from salesforce_mcp.auth.login import PendingLogin, start_login
from salesforce_mcp.auth.orgs import Org
from salesforce_mcp.errors import NetworkError, SessionError, UsageError
from tests.auth.conftest import ORG_ID, LoginHost

Entries = dict[tuple[str, str], str]


class Browser:
    """Opens a login link and comes back with an answer, as a browser does after the login page."""

    def __init__(self, url: str) -> None:
        self.asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        self.page = ""

    def come_back(self, **values: str) -> None:
        target = urlsplit(self.asked["redirect_uri"])
        with closing(http.client.HTTPConnection("127.0.0.1", target.port or 0, timeout=30)) as client:
            query = urlencode({"state": self.asked["state"], **values})
            client.request("GET", f"{target.path}?{query}", headers={"Host": target.netloc})
            self.page = client.getresponse().read().decode()


def log_in(org: Org, secrets: Secrets | None = None, **answer: str) -> tuple[Org, Browser]:
    pending = PendingLogin(org, secrets or Secrets(login_url=org.login_url))
    browser = Browser(pending.url)
    with ThreadPoolExecutor(1) as pool:
        visit = pool.submit(browser.come_back, **(answer or {"code": "abc"}))
        try:
            return pending.wait(30), browser
        finally:
            visit.result()


def test_logs_in_with_pkce(host: LoginHost, org: Org, keyring: Entries) -> None:
    host.on_token = lambda form: (200, host.grant(refresh_token="5Aep"))
    done, browser = log_in(org, Secrets(login_url=org.login_url, client_secret="hush"))
    asked = browser.asked
    assert asked["response_type"] == "code"
    assert asked["redirect_uri"] == f"http://localhost:{org.port}/OauthRedirect"
    assert asked["scope"] == "api refresh_token"
    assert asked["code_challenge_method"] == "S256"
    assert len(asked["state"]) >= 32
    (form,) = host.forms
    assert (form["grant_type"], form["code"], form["client_secret"]) == ("authorization_code", "abc", "hush")
    assert form["redirect_uri"] == asked["redirect_uri"]
    assert 43 <= len(form["code_verifier"]) <= 128
    digest = hashlib.sha256(form["code_verifier"].encode()).digest()
    assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == asked["code_challenge"]

    assert (done.username, done.org_id, done.environment) == ("ada@example.com", ORG_ID, "sandbox")
    assert orgs.load().find("acme") == done
    kept = keyring_store.load("acme")
    assert kept is not None
    assert (kept.refresh_token, kept.client_secret) == ("5Aep", "hush")
    assert "ada@example.com" in browser.page
    assert "You are logged in" in browser.page


def test_every_attempt_has_its_own_state_and_verifier(host: LoginHost, org: Org, keyring: Entries) -> None:
    links = []
    for _ in range(2):
        with closing(PendingLogin(org, Secrets(login_url=org.login_url))) as pending:
            links.append(Browser(pending.url).asked)
    assert links[0]["state"] != links[1]["state"]
    assert links[0]["code_challenge"] != links[1]["code_challenge"]


def test_a_denied_login_is_told_in_both_places(host: LoginHost, org: Org, keyring: Entries) -> None:
    pending = PendingLogin(org, Secrets(login_url=org.login_url))
    browser = Browser(pending.url)
    with ThreadPoolExecutor(1) as pool:
        answer = {"error": "access_denied", "error_description": "end-user denied <authorization>"}
        visit = pool.submit(browser.come_back, **answer)
        with pytest.raises(SessionError, match="denied on the consent page"):
            pending.wait(30)
        visit.result()
    assert "The login did not work" in browser.page
    assert "&lt;authorization&gt;" in browser.page
    assert orgs.load().by_alias == {}
    assert keyring == {}


def test_an_untrusted_instance_gets_no_token(host: LoginHost, org: Org, keyring: Entries) -> None:
    host.on_token = lambda form: (200, {**host.grant(), "instance_url": "https://evil.example"})
    with pytest.raises(UsageError, match=r"evil\.example is not a host of Salesforce"):
        log_in(org)
    assert keyring == {}


@pytest.mark.parametrize(
    ("answer", "code", "words"),
    [
        (
            (400, "error=invalid_client_id&error_description=client%20identifier%20invalid", {}),
            "invalid_client_id",
            "client id",
        ),
        (
            (400, "error=redirect_uri_mismatch&error_description=redirect_uri%20must%20match%20configuration", {}),
            "redirect_uri_mismatch",
            "callback URL",
        ),
        (
            (
                302,
                "",
                {
                    "Location": "/setup/secur/RemoteAccessErrorPage.apexp?error=invalid_client&display=page"
                    "&error_description=app+must+be+installed+into+org"
                },
            ),
            "invalid_client",
            "not installed",
        ),
        (
            (
                302,
                "",
                {
                    "Location": "http://localhost:1/OauthRedirect?error=invalid_request"
                    "&error_description=missing+required+code+challenge&state=x"
                },
            ),
            "invalid_request",
            "PKCE",
        ),
    ],
)
def test_what_salesforce_refuses_outright_is_said_at_once(
    host: LoginHost, org: Org, keyring: Entries, answer: tuple[int, Any, dict[str, str]], code: str, words: str
) -> None:
    host.pages["/services/oauth2/authorize"] = answer
    with pytest.raises(SessionError) as caught:
        PendingLogin(org, Secrets(login_url=org.login_url))
    assert caught.value.code == code
    assert words in str(caught.value)
    stored_listener_is_gone(org)


def stored_listener_is_gone(org: Org) -> None:
    """The port is free again."""
    from salesforce_mcp.auth.loopback import Listener

    Listener(org.port, "x").close()


def test_a_login_page_elsewhere_is_fine(host: LoginHost, org: Org, keyring: Entries) -> None:
    sso = {"Location": "https://idp.example.org/sso?startURL=%2Fx%3Ferror%3Dno"}
    host.pages["/services/oauth2/authorize"] = (302, "", sso)
    PendingLogin(org, Secrets(login_url=org.login_url)).close()


def test_without_a_keyring_nobody_is_sent_to_the_browser(host: LoginHost, org: Org) -> None:
    with pytest.raises(SessionError) as caught:
        PendingLogin(org, Secrets(login_url=org.login_url))
    assert caught.value.code == "NO_KEYRING"
    assert host.requests == []


def test_a_timeout_names_what_the_browser_may_have_shown(host: LoginHost, org: Org, keyring: Entries) -> None:
    with pytest.raises(SessionError) as caught:
        PendingLogin(org, Secrets(login_url=org.login_url)).wait(0.01)
    hint = caught.value.hint or ""
    for word in ("redirect_uri_mismatch", org.callback_url, "invalid_client_id", "OAUTH_APPROVAL_ERROR", "--sandbox"):
        assert word in hint


def test_cancelling_frees_the_port(host: LoginHost, org: Org, keyring: Entries) -> None:
    cancelled = threading.Event()
    cancelled.set()
    with pytest.raises(SessionError, match="cancelled"):
        PendingLogin(org, Secrets(login_url=org.login_url)).wait(30, cancelled)
    stored_listener_is_gone(org)


def test_without_client_id_says_what_to_create(org: Org, keyring: Entries) -> None:
    with pytest.raises(UsageError, match="client id") as caught:
        PendingLogin(replace(org, client_id=None), Secrets(login_url=org.login_url))
    assert org.callback_url in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("page", "answer"),
    [
        ("/services/oauth2/userinfo", (403, "Bad_OAuth_Token", {})),
        (
            "/services/data/v60.0/query",
            (
                403,
                [
                    {
                        "message": "The REST API is not enabled for this Organization.",
                        "errorCode": "API_DISABLED_FOR_ORG",
                    }
                ],
                {},
            ),
        ),
    ],
)
def test_a_user_who_may_not_use_the_api_is_told_at_login(
    host: LoginHost, org: Org, keyring: Entries, page: str, answer: tuple[int, Any, dict[str, str]]
) -> None:
    host.pages[page] = answer
    with pytest.raises(SessionError, match="login worked, but") as caught:
        log_in(org)
    assert "API Enabled" in (caught.value.hint or "")
    assert keyring == {}


@pytest.mark.parametrize(
    ("organization", "environment"),
    [
        ({"IsSandbox": False, "OrganizationType": "Enterprise Edition"}, "production"),
        ({"IsSandbox": True, "OrganizationType": "Enterprise Edition"}, "sandbox"),
        ({"IsSandbox": False, "OrganizationType": "Developer Edition"}, "developer"),
        ({}, "unknown"),
    ],
)
def test_the_kind_of_org_comes_from_the_org(
    host: LoginHost, org: Org, keyring: Entries, organization: dict[str, Any], environment: str
) -> None:
    host.pages["/services/data/v60.0/query"] = (200, {"records": [organization] if organization else []}, {})
    done, browser = log_in(org)
    assert done.environment == environment
    assert ("production org" in browser.page) is (environment == "production")


def test_a_new_login_clears_what_an_interrupted_renewal_left(host: LoginHost, org: Org, keyring: Entries) -> None:
    stored.interruption_mark(org.alias).touch()
    log_in(org)
    assert not stored.interruption_mark(org.alias).exists()


def test_a_login_without_alias_is_called_by_its_domain(host: LoginHost, org: Org, keyring: Entries) -> None:
    nameless = replace(org, alias="")
    assert log_in(nameless)[0].alias == "local"
    assert log_in(nameless)[0].alias == "local"
    host.pages["/services/oauth2/userinfo"] = (
        200,
        {"preferred_username": "stan@example.com", "organization_id": ORG_ID},
        {},
    )
    assert log_in(nameless)[0].alias == "stan@example.com"


def test_no_login_takes_the_name_of_the_demo_org(keyring: Entries) -> None:
    who = Identity(
        username="stan@example.com",
        user_id=None,
        name=None,
        email=None,
        org_id=ORG_ID,
        org_name=None,
        edition=None,
        environment="production",
    )
    assert login._free_alias("https://acme.my.salesforce.com", who) == "acme"
    assert login._free_alias("https://demo.my.salesforce.com", who) == "stan@example.com"


def test_start_login_uses_the_former_settings(host: LoginHost, org: Org, keyring: Entries) -> None:
    log_in(org, Secrets(login_url=org.login_url, client_secret="hush"))
    pending = start_login()
    browser = Browser(pending.url)
    assert browser.asked["client_id"] == "3MVG9client"
    assert browser.asked["login_hint"] == "ada@example.com"
    with ThreadPoolExecutor(1) as pool:
        pool.submit(browser.come_back, code="def")
        assert pending.wait(30).alias == "acme"
    assert host.forms[-1]["client_secret"] == "hush"


def test_start_login_without_a_login(keyring: Entries) -> None:
    with pytest.raises(SessionError) as caught:
        start_login("acme")
    assert caught.value.code == "NO_SESSION"


def test_start_login_from_the_environment(host: LoginHost, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client's configuration may hold no more than the app and the address."""
    monkeypatch.setenv("SFMCP_CLIENT_ID", "3MVG9env")
    monkeypatch.setenv("SFMCP_CLIENT_SECRET", "hush")
    monkeypatch.setenv("SFMCP_LOGIN_URL", host.url)
    org, secrets = login._from_environment("acme")
    assert (org.alias, org.client_id, org.login_url, org.flow) == ("acme", "3MVG9env", host.url, "web")
    assert secrets.client_secret == "hush"


@pytest.mark.parametrize("field", ["login_url", "instance_url"])
def test_an_edited_orgs_toml_gets_no_secret(host: LoginHost, kept: Org, field: str) -> None:
    with orgs.changing() as book:
        book.put(replace(kept, **{field: host.url.replace("127.0.0.1", "localhost")}))
    host.requests.clear()
    for attempt in (
        lambda org: start_login(org.alias),
        lambda org: login.replace_client_secret(org, "new"),
    ):
        with pytest.raises(SessionError, match="another address"):
            attempt(orgs.load().find(kept.alias))
    assert host.requests == []


# --- Secrets replaced, logins renamed and ended ----------------------------------------------------------------------


@pytest.fixture
def kept(host: LoginHost, org: Org, keyring: Entries) -> Org:
    secrets = Secrets(login_url=org.login_url, client_secret="old secret")
    grant = Grant(instance_url=host.url, access_token="a0", refresh_token="r0")
    return login.keep(org, secrets, grant)


def only_with(secret: str, host: LoginHost) -> Callable[[dict[str, str]], tuple[int, Any]]:
    def answer(form: dict[str, str]) -> tuple[int, Any]:
        if form.get("client_secret") == secret:
            return 200, host.grant(refresh_token="r1")
        return 400, {"error": "invalid_client", "error_description": "invalid client credentials"}

    return answer


def test_a_client_secret_is_replaced_when_it_works(host: LoginHost, kept: Org) -> None:
    host.on_token = only_with("new secret", host)
    with pytest.raises(SessionError, match="client secret"):
        login.replace_client_secret(kept, "typing error")
    secrets = keyring_store.load(kept.alias)
    assert secrets is not None
    assert (secrets.client_secret, secrets.refresh_token) == ("old secret", "r0")
    login.replace_client_secret(kept, "new secret")
    secrets = keyring_store.load(kept.alias)
    assert secrets is not None
    assert (secrets.client_secret, secrets.refresh_token) == ("new secret", "r1")


def test_a_renamed_login_goes_on(kept: Org, keyring: Entries) -> None:
    login.rename("acme", "prod")
    assert list(orgs.load().by_alias) == ["prod"]
    assert list(keyring) == [("sfmcp:prod", "session")]
    assert stored.StoredSession(orgs.load().find("prod")).access_token() == "a0"
    with pytest.raises(UsageError):
        login.rename("prod", "demo")
    assert list(keyring) == [("sfmcp:prod", "session")]


def test_logging_out_revokes_and_forgets(host: LoginHost, kept: Org, keyring: Entries) -> None:
    revoked: list[dict[str, str]] = []
    answer = host.answer

    def spy(method: str, target: str, form: dict[str, str]) -> tuple[int, Any, dict[str, str]]:
        if target == "/services/oauth2/revoke":
            revoked.append(form)
        return answer(method, target, form)

    host.answer = spy  # type: ignore[method-assign]
    assert login.forget("acme") is None
    assert revoked == [{"token": "r0"}]
    assert keyring == {}
    assert orgs.load().by_alias == {}
    with pytest.raises(SessionError, match="no login named 'acme'"):
        login.forget("acme")


def test_logging_out_without_network_still_forgets(host: LoginHost, kept: Org, keyring: Entries) -> None:
    host.pages["/services/oauth2/revoke"] = (503, "maintenance", {})
    assert isinstance(login.forget("acme"), NetworkError)
    assert keyring == {}


def test_a_session_of_the_salesforce_cli_is_not_revoked(host: LoginHost, kept: Org) -> None:
    with orgs.changing() as book:
        book.put(replace(kept, flow="sf"))
    host.requests.clear()
    assert login.forget("acme") is None
    assert host.requests == []
