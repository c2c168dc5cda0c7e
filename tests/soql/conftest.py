"""The corpus of statements that a parser used in production accepts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import SAMPLES_VARIABLE


@pytest.fixture(scope="session")
def accepted(samples: Path) -> list[str]:
    corpus = samples.parent / "soql" / "accepted.json"
    if not corpus.is_file():
        pytest.skip(f"no corpus of SOQL beside the samples that {SAMPLES_VARIABLE} names")
    statements: list[str] = json.loads(corpus.read_text(encoding="utf-8"))
    return statements
