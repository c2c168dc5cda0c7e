"""Faults on demand: rules that spoil answers, so that clients can be tested against what networks and orgs do.

A rule says which requests (`match.method`, `match.path`, a glob on the path without the query), which fault, how often
(`times`, None for always; `skip` lets the first ones pass; `rate` with `seed` picks by chance, repeatably) and how long
to wait first (`delay`, seconds). The kinds:

slow            nothing but the delay
drop            the connection closes without an answer; nothing was done
drop_after      the same, but the request was carried out
cut             the connection closes after half of the body
truncated_gzip  a compressed body that ends too early, inside a complete HTTP answer
badjson         JSON that breaks off, inside a complete HTTP answer; other bodies stay whole
401, limit, concurrent, 429, 500, 503, lock, timeout, locator, html
                Salesforce's refusals, see REFUSALS; nothing was done
"""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from salesforce_mcp.demo.errors import ApiError
from salesforce_mcp.demo.http import HTML_TYPE, Reply, invalid_session
from salesforce_mcp.demo.routing import error_reply

RETRY_AFTER = {"Retry-After": "1"}
EDGE_PAGE = b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"


def _refusal(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> Reply:
    return Reply(status, ApiError(status, code, message).body(), headers or {})


REFUSALS: dict[str, Reply] = {
    "401": error_reply(invalid_session()),
    "limit": _refusal(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
    "concurrent": _refusal(
        403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded."
    ),
    "429": _refusal(429, "REQUEST_LIMIT_EXCEEDED", "Too many requests. Try again later.", RETRY_AFTER),
    "500": _refusal(
        500,
        "UNKNOWN_EXCEPTION",
        "An unexpected error occurred. Please include this ErrorId if you contact support: 1234567890-123 (1234567)",
    ),
    "503": _refusal(503, "SERVER_UNAVAILABLE", "The server is unavailable to handle the request.", RETRY_AFTER),
    "lock": _refusal(400, "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record"),
    "timeout": _refusal(400, "QUERY_TIMEOUT", "Your query request was running for too long."),
    "locator": _refusal(400, "INVALID_QUERY_LOCATOR", "invalid query locator"),
    "html": Reply(502, EDGE_PAGE, {"Content-Type": HTML_TYPE}),
}
DISTURBANCES = ("slow", "drop", "drop_after", "cut", "truncated_gzip", "badjson")


@dataclass(slots=True)
class Fault:
    """One rule. `seen` counts the requests that matched, `done` those that were spoilt."""

    kind: str
    method: str = "*"
    path: str = "*"
    times: int | None = 1
    skip: int = 0
    rate: float = 1.0
    delay: float = 0.0
    seed: int = 0
    seen: int = 0
    done: int = 0
    _chance: random.Random = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)  # noqa: S311 - repeatable by design, guards nothing

    @classmethod
    def parse(cls, rule: dict[str, Any]) -> Fault:
        """From the JSON of the control resource; raises ApiError for what can't be meant."""
        match = rule.get("match") or {}
        kind = str(rule.get("fault", ""))
        if kind not in REFUSALS and kind not in DISTURBANCES:
            known = ", ".join((*DISTURBANCES, *REFUSALS))
            raise ApiError(400, "INVALID_FAULT", f"Unknown fault: {kind!r}. Known: {known}")
        unknown = set(rule) - {"match", "fault", "times", "skip", "rate", "delay", "seed"} | set(match) - {
            "method",
            "path",
        }
        if unknown:
            raise ApiError(400, "INVALID_FAULT", f"Unknown keys: {', '.join(sorted(unknown))}")
        times = rule.get("times", 1)
        return cls(
            kind=kind,
            method=str(match.get("method", "*")),
            path=str(match.get("path", "*")),
            times=None if times is None else int(times),
            skip=int(rule.get("skip", 0)),
            rate=float(rule.get("rate", 1.0)),
            delay=float(rule.get("delay", 0.0)),
            seed=int(rule.get("seed", 0)),
        )

    def describe(self) -> dict[str, Any]:
        return {
            "fault": self.kind,
            "match": {"method": self.method, "path": self.path},
            "times": self.times,
            "skip": self.skip,
            "rate": self.rate,
            "delay": self.delay,
            "seed": self.seed,
            "seen": self.seen,
            "done": self.done,
        }

    def strikes(self, method: str, path: str) -> bool:
        """Whether this request is to be spoilt; counts it."""
        if not fnmatchcase(method, self.method) or not fnmatchcase(path, self.path):
            return False
        if self.times is not None and self.done >= self.times:
            return False
        self.seen += 1
        if self.seen <= self.skip or self._chance.random() >= self.rate:
            return False
        self.done += 1
        return True


class Faults:
    """The rules of one running org; the first that strikes counts."""

    def __init__(self) -> None:
        self._rules: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._rules.append(fault)

    def clear(self) -> None:
        with self._lock:
            self._rules.clear()

    def take(self, method: str, path: str) -> Fault | None:
        """The fault that this request is to meet, if any."""
        if not self._rules:
            return None
        with self._lock:
            return next((rule for rule in self._rules if rule.strikes(method, path)), None)

    def describe(self) -> list[dict[str, Any]]:
        with self._lock:
            return [rule.describe() for rule in self._rules]
