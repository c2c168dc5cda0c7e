"""The other ways in, against the demo org: for machines, for other screens, for what is about to end."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from salesforce_mcp.demo.local import DemoOrg
from tests.auth.desktop import ADMIN, Control, Sfmcp

if TYPE_CHECKING:
    from playwright.sync_api import Page

PUBLIC, CONFIDENTIAL = "3MVG9demoOrgPublicClientApp", "3MVG9demoOrgConfidentialClientApp"
USER, PASSWORD = ADMIN
NO_KEYRING = {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}


@pytest.fixture
def bare(tmp_path: Path) -> Sfmcp:
    """sfmcp on a machine without any keyring."""
    return Sfmcp(tmp_path, NO_KEYRING)


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def key_file(key: rsa.RSAPrivateKey, tmp_path: Path) -> Path:
    """A private key, encrypted."""
    file = tmp_path / "ci.pem"
    cover = serialization.BestAvailableEncryption(b"open sesame")
    file.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, cover))
    return file


@pytest.fixture
def jwt_app(control: Control, key: rsa.RSAPrivateKey) -> str:
    """An app of the demo org that holds the key's public half; its client id."""
    spki = serialization.PublicFormat.SubjectPublicKeyInfo
    public = key.public_key().public_bytes(serialization.Encoding.PEM, spki).decode()
    control.app("3MVG9jwt", certificate=public)
    return "3MVG9jwt"


def test_from_the_environment_alone_by_jwt(bare: Sfmcp, demo: DemoOrg, jwt_app: str, key_file: Path) -> None:
    bare.variables |= {
        "SFMCP_LOGIN_URL": demo.instance_url,
        "SFMCP_CLIENT_ID": jwt_app,
        "SFMCP_USERNAME": USER,
        "SFMCP_JWT_KEY_FILE": str(key_file),
        "SFMCP_JWT_KEY_PASSPHRASE": "open sesame",
    }
    done = bare("whoami", "--json")
    assert done.returncode == 0, done.stderr
    me = json.loads(done.stdout)
    assert (me["username"], me["environment"]) == (USER, "demo")
    done = bare("whoami", SFMCP_JWT_KEY_PASSPHRASE="wrong")
    assert done.returncode == 2
    assert "passphrase is wrong" in done.stderr
    assert bare("whoami", SFMCP_USERNAME="nobody@demo.example").returncode == 3


def test_from_the_environment_alone_by_client_credentials(bare: Sfmcp, demo: DemoOrg, control: Control) -> None:
    bare.variables |= {
        "SFMCP_LOGIN_URL": demo.instance_url,
        "SFMCP_CLIENT_ID": demo.client_id,
        "SFMCP_CLIENT_SECRET": demo.client_secret,
    }
    assert bare("whoami").returncode == 0
    control.settings(login_host=True)
    done = bare("whoami")
    assert done.returncode == 3
    assert "My Domain address only" in done.stderr
    control.settings(login_host=False)
    control("POST", "apps", {"client_id": demo.client_id, "run_as": None})
    done = bare("whoami")
    assert "no user to run as" in done.stderr


@pytest.mark.parametrize("app", [True, False])
def test_from_the_environment_alone_by_password(bare: Sfmcp, demo: DemoOrg, control: Control, app: bool) -> None:
    """By OAuth with an app, by SOAP login() without one."""
    control.settings(security_token_required=True)
    bare.variables |= {
        "SFMCP_LOGIN_URL": demo.instance_url,
        "SFMCP_USERNAME": USER,
        "SFMCP_PASSWORD": PASSWORD,
        "SFMCP_API_VERSION": "66.0",
    }
    if app:
        bare.variables["SFMCP_CLIENT_ID"] = PUBLIC
    done = bare("whoami")
    assert done.returncode == 3
    assert "security token" in done.stderr
    assert bare("whoami", SFMCP_SECURITY_TOKEN=demo.users[0].security_token).returncode == 0


def test_nothing_is_stored_by_unattended_sessions(bare: Sfmcp, demo: DemoOrg, tmp_path: Path) -> None:
    bare.variables |= {
        "SFMCP_LOGIN_URL": demo.instance_url,
        "SFMCP_CLIENT_ID": demo.client_id,
        "SFMCP_CLIENT_SECRET": demo.client_secret,
    }
    assert bare("whoami").returncode == 0
    assert not [file for file in (tmp_path / "config").rglob("*") if file.is_file()]
    left = [file for file in (tmp_path / "state").rglob("*") if file.is_file()]
    assert any(file.name == "audit.jsonl" for file in left)
    assert not any(demo.client_secret.encode() in file.read_bytes() for file in left)


def test_soap_login_that_the_org_has_turned_off(bare: Sfmcp, demo: DemoOrg, control: Control) -> None:
    control.settings(soap_login=False)
    variables = {"SFMCP_LOGIN_URL": demo.instance_url, "SFMCP_USERNAME": USER, "SFMCP_PASSWORD": PASSWORD}
    done = bare("whoami", **variables)
    assert done.returncode == 3
    assert "Enable SOAP API login()" in done.stderr


@pytest.mark.parametrize("flow", ["password", "soap"])
def test_a_kept_password_login_warns_and_renews(sfmcp: Sfmcp, demo: DemoOrg, control: Control, flow: str) -> None:
    arguments = ["login", "--org", "old", "--flow", flow, "--login-url", demo.instance_url, "--username", USER]
    arguments += ["--client-id", PUBLIC]
    done = sfmcp(*arguments)
    assert done.returncode == 2
    assert "SFMCP_PASSWORD" in done.stderr
    done = sfmcp(*arguments, SFMCP_PASSWORD=PASSWORD)
    assert done.returncode == 0, done.stderr
    assert "2027" in done.stderr
    control("DELETE", "sessions")
    assert sfmcp("whoami", "--org", "old").returncode == 0


def test_a_kept_jwt_login_renews(sfmcp: Sfmcp, demo: DemoOrg, control: Control, jwt_app: str, key_file: Path) -> None:
    arguments = ["login", "--org", "ci", "--login-url", demo.instance_url, "--username", USER]
    arguments += ["--client-id", jwt_app, "--jwt-key-file", str(key_file)]
    assert "SFMCP_JWT_KEY_PASSPHRASE" in sfmcp(*arguments).stderr
    done = sfmcp(*arguments, SFMCP_JWT_KEY_PASSPHRASE="open sesame")
    assert done.returncode == 0, done.stderr
    control("DELETE", "sessions")
    assert sfmcp("whoami", "--org", "ci").returncode == 0
    key_file.unlink()
    control("DELETE", "sessions")
    done = sfmcp("whoami", "--org", "ci")
    assert done.returncode == 2
    assert "ci.pem can't be read" in done.stderr


def test_a_kept_client_credentials_login(sfmcp: Sfmcp, demo: DemoOrg, control: Control) -> None:
    arguments = ["login", "--org", "robot", "--flow", "client-credentials", "--client-id", demo.client_id]
    done = sfmcp(*arguments, SFMCP_CLIENT_SECRET=demo.client_secret)
    assert done.returncode == 2
    assert "My Domain" in done.stderr
    arguments += ["--login-url", demo.instance_url]
    assert sfmcp(*arguments, SFMCP_CLIENT_SECRET=demo.client_secret).returncode == 0
    control("DELETE", "sessions")
    assert sfmcp("whoami", "--org", "robot").returncode == 0


def test_the_device_flow(sfmcp: Sfmcp, page: Page, demo: DemoOrg, control: Control) -> None:
    control.settings(device_interval=1)
    arguments = ["login", "--org", "tv", "--flow", "device", "--login-url", demo.instance_url, "--client-id", PUBLIC]
    with sfmcp.started(*arguments) as process:
        assert process.stderr is not None
        found = re.match(r"Open (\S+) in a browser, on any device, and enter the code (\S+)", process.stderr.readline())
        assert found
        page.goto(found[1])
        page.fill("#user_code", found[2])
        page.click("#connect")
        page.fill("#username", USER)
        page.fill("#password", PASSWORD)
        page.click("#Login")
        page.click("#oaapprove")
        said = process.communicate(timeout=60)[1]
    assert process.returncode == 0, said
    control("DELETE", "sessions")
    assert sfmcp("whoami", "--org", "tv").returncode == 0
    assert control.refreshes() == 1


def test_the_device_flow_denied(sfmcp: Sfmcp, page: Page, demo: DemoOrg, control: Control) -> None:
    control.settings(device_interval=1)
    arguments = ["login", "--flow", "device", "--login-url", demo.instance_url, "--client-id", PUBLIC]
    with sfmcp.started(*arguments) as process:
        assert process.stderr is not None
        found = re.match(r"Open (\S+) .* the code (\S+)", process.stderr.readline())
        assert found
        page.goto(f"{found[1]}?user_code={found[2]}")
        page.click("#connect")
        page.fill("#username", USER)
        page.fill("#password", PASSWORD)
        page.click("#Login")
        page.click("#oadeny")
        said = process.communicate(timeout=60)[1]
    assert process.returncode == 3
    assert "access_denied" in said
