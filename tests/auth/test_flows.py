"""The flows that need nobody at a browser: what they send, and what they make of the answers."""

from __future__ import annotations

import base64
import json
import os
import stat
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from salesforce_mcp.auth import client_credentials, jwt_bearer, password, refresh, sf_cli, soap
from salesforce_mcp.auth.grant import Secrets
from salesforce_mcp.auth.orgs import Org
from salesforce_mcp.errors import NetworkError, SessionError, UsageError
from tests.auth.conftest import ORG_ID, LoginHost


def test_refresh_sends_the_token_and_keeps_it_without_rotation(host: LoginHost, org: Org) -> None:
    secrets = Secrets(login_url=host.url, refresh_token="5Aep", client_secret="hush")
    grant = refresh.obtain(org, secrets)
    assert host.forms == [
        {"grant_type": "refresh_token", "refresh_token": "5Aep", "client_id": "3MVG9client", "client_secret": "hush"}
    ]
    assert grant.org_id == ORG_ID
    assert secrets.renewed(grant).refresh_token == "5Aep"
    host.on_token = lambda form: (200, host.grant(refresh_token="5Aep.next"))
    assert secrets.renewed(refresh.obtain(org, secrets)).refresh_token == "5Aep.next"


def test_a_public_app_sends_no_client_secret(host: LoginHost, org: Org) -> None:
    refresh.obtain(org, Secrets(login_url=host.url, refresh_token="5Aep"))
    assert "client_secret" not in host.forms[0]


def test_without_refresh_token_nothing_is_sent(host: LoginHost, org: Org) -> None:
    with pytest.raises(SessionError, match="no refresh token") as caught:
        refresh.obtain(org, Secrets(login_url=host.url))
    assert "sfmcp login --org acme" in (caught.value.hint or "")
    assert host.forms == []


@pytest.mark.parametrize("url", ["https://login.salesforce.com", "https://test.salesforce.com"])
def test_client_credentials_need_my_domain(org: Org, url: str) -> None:
    with pytest.raises(UsageError, match="My Domain"):
        client_credentials.obtain(replace(org, login_url=url), Secrets(login_url=url, client_secret="x"))


def test_client_credentials(host: LoginHost, org: Org) -> None:
    client_credentials.obtain(org, Secrets(login_url=host.url, client_secret="hush"))
    assert host.forms == [{"grant_type": "client_credentials", "client_id": "3MVG9client", "client_secret": "hush"}]


def test_password_with_security_token(host: LoginHost, org: Org) -> None:
    secrets = Secrets(login_url=host.url, password="pw&=ü", security_token="TOKEN")
    password.obtain(replace(org, username="ada@example.com"), secrets)
    assert host.forms == [
        {"grant_type": "password", "client_id": "3MVG9client", "username": "ada@example.com", "password": "pw&=üTOKEN"}
    ]


# --- JWT bearer -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _write(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, file: Path, passphrase: bytes | None = None) -> str:
    cover = serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
    file.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, cover))
    return str(file)


@pytest.mark.parametrize("passphrase", [None, "open sesame"])
def test_jwt_assertion_is_signed_and_short_lived(
    host: LoginHost, org: Org, key: rsa.RSAPrivateKey, tmp_path: Path, passphrase: str | None
) -> None:
    file = _write(key, tmp_path / "key.pem", passphrase.encode() if passphrase else None)
    assert jwt_bearer.is_encrypted(file) is (passphrase is not None)
    secrets = Secrets(login_url=host.url, key_passphrase=passphrase)
    jwt_bearer.obtain(replace(org, username="ci@example.com", key_file=file), secrets)
    (form,) = host.forms
    assert form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
    head, body, signature = form["assertion"].split(".")
    key.public_key().verify(_decode(signature), f"{head}.{body}".encode(), padding.PKCS1v15(), SHA256())
    assert json.loads(_decode(head))["alg"] == "RS256"
    claims = json.loads(_decode(body))
    assert claims.pop("exp") - time.time() <= 180
    assert claims == {"iss": "3MVG9client", "sub": "ci@example.com", "aud": "https://login.salesforce.com"}


def test_jwt_tries_another_audience_when_one_is_refused(
    host: LoginHost, org: Org, key: rsa.RSAPrivateKey, tmp_path: Path
) -> None:
    def on_token(form: dict[str, str]) -> tuple[int, dict[str, str]]:
        if json.loads(_decode(form["assertion"].split(".")[1]))["aud"] != host.url:
            return 400, {"error": "invalid_grant", "error_description": "audience is invalid"}
        return 200, host.grant()

    host.on_token = on_token
    ready = replace(org, username="ci@example.com", key_file=_write(key, tmp_path / "key.pem"))
    assert jwt_bearer.obtain(ready, Secrets(login_url=host.url)).access_token
    assert len(host.forms) == 2


def test_jwt_blames_a_wrong_clock(host: LoginHost, org: Org, key: rsa.RSAPrivateKey, tmp_path: Path) -> None:
    host.date = "Tue, 01 Jan 2030 00:00:00 GMT"
    host.on_token = lambda form: (400, {"error": "invalid_grant", "error_description": "invalid assertion"})
    ready = replace(org, username="ci@example.com", key_file=_write(key, tmp_path / "key.pem"))
    with pytest.raises(SessionError) as caught:
        jwt_bearer.obtain(ready, Secrets(login_url=host.url))
    assert "minutes behind Salesforce's: set it right" in (caught.value.hint or "")
    assert len(host.forms) == 1


def test_key_files_that_can_not_be_used_are_told_apart(key: rsa.RSAPrivateKey, tmp_path: Path) -> None:
    encrypted = _write(key, tmp_path / "encrypted.pem", b"right")
    plain = _write(key, tmp_path / "plain.pem")
    elliptic = _write(ec.generate_private_key(ec.SECP256R1()), tmp_path / "ec.pem")
    (tmp_path / "cert.pem").write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", "utf-8")
    cases = [
        (None, None, "needs the private key"),
        (str(tmp_path / "none.pem"), None, "can't be read: No such file"),
        (encrypted, None, "is encrypted and needs its passphrase"),
        (encrypted, "wrong", "or the passphrase is wrong"),
        (plain, "needless", "is not encrypted"),
        (elliptic, None, "not an RSA key"),
        (str(tmp_path / "cert.pem"), None, "holds no private key"),
    ]
    for path, passphrase, words in cases:
        with pytest.raises(UsageError, match=words) as caught:
            jwt_bearer.read_key(path, passphrase)
        assert "right" not in str(caught.value)


def _decode(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


# --- SOAP login() -----------------------------------------------------------------------------------------------------

SOAP_PATH = "/services/Soap/u/64.0"
LOGGED_IN = (
    '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
    'xmlns="urn:partner.soap.sforce.com"><soapenv:Body><loginResponse><result>'
    "<passwordExpired>{expired}</passwordExpired><serverUrl>{url}/services/Soap/u/64.0/00D</serverUrl>"
    "<sessionId>00D!session</sessionId><userInfo><organizationId>" + ORG_ID + "</organizationId>"
    "<userName>ada@example.com</userName></userInfo></result></loginResponse></soapenv:Body></soapenv:Envelope>"
)
FAULT = (
    '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
    'xmlns:sf="urn:fault.partner.soap.sforce.com"><soapenv:Body><soapenv:Fault><faultcode>sf:{code}</faultcode>'
    "<faultstring>{code}: {words}</faultstring><detail><sf:LoginFault><sf:exceptionCode>{code}</sf:exceptionCode>"
    "<sf:exceptionMessage>{words}</sf:exceptionMessage></sf:LoginFault></detail></soapenv:Fault></soapenv:Body>"
    "</soapenv:Envelope>"
)


def test_soap_logs_in_at_64_whatever_version_is_set(host: LoginHost, org: Org, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SFMCP_API_VERSION", "66.0")
    host.pages[SOAP_PATH] = (200, LOGGED_IN.format(url=host.url, expired="false"), {})
    secrets = Secrets(login_url=host.url, password="<&>\"'", security_token="T")
    grant = soap.obtain(replace(org, username="ada@example.com"), secrets)
    assert (grant.access_token, grant.instance_url) == ("00D!session", host.url)
    assert (grant.username, grant.org_id) == ("ada@example.com", ORG_ID)


@pytest.mark.parametrize(
    ("code", "words", "meaning"),
    [
        ("INVALID_LOGIN", "Invalid username, password, security token; or user locked out.", "locked out"),
        ("INVALID_OPERATION", "SOAP API login() is disabled by default in this org.", "SOAP login turned off"),
        ("LOGIN_MUST_USE_SECURITY_TOKEN", "Invalid username", "needs the security token"),
    ],
)
def test_soap_faults(host: LoginHost, org: Org, code: str, words: str, meaning: str) -> None:
    host.pages[SOAP_PATH] = (500, FAULT.format(code=code, words=words), {})
    with pytest.raises(SessionError, match=meaning) as caught:
        soap.obtain(replace(org, username="ada@example.com"), Secrets(login_url=host.url, password="x"))
    assert caught.value.code == code


def test_soap_with_an_expired_password(host: LoginHost, org: Org) -> None:
    host.pages[SOAP_PATH] = (200, LOGGED_IN.format(url=host.url, expired="true"), {})
    with pytest.raises(SessionError, match="password has expired"):
        soap.obtain(replace(org, username="ada@example.com"), Secrets(login_url=host.url, password="x"))


@pytest.mark.parametrize(
    "text",
    [
        "<html><body>maintenance</body></html>",
        "",
        "<a><b></a>",
        '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>',
    ],
)
def test_soap_answers_that_are_none(host: LoginHost, org: Org, text: str) -> None:
    host.pages[SOAP_PATH] = (503, text, {})
    with pytest.raises(NetworkError, match="HTTP 503") as caught:
        soap.obtain(replace(org, username="ada@example.com"), Secrets(login_url=host.url, password="x"))
    assert caught.value.retryable


def test_soap_sends_a_session_to_trusted_hosts_only(host: LoginHost, org: Org) -> None:
    host.pages[SOAP_PATH] = (200, LOGGED_IN.format(url="https://evil.example", expired="false"), {})
    with pytest.raises(UsageError, match=r"evil\.example is not a host of Salesforce"):
        soap.obtain(replace(org, username="ada@example.com"), Secrets(login_url=host.url, password="x"))


# --- The Salesforce CLI -----------------------------------------------------------------------------------------------

SF = """#!{python}
import json, os, sys
with open({log!r}, "a", encoding="utf-8") as log:
    log.write(" ".join(sys.argv[1:]) + "\\n")
words = [word for word in sys.argv[1:] if not word.startswith("-")]
hidden = {hidden}
if "broken" in sys.argv:
    print(json.dumps({{"status": 1, "message": "No authorization information found."}}))
    sys.exit(1)
if words[:2] == ["org", "display"]:
    token = "[REDACTED] Use 'sf org auth show-access-token' to view" if hidden else "00D!old"
    result = {{"id": "{org}", "instanceUrl": "{url}", "username": "ada@example.com", "accessToken": token}}
elif words[:3] == ["org", "auth", "show-access-token"] and hidden:
    result = {{"accessToken": "00D!new"}}
else:
    print(json.dumps({{"status": 1, "message": "command not found"}}))
    sys.exit(2)
print(json.dumps({{"status": 0, "result": result, "warnings": []}}))
"""


def _install_sf(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, url: str, *, hidden: bool) -> Path:
    if sys.platform == "win32":
        pytest.skip("the stand-in for the sf command is a script with #!")
    log = tmp_path / "sf.log"
    program = tmp_path / "bin" / "sf"
    program.parent.mkdir()
    text = SF.format(python=sys.executable, log=str(log), hidden=hidden, org=ORG_ID, url=url)
    program.write_text(text, encoding="utf-8")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    return log


@pytest.mark.parametrize(("hidden", "token"), [(True, "00D!new"), (False, "00D!old")])
def test_takes_the_session_of_old_and_new_salesforce_clis(
    org: Org, host: LoginHost, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, hidden: bool, token: str
) -> None:
    _install_sf(monkeypatch, tmp_path, host.url, hidden=hidden)
    grant = sf_cli.obtain(replace(org, flow="sf", sf_alias="dev"), Secrets(login_url=host.url))
    assert (grant.access_token, grant.username, grant.org_id) == (token, "ada@example.com", ORG_ID)
    assert grant.instance_url == host.url


def test_an_alias_that_the_salesforce_cli_does_not_know(
    org: Org, host: LoginHost, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _install_sf(monkeypatch, tmp_path, host.url, hidden=True)
    with pytest.raises(SessionError, match="No authorization information found") as caught:
        sf_cli.obtain(replace(org, flow="sf", sf_alias="broken"), Secrets(login_url=host.url))
    assert "sf org login web --alias broken" in (caught.value.hint or "")


@pytest.mark.parametrize("alias", ["dev&calc", "--help", "a b", "", "%PATH%"])
def test_no_alias_of_the_salesforce_cli_can_be_a_command(org: Org, alias: str) -> None:
    """On Windows its program is a batch file, whose arguments a shell reads."""
    with pytest.raises(UsageError, match="alias"):
        sf_cli.obtain(replace(org, flow="sf", sf_alias=alias), Secrets(login_url=""))


def test_without_the_salesforce_cli(org: Org, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError, match="not on the PATH"):
        sf_cli.obtain(replace(org, flow="sf", sf_alias="dev"), Secrets(login_url=""))
