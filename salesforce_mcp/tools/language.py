"""The language that Knowledge is asked in."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator

from salesforce_mcp.tools.arguments import quoted
from salesforce_mcp.tools.context import Context

FALLBACK = "en_US"
_CODE = re.compile(r"([a-z]{2,3})(?:[-_]([A-Za-z]{2,4}))?", re.ASCII)


def _check(value: str) -> str:
    match = _CODE.fullmatch(value)
    if not match:
        raise ValueError(f"{quoted(value)} is no language code; write it as in en_US or de")
    return match[1] + (f"_{match[2].upper()}" if match[2] else "")


Language = Annotated[str, AfterValidator(_check)]
"""Salesforce's code of a language: `de`, `en_US` (also taken as `en-US`)."""


def of_user(context: Context) -> str:
    """The user's own language, as their settings have it."""
    user = context.client.get("/services/oauth2/userinfo")
    return user.get("language") or FALLBACK


def header(language: str) -> dict[str, str]:
    """The HTTP header that asks for a language (RFC 9110): `en-US` for `en_US`."""
    return {"Accept-Language": language.replace("_", "-")}
