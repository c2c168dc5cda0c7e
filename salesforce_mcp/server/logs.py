"""The log of a server: on stderr, since stdout belongs to the protocol, and never with a secret in it."""

from __future__ import annotations

import logging
import re

LEVELS = ("debug", "info", "warning", "error")

_SECRETS = re.compile(
    r"""
      00D[A-Za-z0-9]{12,15}![^\s"'<>&]+                      # session id: org id, "!", the rest
    | \beyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?                       # JSON Web Token
    | 5Aep[\w.]{20,}                                         # refresh token
    | (?<=Bearer\ )[^\s"',]+
    | (?<=OAuth\ )[^\s"',]+
    | (?i:(?<=access_token=)|(?<=refresh_token=)|(?<=client_secret=)|(?<=password=)|(?<=assertion=)|(?<=[?&]code=)
        |(?<=sid=)|(?<=code_verifier=))[^\s&"']+
    """,
    re.VERBOSE,
)


def redact(text: str) -> str:
    """The text with tokens, session ids and passwords replaced by [redacted]."""
    return _SECRETS.sub("[redacted]", text)


class _Formatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


def configure(level: str) -> None:
    """Send everything from `level` on to stderr. Before the SDK is imported, which would set up a log of its own."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    # A library's debug lines may carry what no pattern knows for a secret: request bodies, cookies, headers.
    for name in ("urllib3", "requests", "keyring", "asyncio"):
        logging.getLogger(name).setLevel(max(logging.INFO, logging.getLevelNamesMapping()[level.upper()]))
