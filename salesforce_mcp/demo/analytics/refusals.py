"""How the Analytics API refuses. Source: Reports and Dashboards REST API Developer Guide, "Report Error Codes"."""

from __future__ import annotations

from salesforce_mcp.demo.errors import ApiError


def bad_request(message: str) -> ApiError:
    """A definition, a filter or a parameter that can't be."""
    return ApiError(400, "BAD_REQUEST", message)


def forbidden(message: str = "You don’t have sufficient privileges to perform this operation.") -> ApiError:
    """What this user may not do."""
    return ApiError(403, "FORBIDDEN", message)


def unavailable() -> ApiError:
    """A report, run or dashboard that isn't there, or that this user may not see."""
    return ApiError(404, "NOT_FOUND", "The data you’re trying to access is unavailable.")
