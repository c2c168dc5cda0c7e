"""Text to syntax tree: `parse_sosl` for SOSL, and what Salesforce refuses of it without knowing the org."""

from __future__ import annotations

import re

from salesforce_mcp.soql.messages import SoqlError, SoqlSyntaxError
from salesforce_mcp.soql.parser import MAX_LENGTH, run
from salesforce_mcp.soql.search_syntax import Search
from salesforce_mcp.soql.syntax import Bind, Number, walk

MAX_OFFSET = 2_000
_CODE = "MALFORMED_SEARCH"
_NO_TERM = re.compile(r"\s*find(?![a-z0-9_])\s*+(?!\{)", re.IGNORECASE | re.ASCII)


def parse_sosl(sosl: str) -> Search:
    """The tree of one FIND statement. Raises SoqlSyntaxError with the code MALFORMED_SEARCH."""
    if len(sosl) > MAX_LENGTH:
        raise _refused(SoqlSyntaxError(f"SOSL statements cannot be longer than {MAX_LENGTH} characters."))
    if _NO_TERM.match(sosl):
        raise _refused(SoqlSyntaxError("No search term found. The search term must be enclosed in braces."))
    try:
        search: Search = run(sosl, "search")
    except SoqlError as error:
        raise _refused(error) from None
    return search


def check_search(search: Search, sosl: str) -> None:
    """Raise SoqlError for the first thing that the REST API would refuse in this search, whatever the org has."""
    for node in walk(search):
        if isinstance(node, Bind):
            sentence = "Bind variables only allowed in Apex code"
            raise _refused(SoqlError(sentence, soql=sosl, offset=node.at))
    names: set[str] = set()
    for returned in search.returning:
        if isinstance(returned.offset, Number):
            if returned.offset.value > MAX_OFFSET:
                raise _refused(SoqlError(f"SOSL offset should be between 0 to {MAX_OFFSET}"))
            if len(search.returning) > 1:
                sentence = "OFFSET is allowed only where a single object is returned"
                raise _refused(SoqlError(sentence, soql=sosl, offset=returned.offset.at))
        if returned.object.lower() in names:
            sentence = f"An object can be returned only once: {returned.object}"
            raise _refused(SoqlError(sentence, soql=sosl, offset=returned.at))
        names.add(returned.object.lower())


def _refused(error: SoqlError) -> SoqlError:
    error.code = _CODE
    return error
