"""OAuth's refusals, in Salesforce's words.

Source: Salesforce Help, "OAuth 2.0 Authorization Errors", and answers quoted in public code and issue threads.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from salesforce_mcp.demo.http import Call, Handler, Reply


class OAuthError(Exception):
    """`error` and `error_description` of a refusal; `status` is 400 where OAuth says nothing else."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(f"{error}: {description}")
        self.error = error
        self.description = description
        self.status = status

    def reply(self) -> Reply:
        return Reply(self.status, {"error": self.error, "error_description": self.description})


def answers_oauth_errors(handler: Handler) -> Callable[[Call], Reply]:
    """Wrap a handler of a token endpoint: its OAuthError becomes a JSON answer."""

    @wraps(handler)
    def wrapped(call: Call) -> Reply:
        try:
            return handler(call)
        except OAuthError as error:
            return error.reply()

    return wrapped


def authentication_failure() -> OAuthError:
    return OAuthError("invalid_grant", "authentication failure")


def unknown_client() -> OAuthError:
    return OAuthError("invalid_client_id", "client identifier invalid")


def wrong_secret() -> OAuthError:
    return OAuthError("invalid_client", "invalid client credentials")


def expired_token() -> OAuthError:
    return OAuthError("invalid_grant", "expired access/refresh token")


def missing_parameter(name: str) -> OAuthError:
    return OAuthError("invalid_request", f"missing required parameter: {name}")
