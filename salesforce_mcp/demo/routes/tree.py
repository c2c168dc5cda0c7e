"""`/composite/tree/{object}`: records with their children, created together or not at all.

Source: REST API Developer Guide, "sObject Tree".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from salesforce_mcp.demo.errors import ApiError
from salesforce_mcp.demo.http import Call, Reply, resource
from salesforce_mcp.demo.subrequests import REFERENCE_ID

MAX_RECORDS, MAX_DEPTH, MAX_TYPES = 200, 5, 5


class TreeError(Exception):
    """One record's refusal, which is that of the whole tree."""

    def __init__(self, reference_id: str | None, errors: list[dict[str, Any]]) -> None:
        super().__init__(reference_id)
        self.body = {"hasErrors": True, "results": [{"referenceId": reference_id, "errors": errors}]}


@dataclass(slots=True)
class _Node:
    """A record to create. `link` is the field that refers to the parent."""

    kind: str
    reference_id: str
    fields: dict[str, Any]
    parent: _Node | None = None
    link: str | None = None
    id: str | None = None
    children: list[_Node] = field(default_factory=list)


def create(call: Call) -> Reply:
    try:
        roots = [_parse(call, record, call.params["object"], None, None, 1) for record in _records(call.json_object())]
        nodes = _by_level(roots)
        _check(nodes)
        with call.store.transaction():
            for node in nodes:
                _create(call, node)
    except TreeError as error:
        return Reply(400, error.body)
    results = [{"referenceId": node.reference_id, "id": node.id} for node in nodes]
    return Reply(201, {"hasErrors": False, "results": results})


def _create(call: Call, node: _Node) -> None:
    fields = dict(node.fields)
    if node.parent and node.link:
        fields[node.link] = node.parent.id
    reply = call.dispatch("POST", f"{call.version_path}/sobjects/{quote(node.kind)}", fields)
    if reply.failed:
        errors = [
            {"statusCode": error["errorCode"], "message": error["message"], "fields": error.get("fields") or []}
            for error in reply.body
        ]
        raise TreeError(node.reference_id, errors)
    node.id = reply.body["id"]


def _parse(call: Call, record: Any, kind: str, parent: _Node | None, link: str | None, depth: int) -> _Node:
    attributes = record.get("attributes") if isinstance(record, dict) else None
    if not isinstance(attributes, dict) or not attributes.get("type"):
        raise _invalid(None, "Include an entity type and a reference ID for each record in the request.")
    reference_id = str(attributes.get("referenceId") or "")
    if not REFERENCE_ID.fullmatch(reference_id):
        message = "Reference ID must start with an alphanumeric character and contain only letters, numbers or '_'."
        raise _invalid(reference_id or None, message)
    if str(attributes["type"]).lower() != kind.lower():
        raise _invalid(reference_id, f"The record's type must be {kind}.")
    if depth > MAX_DEPTH:
        raise _invalid(reference_id, f"The tree is deeper than {MAX_DEPTH} levels.")
    node = _Node(str(attributes["type"]), reference_id, {}, parent, link)
    for name, value in record.items():
        if name == "attributes":
            continue
        if isinstance(value, dict) and isinstance(value.get("records"), list):
            child = call.store.objects.child(kind, name)
            if child is None:
                raise _invalid(reference_id, f"No such relationship '{name}' on sobject of type {kind}")
            node.children += [
                _parse(call, item, child.child_object, node, child.field, depth + 1) for item in value["records"]
            ]
        else:
            node.fields[name] = value
    return node


def _by_level(roots: list[_Node]) -> list[_Node]:
    """The order in which records are made, and listed in the answer."""
    nodes: list[_Node] = []
    level = roots
    while level:
        nodes += level
        level = [child for node in level for child in node.children]
    return nodes


def _check(nodes: list[_Node]) -> None:
    seen: set[str] = set()
    for node in nodes:
        if node.reference_id in seen:
            raise _invalid(node.reference_id, "Duplicate ReferenceId provided in the request.")
        seen.add(node.reference_id)
    if len(nodes) > MAX_RECORDS:
        raise _invalid(nodes[MAX_RECORDS].reference_id, f"The request has more than {MAX_RECORDS} records.")
    if len({node.kind.lower() for node in nodes}) > MAX_TYPES:
        raise _invalid(nodes[0].reference_id, f"The request has records of more than {MAX_TYPES} types.")


def _records(body: dict[str, Any]) -> list[Any]:
    records = body.get("records")
    if not isinstance(records, list) or not records:
        raise ApiError(400, "REQUIRED_FIELD_MISSING", "At least 1 record is required")
    return records


def _invalid(reference_id: str | None, message: str) -> TreeError:
    return TreeError(reference_id, [ApiError(400, "INVALID_INPUT", message).record_error()])


routes = [resource("POST", "/composite/tree/{object}", create)]
