"""Salesforce for AI clients, the shell and Python. Importing this package loads nothing else.

`connect` gives an org's tools (see `salesforce_mcp.api`); what they raise is in `salesforce_mcp.errors`.
"""

from __future__ import annotations

TYPE_CHECKING = False  # typing takes longer to import than all of this
if TYPE_CHECKING:
    from salesforce_mcp.api import Org, connect

__version__ = "0.1.0"
__all__ = ["Org", "__version__", "connect"]


def __getattr__(name: str) -> object:
    """What belongs to the public API is imported when it is asked for."""
    if name in ("Org", "connect"):
        from salesforce_mcp import api

        return getattr(api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
