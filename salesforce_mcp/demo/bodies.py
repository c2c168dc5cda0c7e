"""What a request's body has to look like, for resources that take more than a record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from salesforce_mcp.demo.errors import ApiError

Shape = type | tuple[type, ...] | list[Any] | dict[str, Any]
"""A type or several; a list with the shape of its entries; or an object with the shapes of some of its keys."""


def fits(value: Any, shape: Shape) -> bool:
    """Whether a value has a shape. null does wherever it isn't the entry of a list."""
    if value is None:
        return True
    if isinstance(shape, list):
        return isinstance(value, list) and all(each is not None and fits(each, shape[0]) for each in value)
    if isinstance(shape, dict):
        return isinstance(value, dict) and all(fits(value.get(key), each) for key, each in shape.items())
    return isinstance(value, shape)


def check(body: Mapping[str, Any], shape: Mapping[str, Shape]) -> None:
    """Refuse a body in which the value of a key has another shape."""
    for key, each in shape.items():
        if not fits(body.get(key), each):
            raise ApiError(400, "JSON_PARSER_ERROR", f"The value of {key} is of the wrong type.")
