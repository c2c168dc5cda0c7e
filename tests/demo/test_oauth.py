"""The token endpoint: every grant type, what it answers, and how it refuses."""

from __future__ import annotations

import base64
import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from salesforce_mcp.demo.oauth.passwords import SECURITY_TOKEN
from tests.demo.conftest import Web

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
ADMIN = {"grant_type": "password", "username": "ada.admin@demo.example", "password": "demo-admin-1"}


def refused(response: Any) -> tuple[str, str]:
    assert response.status_code == 400, response.text
    assert set(response.json()) == {"error", "error_description"}
    return response.json()["error"], response.json()["error_description"]


def works(web: Web, token: str) -> bool:
    return bool(web.get("/v/limits", token=token).status_code == 200)


def test_password_answers_as_recorded(web: Web, sample: Any) -> None:
    recorded = sample("oauth-vcr-newflow-students-student-signup-flow-sf-setup-0")["response"]
    response = web.token(**ADMIN)
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/json;charset=UTF-8"
    answer = response.json()
    assert set(answer) == set(recorded["body"])
    assert answer["access_token"].startswith("00D")
    assert "!AQ" in answer["access_token"]
    assert answer["instance_url"] == web.url
    assert answer["token_type"] == "Bearer"
    assert answer["issued_at"].isdigit()
    assert len(answer["issued_at"]) == 13
    assert works(web, answer["access_token"])


def test_password_takes_the_security_token(web: Web) -> None:
    both = {**ADMIN, "password": f"demo-admin-1{SECURITY_TOKEN}"}
    assert web.token(**both).status_code == 200
    web.settings(security_token_required=True)
    assert web.token(**both).status_code == 200
    assert refused(web.token(**ADMIN)) == ("invalid_grant", "authentication failure")


@pytest.mark.parametrize("change", [{"password": "wrong"}, {"username": "nobody@demo.example"}, {"password": ""}])
def test_a_wrong_password(web: Web, change: dict[str, str]) -> None:
    assert refused(web.token(**{**ADMIN, **change})) == ("invalid_grant", "authentication failure")


def test_the_password_flow_can_be_off(web: Web) -> None:
    web.settings(password_flow=False)
    assert refused(web.token(**ADMIN)) == ("invalid_grant", "authentication failure")


@pytest.mark.parametrize(
    ("form", "error", "description"),
    [
        ({"client_id": "unknown"}, "invalid_client_id", "client identifier invalid"),
        ({"client_secret": "wrong"}, "invalid_client", "invalid client credentials"),
        ({"client_secret": ""}, "invalid_client", "invalid client credentials"),
        ({"grant_type": "nonsense"}, "unsupported_grant_type", "grant type not supported"),
        ({"grant_type": ""}, "invalid_request", "missing required parameter: grant_type"),
    ],
)
def test_requests_that_are_wrong_in_themselves(web: Web, form: dict[str, str], error: str, description: str) -> None:
    assert refused(web.token(**{**ADMIN, **form})) == (error, description)


def test_a_client_can_authenticate_with_basic(web: Web) -> None:
    basic = base64.b64encode(f"{web.org.client_id}:{web.org.client_secret}".encode()).decode()
    data = {"grant_type": "client_credentials"}
    for value, status in ((f"Basic {basic}", 200), ("Basic !", 400), ("Basic dW5rbm93bjp4", 400)):
        response = web.post("/services/oauth2/token", token=None, data=data, headers={"Authorization": value})
        assert response.status_code == status


def test_a_form_of_several_parts_is_taken(web: Web) -> None:
    form = {"grant_type": "client_credentials", "client_id": web.org.client_id, "client_secret": web.org.client_secret}
    parts = {name: (None, value) for name, value in form.items()}
    assert web.post("/services/oauth2/token", token=None, files=parts).status_code == 200


def test_client_credentials(web: Web) -> None:
    answer = web.token(grant_type="client_credentials").json()
    assert set(answer) >= {"access_token", "signature", "scope", "instance_url", "id", "token_type", "issued_at"}
    assert "refresh_token" not in answer
    assert works(web, answer["access_token"])
    who = web.get("/services/oauth2/userinfo", token=answer["access_token"]).json()
    assert who["preferred_username"] == "ada.admin@demo.example"


def test_client_credentials_need_a_domain_and_a_user(web: Web) -> None:
    web.settings(login_host=True)
    assert refused(web.token(grant_type="client_credentials")) == (
        "invalid_grant",
        "request not supported on this domain",
    )
    web.settings(login_host=False)
    web.post("/demo/apps", token=None, json={"client_id": "lonely", "secret": "s"})
    lonely = {"grant_type": "client_credentials", "client_id": "lonely", "client_secret": "s"}
    assert refused(web.token(**lonely)) == ("invalid_grant", "no client credentials user enabled")
    assert refused(web.token(grant_type="client_credentials", scope="nothing")) == (
        "invalid_grant",
        "no valid scopes defined",
    )


# JWT bearer


class Signer:
    """A client with a key of its own, registered with the org's app."""

    def __init__(self, web: Web) -> None:
        self.web = web
        self.key = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
        public = self.key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        app = {"client_id": web.org.client_id, "certificate": public.decode()}
        assert web.post("/demo/apps", token=None, json=app).status_code == 201

    def assertion(self, **changes: Any) -> str:
        claims = {
            "iss": self.web.org.client_id,
            "sub": "stan.standard@demo.example",
            "aud": "https://login.salesforce.com",
            "exp": str(int(time.time()) + 120),
            **changes,
        }
        signed = ".".join(_encode(json.dumps(part).encode()) for part in ({"alg": "RS256"}, claims))
        return f"{signed}.{_encode(self.key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256()))}"

    def ask(self, **changes: Any) -> Any:
        form = {"grant_type": JWT_BEARER, "assertion": self.assertion(**changes)}
        return self.web.post("/services/oauth2/token", token=None, data=form)


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@pytest.fixture(scope="module")
def _signer(_web: Web) -> Signer:
    return Signer(_web)


@pytest.fixture
def signer(_signer: Signer, web: Web) -> Signer:
    return _signer


def test_jwt_bearer(web: Web, signer: Signer) -> None:
    response = signer.ask()
    assert response.status_code == 200, response.text
    assert {"access_token", "scope", "instance_url", "id", "token_type"} <= set(response.json())
    assert "refresh_token" not in response.json()
    who = web.get("/services/oauth2/userinfo", token=response.json()["access_token"]).json()
    assert who["preferred_username"] == "stan.standard@demo.example"


@pytest.mark.parametrize(
    ("changes", "error", "description"),
    [
        ({"iss": "unknown"}, "invalid_client_id", "client identifier invalid"),
        ({"aud": "https://example.com"}, "invalid_grant", "audience is invalid"),
        ({"exp": 1}, "invalid_grant", "expired authorization code"),
        ({"sub": "nobody@demo.example"}, "invalid_grant", "user hasn't approved this consumer"),
        ({"exp": None}, "invalid_grant", "invalid assertion"),
    ],
)
def test_jwt_bearer_refusals(signer: Signer, changes: dict[str, Any], error: str, description: str) -> None:
    assert refused(signer.ask(**changes)) == (error, description)


def test_a_jwt_that_was_tampered_with(web: Web, signer: Signer) -> None:
    good = signer.assertion()
    header, claims, signature = good.split(".")
    forged = _encode(json.dumps({"iss": web.org.client_id, "sub": "ada.admin@demo.example"}).encode())
    unsigned = _encode(b'{"alg": "none"}')
    for assertion in (f"{header}.{forged}.{signature}", f"{unsigned}.{claims}.", "nonsense", "a.b.c", good[:-8]):
        assert refused(web.token(grant_type=JWT_BEARER, assertion=assertion)) == ("invalid_grant", "invalid assertion")


def test_jwt_bearer_without_consent(web: Web, signer: Signer) -> None:
    web.settings(jwt_preauthorized=False)
    assert refused(signer.ask(sub="ada.admin@demo.example")) == ("invalid_grant", "user hasn't approved this consumer")


# What administrators set up


@pytest.mark.parametrize(
    ("settings", "error", "description"),
    [
        ({"login_rate_exceeded": True}, "rate_limit_exceeded", "login rate exceeded"),
        ({"org_active": False}, "inactive_org", "organization inactive"),
        ({"inactive_users": ["ada.admin@demo.example"]}, "inactive_user", "user is inactive"),
        ({"admin_approved_only": True}, "invalid_app_access", "user is not admin approved to access this app"),
        ({"app_installed": False}, "OAUTH_EC_APP_NOT_FOUND", "External client app is not installed in this org"),
        ({"ip_restricted": True}, "invalid_grant", "ip restricted"),
    ],
)
def test_policies(web: Web, settings: dict[str, Any], error: str, description: str) -> None:
    web.settings(**settings)
    assert refused(web.token(grant_type="client_credentials")) == (error, description)


# Device flow


def device(web: Web, **form: str) -> dict[str, Any]:
    answer: dict[str, Any] = web.token(response_type="device_code", client_secret="", **form).json()
    return answer


def test_device_flow(web: Web) -> None:
    web.settings(device_interval=0)
    begun = device(web, scope="api refresh_token")
    assert set(begun) == {"device_code", "user_code", "verification_uri", "interval"}
    assert begun["verification_uri"] == f"{web.url}/setup/connect"
    poll = {"grant_type": "device", "code": begun["device_code"], "client_secret": ""}
    assert refused(web.token(**poll))[0] == "authorization_pending"
    assert refused(web.token(**{**poll, "code": "wrong"}))[0] == "invalid_grant"


def test_a_device_that_asks_too_often(web: Web) -> None:
    web.settings(device_interval=60)
    poll = {"grant_type": "device", "code": device(web)["device_code"], "client_secret": ""}
    assert refused(web.token(**poll))[0] == "authorization_pending"
    assert refused(web.token(**poll))[0] == "slow_down"


# Tokens: expiry, renewal, revocation


@pytest.fixture
def login(web: Web) -> dict[str, str]:
    return log_in(web)


def log_in(web: Web, username: str = "ada.admin@demo.example") -> dict[str, str]:
    """Access and refresh token of the authorization code flow, its pages driven as a browser does."""
    from tests.demo.test_oauth_browser import Browser

    return Browser(web).log_in(username)


def renew(web: Web, refresh_token: str, **form: str) -> Any:
    return web.token(grant_type="refresh_token", refresh_token=refresh_token, **form)


def test_refresh(web: Web, login: dict[str, str]) -> None:
    response = renew(web, login["refresh_token"])
    assert response.status_code == 200
    assert set(response.json()) == {
        "access_token", "signature", "scope", "instance_url", "id", "token_type", "issued_at",
    }  # fmt: skip
    assert works(web, response.json()["access_token"])
    assert works(web, login["access_token"])
    assert renew(web, login["refresh_token"]).status_code == 200


@pytest.mark.parametrize("token", ["unknown", ""])
def test_a_refresh_token_that_is_none(web: Web, token: str) -> None:
    assert refused(renew(web, token))[0] == ("invalid_grant" if token else "invalid_request")


def test_a_refresh_token_of_another_app(web: Web, login: dict[str, str]) -> None:
    web.post("/demo/apps", token=None, json={"client_id": "other", "secret": "s"})
    response = renew(web, login["refresh_token"], client_id="other", client_secret="s")
    assert refused(response) == ("invalid_grant", "expired access/refresh token")
    assert renew(web, login["refresh_token"]).status_code == 200


def test_rotation_ends_the_login_when_an_old_token_is_used_again(web: Web, login: dict[str, str]) -> None:
    web.settings(refresh_token_rotation=True)
    first = renew(web, login["refresh_token"]).json()
    second = renew(web, first["refresh_token"]).json()
    assert len({login["refresh_token"], first["refresh_token"], second["refresh_token"]}) == 3
    assert works(web, second["access_token"])
    assert refused(renew(web, login["refresh_token"])) == ("invalid_grant", "expired access/refresh token")
    assert refused(renew(web, second["refresh_token"])) == ("invalid_grant", "expired access/refresh token")
    assert not works(web, second["access_token"])


def test_of_many_who_rotate_one_token_only_one_gets_through(web: Web, login: dict[str, str]) -> None:
    web.settings(refresh_token_rotation=True)
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda _: renew(web, login["refresh_token"]).status_code, range(8)))
    assert sorted(statuses) == [200, *[400] * 7]


def test_access_tokens_expire(web: Web, login: dict[str, str]) -> None:
    web.settings(access_token_lifetime=0)
    expired = renew(web, login["refresh_token"]).json()["access_token"]
    assert web.get("/v/limits", token=expired).status_code == 401
    web.settings(access_token_lifetime=60)
    assert works(web, renew(web, login["refresh_token"]).json()["access_token"])


def test_all_sessions_can_be_ended_at_once(web: Web, login: dict[str, str]) -> None:
    assert web.send("DELETE", "/demo/sessions", token=None).status_code == 204
    assert not works(web, login["access_token"])
    renewed = renew(web, login["refresh_token"]).json()
    assert works(web, renewed["access_token"])
    assert web.send("DELETE", "/demo/grants", token=None).status_code == 204
    assert refused(renew(web, login["refresh_token"])) == ("invalid_grant", "expired access/refresh token")
    assert not works(web, renewed["access_token"])
    web.admin, web.standard = (web.org.access_token(user.username) for user in web.org.users)


def test_renewal_for_a_user_who_was_deactivated(web: Web, login: dict[str, str]) -> None:
    web.settings(inactive_users=["ada.admin@demo.example"])
    assert refused(renew(web, login["refresh_token"])) == ("invalid_grant", "inactive user")
    web.settings(inactive_users=[])
    assert renew(web, login["refresh_token"]).status_code == 200


def revoke(web: Web, token: str) -> Any:
    return web.post("/services/oauth2/revoke", token=None, data={"token": token})


def test_revoking_a_refresh_token_ends_its_sessions(web: Web, login: dict[str, str]) -> None:
    assert revoke(web, login["refresh_token"]).status_code == 200
    assert not works(web, login["access_token"])
    assert refused(renew(web, login["refresh_token"])) == ("invalid_grant", "expired access/refresh token")
    assert revoke(web, login["refresh_token"]).json() == {
        "error": "invalid_token",
        "error_description": "invalid token",
    }


def test_revoking_an_access_token_leaves_the_refresh_token(web: Web, login: dict[str, str]) -> None:
    assert web.get("/services/oauth2/revoke", token=None, params={"token": login["access_token"]}).status_code == 200
    assert not works(web, login["access_token"])
    assert renew(web, login["refresh_token"]).status_code == 200


def test_introspection(web: Web, login: dict[str, str]) -> None:
    def ask(token: str) -> dict[str, Any]:
        form = {"token": token, "client_id": web.org.client_id, "client_secret": web.org.client_secret}
        answer: dict[str, Any] = web.post("/services/oauth2/introspect", token=None, data=form).json()
        return answer

    known = ask(login["access_token"])
    assert known["active"] is True
    assert known["username"] == "ada.admin@demo.example"
    assert known["exp"] > time.time()
    assert ask(login["refresh_token"])["token_type"] == "refresh_token"
    assert ask("unknown") == {"active": False}


def test_access_tokens_can_be_long(web: Web) -> None:
    web.settings(jwt_access_tokens=True)
    token = web.token(grant_type="client_credentials").json()["access_token"]
    assert len(token) > 2000
    assert token.count(".") == 2
    assert works(web, token)


def test_the_store_holds_no_token(web: Web, login: dict[str, str]) -> None:
    everything = b"".join(path.read_bytes() for path in web.org.path.iterdir() if path.is_file())
    for secret in (login["access_token"], login["refresh_token"], web.admin):
        assert secret.encode() not in everything


# Who is it


def test_userinfo_has_the_recorded_names(web: Web, sample: Any) -> None:
    recorded = sample("oauth-get-current-user")["response"]["body"]
    answered = web.get("/services/oauth2/userinfo").json()
    assert set(recorded) - set(answered) == set()
    assert set(recorded["urls"]) == set(answered["urls"])


def test_the_identity_url_has_the_recorded_names(web: Web, sample: Any) -> None:
    recorded = sample("oauth-mockidentity")["response"]["body"]
    url = web.token(**ADMIN).json()["id"]
    answered = web.get(url.removeprefix(web.url)).json()
    assert set(answered) == set(recorded)
    assert set(answered["urls"]) == set(recorded["urls"])


@pytest.mark.parametrize("path", ["/services/oauth2/userinfo", "/id/00D5g0000000001EAA/0055g0000000001AAA"])
def test_identity_refuses_in_its_own_way(web: Web, path: str) -> None:
    missing = web.get(path, token=None)
    assert (missing.status_code, missing.text) == (403, "Missing_OAuth_Token")
    bad = web.get(path, token="nonsense")
    assert (bad.status_code, bad.text) == (403, "Bad_OAuth_Token")
