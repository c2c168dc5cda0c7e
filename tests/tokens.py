"""Counts tokens as o200k_base does. The package ships the ranks, which tiktoken would download."""

from __future__ import annotations

import warnings
from functools import cache
from typing import Any


def count(text: str) -> int:
    """How many tokens the text costs."""
    return len(_encoding().encode_ordinary(text))


@cache
def _encoding() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # its own reading of package data
        from bpe_openai import get_encoding

        return get_encoding("o200k_base")
