"""`/sobjects/{object}/suggestedArticles`, for a record or for text.

What finds them is imported when first asked for: requests of records load this module too.
"""

from __future__ import annotations

from salesforce_mcp.demo.http import Call, Reply, resource


def for_text(call: Call) -> Reply:
    """GET /sobjects/{object}/suggestedArticles."""
    from salesforce_mcp.demo.knowledge import suggested

    return Reply(body=suggested.for_text(call))


def for_record(call: Call) -> Reply:
    """GET /sobjects/{object}/{id}/suggestedArticles."""
    from salesforce_mcp.demo.knowledge import suggested

    return Reply(body=suggested.for_record(call))


routes = [
    resource("GET", "/sobjects/{object}/suggestedArticles", for_text),
    resource("GET", "/sobjects/{object}/{id}/suggestedArticles", for_record),
]
