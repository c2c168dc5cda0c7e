"""First responses against what was promised. No requests here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median
from typing import Literal

from salesforce_mcp.tools.service_metrics.business_hours import BusinessHours
from salesforce_mcp.tools.service_metrics.counting import percent

Verdict = Literal["met", "breached", "open"]


@dataclass(frozen=True)
class Milestone:
    """An entitlement's promise of a first response, and when it was kept."""

    target: datetime
    completed: datetime | None


@dataclass(frozen=True)
class Case:
    """A case as far as its first response goes. `responded`: the first public comment or sent email by a user."""

    priority: str
    created: datetime
    responded: datetime | None
    hours: BusinessHours
    milestone: Milestone | None = None


@dataclass
class Compliance:
    """Cases of one priority. `unanswered` are those of the breached that have no response yet; `waits` in hours."""

    cases: int = 0
    met: int = 0
    breached: int = 0
    unanswered: int = 0
    open: int = 0
    milestones: int = 0
    waits: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float | None:
        """The percentage met of those that are decided; None while none is."""
        return percent(self.met, self.met + self.breached)

    @property
    def median_hours(self) -> float | None:
        """The median of the waits for a first response, in hours that count."""
        return round(median(self.waits), 2) if self.waits else None


def verdict(case: Case, threshold: timedelta | None, now: datetime) -> Verdict:
    """Whether the response came in time: by the milestone without a threshold, else by the time that counts."""
    if threshold is None and case.milestone:
        answered, late = case.milestone.completed, (case.milestone.completed or now) > case.milestone.target
    else:
        answered = case.responded
        waited = case.hours.elapsed(case.created, answered or now)
        late = threshold is not None and waited > threshold
    if late:
        return "breached"
    return "met" if answered else "open"


def compliance(
    cases: Iterable[Case], thresholds: Mapping[str, timedelta], now: datetime, *, only_thresholds: frozenset[str]
) -> dict[str, Compliance]:
    """Cases by priority, in the order of the thresholds; cases of other priorities have no place in it.

    A case with a milestone is measured by it, unless its priority is in `only_thresholds`.
    """
    found = {priority: Compliance() for priority in thresholds}
    for case in cases:
        row = found[case.priority]
        by_milestone = case.milestone is not None and case.priority not in only_thresholds
        decided = verdict(case, None if by_milestone else thresholds[case.priority], now)
        row.cases += 1
        row.milestones += by_milestone
        row.met += decided == "met"
        row.breached += decided == "breached"
        row.open += decided == "open"
        answered = case.milestone.completed if by_milestone and case.milestone else case.responded
        row.unanswered += decided == "breached" and answered is None
        if answered:
            row.waits.append(case.hours.elapsed(case.created, answered) / timedelta(hours=1))
    return found


def together(rows: Iterable[Compliance]) -> Compliance:
    """All of them as one."""
    total = Compliance()
    for row in rows:
        total.cases += row.cases
        total.met += row.met
        total.breached += row.breached
        total.unanswered += row.unanswered
        total.open += row.open
        total.milestones += row.milestones
        total.waits += row.waits
    return total
