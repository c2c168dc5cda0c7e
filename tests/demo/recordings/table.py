"""The counts of the replayed recordings, as a Markdown table with the reasons below."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from tests.demo.recordings.replay import Outcome, Replay

COLUMNS = ("area", "recorded", "not replayed", "replayed", "alike", "explained", "demo org differs", "unexplained")


def alike(outcome: Outcome) -> bool:
    """True if all differences, should there be any, come from the recording."""
    return not outcome.unexplained and not outcome.lacking


def summary(
    recorded: Mapping[str, int], cases: Mapping[str, Mapping[str, Replay | str]], outcomes: Mapping[str, Outcome]
) -> str:
    """One row an area and one for all, then why cases differ, and why they aren't replayed.

    `recorded` are the cases of each area of the samples, `cases` those of the areas in question by name, `outcomes`
    those of the replayed ones. A case counts once, in the last column that fits.
    """
    rows = [_row(area, recorded[area], listed, outcomes) for area, listed in cases.items()]
    rows += [[area, count, 0, 0, 0, 0, 0, 0] for area, count in sorted(recorded.items()) if area not in cases]
    rows.append(["all", *(sum(int(row[place]) for row in rows) for place in range(1, len(COLUMNS)))])
    lines = ["", "| " + " | ".join(COLUMNS) + " |", "|" + " --- |" * len(COLUMNS)]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    lines += ["", "Differences that the recordings explain:"]
    lines += _counted(why for each in outcomes.values() for why in set(each.explained.values()))
    lines += ["", "Differences of the demo org:"]
    lines += _counted(why for each in outcomes.values() for why in set(each.lacking.values()))
    lines += ["", "Not replayed:"]
    lines += _counted(why for listed in cases.values() for why in listed.values() if isinstance(why, str))
    return "\n".join(lines) + "\n"


def _row(
    area: str, recorded: int, listed: Mapping[str, Replay | str], outcomes: Mapping[str, Outcome]
) -> list[str | int]:
    found = Counter(_kind(outcomes[name]) for name, case in listed.items() if isinstance(case, Replay))
    replayed = sum(found.values())
    return [area, recorded, len(listed) - replayed, replayed, *(found[kind] for kind in COLUMNS[4:])]


def _kind(outcome: Outcome) -> str:
    if outcome.unexplained:
        return "unexplained"
    if outcome.lacking:
        return "demo org differs"
    return "explained" if outcome.explained else "alike"


def _counted(reasons: Iterable[str]) -> list[str]:
    return [
        f"- {count}: {why}" for why, count in sorted(Counter(reasons).items(), key=lambda each: (-each[1], each[0]))
    ]
