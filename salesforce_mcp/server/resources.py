"""Resources: what a client can attach to a conversation by its address, without the model calling a tool.

All but the reference and the exported files are a tool's answer under an address. So they exist where the tool is
offered, go the same way through policy and trail, and read the same.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

import mcp_types as types
from mcp.shared.exceptions import MCPError
from mcp_types import INTERNAL_ERROR, INVALID_PARAMS

from salesforce_mcp import folders
from salesforce_mcp.errors import SfmcpError, UsageError
from salesforce_mcp.server import apps
from salesforce_mcp.server.calls import Calls, RequestContext
from salesforce_mcp.server.login import Logins
from salesforce_mcp.server.render import render_error
from salesforce_mcp.server.text import visible
from salesforce_mcp.tools.registry import Tool

REFERENCE = "salesforce://reference/soql"
MAX_FILE = 1024 * 1024
"""Bytes of an exported file that is handed over whole; a larger one is for a program on this machine."""

_TEXTS = {".csv": "text/csv", ".txt": "text/plain", ".jsonl": "application/jsonl", ".json": "application/json"}
_OTHERS = {".parquet": "application/vnd.apache.parquet", ".pdf": "application/pdf", ".png": "image/png"}
_BINARY = "application/octet-stream"


@dataclass(frozen=True)
class Address:
    """A tool's answer under an address. `given`: arguments of the tool beside those that the address holds."""

    template: str
    name: str
    title: str
    description: str
    tool: str
    given: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/?#]+)", re.escape(self.template)) + "/?")

    @property
    def is_template(self) -> bool:
        return "{" in self.template

    def arguments(self, uri: str) -> dict[str, Any] | None:
        """The tool's arguments for an address; None when it is another's."""
        match = self._pattern.fullmatch(uri)
        return {**{name: unquote(value) for name, value in match.groupdict().items()}, **self.given} if match else None


ADDRESSES = (
    Address(
        "salesforce://objects",
        "objects",
        "Objects",
        "The org's objects: API names, labels, key prefixes, and what may be done with them.",
        "list_objects",
        {"limit": 2000},
    ),
    Address(
        "salesforce://objects/{object}",
        "object",
        "Object",
        "An object's fields, picklists, references, child relationships and record types.",
        "describe_object",
    ),
    Address(
        "salesforce://objects/{object}/fields/{fields}",
        "fields",
        "Fields of an object",
        "One field, or several separated by commas, with labels, lengths and all picklist values.",
        "describe_object",
    ),
    Address(
        "salesforce://records/{object}/{id}",
        "record",
        "Record",
        "One record with all fields that the user may see.",
        "get_record",
    ),
)


class Resources:
    """The resources of one server, which offers `tools`."""

    def __init__(self, tools: Mapping[str, Tool], calls: Calls, logins: Logins) -> None:
        self.addresses = [address for address in ADDRESSES if address.tool in tools]
        self._calls = calls
        self._logins = logins

    async def list(
        self, context: RequestContext, params: types.PaginatedRequestParams | None
    ) -> types.ListResourcesResult:
        """What has one address."""
        reference = types.Resource(
            uri=REFERENCE,
            name="soql",
            title="SOQL reference",
            description="SOQL and SOSL on a page: clauses, operators, date literals, relationships, limits.",
            mime_type="text/markdown",
        )
        fixed = [
            types.Resource(
                uri=each.template,
                name=each.name,
                title=each.title,
                description=each.description,
                mime_type="text/plain",
            )
            for each in self.addresses
            if not each.is_template
        ]
        return types.ListResourcesResult(resources=[reference, *fixed])

    async def list_templates(
        self, context: RequestContext, params: types.PaginatedRequestParams | None
    ) -> types.ListResourceTemplatesResult:
        """What has an address for each object or record."""
        templates = [
            types.ResourceTemplate(
                uri_template=each.template,
                name=each.name,
                title=each.title,
                description=each.description,
                mime_type="text/plain",
            )
            for each in self.addresses
            if each.is_template
        ]
        return types.ListResourceTemplatesResult(resource_templates=templates)

    async def read(
        self, context: RequestContext, params: types.ReadResourceRequestParams
    ) -> types.ReadResourceResult | types.InputRequiredResult:
        """What is at an address. Raises MCPError where there is nothing, or what its tool or the org refused."""
        try:
            return await self._read(context, params, params.uri)
        except SfmcpError as error:
            code = INVALID_PARAMS if isinstance(error, UsageError) else INTERNAL_ERROR
            raise MCPError(code, render_error(error), {"uri": params.uri}) from error

    async def _read(
        self, context: RequestContext, params: types.ReadResourceRequestParams, uri: str
    ) -> types.ReadResourceResult | types.InputRequiredResult:
        if uri == apps.PAGE:
            return apps.read()
        if uri == REFERENCE:
            text = Path(__file__).with_name("soql_reference.md").read_text(encoding="utf-8")
            return _text(uri, text, "text/markdown")
        if uri.startswith("file:"):
            return await self._calls.in_thread(lambda _: _read_file(uri))
        for address in self.addresses:
            arguments = address.arguments(uri)
            if arguments is not None:
                call = partial(self._calls.run, context, address.tool, arguments)
                shown = await self._logins.through(context, params, call)
                return shown if isinstance(shown, types.InputRequiredResult) else _text(uri, shown.text, "text/plain")
        raise MCPError(INVALID_PARAMS, f"There is no resource {visible(uri[:200])}.", {"uri": uri})


def links(files: list[Path]) -> list[types.ResourceLink]:
    """Links to files that a tool wrote, as far as they lie below the export folder."""
    root = folders.export_dir().resolve()
    return [
        types.ResourceLink(
            uri=path.as_uri(),
            name=path.name,
            mime_type=_kind(path),
            size=path.stat().st_size,
        )
        for path in map(Path.resolve, files)
        if path.is_relative_to(root) and path.is_file()
    ]


def _read_file(uri: str) -> types.ReadResourceResult:
    root = folders.export_dir().resolve()
    try:
        parts = urlsplit(uri)
        # Links and `..` are followed before the place is judged.
        path = Path(url2pathname(parts.path)).resolve()
    except (ValueError, OSError, RuntimeError):  # no address, a NUL, too long, a circle of links
        parts, path = urlsplit(""), root
    if parts.netloc not in ("", "localhost") or not path.is_relative_to(root) or not path.is_file():
        raise MCPError(INVALID_PARAMS, "Only files below the export folder can be read.", {"uri": uri})
    try:
        with folders.open_resolved(path) as file:
            content = file.read(MAX_FILE + 1)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or type(error).__name__}.", code="FILE") from error
    if len(content) > MAX_FILE:
        raise UsageError(
            f"{path} is too large; files of at most {MAX_FILE:,} bytes are handed over.",
            code="FILE_TOO_LARGE",
            hint="Open the file on this machine, or export fewer rows.",
        )
    if path.suffix.lower() in _TEXTS:
        return _text(uri, visible(content.decode("utf-8", "replace")), _kind(path))
    blob = types.BlobResourceContents(uri=uri, mime_type=_kind(path), blob=base64.b64encode(content).decode())
    return types.ReadResourceResult(contents=[blob])


def _kind(path: Path) -> str:
    return {**_TEXTS, **_OTHERS}.get(path.suffix.lower(), _BINARY)


def _text(uri: str, text: str, kind: str) -> types.ReadResourceResult:
    return types.ReadResourceResult(contents=[types.TextResourceContents(uri=uri, mime_type=kind, text=text)])
