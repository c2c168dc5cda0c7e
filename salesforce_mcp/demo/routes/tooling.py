"""`/tooling/sobjects` and `/tooling/executeAnonymous`; tooling queries are in `query`.

Records are read and written by the handlers of the data API, with the objects of the Tooling API. Source: Tooling API,
"REST Resources".
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import quote, urlencode

from salesforce_mcp.demo.errors import ApiError, not_found
from salesforce_mcp.demo.http import Call, Reply, resource
from salesforce_mcp.demo.tooling.apex import execute

_CODE = {"apiVersion": "ApiVersion", "status": "Status"}
_METADATA = {
    "ApexClass": _CODE,
    "ApexTrigger": _CODE,
    "ApexPage": {
        "apiVersion": "ApiVersion",
        "availableInTouch": "IsAvailableInTouch",
        "confirmationTokenRequired": "IsConfirmationTokenRequired",
        "description": "Description",
        "label": "MasterLabel",
    },
}
"""Keys of a record's metadata, and the fields that they repeat."""


def sobjects(call: Call) -> Reply:
    """All tooling objects."""
    return _forward(call, "/sobjects")


def sobject(call: Call) -> Reply:
    """One object's summary, a new record, a describe, or one record."""
    rest = call.params.get("rest", "")
    name = call.params["object"]
    known = call.store.objects.tooling.get(name)
    if known is None:
        raise not_found()
    path = [quote(each, safe="") for each in (name, *rest.split("/")) if each]
    reply = _forward(call, f"/sobjects/{'/'.join(path)}")
    if call.method == "GET" and "fields" not in call.query and isinstance(reply.body, dict):
        reply.body |= _metadata(known.name, reply.body)
    return reply


def execute_anonymous(call: Call) -> Reply:
    """Run Apex, for those who may write it."""
    if not call.user.is_admin:
        raise ApiError(403, "INSUFFICIENT_ACCESS", "insufficient access rights on cross-reference id")
    code = call.query.get("anonymousBody")
    if code is None:
        raise ApiError(400, "MISSING_ARGUMENT", "The anonymousBody parameter is required")
    return Reply(body=execute(code))


def _metadata(name: str, record: dict[str, Any]) -> dict[str, Any]:
    """What a record of code tells of itself as metadata, when it is read whole."""
    if "Id" not in record or name not in _METADATA:
        return {}
    described = {key: record[field] for key, field in _METADATA[name].items()}
    return {
        "FullName": record["Name"],
        "ManageableState": "unmanaged",
        "Metadata": {**described, "packageVersions": [], "urls": None},
    }


def _forward(call: Call, path: str) -> Reply:
    """The data API's answer, with urls of the Tooling API."""
    query = f"?{urlencode(call.query)}" if call.query else ""
    payload = call.json() if call.body else None
    there = replace(call, store=call.store.tooling(call.user))
    reply = there.dispatch(call.method, f"{call.version_path}{path}{query}", payload, call.headers)
    root = f"{call.version_path}/sobjects"
    headers = {name: value for name, value in reply.headers.items() if name not in ("ETag", "Last-Modified")}
    return Reply(reply.status, _moved(_plain(reply.body), root, f"{call.version_path}/tooling/sobjects"), headers)


def _plain(body: Any) -> Any:
    """JSON-ready data, where a handler has made bytes of it."""
    if isinstance(body, bytes):
        import orjson

        return orjson.loads(body)
    return body


def _moved(node: Any, old: str, new: str) -> Any:
    if isinstance(node, dict):
        return {key: _moved(value, old, new) for key, value in node.items()}
    if isinstance(node, list):
        return [_moved(value, old, new) for value in node]
    return new + node.removeprefix(old) if isinstance(node, str) and node.startswith(old) else node


_OBJECT = "/tooling/sobjects/{object}"
routes = [
    resource("GET", "/tooling/sobjects", sobjects),
    resource("GET", _OBJECT, sobject),
    resource("POST", _OBJECT, sobject),
    *(resource(method, f"{_OBJECT}/{{rest:rest}}", sobject) for method in ("GET", "PATCH", "DELETE")),
    resource("GET", "/tooling/executeAnonymous", execute_anonymous),
]
