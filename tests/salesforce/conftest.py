"""A client on a loopback org that answers from a script."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from salesforce_mcp.auth.session import Session
from salesforce_mcp.salesforce.client import Client
from tests.salesforce.scripted import ScriptedOrg, ScriptedSession


@pytest.fixture
def org() -> Iterator[ScriptedOrg]:
    with ScriptedOrg() as running:
        yield running


@pytest.fixture
def pauses() -> list[float]:
    """How long the client waited before it tried again; it doesn't really wait."""
    return []


@pytest.fixture
def session(org: ScriptedOrg) -> ScriptedSession:
    return ScriptedSession(org.url)


@pytest.fixture
def client(session: ScriptedSession, pauses: list[float]) -> Iterator[Client]:
    with Client(session, pause=pauses.append) as made:
        yield made


@pytest.fixture
def make_client(pauses: list[float]) -> Iterator[Callable[[Session], Client]]:
    made: list[Client] = []

    def make(session: Session) -> Client:
        made.append(Client(session, pause=pauses.append))
        return made[-1]

    yield make
    for each in made:
        each.close()
