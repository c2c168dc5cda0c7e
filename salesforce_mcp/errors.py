"""Every failure that a user may meet, as one tree.

SfmcpError                  base: code, message, fields, hint, retryable
├── UsageError              refused here, nothing was sent          (exit 2 for the shell's own words, else 1)
│   └── ArgumentError       a tool's argument is wrong              (exit 1)
├── SessionError            no session, or no longer accepted       (exit 3)
├── PolicyError             refused by policy                       (exit 4)
├── NetworkError            org or network out of reach             (exit 5)
├── SalesforceError         Salesforce refused                      (exit 1)
└── PartialFailure          some of the records failed              (exit 6)

Code that meets one of these lets it pass: the server and the shell turn it into words in one place each. Its text is
written for people and models, and so never holds a token, a header, a request body or a URL with a query.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import IntEnum
from typing import Any


class ExitCode(IntEnum):
    """Exit codes of `sfmcp`, a promise to scripts."""

    DONE = 0
    REFUSED = 1
    USAGE = 2
    NO_SESSION = 3
    POLICY = 4
    UNREACHABLE = 5
    PARTIAL = 6
    EMPTY = 7
    INTERRUPTED = 130


class SfmcpError(Exception):
    """A failure with a code, words, and what to do next.

    `code` is Salesforce's own where there is one (INVALID_FIELD), otherwise one of ours in the same style.
    `fields` are the field names that Salesforce blames. `hint` says what would be right.
    `retryable` is true when the same call may succeed later, unchanged. `uncertain` is true of a write that may have
    been done all the same; the hint says how to find out.
    """

    exit_code = ExitCode.REFUSED
    default_code = "ERROR"
    uncertain = False

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        fields: Sequence[str] = (),
        hint: str | None = None,
        retryable: bool = False,
    ) -> None:
        super().__init__(message)
        self.code = code or self.default_code
        self.message = message
        self.fields = tuple(fields)
        self.hint = hint
        self.retryable = retryable

    def __str__(self) -> str:
        """`CODE: message`, then the fields and the hint on lines of their own."""
        return self.text()

    def text(self, paint: Callable[[str, str], str] = lambda words, kind: words) -> str:
        """The error as text. `paint` may colour words of the kinds "code" and "hint".

        Salesforce points at a place in SOQL with a caret on a line of its own; such a message starts on its own line,
        as it came, for the caret to point at the right column.
        """
        message = self.message.strip("\n").rstrip()
        gap = "\n" if "\n" in message else " "
        lines = [f"{paint(self.code, 'code')}:{gap}{message}"]
        if self.fields:
            lines.append(f"Fields: {', '.join(self.fields)}")
        if self.hint:
            lines.append(f"{paint('Hint', 'hint')}: {self.hint}")
        return "\n".join(lines)

    def as_dict(self) -> dict[str, Any]:
        """The shape that `sfmcp call` prints under `error`."""
        return {
            "code": self.code,
            "message": self.message,
            "fields": list(self.fields),
            "hint": self.hint,
            "retryable": self.retryable,
        }


class UsageError(SfmcpError):
    """The command line, the environment or a configuration file is wrong; nothing was sent."""

    exit_code = ExitCode.USAGE
    default_code = "USAGE"


class ArgumentError(UsageError):
    """A tool's argument is wrong; nothing was sent."""

    exit_code = ExitCode.REFUSED
    default_code = "INVALID_ARGUMENT"


class SessionError(SfmcpError):
    """There is no session, or the org no longer accepts it. The hint names the command that mends it."""

    exit_code = ExitCode.NO_SESSION
    default_code = "NO_SESSION"


class PolicyError(SfmcpError):
    """Policy does not allow this, or it needs a confirmation that was not given."""

    exit_code = ExitCode.POLICY
    default_code = "POLICY"


class NetworkError(SfmcpError):
    """The org or the network could not be reached, or the answer broke off."""

    exit_code = ExitCode.UNREACHABLE
    default_code = "NETWORK"


class SalesforceError(SfmcpError):
    """Salesforce refused. `status` is the HTTP status, or None for one record's error inside a 200 answer."""

    default_code = "UNKNOWN_EXCEPTION"

    def __init__(self, message: str, *, status: int | None = None, **details: Any) -> None:
        super().__init__(message, **details)
        self.status = status


class PartialFailure(SfmcpError):
    """Part of the records failed; `result` holds the outcomes of all of them, or names the files that do."""

    exit_code = ExitCode.PARTIAL
    default_code = "PARTIAL_FAILURE"

    def __init__(self, message: str, *, result: dict[str, Any], **details: Any) -> None:
        super().__init__(message, **details)
        self.result = result
