"""What somebody built in the demo org: two flows for cases, and an Apex method.

Source: Actions Developer Guide, "Flow Actions", "Apex Actions".
"""

from __future__ import annotations

import uuid

from salesforce_mcp.demo import records
from salesforce_mcp.demo.actions.model import Action, Parameter, Values
from salesforce_mcp.demo.context import RequestContext
from salesforce_mcp.demo.http import Call
from salesforce_mcp.demo.saving import Saver


def escalate_case(call: Call, given: Values) -> Values:
    """Escalate a case, with an internal comment that says why."""
    context, case = RequestContext.of(call), given["caseId"]
    with call.store.transaction():
        records.update(context, "Case", case, {"Status": "Escalated"})
        number = records.get(context, "Case", case, ["Id", "CaseNumber"])
        # The flow's author let it set a field that not everybody may set.
        Saver(context).modify("Case", number["Id"], {"IsEscalated": 1})
        if given.get("reason"):
            comment = {"ParentId": case, "CommentBody": f"Escalated: {given['reason']}", "IsPublished": False}
            records.create(context, "CaseComment", comment)
    return {**_finished(), "caseNumber": number["CaseNumber"]}


def reopen_case(call: Call, given: Values) -> Values:
    """Put a case back to work."""
    records.update(RequestContext.of(call), "Case", given["caseId"], {"Status": "Working"})
    return _finished()


def count_open_cases(call: Call, given: Values) -> Values:
    """How many cases of an account are open."""
    context = RequestContext.of(call)
    account = records.get(context, "Account", given["accountId"], ["Id"])["Id"]
    statement = 'SELECT count(*) FROM "Case" WHERE AccountId = ? AND IsClosed = 0 AND IsDeleted = 0'
    return {"output": call.store.connection().execute(statement, (account,)).fetchone()[0]}


def _finished() -> Values:
    guid = f"{uuid.uuid4().hex}-{uuid.uuid4().hex[:4]}"
    return {"Flow__InterviewStatus": "Finished", "Flow__InterviewGuid": guid}


def _may_run_apex(context: RequestContext) -> bool:
    return context.user.can_read("ApexClass")


_STATUSES = ("Created", "Started", "Finished", "Error", "Waiting")
_INTERVIEW = (
    Parameter("Flow__InterviewStatus", "Flow Interview Status", "PICKLIST", values=_STATUSES),
    Parameter("Flow__InterviewGuid", "Flow Interview GUID", "STRING"),
)
_CASE_ID = Parameter("caseId", "Case ID", "STRING", required=True, about="The case to work on.")

ACTIONS = (
    Action(
        "custom/flow",
        "Escalate_Case",
        "Escalate Case",
        "FLOW",
        escalate_case,
        "Escalates a case and notes the reason.",
        (_CASE_ID, Parameter("reason", "Reason", "STRING", length=1000)),
        (*_INTERVIEW, Parameter("caseNumber", "Case Number", "STRING")),
    ),
    Action(
        "custom/flow",
        "Reopen_Case",
        "Reopen Case",
        "FLOW",
        reopen_case,
        "Puts a case back to work.",
        (_CASE_ID,),
        _INTERVIEW,
    ),
    Action(
        "custom/apex",
        "OpenCaseCounter",
        "Count open cases",
        "APEX",
        count_open_cases,
        "Counts the open cases of an account.",
        (Parameter("accountId", "Account ID", "ID", required=True),),
        (Parameter("output", "Output", "INTEGER"),),
        allowed=_may_run_apex,
    ),
)
