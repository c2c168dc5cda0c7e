"""Folders of reports and dashboards: which ones there are, and who may put something into them.

A folder is one of the org's, the user's own (its Id is the user's), or the one for unfiled public reports (its Id is
the organization's). Source: Reports and Dashboards REST API Developer Guide, "Report" (folderId), "Report Error Codes".
"""

from __future__ import annotations

from salesforce_mcp.demo.analytics.refusals import bad_request, forbidden
from salesforce_mcp.demo.context import RequestContext
from salesforce_mcp.demo.ids import full_id


def checked(context: RequestContext, folder_id: str | None, sobject: str, *, doing: str) -> tuple[str, str]:
    """Id and name of a folder for the object's records; refused where this user may not do this in it.

    `doing` is create or edit. Anyone works in their own folder; in all others, who may create or edit the object.
    """
    kind = sobject.lower()
    if folder_id is None:
        raise bad_request(f"The {kind} folder ID can't be null.")
    user = context.user
    whole = full_id(str(folder_id))
    if whole == user.id:
        return whole, f"Private {sobject}s"
    name = f"Unfiled Public {sobject}s" if whole == user.organization_id else _name(context, whole, sobject)
    if whole is None or name is None:
        raise bad_request(f"The {kind} folder ID must be a valid folder ID.")
    if not user.rights.allows(sobject, "create" if doing == "create" else "edit"):
        raise forbidden(f"You don't have permission to {doing} {kind}s in the given folder.")
    return whole, name


def _name(context: RequestContext, folder_id: str | None, sobject: str) -> str | None:
    statement = "SELECT Name FROM Folder WHERE Id = ? AND Type = ?"
    row = context.store.connection().execute(statement, (folder_id, sobject)).fetchone()
    return str(row[0]) if row else None
