"""Secrets in the keyring: whole, split, and when there is no keyring to speak of."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from salesforce_mcp import folders
from salesforce_mcp.auth import keyring_store
from salesforce_mcp.auth.grant import Secrets
from salesforce_mcp.errors import SessionError
from tests.auth import memory_keyring
from tests.auth.conftest import UseKeyring

Entries = dict[tuple[str, str], str]

SMALL = Secrets(login_url="https://login.salesforce.com", instance_url="https://a.my.salesforce.com", access_token="t")
JWT = "eyJ" + "a1B2" * 700
LARGE = Secrets(
    login_url="https://login.salesforce.com",
    instance_url="https://a.my.salesforce.com",
    access_token=JWT,
    refresh_token="5Aep861" * 12,
    client_secret="S" * 64,
    password="pässwörd🔑",
)


def test_keeps_finds_and_forgets(keyring: Entries) -> None:
    assert keyring_store.load("acme") is None
    keyring_store.save("acme", LARGE)
    assert keyring_store.load("acme") == LARGE
    assert keyring_store.load("other") is None
    assert list(keyring) == [("sfmcp:acme", "session")]
    assert keyring_store.delete("acme") is True
    assert keyring == {}
    assert keyring_store.delete("acme") is False


@pytest.fixture
def limited(keyring: Entries, use_keyring: UseKeyring) -> Entries:
    use_keyring("tests.auth.memory_keyring.Limited")
    memory_keyring.Limited.fail_at = None
    memory_keyring.Limited.writes = 0
    return keyring


def test_splits_what_windows_would_refuse(limited: Entries) -> None:
    keyring_store.save("acme", LARGE)
    assert keyring_store.load("acme") == LARGE
    assert len(limited) > 2
    assert all(len(text.encode("utf-16-le")) <= 2560 for text in limited.values())
    keyring_store.save("acme", SMALL)
    assert keyring_store.load("acme") == SMALL
    assert len(limited) == 1


def test_parts_of_several_logins_do_not_mix(limited: Entries) -> None:
    other = Secrets(login_url="https://test.salesforce.com", access_token="z" * 3000)
    keyring_store.save("acme", LARGE)
    keyring_store.save("acme2", other)
    keyring_store.delete("acme")
    assert keyring_store.load("acme2") == other


def test_a_save_cut_off_anywhere_leaves_old_or_new(limited: Entries) -> None:
    newer = Secrets(login_url=LARGE.login_url, access_token="x" * 2900)
    for crash in range(1, 8):
        limited.clear()
        memory_keyring.Limited.fail_at = None
        keyring_store.save("acme", LARGE)
        memory_keyring.Limited.writes = 0
        memory_keyring.Limited.fail_at = crash
        try:
            keyring_store.save("acme", newer)
        except KeyboardInterrupt:
            assert keyring_store.load("acme") == LARGE
        else:
            assert keyring_store.load("acme") == newer
            break
    else:
        pytest.fail("no save went through")
    assert crash > 3
    keyring_store.delete("acme")
    assert limited == {}


def test_repeated_saves_leave_nothing_behind(limited: Entries) -> None:
    for size in (3000, 5000, 1400, 100, 4000):
        keyring_store.save("acme", Secrets(login_url="https://login.salesforce.com", access_token="x" * size))
    found = keyring_store.load("acme")
    assert found is not None
    assert found.access_token == "x" * 4000
    keyring_store.delete("acme")
    assert limited == {}


@pytest.mark.parametrize(
    "text",
    ["", "not json", "[]", "3", '{"unknown": 1}', '{"login_url": "x", "more": "y"}', '{"parts": 2}', '{"parts": "x"}'],
)
def test_an_entry_that_makes_no_sense_is_named(keyring: Entries, text: str) -> None:
    keyring["sfmcp:acme", "session"] = text
    with pytest.raises(SessionError, match=r"sfmcp:acme can't be read"):
        keyring_store.load("acme")


def test_missing_parts_are_no_login(keyring: Entries) -> None:
    keyring["sfmcp:acme", "session"] = json.dumps({"generation": "a", "parts": 2})
    keyring["sfmcp:acme:a0", "session"] = "{"
    assert keyring_store.load("acme") is None


@pytest.mark.parametrize(
    ("backend", "code", "words"),
    [
        ("keyring.backends.fail.Keyring", "NO_KEYRING", "no keyring"),
        ("keyring.backends.null.Keyring", "NO_KEYRING", "switched off"),
        ("tests.auth.memory_keyring.Locked", "KEYRING_LOCKED", "locked"),
        ("tests.auth.memory_keyring.Nowhere", "NO_KEYRING", "can't be loaded"),
        ("no.such.module.Keyring", "NO_KEYRING", "can't be loaded"),
    ],
)
def test_without_a_usable_keyring_says_what_to_do(use_keyring: UseKeyring, backend: str, code: str, words: str) -> None:
    use_keyring(backend)
    with pytest.raises(SessionError, match=words) as caught:
        keyring_store.load("acme")
    assert caught.value.code == code
    assert caught.value.hint
    assert caught.value.exit_code == 3


def test_a_keyring_in_a_plain_file_is_refused(
    use_keyring: UseKeyring, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """keyrings.alt, when installed, is what keyring falls back to by itself."""
    package = tmp_path / "lib" / "keyrings" / "alt"
    package.mkdir(parents=True)
    package.joinpath("file.py").write_text(
        "from tests.auth.memory_keyring import Memory\n\n\nclass PlaintextKeyring(Memory):\n    pass\n",
        encoding="utf-8",
    )
    monkeypatch.syspath_prepend(str(tmp_path / "lib"))
    use_keyring("keyrings.alt.file.PlaintextKeyring")
    with pytest.raises(SessionError, match="keeps secrets in files") as caught:
        keyring_store.save("acme", SMALL)
    assert caught.value.code == "INSECURE_KEYRING"


def test_of_several_keyrings_one_is_taken_that_keeps_no_files(
    keyring: Entries, use_keyring: UseKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    """keyring's chainer would read from all of them, plain files included."""
    from keyring import core
    from keyring.backends.null import Keyring as Null

    chainer = type("ChainerBackend", (memory_keyring.Locked,), {"backends": [Null(), memory_keyring.Memory()]})
    chainer.__module__ = "keyring.backends.chainer"
    use_keyring("")
    monkeypatch.delenv("PYTHON_KEYRING_BACKEND")
    monkeypatch.setattr(core, "load_config", lambda: None)
    monkeypatch.setattr(core, "get_keyring", chainer)
    keyring_store.save("acme", SMALL)
    assert keyring_store.load("acme") == SMALL
    assert "Memory" in keyring_store.describe()


def test_a_failed_save_keeps_the_former_secrets(keyring: Entries, use_keyring: UseKeyring) -> None:
    keyring_store.save("acme", SMALL)
    use_keyring("tests.auth.memory_keyring.ReadOnly")
    with pytest.raises(SessionError, match=r"does not work \(RuntimeError\)"):
        keyring_store.save("acme", LARGE)
    assert keyring_store.load("acme") == SMALL


def test_secrets_do_not_show() -> None:
    shown = repr(LARGE)
    assert JWT[:20] not in shown
    assert "5Aep" not in shown
    assert "pässwörd" not in shown


_SCAN = """
import sys
from unittest import mock
from keyring import core
from salesforce_mcp.auth import keyring_store
from tests.auth.memory_keyring import Memory

scans = []
def get_keyring():
    scans.append(1)
    return Memory()

with mock.patch.object(core, "get_keyring", get_keyring), mock.patch.object(core, "load_config", lambda: None):
    keyring_store.load("acme")
sys.stdout.write(str(len(scans)))
"""


def test_looks_for_a_keyring_once_and_remembers_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTHON_KEYRING_BACKEND")
    assert _python(_SCAN) == "1"
    note = folders.state_dir() / "keyring-backend"
    assert note.read_text(encoding="utf-8") == "tests.auth.memory_keyring.Memory"
    assert _python(_SCAN) == "0"
    note.write_text("gone.backend.Keyring", encoding="utf-8")
    assert _python(_SCAN) == "1"
    assert note.read_text(encoding="utf-8") == "tests.auth.memory_keyring.Memory"


def _python(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
