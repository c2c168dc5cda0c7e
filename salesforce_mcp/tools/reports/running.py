"""Reports: what one consists of (`analytics/reports/{id}/describe`), and its results (`analytics/reports/{id}`)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from salesforce_mcp.errors import SalesforceError
from salesforce_mcp.salesforce.paths import segment
from salesforce_mcp.tools.arguments import Limit, Picture, RecordId
from salesforce_mcp.tools.context import Context
from salesforce_mcp.tools.registry import tool
from salesforce_mcp.tools.reports.facts import ROW_LIMIT, Facts, ask_picture
from salesforce_mcp.tools.reports.filters import buckets, with_filters
from salesforce_mcp.tools.reports.waiting import wait
from salesforce_mcp.tools.results import Record, Sections, Table

Filters = Annotated[list[dict[str, Any]], Field(min_length=1)]


@tool(title="Get report")
def get_report(context: Context, report_id: RecordId) -> Sections:
    """A report's columns, groupings and filters, without running it."""
    describe = context.client.get(f"{_path(report_id)}/describe")
    metadata, extended = describe["reportMetadata"], describe["reportExtendedMetadata"]
    columns = [["detail", name] for name in metadata["detailColumns"]]
    columns += [["row grouping", each["name"]] for each in metadata.get("groupingsDown") or ()]
    columns += [["column grouping", each["name"]] for each in metadata.get("groupingsAcross") or ()]
    columns += [["aggregate", name] for name in metadata["aggregates"]]
    known = {
        **(extended.get("detailColumnInfo") or {}),
        **(extended.get("groupingColumnInfo") or {}),
        **(extended.get("aggregateColumnInfo") or {}),
    }
    rows = [[use, name, known.get(name, {}).get("label"), known.get(name, {}).get("dataType")] for use, name in columns]
    filters = [[each["column"], each["operator"], each["value"]] for each in metadata.get("reportFilters") or ()]
    bucketed = [row for each in buckets(metadata) for row in _bucket_rows(each)]
    shown: list[tuple[str, Table | Record]] = [
        (
            "report",
            Record(
                {
                    "id": metadata["id"],
                    "name": metadata["name"],
                    "format": metadata["reportFormat"].lower(),
                    "type": metadata["reportType"]["label"],
                    "description": metadata.get("description"),
                    "folder_id": metadata.get("folderId"),
                    "scope": metadata.get("scope"),
                    "date_filter": _date_filter(metadata.get("standardDateFilter")),
                    "filter_logic": metadata.get("reportBooleanFilter"),
                }
            ),
        ),
        ("columns", Table(["use", "column", "label", "type"], rows, total=len(rows))),
        ("filters", Table(["column", "operator", "value"], filters, total=len(filters))),
    ]
    if bucketed:
        shown.append(("buckets", Table(["column", "of", "bucket", "values"], bucketed, total=len(bucketed))))
    return Sections(shown)


@tool(title="Run report", default=True, calls="1, 2 with filters, more when async", app="result")
def run_report(
    context: Context,
    report_id: RecordId,
    filters: Filters | None = None,
    include_details: bool = True,
    row_limit: Limit | None = None,
    method: Literal["sync", "async"] = "sync",
    chart: Picture | None = None,
) -> Sections:
    """Run a saved report: totals by its groupings, and detail rows. `filters` hold for this run beside the report's
    own, as in [{"column": "STAGE_NAME", "operator": "equals", "value": "Closed Won"}]. async for slow reports.
    """
    body = None
    if filters:
        body = {"reportMetadata": with_filters(context.client.get(f"{_path(report_id)}/describe"), filters)}
    params = {"includeDetails": str(include_details).lower()}
    if method == "async":
        run = _run_async(context, report_id, body, params)
    elif body:
        run = context.client.post(_path(report_id), body, params=params, repeatable=True)
    else:
        run = context.client.get(_path(report_id), params=params)
    shown = _shown(context, run, include_details, row_limit)
    ask_picture(shown, chart)
    return shown


def _run_async(context: Context, report_id: str, body: Any, params: dict[str, str]) -> Any:
    """Start an instance and fetch its results once it has run."""
    instances = f"{_path(report_id)}/instances"
    instance = f"{instances}/{segment(context.client.post(instances, body, params=params)['id'])}"

    def poll() -> Any:
        answer = context.client.get(instance)
        status = (answer.get("attributes") or answer).get("status")
        if status == "Error":
            raise SalesforceError("The report could not be run.", code="REPORT_FAILED", hint="Run it with method sync.")
        return answer if status == "Success" and "factMap" in answer else None

    return wait(context, poll, what="The report")


def _shown(context: Context, run: dict[str, Any], include_details: bool, row_limit: int | None) -> Sections:
    if "factMap" not in run or run["reportMetadata"]["reportFormat"] == "MULTI_BLOCK":
        raise SalesforceError(
            "Joined reports can't be read this way.",
            code="UNSUPPORTED_REPORT",
            hint="Use a report in tabular, summary or matrix format, or query the objects.",
        )
    facts, metadata, notes = Facts(run), run["reportMetadata"], []
    totals = facts.totals()
    totals.plot = facts.plot(metadata["name"])
    parts: list[tuple[str, Table | Record]] = [("totals", totals)]
    if include_details and run.get("hasDetailRows"):
        parts.append(("details", context.pages.first(facts.details(), row_limit)))
        if not run["allData"]:
            notes.append(
                f"Salesforce cut the detail rows at its limit of {ROW_LIMIT}; narrow the report with filters, or use "
                "query. The totals are Salesforce's own."
            )
    if metadata.get("currency"):
        notes.append(f"Amounts in {metadata['currency']}.")
    return Sections(parts, summary=f"{metadata['name']} ({metadata['reportFormat'].lower()} report).", notes=notes)


def _bucket_rows(bucket: dict[str, Any]) -> list[list[Any]]:
    """The groups of a bucket field: the values that each takes, or the range of numbers."""
    rows: list[list[Any]] = []
    lower = None
    for each in bucket.get("values") or ():
        values, upper = each.get("sourceDimensionValues"), each.get("rangeUpperBound")
        if values is None:
            values = _range(lower, upper)
            lower = upper
        rows.append([bucket["name"], bucket.get("sourceColumnName"), each.get("label"), values])
    if bucket.get("otherBucketLabel"):
        rows.append([bucket["name"], bucket.get("sourceColumnName"), bucket["otherBucketLabel"], "all others"])
    return rows


def _range(lower: Any, upper: Any) -> str:
    if lower is None:
        return "all" if upper is None else f"up to {upper}"
    return f"above {lower}" if upper is None else f"above {lower}, up to {upper}"


def _path(report_id: str) -> str:
    return f"analytics/reports/{segment(report_id)}"


def _date_filter(given: dict[str, Any] | None) -> str | None:
    given = given or {}
    named = given.get("durationValue") not in (None, "CUSTOM")
    if not given.get("column") or not (named or given.get("startDate") or given.get("endDate")):
        return None  # all time
    span = f"{given.get('startDate') or 'any'} to {given.get('endDate') or 'any'}"
    return f"{given['column']} {given.get('durationValue') or ''} {span}"
