"""The words of a case that are worth searching for."""

from __future__ import annotations

import re
from collections.abc import Iterable

MOST_WORDS = 15
_SHORTEST = 4
_WORD = re.compile(r"\w(?:[\w-]*\w)?")
_COMMON = frozenset(
    _WORD.findall(
        "about after again also another because been before being best both cannot case could customer dear does "
        "doing dont down each even every from getting give goes have having hello help here into issue just know "
        "like look made make many message more most much need needs only other over please possible problem "
        "question regards said same should since some still such sure than thank thanks that their them then there "
        "these they thing this those through today tried trying under until used using very want were what when "
        "where which while will wish with without would yesterday your yours aber alle auch bitte danke dass dem "
        "den der des die diese eine einem einen einer habe haben hallo ihre kann keine mehr nach nicht noch oder "
        "problem sehr sein seit sich sind über unser wenn werden wird wurde"
    )
)
"""Words, English and German, that many cases have, whatever they are about."""


def worth_searching(texts: Iterable[str | None]) -> list[str]:
    """The distinctive words of some texts, in lower case, those of the first text first; at most `MOST_WORDS`.

    What has a digit in it, such as a part number, may be short. Signs of the search language are no part of words.
    """
    found: dict[str, None] = {}
    for text in texts:
        for word in _WORD.findall((text or "").lower()):
            long_enough = len(word) >= _SHORTEST or (len(word) > 1 and any(map(str.isdigit, word)))
            if long_enough and word not in _COMMON:
                found[word] = None
    return list(found)[:MOST_WORDS]


def shared(words: Iterable[str], text: str | None) -> list[str]:
    """Those of the words that a text has."""
    there = set(_WORD.findall((text or "").lower()))
    return [word for word in words if word in there]
