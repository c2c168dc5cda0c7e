"""Connections to one org: requests' sessions, each used by one thread at a time and kept for the next."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookiejar import DefaultCookiePolicy
from urllib.parse import urlsplit

import requests

from salesforce_mcp import __version__
from salesforce_mcp.auth.adapter import Adapter
from salesforce_mcp.auth.hosts import is_loopback


def named_bundle() -> str | None:
    """The file of trusted authorities that the user names, as requests and curl know it."""
    return os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")


class OrgSession(requests.Session):
    """A requests session for the API of one org. `system_trust`: certificates are checked by the operating system too.

    What requests would look up in the environment for every request (proxies, the authorities' bundle) is looked up
    once; ~/.netrc, whose password requests would put in the token's place, is not.
    """

    def __init__(self, url: str, *, system_trust: bool) -> None:
        super().__init__()
        self.system_trust = system_trust
        self.trust_env = False
        self.proxies = {} if is_loopback(urlsplit(url).hostname or "") else requests.utils.get_environ_proxies(url)
        self.verify = named_bundle() or True
        self.headers = requests.structures.CaseInsensitiveDict(
            {
                "User-Agent": f"sfmcp/{__version__}",
                "Accept": "application/json",
                "Accept-Encoding": "gzip",
                "Connection": "keep-alive",
            }
        )
        # Salesforce's cookies carry nothing that the API needs, and a jar would mix the sessions of several users.
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self.mount("https://", Adapter(system_trust=system_trust, pool_connections=1, pool_maxsize=1))
        self.mount("http://", Adapter(pool_connections=1, pool_maxsize=1))


class SessionPool:
    """Sessions lent one at a time; the one used last is lent first, so that few connections are kept and warm."""

    def __init__(self) -> None:
        self._idle: list[OrgSession] = []
        self._system_trust = False

    @contextmanager
    def borrow(self, url: str) -> Iterator[OrgSession]:
        """A session for the org at this address that nobody else uses meanwhile."""
        try:
            session = self._idle.pop()
        except IndexError:
            session = OrgSession(url, system_trust=self._system_trust)
        try:
            yield session
        finally:
            if session.system_trust == self._system_trust:
                self._idle.append(session)
            else:
                session.close()

    def trust_system(self, refusing: OrgSession) -> bool:
        """After this session refused a certificate: from now on also trust what the operating system trusts, such as
        a company's own authority. True when that is new to the session.

        Most runs never need it, and loading the store takes time. A bundle that the user names is what counts.
        """
        if refusing.system_trust or named_bundle():
            return False
        self._system_trust = True
        self.close()
        return True

    def close(self) -> None:
        """Close the connections that aren't in use."""
        while self._idle:
            self._idle.pop().close()
