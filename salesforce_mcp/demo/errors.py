"""How the demo org refuses: one exception that carries Salesforce's status, code and words.

Source: REST API Developer Guide, "Status Codes and Error Responses". An answer is `[{message, errorCode, fields?}]`;
inside collections, composite trees and bulk results a record's error says `statusCode` instead of `errorCode` and
always lists its `fields`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class ApiError(Exception):
    """A refusal.

    `fields` is None where Salesforce leaves the key out, and an empty sequence where it sends `[]`.
    `choices` are the record URLs of an ambiguous external Id: the whole body of an HTTP 300.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        fields: Sequence[str] | None = None,
        *,
        choices: Sequence[str] = (),
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.fields = None if fields is None else list(fields)
        self.choices = list(choices)

    def body(self) -> list[Any]:
        """The JSON body of a response that is this error alone."""
        if self.choices:
            return self.choices
        error: dict[str, Any] = {"message": self.message, "errorCode": self.code}
        if self.fields is not None:
            error["fields"] = self.fields
        return [error]

    def record_error(self) -> dict[str, Any]:
        """The same error inside one record's result of a collection, tree or bulk job."""
        return {"statusCode": self.code, "message": self.message, "fields": self.fields or []}


def not_found() -> ApiError:
    """An object, record or resource that isn't there, or that this user must not know of."""
    return ApiError(404, "NOT_FOUND", "The requested resource does not exist")
