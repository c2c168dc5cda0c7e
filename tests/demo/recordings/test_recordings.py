"""The demo org against what real orgs answered: the same request must give the same shape, status and error codes.

Each recorded case of an area stands in `cases/<area>.py`: either how it is replayed, or why it isn't.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from salesforce_mcp.demo.local import DemoOrg
from tests.demo.recordings import cases
from tests.demo.recordings.replay import Org, Replay, fill
from tests.demo.recordings.shape import differences

HERE = Path(__file__).parent
AREAS = [entry.name for entry in pkgutil.iter_modules(cases.__path__)]
TABLE: dict[str, Replay | str] = {
    case: replay for area in AREAS for case, replay in importlib.import_module(f"{cases.__name__}.{area}").CASES.items()
}
HEADERS = ("Content-Type", "WWW-Authenticate")
"""Response headers that clients act on; compared where the recording kept them."""


@pytest.fixture(scope="module")
def org(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Org]:
    with DemoOrg(tmp_path_factory.mktemp("demo"), definitions=[HERE / "definitions.txt"]) as demo:
        admin = demo.users[0]
        app = {
            "client_id": demo.client_id,
            "client_secret": demo.client_secret,
            "username": admin.username,
            "password": admin.password,
        }
        yield Org(demo.instance_url, admin.access_token, app)


@pytest.mark.parametrize("area", AREAS)
def test_every_case_is_in_the_table(area: str, samples: Path) -> None:
    recorded = {path.stem for path in (samples / area).glob("*.json")}
    listed = set(importlib.import_module(f"{cases.__name__}.{area}").CASES)
    assert listed == recorded


@pytest.mark.parametrize("case", [case for case, replay in TABLE.items() if isinstance(replay, Replay)])
def test_replay(case: str, org: Org, sample: Callable[[str], dict[str, Any]]) -> None:
    recorded = sample(case)
    replay = TABLE[case]
    assert isinstance(replay, Replay)
    names = replay.setup(org) if replay.setup else {}
    request, response = recorded["request"], recorded["response"]
    body = fill(replay.body if replay.body is not None else request["body"], names)
    answer = org.send(
        request["method"],
        fill(replay.path or request["path"], names),
        token=replay.token,
        params=fill(replay.query if replay.query is not None else request["query"] or {}, names),
        headers=fill(replay.headers, names),
        **({"data": body} if isinstance(body, str) else {} if body is None else {"json": body}),
    )
    found = [] if answer.status_code == response["status"] else [f"status: {answer.status_code}, {answer.text[:500]}"]
    kept = {name.lower(): value for name, value in (response["headers"] or {}).items()}
    for name in HEADERS:
        theirs = kept.get(name.lower())
        if theirs and answer.headers.get(name, "").replace(" ", "").lower() != theirs.replace(" ", "").lower():
            found.append(f"header {name}: recorded {theirs}, answered {answer.headers.get(name)}")
    if answer.status_code != 204:
        found += differences(response["body"], answer.json() if answer.content else None)
    unexplained = [line for line in found if not any(re.match(known, line) for known in replay.explained)]
    assert not unexplained, "\n".join(unexplained)
    idle = [known for known in replay.explained if not any(re.match(known, line) for line in found)]
    assert not idle, f"explains nothing: {idle}"
