"""A keyring that is locked while a server uses its login: what goes on, what doesn't, and that no login is lost."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from salesforce_mcp.demo.local import DemoOrg
from tests.auth.desktop import Control, Sfmcp, Variables
from tests.cli.login.test_concurrency import keep_login
from tests.server.wire import PATIENCE, Wire

LOCK = """
import contextlib, secretstorage
with contextlib.closing(secretstorage.dbus_init()) as bus:
    secretstorage.get_default_collection(bus).lock()
"""
UNLOCK = """
import contextlib, secretstorage
from secretstorage.util import DBusAddressWrapper, format_secret, open_session
with contextlib.closing(secretstorage.dbus_init()) as bus:
    login = "/org/freedesktop/secrets/collection/login"
    inner = "org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface"
    password = format_secret(open_session(bus), b"pw\\n", "text/plain")
    service = DBusAddressWrapper("/org/freedesktop/secrets", inner, bus)
    service.call("UnlockWithMasterPassword", "o(oayays)", login, password)
"""
"""As a desktop does with the password of the user's login, which is what the keyring was started with."""
USER = "ada.admin@demo.example"


@pytest.fixture
def lock(secret_service: Variables, sfmcp: Sfmcp) -> Callable[[], None]:
    return lambda: _run(LOCK, sfmcp)


@pytest.fixture
def unlock(secret_service: Variables, sfmcp: Sfmcp) -> Callable[[], None]:
    return lambda: _run(UNLOCK, sfmcp)


def _run(program: str, sfmcp: Sfmcp) -> None:
    subprocess.run([sys.executable, "-c", program], env=sfmcp.variables, check=True)


@pytest.fixture
def server(sfmcp: Sfmcp, demo: DemoOrg, control: Control) -> Iterator[Wire]:
    """A server that has used its login once."""
    control.settings(refresh_token_rotation=True)
    keep_login(sfmcp, demo)
    with Wire("--org", "acme", base=sfmcp.variables) as wire:
        wire.initialize()
        assert USER in wire.call("get_user_info")[0]
        yield wire
        assert wire.close() == 0
        assert "Traceback" not in wire.log()


def test_a_session_that_lasts_goes_on_and_a_renewal_waits(
    server: Wire, sfmcp: Sfmcp, control: Control, lock: Callable[[], None], unlock: Callable[[], None]
) -> None:
    lock()
    assert USER in server.call("get_user_info")[0]
    control("DELETE", "sessions")
    text, failed = server.call("get_user_info")
    assert failed
    assert text.startswith("KEYRING_LOCKED: ") and "Unlock it" in text
    done = sfmcp("whoami", "--org", "acme")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith("KEYRING_LOCKED: ")
    assert control.refreshes() == 0  # no token was used up that could not be replaced
    unlock()
    assert USER in server.call("get_user_info")[0]
    assert sfmcp("whoami", "--org", "acme").returncode == 0
    assert control.refreshes() == 1


def test_locked_between_the_org_s_answer_and_saving_it(
    server: Wire, sfmcp: Sfmcp, control: Control, lock: Callable[[], None], unlock: Callable[[], None]
) -> None:
    """The server goes on with the new tokens, and saves those of the next renewal."""
    control("DELETE", "sessions")
    control("POST", "faults", {"fault": "slow", "match": {"path": "/services/oauth2/token"}, "delay": 3})
    number = server.start("tools/call", {"name": "get_user_info", "arguments": {}})
    end = time.monotonic() + PATIENCE
    while not control("GET", "faults")[0]["done"]:
        assert time.monotonic() < end
        time.sleep(0.01)
    lock()
    assert USER in server.answer(number)["result"]["content"][0]["text"]
    assert USER in server.call("get_user_info")[0]
    unlock()
    control("DELETE", "sessions")
    assert USER in server.call("get_user_info")[0]
    assert sfmcp("whoami", "--org", "acme").returncode == 0
    assert control.refreshes() == 2
