"""Tokens, secrets, passwords and keys go through every command and every tool, and are found nowhere afterwards."""

from __future__ import annotations

import json
import logging
import re
import secrets
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from salesforce_mcp.cli.application import application
from salesforce_mcp.demo import users
from salesforce_mcp.demo.local import DemoOrg
from salesforce_mcp.demo.oauth import jwt, tokens
from salesforce_mcp.tools import registry
from tests.auth.desktop import ADMIN, Control, Sfmcp, control, demo, secret_service, sfmcp
from tests.secrets.planted import Commands, Planted
from tests.server.wire import Wire
from tests.tools.bases import BASES

__all__ = ["control", "demo", "secret_service", "sfmcp"]

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a Secret Service, and processes in /proc")

CLIENT_SECRET = 'PLANTED/client+secret "4711" <&> ü'
PASSPHRASE = "PLANTED passphrase: 100% / §"
CONFIDENTIAL = "3MVG9demoOrgConfidentialClientApp"
PUBLIC = "3MVG9demoOrgPublicClientApp"
SOQL = "SELECT Id, Name FROM Account LIMIT 3"

ARGUMENTS: dict[str, list[list[str]]] = {
    "query": [[SOQL], [SOQL, "--output", "rows.csv"], [SOQL, "--bulk"]],
    "search": [["FIND {Meridian}"]],
    "export": [[SOQL, "--output", "out.jsonl"]],
    "import": [["new.csv", "--object", "Contact", "--operation", "insert"]],
    "describe": [["Account"], []],
    "call": [["get_user_info"], ["create_record", '{"object": "Account", "data": {"Name": "x"}}']],
    "tools": [["--json"]],
    "tools approve": [["query"]],
    "tools deny": [["query_more"]],
    "audit": [["--json"]],
    "report run": [["Opportunity Pipeline by Stage"]],
    "login": [["--org", "again", "--flow", "client-credentials", "--client-id", CONFIDENTIAL]],
    "logout": [["nobody"]],
    "orgs": [["--json"]],
    "orgs default": [["acme"]],
    "orgs rename": [["nobody", "somebody"]],
    "whoami": [["--json"]],
    "install": [["cursor", "--org", "acme"]],
    "uninstall": [["cursor"]],
}
"""Arguments of commands that want some. A command that isn't here is run without any."""

log = logging.getLogger(__name__)

ELSEWHERE = {"serve", "demo", "demo serve", "demo reset"}
"""The server is talked to below; the demo has no login, and its org tells its own passwords to whoever asks."""

KEEP = """
import json, sys
from salesforce_mcp.auth import login
from salesforce_mcp.auth.grant import Grant, Secrets
from salesforce_mcp.auth.orgs import Org

said = json.load(sys.stdin)
org = Org(alias="acme", login_url=said["url"], client_id=said["client_id"])
secrets = Secrets(login_url=said["url"], client_secret=said["client_secret"])
login.keep(org, secrets, Grant(instance_url=said["url"], access_token=said["access"], refresh_token=said["refresh"]))
"""
"""Puts a browser login into the keyring, without a browser."""


@pytest.fixture
def planted(monkeypatch: pytest.MonkeyPatch) -> Planted:
    """Knows every token that the demo org, which runs in this process, hands out."""
    planted = Planted()
    random, sign = tokens._random, jwt.sign

    def random_and_tell(length: int) -> str:
        planted.add(made := random(length))
        return made

    def sign_and_tell(*arguments: Any, **options: Any) -> str:
        made = sign(*arguments, **options)
        planted.add(made.rpartition(".")[2])
        return made

    monkeypatch.setattr(tokens, "_random", random_and_tell)
    monkeypatch.setattr(jwt, "sign", sign_and_tell)
    return planted


@pytest.fixture
def kept(sfmcp: Sfmcp, demo: DemoOrg, control: Control, planted: Planted, tmp_path: Path) -> Sfmcp:
    """sfmcp with a login in gnome-keyring, whose refresh tokens work once, in a folder that is looked through."""
    control.settings(refresh_token_rotation=True)
    control("POST", "apps", {"client_id": CONFIDENTIAL, "secret": CLIENT_SECRET})
    planted.add(CLIENT_SECRET, ADMIN[1])
    ada = users.by_username(demo.store, ADMIN[0])
    assert ada
    grant, refresh = tokens.start_grant(demo.store, ada, CONFIDENTIAL, ["api", "refresh_token"])
    access = tokens.issue(demo.store, ada, CONFIDENTIAL, ["api", "refresh_token"], grant=grant)
    said = {
        "url": demo.instance_url,
        "client_id": CONFIDENTIAL,
        "client_secret": CLIENT_SECRET,
        "access": access,
        "refresh": refresh,
    }
    subprocess.run([sys.executable, "-c", KEEP], env=sfmcp.variables, input=json.dumps(said).encode(), check=True)
    sfmcp.variables |= {"SFMCP_DEBUG": "1", "SFMCP_ALLOW_APEX": "1"}
    return sfmcp


def check(planted: Planted, folder: Path, said: list[str], commands: Commands) -> None:
    """Look everywhere."""
    for name in ("config", "state", "exports", "work", "home"):
        planted.look_below(folder / name)
    planted.look_in("what was said", "\n".join(said))
    planted.look_in("argument lists", b"\n".join(commands.seen))
    log.info("looked for %d secrets in %s bytes", len(planted.secrets), f"{planted.size:,}")
    assert planted.found() == []
    ours = [path for name in ("config", "state", "exports") for path in (folder / name).rglob("*")]
    # Answers to reviews hold for other users too, and a grammar's tables are part of the program.
    ours = [path for path in ours if not path.name.startswith(("approval", "soql.tables"))]
    open_to_others = [
        f"{path.relative_to(folder)} {path.stat().st_mode:o}" for path in ours if path.stat().st_mode & 0o077
    ]
    assert "\n".join(open_to_others) == ""


def all_commands() -> Iterator[tuple[str, ...]]:
    """Each command of the shell, as the words that name it."""

    def below(command: Any, words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        inner = getattr(command, "commands", {})
        if words and (not inner or command.invoke_without_command):
            yield words
        for name, each in inner.items():
            yield from below(each, (*words, name))

    yield from below(typer.main.get_command(application([])), ())


def test_every_command(
    kept: Sfmcp, demo: DemoOrg, control: Control, planted: Planted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a session that is renewed on the way, and with one that has ended for good."""
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    Path("new.csv").write_text("LastName\nPlanted\n", encoding="utf-8")
    names = {" ".join(words): words for words in all_commands() if " ".join(words) not in ELSEWHERE}
    assert set(ARGUMENTS) <= set(names)
    kept.variables |= {"SFMCP_ORG": "acme", "SFMCP_CLIENT_SECRET": CLIENT_SECRET}
    codes = []
    with Commands() as commands:
        for ended in (False, True):
            if ended:
                control("DELETE", "grants")
            for name, words in names.items():
                for arguments in ARGUMENTS.get(name, [[]])[: 1 if ended else None]:
                    control("DELETE", "sessions")
                    more = ["--login-url", demo.instance_url] if name == "login" else []
                    codes.append(kept(*words, *arguments, *more).returncode)
        codes.append(kept("logout", "--all").returncode)
    assert codes.count(0) > 15 and codes.count(3) > 5, codes
    check(planted, tmp_path, kept.said, commands)


def test_every_tool(kept: Sfmcp, demo: DemoOrg, control: Control, planted: Planted, tmp_path: Path) -> None:
    """Called right, called wrong, with a session that is renewed each time, and refused; the log says all it can."""
    tools = registry.load()
    assert set(tools) == set(BASES)
    (tmp_path / "exports").mkdir(mode=0o700)
    for name in ("absent.csv", "absent.txt"):
        (tmp_path / "exports" / name).touch(mode=0o600)
        (tmp_path / "exports" / name).write_text("Name\nPlanted\n", encoding="utf-8")
    flags = ["--org", "acme", "--toolsets", "all", "--log-level", "debug"]
    with Commands() as commands, Wire(*flags, base=kept.variables) as wire:
        wire.initialize()

        def call(name: str, arguments: dict[str, Any]) -> bool:
            answer = wire.ask("tools/call", {"name": name, "arguments": arguments})
            asked = re.search(r'"confirm": "([^"]+)"', answer["result"]["content"][0]["text"])
            if asked:
                answer = wire.ask("tools/call", {"name": name, "arguments": {**arguments, "confirm": asked[1]}})
            return not answer["result"].get("isError")

        went_well = sum(call(name, BASES[name]) for name in tools)
        for name in tools:
            call(name, {"nonsense": CLIENT_SECRET[:0]})
            control("DELETE", "sessions")
            call(name, BASES[name])
        control("POST", "faults", {"fault": "limit", "match": {"path": "/services/data/*"}, "times": None})
        refused = sum(not call(name, BASES[name]) for name in tools)
        control("DELETE", "faults")
        control("DELETE", "sessions")
        control("DELETE", "grants")
        ended = sum(not call(name, BASES[name]) for name in tools)
        assert wire.close() == 0
        said = [json.dumps(message) for message in wire.seen] + [wire.log()]
    assert went_well > len(tools) / 2 and min(refused, ended) > len(tools) * 0.8
    assert "DEBUG" in said[-1]
    check(planted, tmp_path, said, commands)


def test_every_unattended_flow(demo: DemoOrg, control: Control, planted: Planted, tmp_path: Path) -> None:
    """Each with the right secrets and with wrong ones, from the environment; nothing is stored."""
    control.settings(jwt_access_tokens=True, security_token_required=True)
    control("POST", "apps", {"client_id": CONFIDENTIAL, "secret": CLIENT_SECRET})
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    control.app("3MVG9jwt", certificate=public.decode())
    key_file = tmp_path / "ci.pem"
    for cover in (serialization.NoEncryption(), serialization.BestAvailableEncryption(PASSPHRASE.encode())):
        pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, cover).decode()
        planted.add(*(line for line in pem.splitlines() if len(line) == 64))
    key_file.write_text(pem, encoding="utf-8")
    token = demo.users[0].access_token
    security_token = demo.users[0].security_token
    planted.add(CLIENT_SECRET, PASSPHRASE, ADMIN[1], security_token)
    right = {
        "SFMCP_ACCESS_TOKEN": token,
        "SFMCP_CLIENT_SECRET": CLIENT_SECRET,
        "SFMCP_PASSWORD": ADMIN[1],
        "SFMCP_SECURITY_TOKEN": security_token,
        "SFMCP_JWT_KEY_PASSPHRASE": PASSPHRASE,
    }
    wrong = {name: secrets.token_urlsafe(24) for name in right}
    planted.add(*wrong.values())
    plain = {"SFMCP_LOGIN_URL": demo.instance_url, "SFMCP_API_VERSION": "66.0"}
    flows: list[tuple[dict[str, str], list[str]]] = [
        ({"SFMCP_INSTANCE_URL": demo.instance_url}, ["SFMCP_ACCESS_TOKEN"]),
        ({**plain, "SFMCP_CLIENT_ID": CONFIDENTIAL}, ["SFMCP_CLIENT_SECRET"]),
        ({**plain, "SFMCP_CLIENT_ID": PUBLIC, "SFMCP_USERNAME": ADMIN[0]}, ["SFMCP_PASSWORD", "SFMCP_SECURITY_TOKEN"]),
        ({**plain, "SFMCP_USERNAME": ADMIN[0]}, ["SFMCP_PASSWORD", "SFMCP_SECURITY_TOKEN"]),
        (
            {
                **plain,
                "SFMCP_CLIENT_ID": "3MVG9jwt",
                "SFMCP_USERNAME": ADMIN[0],
                "SFMCP_JWT_KEY_FILE": str(key_file),
            },
            ["SFMCP_JWT_KEY_PASSPHRASE"],
        ),
    ]
    bare = Sfmcp(tmp_path, {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring", "SFMCP_DEBUG": "1"})
    with Commands() as commands:
        for variables, secret in flows:
            done = bare("whoami", **variables, **{name: right[name] for name in secret})
            assert done.returncode == 0, done.stderr
            done = bare("call", "get_user_info", **variables, **{name: wrong[name] for name in secret})
            assert done.returncode in (2, 3), done.stderr
    check(planted, tmp_path, bare.said, commands)
