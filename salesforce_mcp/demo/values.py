"""One field's value: from a request's JSON to how it is stored, and back.

Refusals have the codes and words of Salesforce's data API; what JSON can't be turned into the field's type is refused
as by the parser of its REST API.
"""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import orjson

from salesforce_mcp.demo.errors import ApiError
from salesforce_mcp.demo.ids import full_id
from salesforce_mcp.demo.schema import NUMBER_TYPES, Field, SObject

_EMAIL = re.compile(r"[^@\s,;]+@[^@\s,;]+\.[^@\s,;.]+")
_TIME = re.compile(r"(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,3})\d*)?)?Z?")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_DATETIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?")
_MAX_INT = 2**31 - 1
_TOKENS = {bool: "VALUE_TRUE", int: "VALUE_NUMBER_INT", float: "VALUE_NUMBER_FLOAT", str: "VALUE_STRING"}


def to_storage(field: Field, value: Any) -> Any:
    """The value as it is stored; None and the empty string are null. References must be well-formed Ids."""
    if value is None or value == "":
        return None
    return _CONVERTERS.get(field.type, _text)(field, value)


def check(field: Field, value: Any) -> None:
    """Refuse a stored value that is too long, out of range, or not among the picklist's values."""
    if value is None:
        return
    if field.type in NUMBER_TYPES and field.type != "int":
        limit = 10 ** (field.precision - field.scale)
        if not abs(value) < limit:
            message = f"{field.label}: value outside of valid range on numeric field: {value}"
            raise ApiError(400, "NUMBER_OUTSIDE_VALID_RANGE", message, [field.name])
    elif field.length and isinstance(value, str) and len(value) > field.length:
        message = f"{field.label}: data value too large: {value} (max length={field.length})"
        raise ApiError(400, "STRING_TOO_LONG", message, [field.name])
    if field.restricted_picklist:
        _check_picklist(field, value)


def from_storage(field: Field, value: Any, blob_url: Callable[[Field], str]) -> Any:
    """The value as the REST API gives it; a blob is the url that its bytes are at."""
    if field.type == "boolean":
        return bool(value)
    if field.type == "base64":
        return None if value is None else blob_url(field)
    if field.type == "complexvalue" and value is not None:
        return orjson.loads(value)
    return value


def now() -> str:
    """This moment as it is stored; Salesforce keeps whole seconds of its own moments."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def wrong_id(field: Field, value: str, code: str = "MALFORMED_ID") -> ApiError:
    """An Id that is malformed, or (FIELD_INTEGRITY_EXCEPTION) of an object that the field can't refer to."""
    return ApiError(400, code, f"{field.label}: id value of incorrect type: {value}", [field.name])


def unparsable(field: Field, value: Any) -> ApiError:
    """JSON that can't become the field's type."""
    if isinstance(value, (list, dict)):
        token = "START_ARRAY" if isinstance(value, list) else "START_OBJECT"
        message = f"Cannot deserialize instance of {field.type} from {token} value [line:1, column:2]"
    else:
        token = _TOKENS.get(type(value), "VALUE_STRING")
        shown = str(value).lower() if isinstance(value, bool) else value
        message = (
            f"Cannot deserialize instance of {field.type} from {token} value {shown}"
            " or request may be missing a required field at [line:1, column:2]"
        )
    return ApiError(400, "JSON_PARSER_ERROR", message)


def format_number(display_format: str, number: int) -> str:
    """An auto-number in its display format: `INV-{00000}`."""
    return re.sub(r"\{(0+)\}", lambda zeros: f"{number:0{len(zeros[1])}d}", display_format)


def _text(field: Field, value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    if not isinstance(value, str):
        raise unparsable(field, value)
    text = value if field.type == "textarea" else value.strip()
    return text or None


def _email(field: Field, value: Any) -> Any:
    text = _text(field, value)
    if text is not None and not _EMAIL.fullmatch(text):
        message = f"{field.label}: invalid email address: {text}"
        raise ApiError(400, "INVALID_EMAIL_ADDRESS", message, [field.name])
    return text


def _boolean(field: Field, value: Any) -> int:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return int(value.lower() == "true")
    raise unparsable(field, value)


def _number(field: Field, value: Any) -> float:
    return round(_parsed(field, value), field.scale)


def _integer(field: Field, value: Any) -> int:
    number = _parsed(field, value)
    if number != int(number) or abs(number) > _MAX_INT:
        raise unparsable(field, value)
    return int(number)


def _parsed(field: Field, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise unparsable(field, value)
    try:
        number = float(value)
    except ValueError:
        raise unparsable(field, value) from None
    if not math.isfinite(number):
        raise unparsable(field, value)
    return number


def _date(field: Field, value: Any) -> str:
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise unparsable(field, value)
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError:
        raise unparsable(field, value) from None


def _datetime(field: Field, value: Any) -> str:
    if not isinstance(value, str) or not _DATETIME.fullmatch(value):
        raise unparsable(field, value)
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise unparsable(field, value) from None
    moment = moment.astimezone(UTC) if moment.tzinfo else moment
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}+0000"


def _time(field: Field, value: Any) -> str:
    found = _TIME.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise unparsable(field, value)
    hour, minute, second, thousandth = found.groups()
    if int(hour) > 23 or int(minute) > 59 or int(second or 0) > 59:
        raise unparsable(field, value)
    return f"{hour}:{minute}:{second or '00'}.{(thousandth or '').ljust(3, '0')}Z"


def _reference(field: Field, value: Any) -> str:
    if not isinstance(value, str):
        raise unparsable(field, value)
    whole = full_id(value)
    if whole is None:
        raise wrong_id(field, value)
    return whole


def _blob(field: Field, value: Any) -> bytes:
    if isinstance(value, bytes):
        return value
    if not isinstance(value, str):
        raise unparsable(field, value)
    try:
        return base64.b64decode(value, validate=True)
    except ValueError:  # binascii.Error is one, and letters beyond ASCII are another
        raise unparsable(field, value) from None


def _multi_picklist(field: Field, value: Any) -> str | None:
    """The values in the order that the field lists them, each once."""
    text = _text(field, value)
    if text is None:
        return None
    chosen = {part.strip().lower(): part.strip() for part in text.split(";") if part.strip()}
    known = [each.value for each in field.picklist_values if chosen.pop(each.value.lower(), None)]
    return ";".join([*known, *chosen.values()]) or None


def _picklist(field: Field, value: Any) -> Any:
    """A value that is listed takes the spelling of the list."""
    text = _text(field, value)
    if text is None:
        return None
    return next((each.value for each in field.picklist_values if each.value.lower() == text.lower()), text)


def _check_picklist(field: Field, value: str) -> None:
    allowed = {each.value for each in field.picklist_values if each.active}
    for part in value.split(";") if field.type == "multipicklist" else [value]:
        if part not in allowed:
            message = f"{field.label}: bad value for restricted picklist field: {part}"
            raise ApiError(400, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message, [field.name])


_CONVERTERS: dict[str, Callable[[Field, Any], Any]] = {
    "boolean": _boolean,
    "int": _integer,
    "double": _number,
    "currency": _number,
    "percent": _number,
    "date": _date,
    "datetime": _datetime,
    "time": _time,
    "reference": _reference,
    "base64": _blob,
    "email": _email,
    "picklist": _picklist,
    "multipicklist": _multi_picklist,
}


def blob_path(sobject: SObject, record_id: str, field: Field) -> str:
    """Where the bytes of a record's blob are, below `/services/data/vNN.0`."""
    return f"/sobjects/{sobject.name}/{record_id}/{field.name}"
