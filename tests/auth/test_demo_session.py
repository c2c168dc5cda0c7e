"""`--org demo`: no login, no keyring, and a new token when the org was reset."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from salesforce_mcp.auth import identity
from salesforce_mcp.auth.resolve import open_session
from salesforce_mcp.demo import local
from tests.auth.conftest import UseKeyring
from tests.auth.desktop import Control


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    local.close_demo()


def test_works_without_a_keyring_and_marks_itself(use_keyring: UseKeyring) -> None:
    use_keyring("tests.auth.memory_keyring.Locked")
    session = open_session("demo")
    assert (session.alias, session.environment) == ("demo", "demo")
    assert identity.of_session(session).environment == "demo"


def test_goes_on_after_a_reset() -> None:
    session = open_session("demo")
    first = session.access_token()
    Control(session.instance_url)("DELETE", "sessions")
    assert identity.of_session(session).username == "ada.admin@demo.example"
    assert session.access_token() != first
    assert session.renew(first) == session.access_token()


def test_knows_its_user_without_asking() -> None:
    assert open_session("demo").username == "ada.admin@demo.example"
