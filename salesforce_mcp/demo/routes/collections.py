"""`/composite/sobjects`: up to 200 records in one request, with a result for each.

Records go through the resources of single records, in one transaction. Source: REST API Developer Guide, "sObject
Collections"; shapes as recorded.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

from salesforce_mcp.demo import bodies
from salesforce_mcp.demo.errors import ApiError
from salesforce_mcp.demo.http import Call, Reply, resource
from salesforce_mcp.demo.subrequests import RolledBack

MAX_RECORDS, MAX_READ, MAX_CHUNKS = 200, 2000, 10
NO_ATTRIBUTES = "Nested object for polymorphic foreign key must have an attributes field before any other fields."
UNDONE = "Record rolled back because not all records were valid and the request was using AllOrNone header"

Result = dict[str, Any]


def create(call: Call) -> Reply:
    def one(record: dict[str, Any]) -> Result:
        kind = _type(record)
        if kind is None:
            return _failure("JSON_PARSER_ERROR", NO_ATTRIBUTES)
        return _result(_dispatch(call, "POST", f"/sobjects/{quote(kind)}", _fields(record)))

    return _write(call, one)


def update(call: Call) -> Reply:
    def one(record: dict[str, Any]) -> Result:
        fields = _fields(record)
        record_id = _pop(fields, "Id")
        if not record_id:
            return _failure("MISSING_ARGUMENT", "Id not specified in an update call")
        kind = _type(record)
        if kind is None:
            return _failure("JSON_PARSER_ERROR", NO_ATTRIBUTES)
        reply = _dispatch(call, "PATCH", f"/sobjects/{quote(kind)}/{quote(str(record_id), safe='')}", fields)
        return _result(reply, str(record_id))

    return _write(call, one)


def upsert(call: Call) -> Reply:
    """PATCH /composite/sobjects/{object}/{field}: the field is an external Id, or Id."""
    kind, key = call.params["object"], call.params["field"]

    def one(record: dict[str, Any]) -> Result:
        given = _type(record)
        if given is None:
            return {**_failure("JSON_PARSER_ERROR", NO_ATTRIBUTES), "created": False}
        if given.lower() != kind.lower():
            message = f"The record's type {given} doesn't match the type in the URL, {kind}."
            return {**_failure("INVALID_INPUT", message), "created": False}
        fields = _fields(record)
        value = _pop(fields, key)
        root = f"/sobjects/{quote(kind)}"
        if value is None and key.lower() == "id":
            reply = _dispatch(call, "POST", root, fields)
            created = True
        elif value is None:
            return {**_failure("MISSING_ARGUMENT", f"{key} not specified"), "created": False}
        else:
            reply = _dispatch(call, "PATCH", f"{root}/{quote(key)}/{quote(_text(value), safe='')}", fields)
            created = reply.status == 201
        result = _result(reply, str(value) if key.lower() == "id" else None)
        return {**result, "created": bool(result["success"] and created)}

    return _write(call, one)


def delete(call: Call) -> Reply:
    ids = [item for item in call.query.get("ids", "").split(",") if item]

    def one(record_id: str) -> Result:
        sobject = call.store.objects.by_id(record_id)
        if sobject is None or len(record_id) not in (15, 18):
            return _failure("MALFORMED_ID", f"malformed id {record_id}")
        reply = _dispatch(call, "DELETE", f"/sobjects/{sobject.name}/{quote(record_id, safe='')}")
        if reply.failed and reply.body[0]["errorCode"] == "MALFORMED_ID":
            return _failure("MALFORMED_ID", f"malformed id {record_id}")
        return _result(reply, record_id)

    all_or_none = call.query.get("allOrNone", "false").lower() == "true"
    return _run(call, ids, one, all_or_none=all_or_none, names_records=True)


def read(call: Call) -> Reply:
    """GET with `ids` and `fields`, or POST with them in the body; null for a record that isn't to be had."""
    asked: Any = call.json_object() if call.method == "POST" else call.query
    bodies.check(asked, {"ids": (str, list), "fields": (str, list)})
    ids, fields = (_names(asked.get(name)) for name in ("ids", "fields"))
    if not ids or not fields:
        raise ApiError(400, "REQUIRED_FIELD_MISSING", "ids and fields are required")
    if len(ids) > MAX_READ:
        raise _too_many(MAX_READ)
    query = urlencode({"fields": ",".join(fields)})
    kind = quote(call.params["object"])
    records: list[Any] = []
    for record_id in ids:
        reply = _dispatch(call, "GET", f"/sobjects/{kind}/{quote(record_id, safe='')}?{query}")
        if reply.failed and reply.body[0]["errorCode"] == "INVALID_FIELD":
            return reply
        records.append(None if reply.failed else reply.body)
    return Reply(body=records)


def _write(call: Call, one: Any) -> Reply:
    body = call.json_object()
    records = body.get("records")
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise ApiError(400, "JSON_PARSER_ERROR", "records must be a list of JSON objects.")
    kinds = [_type(record) for record in records]
    chunks = sum(1 for at, kind in enumerate(kinds) if at == 0 or kind != kinds[at - 1])
    if chunks > MAX_CHUNKS:
        raise ApiError(400, "LIMIT_EXCEEDED", f"The records form more than {MAX_CHUNKS} chunks of one type.")
    all_or_none = bool(body.get("allOrNone"))
    return _run(call, records, one, all_or_none=all_or_none, names_records=call.method == "PATCH")


def _run(call: Call, items: list[Any], one: Any, *, all_or_none: bool, names_records: bool) -> Reply:
    """Run `one` for each item in one transaction; `names_records` says whether items name records that exist."""
    if not items:
        raise ApiError(400, "REQUIRED_FIELD_MISSING", "At least 1 record is required")
    if len(items) > MAX_RECORDS:
        raise _too_many(MAX_RECORDS)
    results: list[Result] = []
    try:
        with call.store.transaction():
            results += [one(item) for item in items]
            if all_or_none and not all(result["success"] for result in results):
                raise RolledBack
    except RolledBack:
        results = [_undone(result, existed=names_records) if result["success"] else result for result in results]
    return Reply(body=results)


def _undone(result: Result, *, existed: bool) -> Result:
    """A success that was rolled back; it keeps the Id of a record that was there before."""
    failure = _failure("ALL_OR_NONE_OPERATION_ROLLED_BACK", UNDONE)
    if "created" in result:
        return {**failure, "created": False}
    return {"id": result["id"], **failure} if existed else failure


def _too_many(limit: int) -> ApiError:
    message = f"record limit reached. cannot submit more than {limit} records into this call"
    return ApiError(400, "EXCEEDED_ID_LIMIT", message)


def _dispatch(call: Call, method: str, path: str, payload: Any = None) -> Reply:
    return call.dispatch(method, call.version_path + path, payload, call.headers)


def _result(reply: Reply, record_id: str | None = None) -> Result:
    """One record's result, from the answer of its own resource."""
    if reply.status == 300:
        ids = ", ".join(str(url).rsplit("/", 1)[1] for url in reply.body)
        return _failure("DUPLICATE_EXTERNAL_ID", f"More than one record found for external id field: [{ids}]")
    if not reply.failed:
        made = reply.body["id"] if isinstance(reply.body, dict) else record_id
        return {"id": made, "success": True, "errors": []}
    errors = [
        {"statusCode": error["errorCode"], "message": error["message"], "fields": error.get("fields") or []}
        for error in reply.body
    ]
    if record_id and errors[0]["statusCode"] == "NOT_FOUND":
        return _failure("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
    return {"success": False, "errors": errors}


def _failure(code: str, message: str) -> Result:
    return {"success": False, "errors": [ApiError(400, code, message).record_error()]}


def _type(record: dict[str, Any]) -> str | None:
    attributes = record.get("attributes")
    kind = attributes.get("type") if isinstance(attributes, dict) else None
    return kind if isinstance(kind, str) and kind else None


def _fields(record: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name != "attributes"}


def _pop(fields: dict[str, Any], wanted: str) -> Any:
    """Take out a field, whatever the case of its name."""
    name = next((name for name in fields if name.lower() == wanted.lower()), None)
    return fields.pop(name) if name is not None else None


def _names(value: Any) -> list[str]:
    items = value.split(",") if isinstance(value, str) else value or []
    return [str(item).strip() for item in items if str(item).strip()]


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


routes = [
    resource("POST", "/composite/sobjects", create),
    resource("PATCH", "/composite/sobjects", update),
    resource("DELETE", "/composite/sobjects", delete),
    resource("GET", "/composite/sobjects/{object}", read),
    resource("POST", "/composite/sobjects/{object}", read),
    resource("PATCH", "/composite/sobjects/{object}/{field}", upsert),
]
