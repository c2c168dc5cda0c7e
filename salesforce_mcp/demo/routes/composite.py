"""`/composite`, `/composite/graph` and `/composite/batch`: many requests in one.

Source: REST API Developer Guide, "Composite", "Composite Graph", "Composite Batch".
"""

from __future__ import annotations

import re
from typing import Any

from salesforce_mcp.demo import subrequests
from salesforce_mcp.demo.errors import ApiError
from salesforce_mcp.demo.http import Call, Reply, resource
from salesforce_mcp.demo.subrequests import Outcome, RolledBack, Subrequest

MAX_SUBREQUESTS = 25
MAX_QUERIES = 5
"""Queries and collections together, of the sub-requests of one Composite."""
MAX_GRAPHS, MAX_NODES, MAX_DEPTH, MAX_KINDS, MAX_FAILURES = 75, 500, 15, 15, 14
OLDEST_IN_BATCH, OLDEST_IN_GRAPH = 34.0, 50.0
_HEAVY = re.compile(r"/services/data/v[\d.]+/(query|queryAll|composite/sobjects)(/|\?|$)")
_NESTED = re.compile(r"/services/data/v[\d.]+/composite(?!/sobjects)(/|\?|$)")
_GRAPH_URL = re.compile(r"/services/data/v[\d.]+/sobjects/[^/?]+(/[^/?]+){0,2}/?(\?.*)?")


def list_resources(call: Call) -> Reply:
    root = f"{call.version_path}/composite"
    return Reply(body={name: f"{root}/{name}" for name in ("tree", "batch", "sobjects", "graph")})


def composite(call: Call) -> Reply:
    body = call.json_object()
    entries = body.get("compositeRequest")
    if isinstance(entries, list) and len(entries) > MAX_SUBREQUESTS:
        return _too_many(f"The request can’t contain more than {MAX_SUBREQUESTS} operations.")
    requests = subrequests.parse(call, entries)
    if sum(bool(_HEAVY.match(request.url)) for request in requests) > MAX_QUERIES:
        return _too_many(f"The request can’t contain more than {MAX_QUERIES} query or collection operations.")
    for request in requests:
        if _NESTED.match(request.url):
            raise ApiError(400, "INVALID_INPUT", f"A composite request can't be nested: {request.url}")
    outcomes = _all_or_none(call, requests) if body.get("allOrNone") else _each(call, requests)
    return Reply(body={"compositeResponse": [outcome.describe() for outcome in outcomes]})


def _too_many(message: str) -> Reply:
    refused = Outcome(None, 400, ApiError(400, "LIMIT_EXCEEDED", message).body())
    return Reply(400, {"compositeResponse": [refused.describe()]})


def _each(call: Call, requests: list[Subrequest]) -> list[Outcome]:
    """Run them in order; what depends on a failure fails for want of its value."""
    done: dict[str, Any] = {}
    return [subrequests.run(call, request, done) for request in requests]


def _all_or_none(call: Call, requests: list[Subrequest]) -> list[Outcome]:
    """Run them in order up to the first failure, which undoes all."""
    done: dict[str, Any] = {}
    outcomes: list[Outcome] = []
    try:
        with call.store.transaction():
            for request in requests:
                outcomes.append(subrequests.run(call, request, done))
                if outcomes[-1].failed:
                    raise RolledBack
    except RolledBack:
        return subrequests.after_rollback(requests, outcomes)
    return outcomes


def graph(call: Call) -> Reply:
    """Each graph is a transaction of its own."""
    if call.version_number < OLDEST_IN_GRAPH:
        raise ApiError(404, "NOT_FOUND", "The requested resource does not exist")
    entries = call.json_object().get("graphs")
    if not isinstance(entries, list) or not entries:
        raise ApiError(400, "REQUIRED_FIELD_MISSING", "At least 1 graph is required")
    graphs = [_parse_graph(call, entry) for entry in entries]
    _check_limits(graphs)
    answers: list[dict[str, Any]] = []
    failures = 0
    for graph_id, requests in graphs:
        if failures > MAX_FAILURES:
            outcomes = [subrequests.halted(request) for request in requests]
        else:
            outcomes = _all_or_none(call, requests)
        failed = any(outcome.failed for outcome in outcomes)
        failures += failed
        response = {"compositeResponse": [outcome.describe() for outcome in outcomes]}
        answers.append({"graphId": graph_id, "graphResponse": response, "isSuccessful": not failed})
    return Reply(body={"graphs": answers})


def _parse_graph(call: Call, entry: Any) -> tuple[str, list[Subrequest]]:
    graph_id = str(entry.get("graphId", "")) if isinstance(entry, dict) else ""
    if not graph_id[:1].isalnum() or len(graph_id) >= 40 or "." in graph_id:
        raise ApiError(400, "INVALID_INPUT", f"Invalid graphId: {graph_id}")
    requests = subrequests.parse(call, entry.get("compositeRequest"))
    for request in requests:
        if not _GRAPH_URL.fullmatch(request.url):
            raise ApiError(400, "INVALID_INPUT", f"The URL isn't supported in a composite graph: {request.url}")
    return graph_id, requests


def _check_limits(graphs: list[tuple[str, list[Subrequest]]]) -> None:
    ids = [graph_id for graph_id, _ in graphs]
    nodes = [request for _, requests in graphs for request in requests]
    kinds = {(node.method, tuple(node.url.split("?")[0].split("/")[3:6:2])) for node in nodes}
    depth = max(_depth(requests) for _, requests in graphs)
    for broken, message in (
        (len(set(ids)) < len(ids), "The graphId of each graph must be unique."),
        (len(graphs) > MAX_GRAPHS, f"The request can’t contain more than {MAX_GRAPHS} graphs."),
        (len(nodes) > MAX_NODES, f"The request can’t contain more than {MAX_NODES} nodes."),
        (depth > MAX_DEPTH, f"A graph can’t be deeper than {MAX_DEPTH}."),
        (len(kinds) > MAX_KINDS, f"The request can’t contain more than {MAX_KINDS} different nodes."),
    ):
        if broken:
            raise ApiError(400, "LIMIT_EXCEEDED", message)


def _depth(requests: list[Subrequest]) -> int:
    """Nodes that mention no other are at depth 1; the others one deeper than the deepest they mention."""
    depths: dict[str, int] = {}
    for request in requests:
        depths[request.reference_id] = 1 + max((depths.get(name, 0) for name in request.depends_on), default=0)
    return max(depths.values())


def batch(call: Call) -> Reply:
    """Independent requests; each keeps what it did, whatever becomes of the others."""
    body = call.json_object()
    entries = body.get("batchRequests")
    if not isinstance(entries, list) or not entries:
        raise ApiError(400, "REQUIRED_FIELD_MISSING", "At least 1 subrequest is required")
    if len(entries) > MAX_SUBREQUESTS:
        raise ApiError(400, "LIMIT_EXCEEDED", f"The request can’t contain more than {MAX_SUBREQUESTS} operations.")
    wishes = [_batch_entry(entry) for entry in entries]
    results: list[dict[str, Any]] = []
    halted = False
    for method, url, payload in wishes:
        if halted:
            message = "The batch was halted because an earlier request failed."
            results.append({"statusCode": 412, "result": ApiError(412, "BATCH_PROCESSING_HALTED", message).body()})
            continue
        try:
            status, result = _in_batch(call, method, url, payload)
        except ApiError as error:
            status, result = error.status, error.body()
        halted = bool(body.get("haltOnError")) and status >= 400
        results.append({"statusCode": status, "result": result})
    return Reply(body={"hasErrors": any(result["statusCode"] >= 400 for result in results), "results": results})


def _batch_entry(entry: Any) -> tuple[str, str, Any]:
    method = str(entry.get("method", "")).upper() if isinstance(entry, dict) else ""
    url = entry.get("url") if isinstance(entry, dict) else None
    if method not in (*subrequests.METHODS, "HEAD") or not isinstance(url, str):
        raise ApiError(400, "INVALID_INPUT", "A subrequest needs a valid method and url.")
    return method, url, entry.get("richInput")


def _in_batch(call: Call, method: str, url: str, payload: Any) -> tuple[int, Any]:
    """URLs may start at the version (`v66.0/limits`), which can't be newer than the batch's own."""
    relative = url.removeprefix("/services/data/").lstrip("/")
    version = re.match(r"v(\d+\.\d)(/|\?|$)", relative)
    if not version or not OLDEST_IN_BATCH <= float(version[1]) <= call.version_number:
        raise ApiError(400, "INVALID_INPUT", f"The URL isn't supported in this batch: {url}")
    reply = call.dispatch(method, f"/services/data/{relative}", payload)
    return reply.status, subrequests.json_body(reply)


routes = [
    resource("GET", "/composite", list_resources),
    resource("POST", "/composite", composite),
    resource("POST", "/composite/graph", graph),
    resource("POST", "/composite/batch", batch),
]
