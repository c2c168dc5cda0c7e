"""The daily count of requests, shared by the processes of one org."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from salesforce_mcp.demo.local import FILE
from salesforce_mcp.demo.store import Store
from salesforce_mcp.demo.usage import FLUSH_EVERY, Usage
from tests.demo.conftest import Web


@pytest.fixture
def stores(web: Web) -> Iterator[tuple[Store, Store]]:
    """Two views of one org, as two processes have them."""
    one, other = (Store(web.org.path / FILE) for _ in range(2))
    yield one, other
    one.close()
    other.close()


def test_processes_add_up(stores: tuple[Store, Store]) -> None:
    one, other = (Usage(store) for store in stores)
    start = one.count()[0]
    other.count()
    for _ in range(2 * FLUSH_EVERY):
        one.count()
        other.count()
    one.flush()
    other.flush()
    assert Usage(stores[0]).count()[0] >= start + 4 * FLUSH_EVERY


def test_counting_never_waits_for_a_writer(stores: tuple[Store, Store]) -> None:
    usage = Usage(stores[0])
    first = usage.count()[0]
    with stores[1].transaction():
        for _ in range(FLUSH_EVERY + 1):
            last = usage.count()[0]
    assert last == first + FLUSH_EVERY + 1
    usage.flush()
    assert Usage(stores[1]).count()[0] == last + 1
