"""The languages that articles are written in.

Source: Knowledge Developer Guide, "Articles List" (its Accept-Language header), "Get Knowledge Language Settings".
"""

from __future__ import annotations

import re
from typing import Any

from salesforce_mcp.demo.errors import ApiError
from salesforce_mcp.demo.http import Call
from salesforce_mcp.demo.knowledge.publishing import ARTICLE_TYPE
from salesforce_mcp.demo.schema import SObjects

_CODE = re.compile(r"([a-z]{2,3})(?:[-_]([A-Za-z]{2}))?")


def settings(objects: SObjects) -> dict[str, Any]:
    """The answer of `/knowledgeManagement/settings`."""
    known = supported(objects)
    languages = [{"active": True, "name": name} for name in known]
    return {"defaultLanguage": known[0], "knowledgeEnabled": True, "languages": languages}


def supported(objects: SObjects) -> list[str]:
    """The org's languages, such as `en_US`; the default one first."""
    field = objects[ARTICLE_TYPE].field("Language")
    return [each.value for each in field.picklist_values] if field else []


def of_header(call: Call) -> str:
    """The language that a call's Accept-Language asks for: `en_US` for `en-US`. It must name one, and one only."""
    match = _CODE.fullmatch(call.headers.get("accept-language", "").partition(";")[0].strip())
    if not match:
        raise _refused("The language code is not valid or not supported by Knowledge.")
    wanted = match[1] + (f"_{match[2].upper()}" if match[2] else "")
    if wanted not in supported(call.store.objects):
        raise _refused(
            "Invalid language code. Check that the language is included in your Knowledge language settings."
        )
    return wanted


def of_query(call: Call) -> str:
    """The `language` of a call's query string, which must be given."""
    wanted = call.query.get("language", "")
    if not wanted:
        raise ApiError(400, "MISSING_ARGUMENT", "language")
    if wanted not in supported(call.store.objects):
        raise _refused(f"Invalid language: {wanted}")
    return wanted


def _refused(message: str) -> ApiError:
    return ApiError(400, "INVALID_LANGUAGE", message)
