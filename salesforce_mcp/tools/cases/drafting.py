"""An article made from a case: its description is the question, what was answered publicly the answer."""

from __future__ import annotations

import html
from typing import Any

from salesforce_mcp.errors import ArgumentError, SalesforceError
from salesforce_mcp.salesforce import composite
from salesforce_mcp.salesforce.composite import Part
from salesforce_mcp.salesforce.paths import segment
from salesforce_mcp.soql.binding import bind
from salesforce_mcp.tools.cases.arguments import CaseId, Text
from salesforce_mcp.tools.cases.happenings import plain
from salesforce_mcp.tools.cases.working import case_path
from salesforce_mcp.tools.context import Context
from salesforce_mcp.tools.knowledge.writing import ARTICLE_TYPE, ArticleType
from salesforce_mcp.tools.registry import tool
from salesforce_mcp.tools.results import Record

_SENT = "3"
_VERSION = ("KnowledgeArticleId", "ArticleNumber", "PublishStatus")
_ANSWERS = ("answer", "resolution", "solution", "content", "body", "detail", "description", "text")
_QUESTIONS = ("question", "problem", "issue", "symptom", "cause")
"""What the fields of article types are mostly called, in parts of their names, the best first."""


@tool(title="Draft article from case", access="write", calls="2, and describes once")
def draft_kb_article(
    context: Context,
    case_id: CaseId,
    title: Text,
    url_name: Text,
    content: Text | None = None,
    article_type: ArticleType = ARTICLE_TYPE,
    summary: Text | None = None,
) -> Record:
    """Make a draft article from a case: its description, public comments and resolution, or `content` (HTML) in their
    place. Linked to the case; publish_knowledge_article puts it online.
    """
    client = context.client
    answer, question = _fields(client.describe(article_type))
    case, said, notes = _read(context, case_id)
    data: dict[str, Any] = {"Title": title, "UrlName": url_name}
    if summary:
        data["Summary"] = summary
    if question and case.get("Description"):
        data[question] = _html(case["Description"])
    data[answer] = content or _body(case, said, described=question is None)
    if not content and not said:
        notes.append("The case has no public answer: the draft says so where the resolution belongs.")
    elif not content and case.get("IsClosed") is False:
        notes.append("The case isn't closed: the last public answer stands as the resolution.")
    source = next((each for each in client.describe(article_type)["fields"] if each["name"] == "SourceId"), None)
    if source and source["createable"]:
        data["SourceId"] = case_id
    kind = segment(article_type)
    parts = [
        Part("draft", f"sobjects/{kind}", method="POST", body=data),
        Part(
            "version", f"sobjects/{kind}/@{{draft.id}}", {"fields": ",".join(client.readable(article_type, _VERSION))}
        ),
        Part(
            "link",
            "sobjects/CaseArticle",
            method="POST",
            body={"CaseId": case_id, "KnowledgeArticleId": "@{version.KnowledgeArticleId}"},
        ),
    ]
    answers = composite.send(client, parts)
    version_id = answers["draft"].get()["id"]
    version = answers["version"].body or {}
    unlinked = answers["link"].error
    if unlinked:
        notes.append(f"Not linked to the case: {unlinked.code}: {unlinked.message.strip()}")
    shown = {
        "article_id": version.get("KnowledgeArticleId"),
        "version_id": version_id,
        "article_number": version.get("ArticleNumber"),
        "status": version.get("PublishStatus"),
        "case_id": case_id,
        "linked": unlinked is None,
        "fields": {name: value for name, value in data.items() if name not in ("Title", "UrlName", "SourceId")},
    }
    return Record(shown, summary=f"Made the draft {title!r} from the case.", notes=notes, failed=unlinked is not None)


def _fields(describe: dict[str, Any]) -> tuple[str, str | None]:
    """The fields that take the answer and, where there is one, the question. Raises ArgumentError if there is none."""
    texts = [
        field["name"]
        for field in describe["fields"]
        if field["createable"] and field.get("custom") and field["type"] == "textarea" and field["length"] > 255
    ]
    question = next((name for part in _QUESTIONS for name in texts if part in name.lower()), None)
    rest = [name for name in texts if name != question]
    answer = next((name for part in _ANSWERS for name in rest if part in name.lower()), None)
    if not texts:
        raise ArgumentError(
            f"article_type: {describe['name']} has no long text field that you may fill.",
            fields=("article_type",),
            hint="Use create_knowledge_article with the fields that it has; describe_object names them.",
        )
    return (answer, question) if answer else (rest[0], question) if rest else (texts[0], None)


def _read(context: Context, case_id: str) -> tuple[dict[str, Any], list[str], list[str]]:
    """The case, what was said publicly in the order of time, and what could not be read."""
    comments = "SELECT CommentBody, CreatedDate FROM CaseComment WHERE ParentId = :id AND IsPublished = true"
    emails = (
        "SELECT TextBody, HtmlBody, CreatedDate, MessageDate FROM EmailMessage"
        " WHERE ParentId = :id AND Incoming = false AND Status = :sent"
    )
    client = context.client
    parts = [
        Part("case", case_path(case_id), {"fields": ",".join(client.readable("Case", ("Description", "IsClosed")))}),
        composite.query("comments", bind(f"{comments} ORDER BY CreatedDate", {"id": case_id})),
        composite.query("emails", bind(f"{emails} ORDER BY CreatedDate", {"id": case_id, "sent": _SENT})),
    ]
    refused = composite.refused(client, parts[1:])
    answers = composite.send(client, [part for part in parts if part.name not in refused])
    case: dict[str, Any] = answers["case"].get()
    notes, said = [f"Left out: {name} ({error.code}: {error.message})." for name, error in refused.items()], []
    for name in ("comments", "emails"):
        answer = answers.get(name)
        if answer is None:
            continue
        if isinstance(answer.error, SalesforceError):
            notes.append(f"Left out: {name} ({answer.error.code}: {answer.error.message.strip()}).")
            continue
        for record in answer.body["records"]:
            text = (
                record["CommentBody"] if name == "comments" else record["TextBody"] or plain(record["HtmlBody"] or "")
            )
            if text:
                said.append((record.get("MessageDate") or record["CreatedDate"], text))
        if not answer.body["done"]:
            notes.append(f"Only the first {len(answer.body['records'])} {name} were read.")
    return case, [text for _, text in sorted(said)], notes


def _body(case: dict[str, Any], said: list[str], *, described: bool) -> str:
    """The article's text. `described`: the case's description has no field of its own."""
    pieces = []
    if described and case.get("Description"):
        pieces.append(f"<h2>Problem</h2>{_html(case['Description'])}")
    *before, last = said or [""]
    if before:
        pieces.append("<h2>What was tried</h2>" + "".join(_html(text) for text in before))
    pieces.append("<h2>Resolution</h2>" + (_html(last) if last else "<p>(to be written)</p>"))
    return "".join(pieces)


def _html(text: str) -> str:
    """Plain text as paragraphs."""
    lines = text.replace("\r\n", "\n")
    paragraphs = [html.escape(each.strip(), quote=False) for each in lines.split("\n\n") if each.strip()]
    return "".join(f"<p>{each}</p>".replace("\n", "<br>") for each in paragraphs)
