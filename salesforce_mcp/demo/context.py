"""Who works on records, and for which version of the API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from salesforce_mcp.demo.http import Call
    from salesforce_mcp.demo.schema import SObject
    from salesforce_mcp.demo.store import Store
    from salesforce_mcp.demo.users import User


@dataclass(frozen=True, slots=True)
class RequestContext:
    """What an operation on records needs to know of the request behind it."""

    store: Store
    user: User
    version: str = "66.0"

    @classmethod
    def of(cls, call: Call) -> RequestContext:
        """That of a call."""
        return cls(call.store, call.user, call.version)

    @property
    def data_root(self) -> str:
        """What urls of records start with: `/services/data/v66.0`."""
        return f"/services/data/v{self.version}"

    def url(self, sobject: SObject, record_id: str) -> str:
        """The url of a record."""
        return f"{self.data_root}/sobjects/{sobject.name}/{record_id}"
