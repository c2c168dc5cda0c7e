"""Text in Chatter's answers is encoded as HTML, unless the client asks for it as it is.

Source: Connect REST API Developer Guide, "Response Body Encoding".
"""

from __future__ import annotations

from typing import Any

from salesforce_mcp.demo.http import Call, Reply

_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;", "\\": "&#92;"})


def encoded(call: Call, reply: Reply) -> Reply:
    """The reply as this client gets it (header `X-Chatter-Entity-Encoding`)."""
    if call.headers.get("x-chatter-entity-encoding", "").lower() != "false":
        reply.body = _encode(reply.body)
    return reply


def _encode(value: Any) -> Any:
    if isinstance(value, str):
        return value.translate(_ESCAPES)
    if isinstance(value, list):
        return [_encode(item) for item in value]
    if isinstance(value, dict):
        # Urls have their own encoding.
        return {key: item if key.lower().endswith("url") else _encode(item) for key, item in value.items()}
    return value
