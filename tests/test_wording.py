from __future__ import annotations

import pytest

from salesforce_mcp.wording import counted


@pytest.mark.parametrize(("number", "words"), [(0, "0 rows"), (1, "1 row"), (2000, "2,000 rows")])
def test_nouns_follow_their_number(number: int, words: str) -> None:
    assert counted(number, "row") == words
