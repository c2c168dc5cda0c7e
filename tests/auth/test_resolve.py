"""Which session a command gets, and what that costs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from salesforce_mcp.auth import orgs
from salesforce_mcp.auth.grant import Secrets
from salesforce_mcp.auth.orgs import Org
from salesforce_mcp.auth.resolve import open_session
from salesforce_mcp.auth.unattended import UnattendedSession
from salesforce_mcp.errors import SessionError, UsageError
from tests.auth.conftest import ORG_ID, LoginHost

Set = pytest.MonkeyPatch


def _put(*aliases: str) -> None:
    with orgs.changing() as book:
        for alias in aliases:
            url = f"https://{alias}.my.salesforce.com"
            book.put(Org(alias=alias, login_url=url, instance_url=url, environment="production", api_version="64.0"))


def test_nothing_configured() -> None:
    with pytest.raises(SessionError, match="nobody is logged in") as caught:
        open_session()
    assert caught.value.code == "NO_SESSION"
    assert "--org demo" in (caught.value.hint or "")


def test_a_token_from_the_environment(monkeypatch: Set) -> None:
    monkeypatch.setenv("SFMCP_ACCESS_TOKEN", "00D!x")
    with pytest.raises(UsageError, match="without SFMCP_INSTANCE_URL"):
        open_session()
    monkeypatch.setenv("SFMCP_INSTANCE_URL", "https://acme--dev.sandbox.my.salesforce.com/")
    session = open_session()
    assert session.instance_url == "https://acme--dev.sandbox.my.salesforce.com"
    assert session.access_token() == "00D!x"
    assert session.environment == "sandbox"
    with pytest.raises(SessionError) as caught:
        session.renew("00D!x")
    assert "SFMCP_ACCESS_TOKEN" in (caught.value.hint or "")


def test_a_token_is_taken_without_what_surrounds_it(monkeypatch: Set) -> None:
    monkeypatch.setenv("SFMCP_INSTANCE_URL", "https://acme.my.salesforce.com")
    monkeypatch.setenv("SFMCP_ACCESS_TOKEN", " 00D!x\r\n")
    assert open_session().access_token() == "00D!x"
    for wrong in ("00D!x\nHost: other.example", "00D!x y", "00D!\u2013x"):
        monkeypatch.setenv("SFMCP_ACCESS_TOKEN", wrong)
        with pytest.raises(UsageError, match="SFMCP_ACCESS_TOKEN") as caught:
            open_session()
        assert "00D" not in caught.value.text()


def test_a_token_is_not_sent_to_a_strange_host(monkeypatch: Set) -> None:
    monkeypatch.setenv("SFMCP_ACCESS_TOKEN", "00D!x")
    monkeypatch.setenv("SFMCP_INSTANCE_URL", "https://acme.my.saleforce.com")
    with pytest.raises(UsageError, match=r"acme\.my\.saleforce\.com is not a host of Salesforce"):
        open_session()
    monkeypatch.setenv("SFMCP_ALLOW_HOST", "other.example, acme.my.saleforce.com")
    assert open_session().instance_url == "https://acme.my.saleforce.com"


def test_the_order(monkeypatch: Set) -> None:
    _put("first", "second")
    assert open_session().alias == "first"
    monkeypatch.setenv("SFMCP_USERNAME", "ada@example.com")
    monkeypatch.setenv("SFMCP_PASSWORD", "x")
    assert _flow() == "soap"
    monkeypatch.setenv("SFMCP_CLIENT_ID", "3MVG9")
    assert _flow() == "password"
    monkeypatch.setenv("SFMCP_CLIENT_SECRET", "hush")
    assert _flow() == "password", "client credentials need an org's address"
    monkeypatch.setenv("SFMCP_LOGIN_URL", "https://test.salesforce.com")
    assert _flow() == "password", "the shared login hosts know no client credentials"
    monkeypatch.setenv("SFMCP_LOGIN_URL", "https://acme.my.salesforce.com")
    assert _flow() == "client-credentials"
    monkeypatch.setenv("SFMCP_JWT_KEY_FILE", "ci.pem")
    assert _flow() == "jwt"
    monkeypatch.setenv("SFMCP_INSTANCE_URL", "https://env.my.salesforce.com")
    monkeypatch.setenv("SFMCP_ACCESS_TOKEN", "x")
    assert open_session().instance_url == "https://env.my.salesforce.com"
    monkeypatch.setenv("SFMCP_ORG", "second")
    assert open_session().alias == "second"
    assert open_session("first").alias == "first"


def _flow() -> str:
    session = open_session()
    assert isinstance(session, UnattendedSession)
    return session._org.flow


def test_an_app_in_the_environment_is_for_login_and_no_session_by_itself(monkeypatch: Set) -> None:
    monkeypatch.setenv("SFMCP_CLIENT_ID", "3MVG9")
    monkeypatch.setenv("SFMCP_CLIENT_SECRET", "hush")
    _put("first")
    assert open_session().alias == "first"


def test_an_unknown_alias_names_the_known_ones() -> None:
    _put("first", "second")
    with pytest.raises(SessionError, match="first, second"):
        open_session("third")


def test_several_logins_without_a_default() -> None:
    _put("first", "second")
    with orgs.changing() as book:
        book.default = None
    with pytest.raises(SessionError, match="No org is the default") as caught:
        open_session()
    assert "first, second" in (caught.value.hint or "")


def test_a_kept_login_tells_what_orgs_toml_knows() -> None:
    _put("first")
    session = open_session("first")
    assert (session.environment, session.api_version) == ("production", "64.0")


def test_unattended_logs_in_when_asked_and_again_when_rejected(host: LoginHost, monkeypatch: Set) -> None:
    monkeypatch.setenv("SFMCP_LOGIN_URL", host.url)
    monkeypatch.setenv("SFMCP_CLIENT_ID", "3MVG9")
    monkeypatch.setenv("SFMCP_CLIENT_SECRET", "hush")
    session = open_session()
    assert host.requests == []
    assert session.instance_url == host.url
    first = session.access_token()
    assert session.access_token() == first
    assert len(host.forms) == 1
    second = session.renew(first)
    assert second != first
    assert session.renew(first) == second
    assert len(host.forms) == 2
    assert session.org_id == ORG_ID
    assert orgs.load().by_alias == {}


@pytest.mark.parametrize("login_url", ["https://login.salesforce.com", "login.salesforce.com"])
def test_a_password_goes_first_at_a_shared_login_host(monkeypatch: Set, login_url: str) -> None:
    variables = {"LOGIN_URL": login_url, "CLIENT_ID": "3MVG9", "CLIENT_SECRET": "hush", "USERNAME": "u@example.com"}
    for name, value in {**variables, "PASSWORD": "pw"}.items():
        monkeypatch.setenv(f"SFMCP_{name}", value)
    session = open_session()
    assert isinstance(session, UnattendedSession)
    assert session._org.flow == "password"


@pytest.mark.parametrize("login_url", ["https://login.salesforce.com", "https://test.salesforce.com"])
def test_client_credentials_at_a_shared_login_host_say_what_is_wrong(monkeypatch: Set, login_url: str) -> None:
    monkeypatch.setenv("SFMCP_LOGIN_URL", login_url)
    monkeypatch.setenv("SFMCP_CLIENT_ID", "3MVG9")
    monkeypatch.setenv("SFMCP_CLIENT_SECRET", "hush")
    with pytest.raises(UsageError, match="My Domain"):
        open_session().access_token()


def test_unattended_refusals_name_no_alias(host: LoginHost, monkeypatch: Set) -> None:
    host.on_token = lambda form: (400, {"error": "invalid_grant", "error_description": "something new"})
    monkeypatch.setenv("SFMCP_LOGIN_URL", host.url)
    monkeypatch.setenv("SFMCP_CLIENT_ID", "3MVG9")
    monkeypatch.setenv("SFMCP_CLIENT_SECRET", "hush")
    with pytest.raises(SessionError) as caught:
        open_session().access_token()
    assert "--org" not in (caught.value.hint or "")


_MODULES = """
import sys
from salesforce_mcp.auth.resolve import open_session
{code}
sys.stdout.write(" ".join(sorted({{name.split(".")[0] for name in sys.modules}})))
"""

HEAVY = {"requests", "urllib3", "keyring", "platformdirs", "cryptography", "filelock", "truststore", "tomllib", "ssl"}


def test_a_ready_token_loads_nothing_heavy(monkeypatch: Set) -> None:
    monkeypatch.setenv("SFMCP_INSTANCE_URL", "https://acme.my.salesforce.com")
    monkeypatch.setenv("SFMCP_ACCESS_TOKEN", "x")
    assert _loaded("open_session().access_token()") & HEAVY == set()


def test_a_kept_login_loads_no_network_library(tmp_path: Path, monkeypatch: Set) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "tests.auth.memory_keyring.Memory")
    _put("first")
    secrets = Secrets(login_url="https://first.my.salesforce.com", instance_url="https://first.my.salesforce.com")
    code = (
        "from salesforce_mcp.auth import keyring_store\n"
        "from salesforce_mcp.auth.grant import Secrets\n"
        f"keyring_store.save('first', {secrets!r})\n"
        "open_session().access_token()"
    )
    assert _loaded(code) & (HEAVY - {"keyring", "tomllib", "ssl"}) == set()


def _loaded(code: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", _MODULES.format(code=code)], capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


@pytest.mark.parametrize(
    ("variables", "lacks"),
    [
        ({"SFMCP_CLIENT_ID": "a", "SFMCP_CLIENT_SECRET": "b"}, "SFMCP_LOGIN_URL (your My Domain)"),
        ({"SFMCP_INSTANCE_URL": "https://acme.my.salesforce.com"}, "SFMCP_ACCESS_TOKEN"),
    ],
)
def test_what_a_half_set_environment_lacks(
    variables: dict[str, str], lacks: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SessionError) as caught:
        open_session()
    assert lacks in (caught.value.hint or "")
