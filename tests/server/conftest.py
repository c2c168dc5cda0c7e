"""The server as a process, on a loopback org that answers from a script."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.salesforce.scripted import ScriptedOrg
from tests.server.wire import Wire


@pytest.fixture
def org() -> Iterator[ScriptedOrg]:
    with ScriptedOrg() as running:
        yield running


@pytest.fixture
def serve(org: ScriptedOrg) -> Iterator[Callable[..., Wire]]:
    """Start a server with these flags, logged in to the scripted org."""
    with ExitStack() as running:

        def start(*flags: str) -> Wire:
            return running.enter_context(
                Wire(*flags, SFMCP_INSTANCE_URL=org.url, SFMCP_ACCESS_TOKEN="token-1", SFMCP_API_VERSION="66.0")
            )

        yield start
