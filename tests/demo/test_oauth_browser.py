"""The authorization code and device flows as a browser sees them: pages, forms, cookies, redirects."""

from __future__ import annotations

import base64
import hashlib
import re
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from tests.demo.conftest import Web

CALLBACK = "http://localhost:1717/OauthRedirect"
VERIFIER = "a-verifier-of-at-least-forty-three-characters-in-all"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
PASSWORDS = {"ada.admin@demo.example": "demo-admin-1", "stan.standard@demo.example": "demo-standard-1"}


class Browser:
    """Follows redirects inside the org and stops at the callback."""

    def __init__(self, web: Web) -> None:
        self.web = web
        self.session = requests.Session()
        self.page: requests.Response | None = None

    def authorize(self, **changes: str | None) -> requests.Response:
        asked = {
            "response_type": "code",
            "client_id": self.web.org.client_id,
            "redirect_uri": CALLBACK,
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
            "state": "a state & more",
            "scope": "api refresh_token",
            **changes,
        }
        params = {name: value for name, value in asked.items() if value is not None}
        return self.follow(self.session.get(f"{self.web.url}/services/oauth2/authorize", params=params, **_OPTIONS))

    def submit(self, **values: str) -> requests.Response:
        """Fill in the page's form and send it."""
        assert self.page is not None
        text = self.page.text
        action = re.search(r'<form method="post" action="([^"]*)"', text)
        assert action, text
        hidden = dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', text))
        url = self.web.url + unescape(action[1])
        return self.follow(self.session.post(url, data={**hidden, **values}, **_OPTIONS))

    def follow(self, response: requests.Response) -> requests.Response:
        while response.status_code == 302 and not response.headers["Location"].startswith(CALLBACK):
            response = self.session.get(self.web.url + response.headers["Location"], **_OPTIONS)
        self.page = response
        return response

    def password(self, username: str = "ada.admin@demo.example", password: str | None = None) -> requests.Response:
        return self.submit(username=username, pw=password or PASSWORDS[username])

    def log_in(self, username: str = "ada.admin@demo.example", **changes: str) -> dict[str, str]:
        """The whole flow; the token endpoint's answer."""
        self.authorize(prompt="login consent", **changes)
        self.password(username)
        code = callback(self.submit(decision="allow"))["code"]
        answer: dict[str, str] = exchange(self.web, code).json()
        return answer


_OPTIONS: Any = {"allow_redirects": False, "timeout": 20}


def callback(response: requests.Response) -> dict[str, str]:
    """What the callback is told."""
    assert response.status_code == 302, response.text
    location = response.headers["Location"]
    assert location.startswith(f"{CALLBACK}?")
    return {name: value for name, (value,) in parse_qs(urlsplit(location).query).items()}


def exchange(web: Web, code: str, **changes: str) -> requests.Response:
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
    return web.token(**{**form, **changes})


@pytest.fixture
def browser(web: Web) -> Browser:
    return Browser(web)


def test_login_consent_and_tokens(web: Web, browser: Browser) -> None:
    page = browser.authorize(prompt="consent", login_hint="ada.admin@demo.example")
    assert page.status_code == 200
    assert page.headers["Content-Type"].startswith("text/html")
    assert 'id="username"' in page.text
    assert 'value="ada.admin@demo.example"' in page.text
    page = browser.password()
    assert "Demo Client App" in page.text
    assert "Manage user data via APIs" in page.text
    told = callback(browser.submit(decision="allow"))
    assert told["state"] == "a state & more"
    answer = exchange(web, told["code"]).json()
    assert set(answer) == {
        "access_token", "refresh_token", "signature", "scope", "instance_url", "id", "token_type", "issued_at",
    }  # fmt: skip
    assert answer["scope"] == "api refresh_token"
    assert web.get("/v/limits", token=answer["access_token"]).status_code == 200


def test_a_code_works_once(web: Web, browser: Browser) -> None:
    browser.authorize(prompt="login consent")
    browser.password()
    code = callback(browser.submit(decision="allow"))["code"]
    assert exchange(web, code).status_code == 200
    again = exchange(web, code)
    assert (again.status_code, again.json()["error_description"]) == (400, "expired authorization code")


@pytest.mark.parametrize(
    ("changes", "error", "description"),
    [
        ({"code": "unknown"}, "invalid_grant", "invalid authorization code"),
        ({"code_verifier": "another-verifier"}, "invalid_grant", "invalid code verifier"),
        ({"code_verifier": ""}, "invalid_grant", "missing required code verifier"),
        ({"redirect_uri": "http://localhost:1718/OauthRedirect"}, "redirect_uri_mismatch", None),
        ({"client_secret": "wrong"}, "invalid_client", "invalid client credentials"),
    ],
)
def test_codes_are_checked(
    web: Web, browser: Browser, changes: dict[str, str], error: str, description: str | None
) -> None:
    browser.authorize(prompt="login consent")
    browser.password()
    code = callback(browser.submit(decision="allow"))["code"]
    response = exchange(web, changes.get("code", code), **{k: v for k, v in changes.items() if k != "code"})
    assert response.status_code == 400
    assert response.json()["error"] == error
    assert response.json()["error_description"] == (description or "redirect_uri must match configuration")


def test_a_public_app_needs_no_secret(web: Web, browser: Browser) -> None:
    public = "3MVG9demoOrgPublicClientApp"
    browser.authorize(prompt="login consent", client_id=public)
    browser.password()
    code = callback(browser.submit(decision="allow"))["code"]
    answer = exchange(web, code, client_id=public, client_secret="").json()
    renewed = web.token(
        grant_type="refresh_token", refresh_token=answer["refresh_token"], client_id=public, client_secret=""
    )
    assert renewed.status_code == 200


def test_without_the_scope_there_is_no_refresh_token(browser: Browser) -> None:
    answer = browser.log_in(scope="api")
    assert "refresh_token" not in answer
    assert answer["scope"] == "api"


def test_an_id_token_for_openid(browser: Browser) -> None:
    answer = browser.log_in(scope="openid api")
    assert answer["id_token"].count(".") == 2


def test_a_wrong_password_is_asked_for_again(browser: Browser) -> None:
    browser.authorize(prompt="login consent")
    page = browser.password(password="wrong")
    assert page.status_code == 200
    assert "Please check your username and password." in page.text
    assert 'value="ada.admin@demo.example"' in page.text
    assert "wrong" not in page.text
    assert browser.password().status_code == 200


def test_denying(browser: Browser) -> None:
    browser.authorize(prompt="login consent")
    browser.password()
    told = callback(browser.submit(decision="deny"))
    assert told == {
        "error": "access_denied",
        "error_description": "end-user denied authorization",
        "state": "a state & more",
    }


def test_who_is_logged_in_and_consented_is_not_asked_again(browser: Browser) -> None:
    browser.log_in("stan.standard@demo.example")
    assert "code" in callback(browser.authorize())
    assert "code" in callback(browser.authorize(prompt="none"))
    assert "Allow Access" in browser.authorize(prompt="consent").text
    assert 'id="password"' in browser.authorize(prompt="login").text


def test_prompt_none_asks_nothing(browser: Browser) -> None:
    assert callback(browser.authorize(prompt="none"))["error"] == "login_required"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"client_id": "unknown"}, "error=invalid_client_id&error_description=client%20identifier%20invalid"),
        (
            {"redirect_uri": "http://attacker.example/"},
            "error=redirect_uri_mismatch&error_description=redirect_uri%20must%20match%20configuration",
        ),
        (
            {"redirect_uri": f"{CALLBACK}/"},
            "error=redirect_uri_mismatch&error_description=redirect_uri%20must%20match%20configuration",
        ),
        (
            {"code_challenge": None},
            "error=invalid_request&error_description=missing%20required%20code%20challenge",
        ),
        (
            {"code_challenge_method": "plain"},
            "error=invalid_request&error_description=invalid%20code%20challenge%20method",
        ),
    ],
)
def test_errors_that_never_reach_a_callback(browser: Browser, changes: dict[str, str | None], error: str) -> None:
    response = browser.authorize(**changes)
    assert response.status_code == 400
    assert response.text == error


@pytest.mark.parametrize(
    ("changes", "error"),
    [({"response_type": "token"}, "unsupported_response_type"), ({"scope": "api nothing"}, "invalid_scope")],
)
def test_errors_that_do(browser: Browser, changes: dict[str, str], error: str) -> None:
    assert callback(browser.authorize(**changes))["error"] == error


@pytest.mark.parametrize(
    ("settings", "error"),
    [
        ({"admin_approved_only": True}, "OAUTH_APP_ACCESS_DENIED"),
        ({"app_installed": False}, "OAUTH_EC_APP_NOT_FOUND"),
    ],
)
def test_policies_are_told_after_the_login(web: Web, browser: Browser, settings: dict[str, Any], error: str) -> None:
    web.settings(**settings)
    browser.authorize()
    assert callback(browser.password())["error"] == error


def test_pages_escape_what_they_show(browser: Browser) -> None:
    page = browser.authorize(prompt="login", login_hint='"><script>alert(1)</script>')
    assert "<script>" not in page.text
    page = browser.password(username="ada.admin@demo.example", password="x")
    assert "script" not in page.headers["Content-Security-Policy"]
    assert page.headers["X-Frame-Options"] == "DENY"


def test_a_form_that_was_used_or_is_unknown(web: Web, browser: Browser) -> None:
    for path in ("/login", "/setup/secur/RemoteAccessAuthorizationPage.apexp"):
        response = browser.session.post(web.url + path, data={"pending": "unknown"}, **_OPTIONS)
        assert response.status_code == 400
        assert "Start Again" in response.text


def test_consent_needs_the_login(web: Web, browser: Browser) -> None:
    browser.authorize(prompt="login consent")
    browser.password()
    pending = re.search(r'name="pending" value="([^"]*)"', browser.page.text if browser.page else "")
    assert pending
    form = {"pending": pending[1], "decision": "allow"}
    path = "/setup/secur/RemoteAccessAuthorizationPage.apexp"
    response = requests.post(web.url + path, data=form, **_OPTIONS)
    assert response.status_code == 400


def test_another_callback_can_be_registered(web: Web, browser: Browser) -> None:
    other = "http://localhost:4321/OauthRedirect"
    app = {"client_id": "with-port", "secret": "s", "callbacks": [CALLBACK, other]}
    assert web.post("/demo/apps", token=None, json=app).status_code == 201
    assert browser.authorize(client_id="with-port", redirect_uri=other).status_code == 200
    assert (
        browser.authorize(client_id="with-port", redirect_uri="http://localhost:4322/OauthRedirect").status_code == 400
    )


def test_the_device_flow_in_the_browser(web: Web, browser: Browser) -> None:
    web.settings(device_interval=0)
    begun = web.token(response_type="device_code", client_secret="", scope="api refresh_token").json()
    poll = {"grant_type": "device", "code": begun["device_code"], "client_secret": ""}
    code = begun["user_code"]
    page = browser.follow(browser.session.get(f"{begun['verification_uri']}?user_code={code}", **_OPTIONS))
    assert f'value="{code}"' in page.text
    assert "invalid or expired" in browser.submit(user_code="XXXXXXXX").text
    browser.submit(user_code=f"{code[:4].lower()}-{code[4:]}")
    browser.password()
    assert "Successfully Connected" in browser.submit(decision="allow").text
    answer = web.token(**poll)
    assert answer.status_code == 200
    assert "refresh_token" in answer.json()
    assert web.token(**poll).json()["error"] == "invalid_grant"


def test_a_device_that_is_denied(web: Web, browser: Browser) -> None:
    web.settings(device_interval=0)
    begun = web.token(response_type="device_code", client_secret="").json()
    browser.follow(browser.session.get(begun["verification_uri"], **_OPTIONS))
    browser.submit(user_code=begun["user_code"])
    browser.password()
    assert "Access Denied" in browser.submit(decision="deny").text
    response = web.token(grant_type="device", code=begun["device_code"], client_secret="")
    assert response.json()["error"] == "access_denied"
