"""The guard that stands between every client and its org: objects and fields, rows, rate, the org's daily limit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from salesforce_mcp.errors import PolicyError, SfmcpError
from salesforce_mcp.policy import usage
from salesforce_mcp.salesforce import caller
from salesforce_mcp.salesforce.guard import Asked, Clean, Guard

if TYPE_CHECKING:
    from salesforce_mcp.policy.policies import Policies
    from salesforce_mcp.policy.rates import Limiter
    from salesforce_mcp.policy.rows import Rows
    from salesforce_mcp.policy.rules import Rules
    from salesforce_mcp.policy.view import View
    from salesforce_mcp.salesforce.client import Client

_BULK = "jobs/"
_COMPOSITE = ("composite", "tooling/composite")
_RESULTS = re.compile(
    r"jobs/(?:ingest/\w+/(?:successfulResults|failedResults|unprocessedrecords)|query/\w+/results)", re.ASCII
)
_TRANSFER = ("query/", "queryAll/")


class Gate(Guard):
    """Lets through what the policies allow. One for each client."""

    def __init__(self, policies: Policies) -> None:
        self._policies = policies
        self._known: _Org | None = None

    def before(self, client: Client, asked: Asked) -> Clean | None:
        return self._org(client).before(asked)

    def refusal(self, client: Client, asked: Asked) -> PolicyError | None:
        return self._org(client).refusal(asked)

    def readable(self, client: Client, of: str, names: Sequence[str]) -> list[str]:
        return self._org(client).readable(of, names)

    def passing(self, client: Client, asked: Asked, chunks: Iterator[bytes]) -> Iterator[bytes]:
        return self._org(client).passing(asked, chunks)

    def shown(self, client: Client, describe: dict[str, Any]) -> dict[str, Any]:
        return self._org(client).shown(describe)

    def _org(self, client: Client) -> _Org:
        if self._known is None:
            self._known = _Org(client, self._policies.rules(client))
        return self._known


class _Org:
    """What holds for one client."""

    def __init__(self, client: Client, rules: Rules) -> None:
        self._client = client
        self._rules = rules
        self._rows: Rows | None = None
        if rules.rows is not None:
            from salesforce_mcp.policy.rows import Rows

            self._rows = Rows(rules.rows, client)
        self._jobs: dict[str, dict[str, Any]] = {}

    def before(self, asked: Asked) -> Clean | None:
        path = _below_version(asked.path)
        if path.startswith(_COMPOSITE) and asked.method == "POST":
            _refuse_apex(asked)
        clean = self._check(asked, path) if self._rules.data.active else None
        few = self._rows.before(asked, path) if self._rows else None
        self._hold_back(asked, path)
        if self._limiter and not (path.startswith(_TRANSFER) or (path.startswith(_BULK) and asked.method == "GET")):
            self._limiter.wait(self._client.pause)
        return _both(few, clean)

    def refusal(self, asked: Asked) -> PolicyError | None:
        if self._rules.data.active:
            try:
                self._check(asked, _below_version(asked.path))
            except PolicyError as error:
                return error
        return None

    def readable(self, of: str, names: Sequence[str]) -> list[str]:
        kept = [name for name in names if self._view.sees(of, name)] if self._rules.data.active else list(names)
        if not set(kept) - {"Id"}:
            return list(names)
        caller.current().left_out |= dict.fromkeys(f"{of}.{name}" for name in names if name not in kept)
        return kept

    def passing(self, asked: Asked, chunks: Iterator[bytes]) -> Iterator[bytes]:
        path = _below_version(asked.path)
        if not self._rules.data.active or not _RESULTS.fullmatch(path):
            return chunks
        from salesforce_mcp.policy import answers
        from salesforce_mcp.salesforce.loading.source import DELIMITERS

        info = self._job(path)
        delimiter = next((sign for sign, name in DELIMITERS.items() if name == info.get("columnDelimiter")), ",")
        drop = path.startswith("jobs/ingest/")
        return answers.columns(self._view, str(info["object"]), delimiter, chunks, drop=drop)

    def _job(self, path: str) -> dict[str, Any]:
        """What is told of the job that this resource is of."""
        job = "/".join(path.split("/")[:3])
        if job not in self._jobs:
            self._jobs[job] = self._view.look(job)
        return self._jobs[job]

    def shown(self, describe: dict[str, Any]) -> dict[str, Any]:
        if not self._rules.data.active:
            return describe
        from salesforce_mcp.policy import answers

        return answers.shown(self._view, describe)

    @cached_property
    def _view(self) -> View:
        from salesforce_mcp.policy.view import View

        return View(self._rules.data, self._client)

    @cached_property
    def _limiter(self) -> Limiter | None:
        """None for the demo org, which nobody has to spare."""
        if self._client.session.environment == "demo":
            return None
        from salesforce_mcp.policy.rates import Limiter

        windows = [(self._rules.per_second, 1.0)]
        if self._rules.per_minute:
            windows.append((self._rules.per_minute, 60.0))
        return Limiter(self._client.session.instance_url, windows)

    def _check(self, asked: Asked, path: str) -> Clean | None:
        """Raise PolicyError for what isn't allowed; what to do with the answer before it is shown."""
        if asked.streamed and _RESULTS.fullmatch(path):
            self._view.object(str(self._job(path)["object"]))
            return None  # `passing` leaves out what isn't allowed
        from salesforce_mcp.policy import requests
        from salesforce_mcp.policy.calls import Call

        free = caller.current().unchecked
        try:
            clean = requests.check(self._view, Call.of(asked.method, asked.path, asked.params, asked.body))
        except PolicyError as error:
            if error.code != "UNCHECKED" or not free:
                raise
            return None
        return partial(_lenient, clean) if clean and free else clean

    def _used(self) -> float | None:
        """Percent of the org's daily API calls. What an earlier process heard is asked for again before it holds."""
        used = usage.percent_heard(self._client)
        if usage.percent(self._client) is None and used is not None and used >= self._rules.daily_stop:
            with suppress(SfmcpError):
                self._client.look("limits")
            return usage.percent_heard(self._client)
        return used

    def _hold_back(self, asked: Asked, path: str) -> None:
        """Near the org's daily limit no bulk job begins: its users need the rest."""
        if not (path.startswith(_BULK) and asked.method in ("POST", "PUT")):
            return
        used = self._used()
        if used is not None and used >= self._rules.daily_stop:
            raise PolicyError(
                f"{used:.0f} percent of the org's API calls of 24 hours are used, and bulk work stops at "
                f"{self._rules.daily_stop}.",
                code="DAILY_LIMIT",
                hint="Calls of the last 24 hours count: try again in some hours; get_limits shows what is left.",
                retryable=True,
            )


def _lenient(clean: Clean, answer: Any) -> Any:
    """For a tool that may run unchecked: what can't be told is let pass."""
    try:
        return clean(answer)
    except PolicyError as error:
        if error.code != "UNCHECKED":
            raise
        return answer


def _refuse_apex(asked: Asked) -> None:
    """Raise PolicyError for a composite request that runs Apex where that is off."""
    from salesforce_mcp.policy.calls import Call, inside, runs_apex

    try:
        found = any(map(runs_apex, inside(Call.of(asked.method, asked.path, asked.params, asked.body))))
    except PolicyError:  # another shape than is known: the org won't take it either
        return
    if found:
        from salesforce_mcp.tools.tooling import apex

        apex.require()


def _both(first: Clean | None, then: Clean | None) -> Clean | None:
    if first and then:
        return lambda answer: then(first(answer))
    return first or then


def _below_version(path: str) -> str:
    """`query` for `query` and for `/services/data/v66.0/query`."""
    bare = path.partition("?")[0]
    if not bare.startswith("/services/data/v"):
        return bare.lstrip("/")
    return "/".join(bare.split("/")[4:])
