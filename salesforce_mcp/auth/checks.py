"""What `sfmcp doctor` looks at between this machine and an org; each check says what to do about what it finds."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from salesforce_mcp.auth import hosts, identity, keyring_store, web
from salesforce_mcp.auth.oauth_errors import CLOCK_TOLERANCE
from salesforce_mcp.auth.resolve import open_session
from salesforce_mcp.auth.session import Session
from salesforce_mcp.errors import ExitCode, SfmcpError

State = Literal["ok", "warning", "failed", "skipped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One check's outcome. `exit_code` is what a failure makes of the command's."""

    check: str
    state: State
    detail: str
    remedy: str | None = None
    exit_code: int = ExitCode.DONE


def run(org: str | None) -> Iterator[Finding]:
    """All checks in turn, for an org as `open_session` finds it."""
    session, login = check_login(org)
    yield check_keyring(needed=session is not None and session.alias not in (None, "demo"))
    yield login
    address = _address(session) or hosts.PRODUCTION_LOGIN
    network, answer = check_network(address)
    yield network
    yield check_clock(answer)
    pinned = session.api_version if session else None
    source = f"api_version of {session.alias} in orgs.toml" if session and pinned else "SFMCP_API_VERSION"
    yield check_version(answer, pinned or os.environ.get("SFMCP_API_VERSION"), source)
    yield check_access(session if login.state == "ok" and network.state == "ok" else None)


def check_keyring(*, needed: bool) -> Finding:
    """Is there a keyring to keep secrets in? Without one only a session that is kept there suffers."""
    try:
        return Finding(check="keyring", state="ok", detail=keyring_store.describe())
    except SfmcpError as error:
        return _from_error("keyring", error, "failed" if needed else "warning")


def check_login(org: str | None) -> tuple[Session | None, Finding]:
    """Is there a session, and a token in it?"""
    session = None
    try:
        session = open_session(org)
        session.access_token()
    except SfmcpError as error:
        return session, _from_error("login", error)
    name = session.alias or "from the environment"
    kind = "PRODUCTION" if session.environment == "production" else session.environment
    return session, Finding(check="login", state="ok", detail=f"{name}: {session.instance_url} ({kind})")


def check_network(address: str) -> tuple[Finding, web.Answer | None]:
    """Does the org answer? Its list of API versions needs no session."""
    way = _way(address)
    began = time.monotonic()
    try:
        answer = web.probe(f"{address}/services/data")
    except SfmcpError as error:
        return _from_error("network", error, extra=way), None
    took = time.monotonic() - began
    host = urlsplit(address).hostname
    if answer.status >= 500:
        detail = f"{host} answers with HTTP {answer.status}, {way}"
        remedy = "The org may be under maintenance (status.salesforce.com): try again later."
        return _failed("network", detail, remedy, ExitCode.UNREACHABLE), answer
    return Finding(check="network", state="ok", detail=f"{host} answered in {took:.2f} s, {way}"), answer


def check_clock(answer: web.Answer | None) -> Finding:
    """Is this machine's clock right? Signed assertions and certificates depend on it."""
    if answer is None or answer.skew is None:
        return Finding(check="clock", state="skipped", detail="nothing to compare it with")
    seconds = round(abs(answer.skew))
    if seconds <= CLOCK_TOLERANCE:
        return Finding(check="clock", state="ok", detail=f"right to within {seconds} s")
    side = "ahead" if answer.skew > 0 else "behind"
    remedy = "Set the clock, or have it set by NTP: JWT logins and certificates fail otherwise."
    return Finding(check="clock", state="warning", detail=f"{seconds} s {side}", remedy=remedy)


def check_version(answer: web.Answer | None, wanted: str | None, source: str = "SFMCP_API_VERSION") -> Finding:
    """Does the org have the API version that `source` asks for? Without one, what the org has is used."""
    listed = answer.body if answer and isinstance(answer.body, list) else []
    versions = [str(entry.get("version", "")) for entry in listed if isinstance(entry, dict)]
    known = sorted(float(version) for version in versions if version.replace(".", "", 1).isdigit())
    if not known:
        detail = "the org did not list its versions" if answer else "needs the network"
        return Finding(check="API version", state="skipped", detail=detail)
    newest = known[-1]
    number = re.fullmatch(r"v?(\d{1,3})(?:\.0)?", (wanted or str(newest)).strip())
    if number and int(number[1]) <= newest:
        return Finding(check="API version", state="ok", detail=f"{wanted or 'the default'}; the org has up to {newest}")
    detail = f"{wanted} is set, the org has up to {newest}" if number else f"{wanted!r} is set, and is no API version"
    return _failed("API version", detail, f"Set {source} to {newest}, or unset it.", ExitCode.REFUSED)


def check_access(session: Session | None) -> Finding:
    """Does the org accept the session, and may its user use the API?"""
    if session is None:
        return Finding(check="API access", state="skipped", detail="needs a login and the network")
    try:
        found = identity.of_session(session)
    except SfmcpError as error:
        return _from_error("API access", error)
    return Finding(
        check="API access", state="ok", detail=f"{found.username} in {found.org_name or 'org'} ({found.org_id})"
    )


def _address(session: Session | None) -> str | None:
    """Where the session leads, if that is known without the login that may be what is wrong."""
    try:
        return session.instance_url if session else None
    except SfmcpError:
        return None


def _way(address: str) -> str:
    """How requests get there. A proxy's user name and password stay out of it."""
    from requests.utils import get_environ_proxies

    proxies = {} if hosts.is_loopback(urlsplit(address).hostname or "") else get_environ_proxies(address)
    named = proxies.get(urlsplit(address).scheme) or proxies.get("all") or ""
    proxy = urlsplit(named if "//" in named else f"//{named}")
    bundle = os.environ.get("REQUESTS_CA_BUNDLE")
    trust = f"certificates of {bundle}" if bundle else "certificates of the system"
    return f"{f'by the proxy {proxy.hostname}' if proxy.hostname else 'directly'}, {trust}"


def _from_error(check: str, error: SfmcpError, state: State = "failed", *, extra: str = "") -> Finding:
    detail = f"{error.code}: {error.message}" + (f" ({extra})" if extra else "")
    code = error.exit_code if state == "failed" else ExitCode.DONE
    remedy = error.hint.replace("; `sfmcp doctor` checks", "") if error.hint else None  # it does just that
    return Finding(check=check, state=state, detail=detail, remedy=remedy, exit_code=code)


def _failed(check: str, detail: str, remedy: str, exit_code: int) -> Finding:
    return Finding(check=check, state="failed", detail=detail, remedy=remedy, exit_code=exit_code)
