"""The demo org behind something that spoils a part of one of its answers."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from salesforce_mcp.demo.local import DemoOrg
from tests.fuzz.calls import attempt, call_tool
from tests.fuzz.targets import JSON, TOOLS, Target, nested, wire
from tests.salesforce.scripted import Reply, Seen
from tests.tools.wiretap import Wiretap


@dataclass(frozen=True)
class Spoiling:
    """What is done to the answer number `number` of a call: the part at `steps` goes, or becomes something else.

    Each step chooses a key or an item, by its place modulo their number.
    """

    number: int
    steps: tuple[int, ...]
    gone: bool
    other: Any

    def apply(self, body: Any) -> Any:
        place, key, holder = body, None, None
        for step in self.steps:
            if not isinstance(place, dict | list) or not place:
                break
            holder, key = place, (list(place)[step % len(place)] if isinstance(place, dict) else step % len(place))
            place = holder[key]
        if holder is None:
            return self.other
        if self.gone:
            del holder[key]
        else:
            holder[key] = self.other
        return body


class SpoiledOrg(Wiretap):
    """`spoiling` is what happens to the answers of the next call; None: nothing."""

    def __init__(self, org: DemoOrg) -> None:
        super().__init__(org)
        self.spoiling: Spoiling | None = None
        self.count = 0

    def begin(self, spoiling: Spoiling) -> None:
        self.seen.clear()
        self.spoiling, self.count = spoiling, 0

    def answer(self, seen: Seen) -> Reply:
        reply = super().answer(seen)
        assert isinstance(reply.body, bytes | None)
        self.count += 1
        if self.spoiling is None or self.count != self.spoiling.number or not reply.body:
            return reply
        try:
            body = json.loads(reply.body)
        except ValueError:
            return Reply(reply.status, reply.body[: len(reply.body) // 2], reply.headers)
        return Reply(reply.status, wire(self.spoiling.apply(body)), reply.headers)


SPOILINGS = st.builds(
    Spoiling,
    number=st.sampled_from([1, 1, 1, 2, 2, 3, 4]),
    steps=st.lists(st.integers(0, 60), min_size=0, max_size=6).map(tuple),
    gone=st.booleans(),
    other=st.sampled_from([None, [], {}, "", "x", 0, -1, 1e400, True, [None], {"a": None}])
    | JSON
    | st.builds(nested, st.sampled_from([50, 99, 400])),
)


def answers(folder: Path) -> Target:
    """Calls of all tools with an answer spoiled, on a demo org that runs as long as this process."""
    os.environ["SFMCP_ALLOW_APEX"] = "1"
    demo = DemoOrg(folder / "org")
    demo.__enter__()
    org = SpoiledOrg(demo)
    org.__enter__()
    return Target(partial(check_call, org), SPOILED_CALLS)


def check_call(org: SpoiledOrg, given: tuple[str, Spoiling]) -> None:
    name, spoiling = given
    org.begin(spoiling)
    attempt(lambda url: call_tool(url, name, token=org.token), org.url)


SPOILED_CALLS = st.tuples(st.sampled_from(sorted(TOOLS)), SPOILINGS)
