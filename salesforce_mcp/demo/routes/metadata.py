"""`/services/Soap/m`: the Metadata API over SOAP."""

from __future__ import annotations

from salesforce_mcp.demo.http import Route
from salesforce_mcp.demo.metadata.soap import handle

routes = [
    Route("POST", "/services/Soap/m/{number}", handle, session=False),
    Route("POST", "/services/Soap/m/{number}/{organization}", handle, session=False),
]
