"""What a query that can't be run is refused with: Salesforce's codes and wording.

Texts were learned from recordings of orgs and from messages that people quote; where none was found, the sentence is
plain and the code is MALFORMED_QUERY.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from salesforce_mcp.demo.errors import ApiError
from salesforce_mcp.soql import messages

if TYPE_CHECKING:
    from salesforce_mcp.demo.schema import FieldType
    from salesforce_mcp.demo.soql_engine.statement import Request
    from salesforce_mcp.soql.syntax import FunctionCall

_VALUE_TYPES: dict[str, str] = {
    "boolean": "boolean",
    "int": "int",
    "double": "double",
    "currency": "double",
    "percent": "double",
    "date": "date",
    "datetime": "dateTime",
    "time": "time",
}
"""What messages call the type of a value; every other type is `string`."""
_REFERENCE = "Please reference your WSDL or the describe call for the appropriate names."


def malformed(sentence: str) -> ApiError:
    """MALFORMED_QUERY without a place."""
    return ApiError(400, "MALFORMED_QUERY", sentence)


def placed(request: Request, at: int, sentence: str, code: str = "MALFORMED_QUERY") -> ApiError:
    """A refusal that points into the statement."""
    return ApiError(400, code, messages.locate(request.source, at, sentence))


def unknown_object(request: Request, at: int, name: str) -> ApiError:
    return ApiError(400, "INVALID_TYPE", messages.unsupported_type(request.source, at, name))


def unknown_field(request: Request, at: int, name: str, entity: str) -> ApiError:
    return ApiError(400, "INVALID_FIELD", messages.no_such_column(request.source, at, name, entity))


def unknown_relationship(request: Request, at: int, name: str) -> ApiError:
    sentence = (
        f"Didn't understand relationship '{name}' in field path. If you are attempting to use a custom relationship, be"
        f" sure to append the '__r' after the custom relationship name. {_REFERENCE}"
    )
    return placed(request, at, sentence, "INVALID_FIELD")


def unknown_child_relationship(request: Request, at: int, name: str) -> ApiError:
    sentence = (
        f"Didn't understand relationship '{name}' in FROM part of query call. If you are attempting to use a custom"
        f" relationship, be sure to append the '__r' after the custom relationship name. {_REFERENCE}"
    )
    return placed(request, at, sentence, "INVALID_TYPE")


def too_many_levels(request: Request, at: int) -> ApiError:
    return placed(request, at, "SOQL relationship queries can follow at most 5 levels from child to parent")


def misplaced_function(request: Request, call: FunctionCall) -> ApiError:
    return placed(request, call.at, f"unexpected use of function: {call.name}")


def wrong_function_type(request: Request, call: FunctionCall, field: str) -> ApiError:
    return placed(request, call.at, f"field {field} is not supported by function {call.name}", "INVALID_FIELD")


def not_aggregatable(request: Request, call: FunctionCall, field: str) -> ApiError:
    return placed(request, call.at, f"field {field} does not support aggregate operator {call.key}")


def not_filterable(request: Request, at: int, field: str, kind: FieldType) -> ApiError:
    if kind == "address":
        sentence = "Address fields can only be filtered using Distance expressions"
    elif kind == "location":
        sentence = "Geolocation fields can only be filtered using Distance expressions"
    else:
        sentence = f"field '{field}' can not be filtered in a query call"
    return placed(request, at, sentence, "INVALID_FIELD")


def not_sortable(request: Request, at: int, field: str) -> ApiError:
    return placed(request, at, f"field '{field}' can not be sorted in a query call")


def not_groupable(request: Request, at: int, field: str) -> ApiError:
    return placed(request, at, f"field '{field}' can not be grouped in a query call")


def not_grouped(request: Request, at: int, name: str, *, ordered: bool = False) -> ApiError:
    start = "Ordered field" if ordered else "Field"
    return placed(request, at, f"{start} must be grouped or aggregated: {name}")


def wrong_value_type(request: Request, at: int, field: str, kind: FieldType) -> ApiError:
    """INVALID_FIELD for a value of another type than the field's."""
    wanted = _VALUE_TYPES.get(kind, "string")
    quotes = "should be enclosed in quotes" if wanted == "string" else "should not be enclosed in quotes"
    sentence = f"value of filter criterion for field '{field}' must be of type {wanted} and {quotes}"
    return placed(request, at, sentence, "INVALID_FIELD")


def invalid_id(request: Request, at: int, value: str) -> ApiError:
    return placed(request, at, f"invalid ID field: {value}", "INVALID_QUERY_FILTER_OPERATOR")


def invalid_operator(request: Request, at: int, kind: FieldType) -> ApiError:
    name = "id" if kind == "reference" else kind
    return placed(request, at, f"invalid operator on {name} field", "INVALID_QUERY_FILTER_OPERATOR")


def invalid_date(request: Request, at: int) -> ApiError:
    return placed(request, at, "Invalid date: a date must lie between 1700-01-01 and 4000-12-31")


def duplicate_field(name: str) -> ApiError:
    return ApiError(400, "INVALID_FIELD", f"duplicate field selected: {name}")


def duplicate_alias(name: str) -> ApiError:
    return malformed(f"duplicate alias: {name}")


def invalid_locator() -> ApiError:
    return ApiError(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
