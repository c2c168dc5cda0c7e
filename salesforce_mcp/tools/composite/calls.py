"""Several requests in one call (resources `composite`, `composite/batch`, `composite/graph`)."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from salesforce_mcp.errors import ArgumentError
from salesforce_mcp.tools.composite.parts import (
    COLUMNS,
    Part,
    Parts,
    Reference,
    Request,
    as_part,
    full,
    only_reads,
    outcome,
    row,
    summary,
)
from salesforce_mcp.tools.context import Context
from salesforce_mcp.tools.registry import tool
from salesforce_mcp.tools.results import Table

MAX_NODES = 500
"""Requests in all graphs of one call."""


class Graph(BaseModel):
    """Requests that are done together or not at all."""

    model_config = ConfigDict(extra="forbid")

    graph_id: Reference
    requests: Annotated[list[Part], Field(min_length=1)]


@tool(title="Composite request", access="destructive", asks="parts")
def composite(context: Context, requests: Parts, all_or_none: bool = False, collate_subrequests: bool = False) -> Table:
    """Up to 25 requests in order, in one call, five of them queries or collections at most; later ones may refer to
    earlier ones as in {"method": "POST", "url": "sobjects/Contact", "reference_id": "c", "body": {"LastName": "Doe",
    "AccountId": "@{a.id}"}}. `all_or_none` undoes all when one fails.
    """
    _distinct([part.reference_id for part in requests], "requests")
    version = context.client.api_version
    body = {
        "allOrNone": all_or_none,
        "collateSubrequests": collate_subrequests,
        "compositeRequest": [as_part(part, version) for part in requests],
    }
    answer = context.client.post("composite", body, repeatable=only_reads(requests))
    rows = [row(part) for part in answer["compositeResponse"]]
    return _table(COLUMNS, rows, summary(rows, rolled_back=all_or_none))


@tool(title="Composite batch", access="destructive", asks="parts")
def composite_batch(
    context: Context,
    requests: Annotated[list[Request], Field(min_length=1, max_length=25)],
    halt_on_error: bool = False,
) -> Table:
    """Up to 25 requests in one call that don't depend on each other; what was done stays done when another fails."""
    version = context.client.api_version
    parts = [
        {
            "method": part.method,
            "url": full(part.url, version).removeprefix("/services/data/"),
            **({"richInput": part.body} if part.body is not None else {}),
        }
        for part in requests
    ]
    body = {"haltOnError": halt_on_error, "batchRequests": parts}
    answer = context.client.post("composite/batch", body, repeatable=only_reads(requests))
    rows = [
        outcome(str(place), int(part["statusCode"]), part["result"]) for place, part in enumerate(answer["results"])
    ]
    return _table(["index", *COLUMNS[1:]], rows, summary(rows))


@tool(title="Composite graph", access="destructive", asks="parts")
def composite_graph(context: Context, graphs: Annotated[list[Graph], Field(min_length=1, max_length=75)]) -> Table:
    """Graphs of up to 500 requests together; each graph is done whole or not at all. Requests as in composite."""
    _distinct([graph.graph_id for graph in graphs], "graphs")
    nodes = sum(len(graph.requests) for graph in graphs)
    if nodes > MAX_NODES:
        raise ArgumentError(f"graphs have {nodes} requests, and {MAX_NODES} are the most.", fields=("graphs",))
    version = context.client.api_version
    parts = [
        {"graphId": graph.graph_id, "compositeRequest": [as_part(part, version) for part in graph.requests]}
        for graph in graphs
    ]
    everything = [part for graph in graphs for part in graph.requests]
    answer = context.client.post("composite/graph", {"graphs": parts}, repeatable=only_reads(everything))
    rows, notes = [], []
    for graph in answer["graphs"]:
        rows += [[graph["graphId"], *row(part)] for part in graph["graphResponse"]["compositeResponse"]]
        done = "done" if graph["isSuccessful"] else "failed; nothing of it was changed"
        notes.append(f"Graph {graph['graphId']}: {done}.")
    return _table(["graph_id", *COLUMNS], rows, notes)


def _table(columns: list[str], rows: list[list[Any]], notes: list[str]) -> Table:
    failed = not all(each[columns.index("ok")] for each in rows)
    return Table(columns, rows, total=len(rows), notes=notes, failed=failed)


def _distinct(names: list[str], argument: str) -> None:
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise ArgumentError(f"{argument}: used twice: {', '.join(sorted(twice))}.", fields=(argument,))
