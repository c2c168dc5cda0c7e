"""Which hosts a token may be sent to.

Salesforce's own domains (My Domain hosts, the login hosts, older instance hosts, and those of the government and China
clouds), loopback, and hosts that the user named. Everything else is refused before anything is sent.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection
from urllib.parse import urlsplit

from salesforce_mcp.auth.session import Environment
from salesforce_mcp.errors import UsageError

PRODUCTION_LOGIN = "https://login.salesforce.com"
SANDBOX_LOGIN = "https://test.salesforce.com"

SHARED_LOGIN_HOSTS = ("login.salesforce.com", "test.salesforce.com")
"""Login hosts that aren't one org's own."""

TRUSTED_DOMAINS = (
    "salesforce.com",
    "force.com",
    "cloudforce.com",
    "database.com",
    "salesforce.mil",
    "crmforce.mil",
    "sfcrmproducts.cn",
    "sfcrmapps.cn",
)
"""A host below one of these belongs to Salesforce."""

_PARTITIONS = ("sandbox", "develop", "scratch", "demo", "patch", "trailblaze", "free")
_OTHER_FACES = (
    (".lightning.force.com", ".my.salesforce.com"),
    (".my.salesforce-setup.com", ".my.salesforce.com"),
    (".lightning.crmforce.mil", ".my.salesforce.mil"),
    (".lightning.sfcrmapps.cn", ".my.sfcrmproducts.cn"),
)
"""Hosts that people see in the browser's address bar, and the org's own that take logins."""

_HOST = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*")


def origin(url: str, *, allowed: Collection[str] = (), what: str = "instance URL") -> str:
    """`scheme://host[:port]` of a URL that may be trusted with a token.

    `allowed` are further hosts that the user named. Raises UsageError for a host that isn't trusted, for plain http
    beyond loopback, and for what is no URL of a host.
    """
    try:
        parts = urlsplit(url.strip() if "//" in url else f"https://{url.strip()}")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        parts, host, port = urlsplit(""), "", None
    named = "." in host or is_loopback(host) or host in allowed
    if parts.scheme not in ("https", "http") or parts.username is not None or not _is_host(host) or not named:
        raise UsageError(
            f"The {what} is not the address of an org.", hint="It looks like https://mycompany.my.salesforce.com."
        )
    if parts.scheme == "http" and not is_loopback(host):
        raise UsageError(f"The {what} is plain http; a token is sent over https only.", hint=f"Use https://{host}.")
    if not is_trusted(host, allowed):
        raise UsageError(
            f"{host} is not a host of Salesforce; no token is sent there.",
            code="UNTRUSTED_HOST",
            hint=f"If it is your org, allow it with `sfmcp login --allow-host {host}` or SFMCP_ALLOW_HOST={host}.",
        )
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}" + (f":{port}" if port is not None else "")


def my_domain(name: str, *, sandbox: bool = False) -> str:
    """The login URL of a My Domain name, as people write it: `acme`, `acme--dev`, `acme--dev.sandbox`, or a whole host.

    A sandbox's name holds two hyphens. Lightning and setup addresses are taken for the org's own. Raises UsageError.
    """
    name = name.strip().lower().removeprefix("https://").split("/")[0]
    if sandbox and "--" not in name:
        raise UsageError(
            f"{name} is not the domain of a sandbox.", hint="It looks like acme--dev: the company's, --, the sandbox's."
        )
    if "." not in name:
        name += ".sandbox" if "--" in name else ""
    if name.rpartition(".")[2] in _PARTITIONS or "." not in name:
        name += ".my.salesforce.com"
    for shown, own in _OTHER_FACES:
        if name.endswith(shown):
            name = name.removesuffix(shown) + own
    return f"https://{name}"


def is_trusted(host: str, allowed: Collection[str] = ()) -> bool:
    """Whether a token may go to this host (lower case, no port)."""
    named = {entry.strip().lower() for entry in allowed}
    return is_loopback(host) or host in named or any(host.endswith(f".{domain}") for domain in TRUSTED_DOMAINS)


def is_loopback(host: str) -> bool:
    """Whether this names the machine itself."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def environment_of(url: str) -> Environment:
    """What the host name tells of an org's kind.

    Sandboxes are `name--sandbox.sandbox.my.salesforce.com` or, without enhanced domains, `name--sandbox.my.` and
    `csN.`; Developer Edition orgs have `-dev-ed` in their name. A loopback address tells nothing.
    """
    host = urlsplit(url).hostname or ""
    if is_loopback(host):
        return "unknown"
    labels = host.split(".")
    if host == "test.salesforce.com" or "sandbox" in labels[1:] or "scratch" in labels[1:]:
        return "sandbox"
    if "--" in labels[0] or re.fullmatch(r"cs\d+", labels[0]):
        return "sandbox"
    if labels[0].endswith("-dev-ed") or "develop" in labels[1:]:
        return "developer"
    return "production" if is_trusted(host) else "unknown"


def _is_host(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return bool(_HOST.fullmatch(host))
    return True
