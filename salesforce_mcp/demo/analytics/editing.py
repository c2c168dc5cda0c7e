"""Create, copy, change and delete reports.

Source: Reports and Dashboards REST API Developer Guide, "Report List", "Report", "Create a New Report", "Clone
Reports", "Save Changes to Reports", "Delete Reports". A report is checked as if it were run before it is saved.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from salesforce_mcp.demo import deletion, recent, state
from salesforce_mcp.demo.analytics import definitions, folders, instances
from salesforce_mcp.demo.analytics.definitions import Report
from salesforce_mcp.demo.analytics.refusals import bad_request, forbidden
from salesforce_mcp.demo.analytics.running import Run
from salesforce_mcp.demo.context import RequestContext
from salesforce_mcp.demo.saving import Saver

_OBJECT = "Report"
_LONGEST_NAME = 40


def unsaved(context: RequestContext, given: Mapping[str, Any]) -> Report:
    """A report of a request's metadata alone, which must name a report type."""
    named = given.get("reportType")
    kind = definitions.find_type(context, named.get("type") if isinstance(named, dict) else named)
    columns = {"detailColumns": kind.shown}
    usual = Report(None, str(given.get("name") or ""), None, given.get("description"), None, kind, columns)
    return usual.changed(given)


def create(context: RequestContext, given: Mapping[str, Any]) -> Report:
    """Save a new report, in the user's own folder unless another is named."""
    return _insert(context, unsaved(context, given), given)


def clone(context: RequestContext, report_id: str, given: Mapping[str, Any]) -> Report:
    """Save a copy of a report, with the changes that are given."""
    source = definitions.find(context, report_id)
    return _insert(context, source.changed(given), {"name": source.name, **given})


def save(context: RequestContext, report_id: str, given: Mapping[str, Any]) -> Report:
    """Change a report for good. Its asynchronous runs are obsolete then, and deleted."""
    report = definitions.find(context, report_id)
    assert report.id  # noqa: S101 - a saved report has one
    folders.checked(context, report.folder_id, _OBJECT, doing="edit")
    folder, folder_name = folders.checked(context, given.get("folderId", report.folder_id), _OBJECT, doing="edit")
    changed = replace(
        report.changed(given),
        name=_name(given.get("name", report.name)),
        description=given.get("description", report.description),
        folder_id=folder,
    )
    format_ = _checked_format(context, changed)
    with context.store.transaction():
        row = {"Name": changed.name, "Description": changed.description, "OwnerId": folder, "FolderName": folder_name}
        Saver(context).modify(_OBJECT, report.id, {**row, "Format": format_})
        _keep(context, report.id, changed)
        instances.forget(context, report.id)
        recent.rename(context, context.store.objects[_OBJECT], report.id)
    return changed


def delete(context: RequestContext, report_id: str) -> None:
    """Put a report into the recycle bin, unless a dashboard shows it."""
    report = definitions.find(context, report_id)
    if report.folder_id != context.user.id and not context.user.rights.allows(_OBJECT, "delete"):
        raise forbidden()
    statement = "SELECT 1 FROM DashboardComponent WHERE CustomReportId = ?"
    if context.store.connection().execute(statement, (report.id,)).fetchone():
        raise forbidden("The report can't be deleted because there are one or more dashboards referencing it.")
    with context.store.transaction():
        instances.forget(context, report.id or "")
        deletion.delete(context, context.store.objects[_OBJECT], {"Id": report.id})


def _insert(context: RequestContext, report: Report, given: Mapping[str, Any]) -> Report:
    name = _name(given.get("name"))
    folder, folder_name = folders.checked(context, given.get("folderId") or context.user.id, _OBJECT, doing="create")
    format_ = _checked_format(context, report)
    with context.store.transaction():
        row = {
            "Name": name,
            "DeveloperName": _developer_name(context, str(given.get("developerName") or name)),
            "Description": given.get("description", report.description),
            "OwnerId": folder,
            "FolderName": folder_name,
            "Format": format_,
        }
        report_id = Saver(context).insert(_OBJECT, row)
        _keep(context, report_id, report)
    return definitions.find(context, report_id)


def _keep(context: RequestContext, report_id: str, report: Report) -> None:
    state.put(context.store, definitions.KIND, report_id, {**report.definition, "reportType": report.kind.name})


def _checked_format(context: RequestContext, report: Report) -> str:
    """The format as the Report row calls it; refuses what could not be run."""
    metadata = definitions.metadata(context, report)
    Run(context, report.kind, metadata)
    return str(metadata["reportFormat"]).capitalize()


def _name(given: Any) -> str:
    name = str(given or "").strip()
    if not name:
        raise bad_request("The report name can't be null.")
    if len(name) > _LONGEST_NAME:
        raise bad_request(f"The report name can't be longer than {_LONGEST_NAME} characters.")
    return name


def _developer_name(context: RequestContext, wanted: str) -> str:
    """An API name that no other report has."""
    stem = re.sub(r"\W+", "_", wanted, flags=re.ASCII).strip("_") or "Report"
    if not stem[0].isalpha():
        stem = f"X{stem}"
    connection, name, number = context.store.connection(), stem, 1
    while connection.execute("SELECT 1 FROM Report WHERE DeveloperName = ?", (name,)).fetchone():
        number += 1
        name = f"{stem}_{number}"
    return name
