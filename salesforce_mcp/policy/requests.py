"""Requests to an org against the objects and fields that are allowed, whichever tool or command makes them.

Every resource whose answer can be checked is listed here; a request to any other is refused, so that a new tool is safe
before anybody has thought about it. The parts of composite requests are requests of their own.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from salesforce_mcp.policy import answers, reports
from salesforce_mcp.policy.calls import Call, parts_of, records_of
from salesforce_mcp.policy.statements import (
    check_group,
    check_soql,
    check_sosl,
    condition_of,
    without_references,
)
from salesforce_mcp.policy.view import unchecked
from salesforce_mcp.salesforce import caller

if TYPE_CHECKING:
    from salesforce_mcp.policy.view import View
    from salesforce_mcp.salesforce.guard import Clean

_ID = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?|@\{[\w.\[\]]+\.id\}", re.ASCII | re.IGNORECASE)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*", re.ASCII)
_LOCATOR = re.compile(r"[0-9A-Za-z]{10,40}-\d+", re.ASCII)

_PLAIN_EMAIL = frozenset(
    {
        "emailAddresses",
        "recipientAddresses",
        "emailSubject",
        "emailBody",
        "senderType",
        "relatedRecordId",
        "logEmailOnSend",
    }
)
"""Inputs of the action emailSimple that merge no fields."""

HARMLESS = frozenset({"/services/data", "limits"})
"""Resources that tell nothing of any record."""

_USERINFO = ("services", "oauth2", "userinfo")


def check(view: View, call: Call) -> Clean | None:
    """Raise PolicyError when the request touches what isn't allowed, or when that can't be told.

    Returns what the answer is to be cleaned of, or checked with, before anybody sees it.
    """
    match call.path:
        case ("analytics", kind, record, *rest) if not call.part and _ID.fullmatch(record):
            return _check_analytics(view, call, kind, record, rest)
        case ("query" | "queryAll", _) if call.method == "GET" and not call.part:
            _check(view, call)
            return partial(answers.page, view)
        case path if path == _USERINFO and call.method == "GET" and not call.part:
            return partial(answers.userinfo, view)
        case ("sobjects", *_) | ("recent",) if call.method == "GET" and call.path[-1] != "describe":
            _check(view, call)
            return None if call.part else partial(_cleaned, view)
        case _:
            _check(view, call)
            return None


def _cleaned(view: View, answer: Any) -> Any:
    """The answer without what is hidden; whoever asked for it is told that there was something."""
    left = answers.clean(view, answer)
    if left == answer:
        return answer
    caller.current().cleaned = True
    return left


def _check(view: View, call: Call) -> None:
    match call.path:
        case ("query" | "queryAll", *rest):
            _check_query(view, call, rest)
        case ("search",):
            without_references(call.params.get("q"))
            check_sosl(view, str(call.params.get("q")))
        case ("parameterizedSearch",) if call.method == "POST":
            _check_search(view, call.body)
        case ("sobjects", *rest):
            _check_sobjects(view, call, rest)
        case ("composite", *rest):
            _check_composite(view, call, rest)
        case ("jobs", kind, *rest):
            _check_job(view, call, kind, rest)
        case ("recent",) if not call.part:
            return
        case ("support", "knowledgeArticles", *_) | ("knowledgeManagement", *_) | ("search", "suggestTitleMatches"):
            _check_articles(view)
        case ("search", "suggestSearchQueries"):
            return  # what others have searched for
        case ("actions", "standard", "emailSimple") if call.method == "POST":
            _check_email(call.body)
        case _:
            if call.part or _harmless(call) is False:
                raise unchecked(f"what {call.method} {'/'.join(call.path[:3])} touches isn't known")


def _harmless(call: Call) -> bool:
    return call.method == "GET" and ("/".join(call.path) in HARMLESS or f"/{'/'.join(call.path)}" in HARMLESS)


def _check_query(view: View, call: Call, rest: Sequence[str]) -> None:
    if rest:
        if call.part or len(rest) != 1 or not _LOCATOR.fullmatch(rest[0]):
            raise unchecked("this is no page of an earlier query")
        return  # what it goes on with was checked when the query began; `answers.page` looks again
    statement = call.params.get("q", call.params.get("explain"))
    if statement is None or {"q", "explain"} <= set(call.params):
        raise unchecked("there is no statement")
    without_references(statement)
    check_soql(view, str(statement))


def _check_search(view: View, body: Any) -> None:
    """A parameterized search: objects with their fields and conditions, and where the text is looked for."""
    if not isinstance(body, Mapping) or not isinstance(body.get("sobjects"), list) or not body["sobjects"]:
        raise unchecked("a search without `sobjects` looks into every object")
    if not set(body) <= {"q", "in", "sobjects", "fields", "overallLimit", "defaultLimit", "offset", "dataCategories"}:
        raise unchecked("the search has parameters that aren't known here")
    for each in body["sobjects"]:
        if not isinstance(each, Mapping) or not set(each) <= {"name", "fields", "where", "orderBy", "limit"}:
            raise unchecked("the search has parameters that aren't known here")
        shown = [str(name) for name in [*(each.get("fields") or ()), *(body.get("fields") or ())]]
        check_soql(view, condition_of(str(each.get("name")), shown, each.get("where"), each.get("orderBy")))
        check_group(view, str(each["name"]), str(body.get("in") or "ALL").upper().removesuffix(" FIELDS"))


def _check_sobjects(view: View, call: Call, rest: Sequence[str]) -> None:
    if rest and not _NAME.fullmatch(rest[0]):
        raise unchecked(f"{rest[0]} is no object")
    match rest:
        case ():
            _not_in_parts(call, "the list of objects")
        case (of,):
            view.object(of)
            if call.method == "POST":
                check_record(view, of, call.body)
            else:
                _not_in_parts(call, "recent records")
        case (of, "describe"):
            view.object(of)
            _not_in_parts(call, "a describe")
        case (of, "updated" | "deleted"):
            view.object(of)
        case (of, record) if _ID.fullmatch(record):
            view.object(of)
            _check_record_call(view, call, of)
        case (of, record, "suggestedArticles") if _ID.fullmatch(record):
            view.object(of)
            _check_articles(view)
        case (of, record, relationship) if _ID.fullmatch(record) and _NAME.fullmatch(relationship):
            if relationship.lower() in view.types(of):
                view.field(of, relationship)
                raise unchecked(f"{of}.{relationship} is the content of a file")
            for target in view.related(of, relationship):
                _check_record_call(view, call, target)
        case (of, field, _) if field.lower() in view.types(of):
            view.field(of, field)
            _check_record_call(view, call, of)
        case _:
            raise unchecked(f"what sobjects/{'/'.join(rest[:3])} touches isn't known")


def _check_articles(view: View) -> None:
    """Resources that answer with articles in a shape of their own."""
    if view.rules.touches_articles():
        raise unchecked("this resource doesn't tell the fields of articles apart")


def _check_email(body: Any) -> None:
    """An email with its own text brings nothing out of the org; a template could merge any field into it."""
    for given in body.get("inputs") or [{}] if isinstance(body, Mapping) else [{}]:
        if not isinstance(given, Mapping) or not set(given) <= _PLAIN_EMAIL or not given:
            raise unchecked("the email may be merged from a template")


def _check_record_call(view: View, call: Call, of: str) -> None:
    """Reading, changing or deleting a record of this object."""
    view.object(of)
    if call.method in ("POST", "PATCH", "PUT"):
        check_record(view, of, call.body)
    wanted = call.params.get("fields")
    if wanted is None:
        if call.method == "GET" and call.part:
            view.whole(of, "A part without `fields`")
        return  # outside of composite requests the answer is cleaned
    for name in str(wanted).split(","):
        view.path(of, [step.strip() for step in name.split(".")])


def check_record(view: View, of: str, body: Any) -> None:
    """Raise PolicyError when a record to be written has a refused field, or a child of a refused object."""
    view.object(of)
    if body is None:
        return
    if not isinstance(body, Mapping):
        raise unchecked("the record is no object of JSON")
    for name, value in body.items():
        if name == "attributes":
            continue
        if isinstance(value, Mapping) and isinstance(value.get("records"), list):
            child = view.child(of, name)
            for record in value["records"]:
                check_record(view, child, record)
        elif isinstance(value, Mapping):  # a parent, named by one of its external Ids
            for parent in view.parents(of, name):
                check_record(view, parent, value)
        else:
            view.field(of, name)


def _check_composite(view: View, call: Call, rest: Sequence[str]) -> None:
    body = call.body
    match rest:
        case () | ("batch",) | ("graph",):
            for part in parts_of(rest, body):
                _check(view, part)
        case ("tree", of):
            for record in records_of(body):
                check_record(view, of, record)
        case ("sobjects",) if call.method == "DELETE":
            for record_id in str(call.params.get("ids", "")).split(","):
                view.object(view.object_of(record_id.strip()))
        case ("sobjects",) if call.method in ("POST", "PATCH"):
            for record in records_of(body):
                check_record(view, _type_of(record), record)
        case ("sobjects", of) if call.method in ("GET", "POST"):
            named = [call.params.get("fields"), body.get("fields") if isinstance(body, Mapping) else None]
            if not any(named):
                raise unchecked("no `fields` are named")
            for wanted in filter(None, named):
                for name in wanted if isinstance(wanted, list) else str(wanted).split(","):
                    view.path(of, str(name).strip().split("."))
        case ("sobjects", of, field) if call.method == "PATCH":
            view.field(of, field)
            for record in records_of(body):
                check_record(view, of, record)
        case _:
            raise unchecked(f"what composite/{'/'.join(rest)} touches isn't known")


def _check_job(view: View, call: Call, kind: str, rest: Sequence[str]) -> None:
    if call.part:
        raise unchecked("jobs are no parts of composite requests")
    match (kind, *rest):
        case ("query",) if call.method == "POST":
            check_soql(view, str((call.body or {}).get("query")))
        case ("query", _, "results"):
            raise unchecked("the results of a job are read as they arrive")
        case ("query", *_):
            return
        case ("ingest",) if call.method == "POST":
            of = str((call.body or {}).get("object"))
            view.object(of)
            if external := (call.body or {}).get("externalIdFieldName"):
                view.field(of, str(external))
        case ("ingest", job, "batches") if call.method == "PUT":
            of = object_of_job(view, job)
            for name in _header(call.body):
                view.path(of, name.split("."))
        case ("ingest", job, *what):
            of = object_of_job(view, job)
            view.object(of)
            if what:
                view.whole(of, "The results of a job, read at once,")
        case _:
            raise unchecked(f"what jobs/{kind} touches isn't known")


def object_of_job(view: View, job: str) -> str:
    """The object of an ingest job."""
    return str(view.look(f"jobs/ingest/{job}")["object"])


def _check_analytics(view: View, call: Call, kind: str, record: str, rest: Sequence[str]) -> Clean | None:
    """Reports before they run; what is described, or was found earlier, when the answer says what it is of."""
    match (call.method, kind, *rest):
        case ("GET" | "POST", "reports") | ("POST", "reports", "instances"):
            given = call.body.get("reportMetadata") if isinstance(call.body, Mapping) else None
            reports.before_run(view, record, given or {})
            return None
        case ("GET", "reports", "describe") | ("GET", "reports", "instances", _) | ("GET", "dashboards"):
            return partial(reports.shown, view)
        case ("GET", "reports", "instances") | ("GET", "dashboards", "status") | ("PUT", "dashboards"):
            return None  # when it ran, and how that ended
        case _:
            raise unchecked(f"what {call.method} {'/'.join(call.path[:2])} touches isn't known")


def _not_in_parts(call: Call, what: str) -> None:
    if call.part:
        raise unchecked(f"{what} inside a composite request isn't cleaned")


def _type_of(record: Any) -> str:
    kind = (record.get("attributes") or {}).get("type") if isinstance(record, Mapping) else None
    if not isinstance(kind, str):
        raise unchecked("a record doesn't say its type")
    return kind


def _header(body: Any) -> list[str]:
    """The columns of the CSV that is uploaded; a file is read from where it stands, and put back there."""
    if hasattr(body, "read"):
        start = body.tell()
        line = body.readline()
        body.seek(start)
    else:
        line = body
    text = line.decode("utf-8-sig", "replace") if isinstance(line, bytes) else str(line)
    separators: Callable[[str], int] = text.count
    separator = max(",;|^`\t", key=separators)
    return next(csv.reader([text.splitlines()[0] if text else ""], delimiter=separator), [])
