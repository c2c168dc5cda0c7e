"""A login in the keyring: used, renewed once by whoever is first, and not lost on the way."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from salesforce_mcp.auth import keyring_store, orgs, stored, web
from salesforce_mcp.auth.grant import Secrets
from salesforce_mcp.auth.orgs import Org
from salesforce_mcp.auth.stored import StoredSession
from salesforce_mcp.errors import NetworkError, SessionError, UsageError
from tests.auth.conftest import LoginHost, UseKeyring

Entries = dict[tuple[str, str], str]
Answer = Callable[[dict[str, str]], tuple[int, Any]]


@pytest.fixture
def login(host: LoginHost, org: Org, keyring: Entries) -> Org:
    """A login whose access token is `old` and whose refresh token is `r0`; each refresh ends the one used."""
    secrets = Secrets(login_url=host.url, instance_url=host.url, access_token="old", refresh_token="r0")
    keyring_store.save(org.alias, secrets)
    with orgs.changing() as book:
        book.put(org)
    host.on_token = rotating(host)
    return org


def rotating(host: LoginHost) -> Answer:
    """Refresh token rotation: each answer names the next token, and the last one is no longer taken."""
    valid = ["r0"]

    def answer(form: dict[str, str]) -> tuple[int, Any]:
        if form.get("refresh_token") != valid[-1]:
            return 400, {"error": "invalid_grant", "error_description": "expired access/refresh token"}
        valid.append(f"r{len(valid)}")
        return 200, host.grant(refresh_token=valid[-1])

    return answer


def test_uses_the_kept_token_without_asking(host: LoginHost, login: Org) -> None:
    session = StoredSession(login)
    assert session.access_token() == "old"
    assert session.instance_url == host.url
    assert host.requests == []


def test_renews_and_keeps_what_it_got(host: LoginHost, login: Org) -> None:
    token = StoredSession(login).renew("old")
    kept = keyring_store.load(login.alias)
    assert kept is not None
    assert (kept.access_token, kept.refresh_token) == (token, "r1")
    assert StoredSession(login).access_token() == token
    assert StoredSession(login).renew(token) not in (token, "old")
    assert [form["refresh_token"] for form in host.forms] == ["r0", "r1"]


def test_many_threads_make_one_request(host: LoginHost, login: Org) -> None:
    one, other = StoredSession(login), StoredSession(login)
    with ThreadPoolExecutor(16) as pool:
        tokens = set(pool.map(lambda number: (one, other)[number % 2].renew("old"), range(16)))
    assert len(tokens) == 1
    assert len(host.forms) == 1


def test_takes_what_another_process_renewed(host: LoginHost, login: Org) -> None:
    session = StoredSession(login)
    session.access_token()
    StoredSession(login).renew("old")
    assert session.renew("old") == StoredSession(login).access_token()
    assert len(host.forms) == 1


def test_a_revoked_login_says_how_to_log_in_again(host: LoginHost, login: Org) -> None:
    host.on_token = lambda form: (400, {"error": "invalid_grant", "error_description": "expired access/refresh token"})
    with pytest.raises(SessionError, match="login has ended") as caught:
        StoredSession(login).renew("old")
    assert "sfmcp login --org acme" in (caught.value.hint or "")
    assert not stored.interruption_mark(login.alias).exists()


def test_an_interrupt_does_not_lose_the_new_refresh_token(host: LoginHost, login: Org) -> None:
    """Ctrl-C while the answer is on its way: what comes is saved before the process ends."""
    asked, go = threading.Event(), threading.Event()
    answer = rotating(host)

    def slow(form: dict[str, str]) -> tuple[int, Any]:
        asked.set()
        go.wait(30)
        return answer(form)

    host.on_token = slow
    interrupted = threading.Event()

    def interrupt() -> None:
        import _thread

        asked.wait(30)
        _thread.interrupt_main()
        interrupted.set()
        go.set()

    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        _renew_until_interrupted(login)
    thread.join()
    kept = keyring_store.load(login.alias)
    assert kept is not None
    assert kept.refresh_token == "r1"
    assert StoredSession(login).access_token() == kept.access_token


def _renew_until_interrupted(login: Org) -> None:
    StoredSession(login).renew("old")
    threading.Event().wait(30)  # the interrupt is on its way


def test_a_crash_between_renewal_and_save_is_survived_without_rotation(host: LoginHost, login: Org) -> None:
    host.on_token = lambda form: (200, host.grant())
    stored.interruption_mark(login.alias).touch()
    assert StoredSession(login).renew("old")
    assert not stored.interruption_mark(login.alias).exists()


def test_a_crash_between_renewal_and_save_is_explained_with_rotation(host: LoginHost, login: Org) -> None:
    keyring = keyring_store.load(login.alias)
    StoredSession(login).renew("old")
    assert keyring is not None
    keyring_store.save(login.alias, keyring)  # as if the process had ended before it saved
    stored.interruption_mark(login.alias).touch()
    for _ in range(2):
        with pytest.raises(SessionError, match="cut off before its new refresh token was saved") as caught:
            StoredSession(login).renew("old")
        assert "sfmcp login --org acme" in (caught.value.hint or "")


def test_a_lost_answer_leaves_the_mark(host: LoginHost, login: Org) -> None:
    host.on_token = lambda form: (503, "<html>maintenance</html>")
    with pytest.raises(NetworkError):
        StoredSession(login).renew("old")
    assert stored.interruption_mark(login.alias).exists()


def test_what_was_not_sent_leaves_no_mark(host: LoginHost, login: Org, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "PAUSES", ())
    host.shutdown()
    host.server_close()
    with pytest.raises(NetworkError, match="can't be reached"):
        StoredSession(login).renew("old")
    assert not stored.interruption_mark(login.alias).exists()


def test_a_keyring_that_takes_nothing_costs_only_the_other_processes(
    host: LoginHost, login: Org, use_keyring: UseKeyring
) -> None:
    use_keyring("tests.auth.memory_keyring.ReadOnly")
    session = StoredSession(login)
    first = session.renew("old")
    assert session.access_token() == first
    second = session.renew(first)
    assert [form["refresh_token"] for form in host.forms] == ["r0", "r1"]
    with pytest.raises(SessionError, match="cut off before"):
        StoredSession(login).renew("old")
    use_keyring("tests.auth.memory_keyring.Memory")
    third = session.renew(second)
    assert StoredSession(login).access_token() == third


def test_a_new_login_meanwhile_wins(host: LoginHost, login: Org) -> None:
    fresh = Secrets(login_url=host.url, instance_url=host.url, access_token="fresh", refresh_token="other")

    def answer(form: dict[str, str]) -> tuple[int, Any]:
        keyring_store.save(login.alias, fresh)
        return 400, {"error": "invalid_grant", "error_description": "expired access/refresh token"}

    host.on_token = answer
    assert StoredSession(login).renew("old") == "fresh"


def test_logged_out_elsewhere(host: LoginHost, login: Org) -> None:
    session = StoredSession(login)
    session.access_token()
    keyring_store.delete(login.alias)
    with pytest.raises(SessionError, match="not in the keyring") as caught:
        session.renew("old")
    assert "sfmcp login --org acme" in (caught.value.hint or "")
    assert host.forms == []


@pytest.mark.parametrize("field", ["instance_url", "login_url"])
def test_an_edited_orgs_toml_can_not_send_tokens_elsewhere(host: LoginHost, login: Org, field: str) -> None:
    changed = replace(login, **{field: "https://evil.my.salesforce.com"})
    with pytest.raises(SessionError, match="another address"):
        StoredSession(changed).access_token()
    with pytest.raises(SessionError, match="another address"):
        StoredSession(changed).renew("old")


def test_an_untrusted_instance_in_the_answer_gets_nothing(host: LoginHost, login: Org) -> None:
    host.on_token = lambda form: (200, {"access_token": "x", "instance_url": "https://evil.example"})
    with pytest.raises(UsageError, match=r"evil\.example is not a host of Salesforce"):
        StoredSession(login).renew("old")
    kept = keyring_store.load(login.alias)
    assert kept is not None
    assert kept.access_token == "old"


def test_follows_the_org_to_another_instance(host: LoginHost, login: Org) -> None:
    moved = host.url.replace("127.0.0.1", "localhost")
    host.on_token = lambda form: (200, {**host.grant(), "instance_url": moved})
    session = StoredSession(login)
    session.renew("old")
    assert session.instance_url == moved
    assert StoredSession(orgs.load().find(login.alias)).access_token() == session.access_token()


_HOLD = """
import sys
from salesforce_mcp.auth.stored import renewing
with renewing("acme"):
    sys.stdout.write("held\\n")
    sys.stdout.flush()
    sys.stdin.read()
"""


def test_waits_for_another_process_and_not_for_ever(
    host: LoginHost, login: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored, "PATIENCE", 0.1)
    with subprocess.Popen([sys.executable, "-c", _HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(SessionError, match="Another process") as caught:
            StoredSession(login).renew("old")
        assert caught.value.retryable
        other.kill()  # a killed process holds no lock
        other.wait()
    monkeypatch.setattr(stored, "PATIENCE", 60)
    assert StoredSession(login).renew("old")
