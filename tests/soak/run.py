"""The soak: an org with faults, servers with their clients, commands beside them, and the report at the end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
import mcp_types as types
from mcp import Client, StdioServerParameters, stdio_client

from tests.soak.ledger import Ledger
from tests.soak.processes import Watched
from tests.soak.shell import Shell
from tests.soak.talk import Figures, Talker

EVERYWHERE = (
    "slow",
    "drop",
    "drop_after",
    "cut",
    "truncated_gzip",
    "badjson",
    "html",
    "401",
    "limit",
    "429",
    "500",
    "503",
)
ONLY = (
    ("lock", "POST", "*/sobjects*"),
    ("lock", "PATCH", "*/sobjects*"),
    ("lock", "DELETE", "*/sobjects*"),
    ("timeout", "GET", "*/query*"),
    ("locator", "GET", "*/query/*"),
)
"""Faults that only some requests can meet: their kind, method and path."""

LOOK_EVERY = 1.0
"""Seconds between two looks at the processes."""


@dataclass(frozen=True)
class Plan:
    """How long, how many clients and calls at once for each, how many of the replies are spoilt, from which seed."""

    minutes: float | None
    steps: int | None
    clients: int
    workers: int
    rate: float
    seed: int


@dataclass
class Report:
    """What came out."""

    plan: Plan
    figures: Figures
    ledger: Ledger
    watched: list[Watched]
    faults: Counter[str] = field(default_factory=Counter)
    requests: int = 0
    seconds: float = 0.0
    problems: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        spoilt = self.faults.total()
        lines = [
            f"{self.figures.calls.total()} calls and commands in {self.seconds:.0f} s, seed {self.plan.seed}: "
            + _counts(self.figures.calls),
            f"{self.requests} requests to the org, {spoilt} spoilt ({spoilt / max(self.requests, 1):.1%}): "
            + _counts(self.faults),
            f"errors: {_counts(self.figures.refused)}",
            f"writes checked: {_counts(self.ledger.said)}",
            f"without an answer {len(self.figures.unanswered)}, lost {len(self.ledger.lost)}, "
            f"doubled {len(self.ledger.doubled)}, misreported {len(self.ledger.misreported)}",
            f"slowest: {self.figures.slowest[1]}, {self.figures.slowest[0]:.1f} s",
            *map(str, self.watched),
            *(f"PROBLEM: {problem}" for problem in self.problems),
        ]
        return "\n".join(lines)


def soak(plan: Plan, folder: Path) -> Report:
    """Run it, with everything that it leaves in `folder`."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SFMCP_")}
    environment |= {
        "SFMCP_STATE_DIR": str(folder / "state"),
        "SFMCP_CONFIG_DIR": str(folder / "config"),
        "SFMCP_EXPORT_DIR": str(folder / "exports"),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
    }
    (folder / "exports").mkdir(parents=True)
    with _org(environment | {"SFMCP_STATE_DIR": str(folder / "org")}) as (process, facts):
        environment |= {
            "SFMCP_LOGIN_URL": facts["instance_url"],
            "SFMCP_CLIENT_ID": facts["client_id"],
            "SFMCP_CLIENT_SECRET": facts["client_secret"],
        }
        ledger = Ledger(folder / "org" / "demo" / "org.sqlite")
        report = Report(plan, Figures(), ledger, [Watched("demo org", process.pid, caches=True)])
        began = time.monotonic()
        anyio.run(_talk, report, facts["instance_url"], environment, folder)
        report.seconds = time.monotonic() - began
    if process.returncode:
        report.problems.append(f"the demo org ended with {process.returncode}")
    report.problems += [*report.figures.unanswered, *ledger.problems]
    if plan.minutes:
        report.problems += filter(None, [each.growth() for each in report.watched])
    for log in sorted(folder.glob("*.log")):
        text = log.read_text(encoding="utf-8")
        if "Traceback" in text:
            report.problems.append(f"{log.name}: {text[:2000]}")
    return report


async def _talk(report: Report, url: str, environment: dict[str, str], folder: Path) -> None:
    plan = report.plan
    talkers: list[Talker] = []
    async with AsyncExitStack() as stack:
        clients = []
        for number in range(plan.clients):
            log = stack.enter_context((folder / f"server-{number}.log").open("w", encoding="utf-8"))
            before = _children()
            parameters = StdioServerParameters(command=sys.executable, args=_SERVE, env=environment)
            client = Client(stdio_client(parameters, errlog=log), elicitation_callback=_say_yes)
            clients.append(await stack.enter_async_context(client))
            (pid,) = _children() - before
            report.watched.append(Watched(f"server {number}", pid))
            talkers += [
                Talker(
                    f"soak-{number}-{worker}",
                    clients[-1],
                    report.ledger,
                    report.figures,
                    plan.seed * 1000 + number * 100 + worker,
                    folder / "exports",
                )
                for worker in range(plan.workers)
            ]
        shell = Shell(folder, environment, report.ledger, report.figures, plan.seed)
        for rule in _rules(plan):
            _control(url, "POST", "faults", rule)
        end = time.monotonic() + plan.minutes * 60 if plan.minutes else None
        async with anyio.create_task_group() as watching:
            watching.start_soon(_watch, report.watched)
            async with anyio.create_task_group() as group:
                # A step of the shell is several commands.
                group.start_soon(_repeat, shell, plan.steps and plan.steps // 3, end)
                for talker in talkers:
                    group.start_soon(_repeat, talker, plan.steps, end)
            watching.cancel_scope.cancel()
        for rule in _control(url, "GET", "faults"):
            report.faults[rule["fault"]] += rule["done"]
        report.requests = _control(url, "GET", "requests?path=none")["total"]
        _control(url, "DELETE", "faults")
        for talker in talkers:
            talker.settle()
        for client in clients:
            answer = await client.call_tool("query", {"soql": "SELECT COUNT() FROM Account"})
            if answer.is_error:
                report.problems.append(f"a server no longer answers: {answer.content}")


async def _repeat(who: Talker | Shell, steps: int | None, end: float | None) -> None:
    done = 0
    while (steps is None or done < steps) and (end is None or time.monotonic() < end):
        await who.step()
        done += 1


async def _watch(watched: list[Watched]) -> None:
    while True:
        for each in watched:
            each.look()
        await anyio.sleep(LOOK_EVERY)


async def _say_yes(context: Any, params: types.ElicitRequestParams) -> types.ElicitResult:
    return types.ElicitResult(action="accept", content={"confirm": True})


@contextmanager
def _org(environment: dict[str, str]) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """The demo org, in a process of its own; with tables long enough to be paged through."""
    command = [sys.executable, "-m", "salesforce_mcp", "demo", "serve", "--port", "0", "--json", "--scale", "5000"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, encoding="utf-8") as process:
        try:
            assert process.stdout
            yield process, json.loads(process.stdout.readline())
        finally:
            process.terminate()
            process.wait(60)


def _rules(plan: Plan) -> Iterator[dict[str, Any]]:
    """Faults that together strike `rate` of the requests."""
    rate = plan.rate / (len(EVERYWHERE) + 1)
    rules = [(kind, "*", "/services/*") for kind in EVERYWHERE] + list(ONLY)
    for place, (kind, method, path) in enumerate(rules):
        delay = 1.5 if kind == "slow" else 0.0
        match = {"method": method, "path": path}
        seed = plan.seed * 100 + place
        yield {"fault": kind, "match": match, "times": None, "rate": rate, "delay": delay, "seed": seed}


def _control(url: str, method: str, path: str, body: Any = None) -> Any:
    """The demo org's control resource."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{url}/demo/{path}", data=data, headers=headers, method=method)
    with urllib.request.urlopen(request, timeout=60) as answer:
        content = answer.read()
    return json.loads(content) if content else None


def _children() -> set[int]:
    """The processes that this one has started."""
    return {int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="utf-8").split()}


def _counts(counted: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counted.most_common()) or "none"


_SERVE = ["-m", "salesforce_mcp", "serve", "--toolsets", "all", "--max-result-tokens", "60000"]
