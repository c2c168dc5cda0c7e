"""Reports: the list, what one consists of, and its results.

Source: Reports and Dashboards REST API Developer Guide, "Report List", "Describe", "Execute Sync".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from salesforce_mcp.demo import recent, values
from salesforce_mcp.demo.analytics import definitions, describing
from salesforce_mcp.demo.analytics.definitions import Report
from salesforce_mcp.demo.analytics.refusals import bad_request
from salesforce_mcp.demo.analytics.running import Run
from salesforce_mcp.demo.context import RequestContext
from salesforce_mcp.demo.query import run_query

MOST_LISTED = 200


def recently_viewed(context: RequestContext) -> list[dict[str, Any]]:
    """The reports that the user looked at last, the latest first."""
    soql = f"SELECT Id, Name FROM Report WHERE LastViewedDate != null ORDER BY LastViewedDate DESC LIMIT {MOST_LISTED}"  # noqa: S608
    records = run_query(context.store, context.user, soql, version=context.version)["records"]
    return [{**urls(context, each["Id"]), "id": each["Id"], "name": each["Name"]} for each in records]


def urls(context: RequestContext, report_id: str) -> dict[str, str]:
    """Where a report, its description and its asynchronous runs are found."""
    url = f"{context.data_root}/analytics/reports/{report_id}"
    return {"describeUrl": f"{url}/describe", "instancesUrl": f"{url}/instances", "url": url}


def attributes(context: RequestContext, report: Report) -> dict[str, Any]:
    """`attributes` of a report's description and results."""
    links = urls(context, report.id or "null")
    return {
        "describeUrl": links["describeUrl"],
        "instancesUrl": links["instancesUrl"],
        "reportId": report.id,
        "reportName": report.name,
        "type": "Report",
    }


def describe(context: RequestContext, report: Report) -> dict[str, Any]:
    """What a report consists of, and what else it could show."""
    metadata = definitions.metadata(context, report)
    return {
        "attributes": attributes(context, report),
        "reportExtendedMetadata": describing.extended_metadata(context, report.kind, metadata),
        "reportMetadata": metadata,
        "reportTypeMetadata": describing.type_metadata(context, report.kind),
    }


def run(context: RequestContext, report: Report, *, details: bool) -> dict[str, Any]:
    """The results of a report."""
    metadata = definitions.metadata(context, report)
    results = Run(context, report.kind, metadata).results(details=details)
    return {
        "attributes": attributes(context, report),
        **results,
        "hasDetailRows": details,
        "hasExceededTabularRowLimit": metadata["reportFormat"] == "TABULAR" and not results["allData"],
        "reportExtendedMetadata": describing.extended_metadata(context, report.kind, metadata),
        "reportMetadata": metadata,
    }


def requested(context: RequestContext, report_id: str, body: Mapping[str, Any] | None) -> Report:
    """The report that a run is asked for, with the changes that the request's body makes for this run.

    The report counts as viewed, and as run.
    """
    report = definitions.find(context, report_id)
    with context.store.transaction() as connection:
        recent.mark(context, context.store.objects["Report"], report.id or "")
        connection.execute("UPDATE Report SET LastRunDate = ? WHERE Id = ?", (values.now(), report.id))
    if body is None:
        return report
    given = given_metadata(body)
    if "buckets" not in given and report.definition.get("buckets"):
        # As orgs do: a run with changes has to define again the bucket fields that the report has.
        raise bad_request(f"Invalid value specified: {report.definition['buckets'][0]['developerName']}")
    return report.changed(given)


def given_metadata(body: Mapping[str, Any]) -> dict[str, Any]:
    """`reportMetadata` of a request."""
    given = body.get("reportMetadata")
    if not isinstance(given, dict):
        raise bad_request("The request is invalid because there is no metadata. Specify metadata in the request body.")
    return given
