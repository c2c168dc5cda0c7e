"""Objects and records: `/sobjects` with describes, rows, external Ids, relationships, blobs and changes; `/recent`.

Source: REST API Developer Guide, "sObject Basic Information", "sObject Describe", "sObject Rows", "sObject Rows by
External ID", "sObject Relationships", "sObject Blob Get", "sObject Get Updated", "Recently Viewed Items".
"""

from __future__ import annotations

from typing import Any

import orjson

from salesforce_mcp.demo import conditions, layouts, recent, records, replication
from salesforce_mcp.demo.context import RequestContext
from salesforce_mcp.demo.describe import describe_global, describe_object, summary
from salesforce_mcp.demo.errors import ApiError, not_found
from salesforce_mcp.demo.http import Call, Reply, resource
from salesforce_mcp.demo.ids import full_id
from salesforce_mcp.demo.schema import Field, SObject

_RECENT_LIMIT = 200
_CREATED_SINCE = 46.0
"""From this version on, an upsert says whether it created; before, an update answers 204."""
_ETAG_OBJECTS = frozenset({"Account"})
"""Objects whose records have an ETag."""


def objects(call: Call) -> Reply:
    """GET /sobjects."""
    body = describe_global(call.store.objects, call.user, call.version_path)
    return _metadata(call, body)


def basic_information(call: Call) -> Reply:
    """GET /sobjects/{object}."""
    context = RequestContext.of(call)
    sobject = records.object_named(context, call.params["object"])
    shown = recent.items(context, sobject, _RECENT_LIMIT)
    return Reply(body={"objectDescribe": summary(sobject, call.user, call.version_path), "recentItems": shown})


def create(call: Call) -> Reply:
    """POST /sobjects/{object}."""
    context = RequestContext.of(call)
    return _created(call, context, records.create(context, call.params["object"], _body(call)))


def describe(call: Call) -> Reply:
    """GET /sobjects/{object}/describe."""
    sobject = records.object_named(RequestContext.of(call), call.params["object"])
    body = describe_object(call.store.objects, sobject, call.user, call.version_path, call.base_url)
    return _metadata(call, body)


def page_layouts(call: Call) -> Reply:
    """GET /sobjects/{object}/describe/layouts."""
    sobject = _layoutable(call)
    return _metadata(call, layouts.page_layouts(sobject, call.user, call.version_path))


def page_layout(call: Call) -> Reply:
    """GET /sobjects/{object}/describe/layouts/{recordType}: one layout serves all record types."""
    sobject = _layoutable(call)
    return _metadata(call, layouts.page_layouts(sobject, call.user, call.version_path)["layouts"][0])


def compact_layouts(call: Call) -> Reply:
    """GET /sobjects/{object}/describe/compactLayouts."""
    return _metadata(call, layouts.compact_layouts(_layoutable(call), call.user, call.version_path))


def compact_layout(call: Call) -> Reply:
    """GET /sobjects/{object}/describe/compactLayouts/{recordType}: as `primary`, for one serves all record types."""
    described = layouts.compact_layouts(_layoutable(call), call.user, call.version_path)
    return _metadata(call, described["compactLayouts"][0])


def updated(call: Call) -> Reply:
    """GET /sobjects/{object}/updated."""
    context = RequestContext.of(call)
    sobject = records.object_named(context, call.params["object"])
    return Reply(body=replication.updated(context, sobject, call.query.get("start"), call.query.get("end")))


def deleted(call: Call) -> Reply:
    """GET /sobjects/{object}/deleted."""
    context = RequestContext.of(call)
    sobject = records.object_named(context, call.params["object"])
    return Reply(body=replication.deleted(context, sobject, call.query.get("start"), call.query.get("end")))


def recently_viewed(call: Call) -> Reply:
    """GET /recent."""
    limit = call.query.get("limit", str(_RECENT_LIMIT))
    if not limit.isdigit():
        raise ApiError(400, "INVALID_QUERY_FILTER_OPERATOR", f"Invalid value for limit: {limit}")
    return Reply(body=recent.items(RequestContext.of(call), None, min(int(limit), _RECENT_LIMIT)))


def row(call: Call) -> Reply:
    """GET /sobjects/{object}/{id}."""
    return _show(call, call.params["object"], call.params["id"])


def change_row(call: Call) -> Reply:
    """PATCH /sobjects/{object}/{id}."""
    context = RequestContext.of(call)
    name, record_id = call.params["object"], call.params["id"]
    sobject = records.object_named(context, name)
    body = _body(call)
    with call.store.transaction():
        tag, modified = _validators(context, sobject, record_id)
        conditions.check_before_write(call.headers, tag, modified)
        records.update(context, name, record_id, body)
        _mark_viewed(call, context, record_id)
    return Reply(204)


def delete_row(call: Call) -> Reply:
    """DELETE /sobjects/{object}/{id}."""
    records.delete(RequestContext.of(call), call.params["object"], call.params["id"])
    return Reply(204)


def create_by_id(call: Call) -> Reply:
    """POST /sobjects/{object}/Id: an upsert without an Id, which always creates."""
    context = RequestContext.of(call)
    sobject = records.object_named(context, call.params["object"])
    records.external_id_field(context, sobject, call.params["id"])
    record = records.create(context, sobject.name, _body(call))
    return _upserted(call, context, sobject, record, created=True)


def below_row(call: Call) -> Reply:
    """GET /sobjects/{object}/{field}/{value} by external Id, or /sobjects/{object}/{id}/{relationship or blob}."""
    context = RequestContext.of(call)
    sobject = records.object_named(context, call.params["object"])
    first, second = call.params["first"], call.params["second"]
    if _is_external(sobject, first):
        return _show(call, sobject.name, records.id_by_external_id(context, sobject, first, second))
    blob = sobject.field(second)
    if blob is not None and blob.type == "base64":
        return _blob(context, sobject, first, blob)
    if (parent := sobject.parent(second)) is not None:
        return _show(call, *_parent(context, sobject, first, parent))
    child = call.store.objects.child(sobject.name, second)
    if child is None or full_id(first) is None:
        raise not_found()
    records.get(context, sobject.name, first, ["Id"])
    return Reply(body=_children(call, child.child_object, child.field, str(full_id(first))))


def upsert(call: Call) -> Reply:
    """PATCH or POST /sobjects/{object}/{field}/{value}; PATCH /sobjects/{object}/{id}/{parent relationship}."""
    context = RequestContext.of(call)
    sobject = records.object_named(context, call.params["object"])
    first, second = call.params["first"], call.params["second"]
    parent = sobject.parent(second)
    if not _is_external(sobject, first) and full_id(first) and parent is not None:
        records.update(context, *_parent(context, sobject, first, parent), _body(call))
        return Reply(204)
    record, created = records.upsert(context, sobject.name, first, second, _body(call))
    return _upserted(call, context, sobject, record, created=created)


def delete_below_row(call: Call) -> Reply:
    """DELETE /sobjects/{object}/{field}/{value}, or the parent at /sobjects/{object}/{id}/{relationship}."""
    context = RequestContext.of(call)
    sobject = records.object_named(context, call.params["object"])
    first, second = call.params["first"], call.params["second"]
    parent = sobject.parent(second)
    if not _is_external(sobject, first) and full_id(first) and parent is not None:
        records.delete(context, *_parent(context, sobject, first, parent))
    else:
        records.delete(context, sobject.name, records.id_by_external_id(context, sobject, first, second))
    return Reply(204)


def _show(call: Call, name: str, record_id: str) -> Reply:
    """A record, or 304 when the client has it already."""
    context = RequestContext.of(call)
    fields = call.query.get("fields")
    record = records.get(context, name, record_id, fields.split(",") if fields else None)
    sobject = call.store.objects[record["attributes"]["type"]]
    tag, modified = _validators(context, sobject, str(record.get("Id", record_id)))
    unchanged = conditions.not_modified(call.headers, tag, modified)
    if unchanged is not None:
        return unchanged
    headers = {}
    if tag:
        headers["ETag"] = tag
    if modified:
        headers["Last-Modified"] = conditions.http_date(modified)
    return Reply(200, record, headers)


def _validators(context: RequestContext, sobject: SObject, record_id: str) -> tuple[str | None, str | None]:
    """The ETag and the last change of a record, as far as it has them."""
    whole = full_id(record_id)
    if whole is None or sobject.field("LastModifiedDate") is None:
        return None, None
    if not records.is_visible(context, sobject, whole, alive=True):
        return None, None
    modified = records.get(context, sobject.name, whole, ["LastModifiedDate"])["LastModifiedDate"]
    if sobject.name not in _ETAG_OBJECTS:
        return None, modified
    content = orjson.dumps(records.get(context, sobject.name, whole))
    return conditions.entity_tag(content), modified


def _blob(context: RequestContext, sobject: SObject, record_id: str, field: Field) -> Reply:
    """The bytes of a blob field."""
    records.get(context, sobject.name, record_id, ["Id"])
    statement = f'SELECT "{field.name}" FROM "{sobject.name}" WHERE Id = ?'  # noqa: S608 - names of the schema
    found = context.store.connection().execute(statement, (full_id(record_id),)).fetchone()
    if found is None or found[0] is None:
        raise not_found()
    return Reply(200, bytes(found[0]), {"Content-Type": "application/octetstream"})


def _parent(context: RequestContext, sobject: SObject, record_id: str, reference: Field) -> tuple[str, str]:
    """Object and Id of the record that a row refers to."""
    value = records.get(context, sobject.name, record_id, [reference.name])[reference.name]
    parent = context.store.objects.by_id(value) if value else None
    if parent is None:
        raise not_found()
    return parent.name, value


def _children(call: Call, child: str, reference: str, record_id: str) -> dict[str, Any]:
    """The related records, as a query's answer."""
    from salesforce_mcp.demo.query import run_query

    sobject = call.store.objects[child]
    fields = call.query.get("fields")
    if fields:
        names = [each.strip() for each in fields.split(",")]
        for name in names:
            known = sobject.field(name)
            if known is None or not call.user.can_read_field(child, known.name):
                raise ApiError(400, "INVALID_FIELD", f"No such column '{name}' on sobject of type {child}")
    else:
        names = [each.name for each in sobject.fields if call.user.can_read_field(child, each.name)]
    soql = f"SELECT {', '.join(names)} FROM {child} WHERE {reference} = '{record_id}'"  # noqa: S608 - SOQL of known names
    return run_query(call.store, call.user, soql, version=call.version)


def _body(call: Call) -> dict[str, Any]:
    """The record that a request sends, as JSON or, with a file, as a form of a JSON part and one named as the blob."""
    parts = call.parts()
    if not parts:
        return call.json_object()
    record: dict[str, Any] = {}
    for part in parts:
        if part.content_type.startswith("application/json") or part.name.startswith("entity_"):
            try:
                record |= orjson.loads(part.data)
            except (orjson.JSONDecodeError, TypeError) as error:
                raise ApiError(400, "JSON_PARSER_ERROR", str(error)) from None
        else:
            record[part.name] = part.data
    return record


def _created(call: Call, context: RequestContext, record: str) -> Reply:
    sobject = records.object_named(context, call.params["object"])
    _mark_viewed(call, context, record)
    return Reply(201, {"id": record, "success": True, "errors": []}, {"Location": context.url(sobject, record)})


def _upserted(call: Call, context: RequestContext, sobject: SObject, record: str, *, created: bool) -> Reply:
    _mark_viewed(call, context, record)
    tells = call.version_number >= _CREATED_SINCE
    if not created and not tells:
        return Reply(204)
    body: dict[str, Any] = {"id": record, "success": True, "errors": []}
    if tells:
        body["created"] = created
    return Reply(201 if created else 200, body, {"Location": context.url(sobject, record)} if created else {})


def _mark_viewed(call: Call, context: RequestContext, record: str) -> None:
    """`Sforce-Mru: updateMru=true` counts a write as a look at the record."""
    if call.headers.get("sforce-mru", "").replace(" ", "").lower() == "updatemru=true":
        records.mark_viewed(context, record)


def _metadata(call: Call, body: dict[str, Any]) -> Reply:
    """Metadata with its validators: it changes when the org is seeded anew, or its definitions change."""
    content = orjson.dumps(body)
    tag = conditions.entity_tag(content)
    modified = f"{call.store.fact('seeded')}T00:00:00.000+0000"
    unchanged = conditions.not_modified(call.headers, tag, modified)
    if unchanged is not None:
        return unchanged
    return Reply(200, body, {"ETag": tag, "Last-Modified": conditions.http_date(modified)})


def _layoutable(call: Call) -> SObject:
    sobject = records.object_named(RequestContext.of(call), call.params["object"])
    if not sobject.can("layoutable"):
        raise not_found()
    return sobject


def _is_external(sobject: SObject, name: str) -> bool:
    """True if a path's segment is the name of a field to look records up by."""
    field = sobject.field(name)
    return field is not None and field.id_lookup


routes = [
    resource("GET", "/sobjects", objects),
    resource("GET", "/sobjects/{object}", basic_information),
    resource("POST", "/sobjects/{object}", create),
    resource("GET", "/sobjects/{object}/describe", describe),
    resource("GET", "/sobjects/{object}/describe/layouts", page_layouts),
    resource("GET", "/sobjects/{object}/describe/layouts/{recordType}", page_layout),
    resource("GET", "/sobjects/{object}/describe/compactLayouts", compact_layouts),
    resource("GET", "/sobjects/{object}/describe/compactLayouts/{recordType}", compact_layout),
    resource("GET", "/sobjects/{object}/updated", updated),
    resource("GET", "/sobjects/{object}/deleted", deleted),
    resource("GET", "/sobjects/{object}/{id}", row),
    resource("PATCH", "/sobjects/{object}/{id}", change_row),
    resource("DELETE", "/sobjects/{object}/{id}", delete_row),
    resource("POST", "/sobjects/{object}/{id}", create_by_id),
    resource("GET", "/sobjects/{object}/{first}/{second}", below_row),
    resource("PATCH", "/sobjects/{object}/{first}/{second}", upsert),
    resource("POST", "/sobjects/{object}/{first}/{second}", upsert),
    resource("DELETE", "/sobjects/{object}/{first}/{second}", delete_below_row),
    resource("GET", "/recent", recently_viewed),
]
