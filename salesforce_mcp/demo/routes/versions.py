"""`/services/data`: which API versions there are, and what each of them offers."""

from __future__ import annotations

from salesforce_mcp.demo import versions
from salesforce_mcp.demo.http import Call, Reply, Route, resource
from salesforce_mcp.demo.oauth import identity

RESOURCES = (
    "tooling", "chatter", "tabs", "appMenu", "quickActions", "queryAll", "analytics", "search", "composite",
    "parameterizedSearch", "theme", "nouns", "recent", "connect", "licensing", "limits", "process", "dedupe", "query",
    "jobs", "localizedvalue", "mobile", "compactLayouts", "sobjects", "actions", "support", "knowledgeManagement",
)  # fmt: skip


def list_versions(call: Call) -> Reply:
    return Reply(body=versions.all_versions())


def list_resources(call: Call) -> Reply:
    names = {name: f"{call.version_path}/{name}" for name in RESOURCES}
    return Reply(body={**names, "identity": identity.url(call, call.user)})


routes = [
    Route("GET", "/services/data", list_versions, session=False),
    resource("GET", "", list_resources),
]
