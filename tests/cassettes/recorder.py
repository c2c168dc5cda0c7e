"""Recording and replaying HTTP with vcrpy, with everything private taken out before it is written.

A cassette is YAML below `cassettes/`; its key `recorded_against` says which org answered. Hosts, tokens, cookies,
e-mail addresses and user names are replaced while recording, so that a cassette of a real org can be published.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import vcr
import yaml

from salesforce_mcp import __version__

FOLDER = Path(__file__).parent.parent.parent / "cassettes"
HOST = "org.my.salesforce.com"
_KEPT_REQUEST_HEADERS = ("content-type", "sforce-query-options", "if-modified-since")
_KEPT_RESPONSE_HEADERS = ("content-type", "sforce-limit-info", "etag", "last-modified", "location", "www-authenticate")
_PRIVATE = (
    (re.compile(r"00D[0-9A-Za-z]{12,15}![0-9A-Za-z._!-]+"), "00D000000000001AAA!SCRUBBED"),
    (re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]+"), "SCRUBBED.JWT.TOKEN"),
    (re.compile(r"[\w.+-]+@(?!example\.com)[\w-]+(\.[\w-]+)+"), "user@example.com"),
)


def scrub(text: str, host: str) -> str:
    """Text without the org's host, tokens and addresses."""
    text = text.replace(host, HOST)
    for pattern, stand_in in _PRIVATE:
        text = pattern.sub(stand_in, text)
    return text


class _Serializer:
    """YAML that says what it was recorded against."""

    def __init__(self, against: str) -> None:
        self.against = against

    def serialize(self, content: dict[str, Any]) -> str:
        whole = {"recorded_against": self.against, **content}
        return yaml.safe_dump(whole, sort_keys=False, allow_unicode=True, width=120)

    def deserialize(self, text: str) -> dict[str, Any]:
        content: dict[str, Any] = yaml.safe_load(text)
        return content


@contextmanager
def cassette(name: str, *, record: bool, host: str, against: str) -> Iterator[None]:
    """Record what is asked of `host` within the block, or replay it with no network at all.

    A client that records must ask for answers that aren't compressed (Accept-Encoding: identity).
    """

    def request(made: Any) -> Any:
        made.uri = scrub(made.uri, host)
        made.headers = {key: value for key, value in made.headers.items() if key.lower() in _KEPT_REQUEST_HEADERS}
        if made.body:
            body = made.body if isinstance(made.body, str) else made.body.decode()
            made.body = scrub(body, host).encode()
        return made

    def response(given: dict[str, Any]) -> dict[str, Any]:
        kept = {key.lower(): value for key, value in given["headers"].items()}
        given["headers"] = {key: value for key, value in kept.items() if key in _KEPT_RESPONSE_HEADERS}
        given["body"] = {"string": scrub(given["body"]["string"].decode(), host).encode()}
        return given

    path = FOLDER / f"{name}.yaml"
    if record:
        path.unlink(missing_ok=True)
    recorder = vcr.VCR(
        record_mode="all" if record else "none",
        match_on=("method", "path", "query", "body"),
        before_record_request=request,
        before_record_response=response,
    )
    recorder.register_serializer("named", _Serializer(f"{against}, {__version__}"))
    with recorder.use_cassette(str(path), serializer="named"):
        yield
