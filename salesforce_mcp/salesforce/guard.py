"""Where a policy stands between a client and its org: asked before every request, and about what is shown of it.

The policy itself lives above this package; here is only the shape of the question, and the answer without a policy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from salesforce_mcp.errors import PolicyError
    from salesforce_mcp.salesforce.client import Client

Clean = Callable[[Any], Any]
"""Takes what must not be seen out of an answer's JSON, and returns what is left."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that is about to be made. `path` as in `Client.request`; `body` is JSON, or what is sent as it is.

    `streamed`: the answer goes through `Guard.passing`.
    """

    method: str
    path: str
    params: Mapping[str, Any] | None = None
    body: Any = None
    streamed: bool = False


class Guard:
    """Without a policy everything passes."""

    def before(self, client: Client, asked: Asked) -> Clean | None:
        """Called before a request leaves. Raises PolicyError when it must not; returns what to do with its answer."""

    def refusal(self, client: Client, asked: Asked) -> PolicyError | None:
        """Why a request would not be let through for what it touches; None when it would."""
        return None

    def readable(self, client: Client, of: str, names: Sequence[str]) -> list[str]:
        """Which of these fields of an object, or paths to its parents' fields, may be read: as `Client.readable`."""
        return list(names)

    def passing(self, client: Client, asked: Asked, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """What of an answer that is streamed may be seen, as it arrives."""
        return chunks

    def shown(self, client: Client, describe: dict[str, Any]) -> dict[str, Any]:
        """What of a describe, or of the list of all objects, may be seen. The argument must not be changed."""
        return describe


OPEN = Guard()
