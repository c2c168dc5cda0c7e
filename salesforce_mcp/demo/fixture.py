"""A pytest plugin that gives tests a Salesforce org.

In a `conftest.py`: `pytest_plugins = ["salesforce_mcp.demo.fixture"]`. Then a test that takes `demo_org` talks to an
org of its own over HTTP, with the data as they were seeded; `make_demo_org` starts one with other options.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Protocol

import pytest

from salesforce_mcp.demo.local import FILE, DemoOrg


class MakeDemoOrg(Protocol):
    """Starts an org that stops when the test ends; takes the options of `DemoOrg`, such as `tls=True`."""

    def __call__(self, **options: Any) -> DemoOrg:
        """A running org with data of its own."""


@pytest.fixture(scope="session")
def _seeded_demo_org(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file to copy, since seeding takes longer than all else."""
    from salesforce_mcp.demo.store import Store

    path = tmp_path_factory.mktemp("seeded-demo-org") / FILE
    Store(path).close()
    return path


@pytest.fixture
def make_demo_org(tmp_path_factory: pytest.TempPathFactory, _seeded_demo_org: Path) -> Iterator[MakeDemoOrg]:
    """Starts orgs with the options of `DemoOrg`; without a `path` each has data of its own, freshly seeded."""
    with ExitStack() as running:

        def make(**options: Any) -> DemoOrg:
            if "path" not in options:
                options["path"] = tmp_path_factory.mktemp("demo-org")
                if not options.keys() & {"scale", "definitions"}:
                    shutil.copy(_seeded_demo_org, options["path"] / FILE)
            return running.enter_context(DemoOrg(**options))

        yield make


@pytest.fixture
def demo_org(make_demo_org: MakeDemoOrg) -> DemoOrg:
    """A running org with freshly seeded data: `instance_url`, `users`, `client_id`, `faults`, `journal`, `store`."""
    return make_demo_org()
