"""The types that the arguments of the case tools share."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator

from salesforce_mcp.tools.arguments import check_id, quoted

CASE = "500"
"""What the Ids of cases begin with."""

_NUMBER = re.compile(r"[0-9]{1,14}")
_ADDRESS = re.compile(r"[^\s@,;<>\"'()]+@[^\s@,;<>\"'()]+\.[^\s@,;<>\"'()]+")


def _check_case(value: str) -> str:
    if _NUMBER.fullmatch(value):
        found_by = f"SELECT Id FROM Case WHERE CaseNumber = '{value}'"  # noqa: S608 - it is digits
        raise ValueError(f"{value} is the number of a case, not its Id; a query finds that: {found_by}")
    if not check_id(value).startswith(CASE):
        raise ValueError(f"{quoted(value)} is not the Id of a case; these begin with {CASE}")
    return value


def _check_text(value: str) -> str:
    if not value.strip():
        raise ValueError("it cannot be empty")
    return value


def check_address(value: str) -> str:
    """Return the email address; raise ValueError when it can't be one."""
    if len(value) > 254 or not _ADDRESS.fullmatch(value.strip()):
        raise ValueError(f"{quoted(value)} is not an email address, as in kim@example.com")
    return value.strip()


def _check_addresses(value: str) -> str:
    return ",".join(check_address(each) for each in value.split(","))


CaseId = Annotated[str, AfterValidator(_check_case)]
"""Id of a case."""

Text = Annotated[str, AfterValidator(_check_text)]
"""Text that says something."""

Address = Annotated[str, AfterValidator(check_address)]
"""An email address."""

Addresses = Annotated[str, AfterValidator(_check_addresses)]
"""One email address, or several with commas between them."""
