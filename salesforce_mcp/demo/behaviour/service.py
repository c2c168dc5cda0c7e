"""Cases, their comments, milestones and emails."""

from __future__ import annotations

from salesforce_mcp.demo.behaviour.save import Save, shifted
from salesforce_mcp.demo.values import now

_RESPONSE_MINUTES = {"Critical": 60, "High": 240, "Medium": 1440, "Low": 2880}
"""What the entitlement process promises: minutes to the first response by priority, ten times as many to the end."""


def case(save: Save) -> None:
    """A closed status closes the case; the account follows from the contact."""
    closed = save.look_up("SELECT IsClosed FROM CaseStatus WHERE ApiName = ?", save.values.get("Status"))
    save.values["IsClosed"] = closed[0] if closed else 0
    if not save.values["IsClosed"]:
        save.values["ClosedDate"] = None
    elif save.old is None or not save.old["IsClosed"]:
        save.values["ClosedDate"] = now()
    if save.changed("ContactId") and save.values.get("ContactId") and "AccountId" not in save.given:
        account = save.look_up("SELECT AccountId FROM Contact WHERE Id = ?", save.values["ContactId"])
        save.values["AccountId"] = account[0] if account else None
    if save.values.get("EntitlementId") and save.changed("EntitlementId"):
        save.default("SlaStartDate", now())


def case_comment(save: Save) -> None:
    """`Comments` of a case is a field for writing only: it becomes an internal comment."""
    text = save.extra.get("Comments")
    if text:
        save.writer.insert("CaseComment", {"ParentId": save.values["Id"], "CommentBody": text, "IsPublished": 0})


def case_milestones(save: Save) -> None:
    """An entitlement starts its milestones; closing the case completes them."""
    values, case_id = save.values, save.values["Id"]
    if values.get("EntitlementId") and save.changed("EntitlementId"):
        target = _RESPONSE_MINUTES.get(values.get("Priority") or "", 1440)
        rows = save.context.store.connection().execute("SELECT Id, Name FROM MilestoneType").fetchall()
        for milestone_type, name in rows:
            minutes = target if name == "First Response" else target * 10
            due = shifted(values["SlaStartDate"], minutes)
            milestone = {"CaseId": case_id, "MilestoneTypeId": milestone_type, "StartDate": values["SlaStartDate"]}
            save.writer.insert("CaseMilestone", {**milestone, "TargetDate": due, "TargetResponseInMins": minutes})
    if values["IsClosed"] and save.changed("IsClosed"):
        statement = "SELECT Id FROM CaseMilestone WHERE CaseId = ? AND CompletionDate IS NULL"
        for (milestone,) in save.context.store.connection().execute(statement, (case_id,)).fetchall():
            save.writer.modify("CaseMilestone", milestone, {"CompletionDate": values["ClosedDate"]})


def email_message(save: Save) -> None:
    draft = save.values.get("Status") == "5"
    if not draft:
        save.default("MessageDate", now())
    save.default("RelatedToId", save.values.get("ParentId"))
