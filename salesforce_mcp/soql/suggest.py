"""Names that a wrong name may have been meant as. Standard library only."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import SequenceMatcher

_SUFFIX = re.compile(r"__(?:c|r|pc|pr|s|e|x|b|mdt|kav|share|history|feed)$")
_NAMESPACE = re.compile(r"^[a-z][a-z0-9]*(?:_[a-z0-9]+)*__(?=.)")
_LEAST = 0.7
_LEAST_PART = 4  # shorter parts of names are in too many of them


def nearest(name: str, candidates: Iterable[str], n: int = 3) -> list[str]:
    """At most `n` of the candidates that are named much like `name`, the nearest first.

    Case, underscores, namespaces, the custom suffix (`__c`) and the plural make no difference: Annual_Revenue__c finds
    AnnualRevenue, Copilot_Interactions finds Copilot_Interaction__c.
    """
    wanted = _core(name)
    if not wanted:
        return []
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(wanted)
    scored = []
    for candidate in candidates:
        score = _score(matcher, wanted, _core(candidate))
        if score >= _LEAST:
            scored.append((-score, abs(len(candidate) - len(name)), candidate))
    return [candidate for _, _, candidate in sorted(scored)[:n]]


def _score(matcher: SequenceMatcher[str], wanted: str, found: str) -> float:
    if wanted == found:
        return 1.0
    shorter, longer = sorted((wanted, found), key=len)
    part = len(shorter) >= _LEAST_PART and (longer.startswith(shorter) or longer.endswith(shorter))
    score = _LEAST + 0.2 * len(shorter) / len(longer) if part else 0.0
    matcher.set_seq1(found)
    if matcher.real_quick_ratio() > _LEAST and matcher.quick_ratio() > _LEAST:
        score = max(score, matcher.ratio())
    return score


def _core(name: str) -> str:
    core = _SUFFIX.sub("", name.lower())
    core = _NAMESPACE.sub("", core).replace("_", "")
    if core.endswith("ies"):
        return core[:-3] + "y"
    return core[:-1] if core.endswith("s") and not core.endswith("ss") else core
