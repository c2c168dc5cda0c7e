"""Connections to one org: requests' sessions, each used by one thread at a time and kept for the next."""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from salesforce_mcp import __version__

_OWN_BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


class OrgSession(requests.Session):
    """A requests session for an org's API. `system_trust`: certificates are checked by the operating system too."""

    def __init__(self, *, system_trust: bool) -> None:
        super().__init__()
        self.system_trust = system_trust
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
        self.mount("https://", _SystemTrust() if system_trust else HTTPAdapter(pool_connections=1, pool_maxsize=1))


class SessionPool:
    """Sessions lent one at a time; the one used last is lent first, so that few connections are kept and warm."""

    def __init__(self) -> None:
        self._idle: list[OrgSession] = []
        self._system_trust = False

    @contextmanager
    def borrow(self) -> Iterator[OrgSession]:
        """A session that nobody else uses meanwhile."""
        try:
            session = self._idle.pop()
        except IndexError:
            session = OrgSession(system_trust=self._system_trust)
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
        if refusing.system_trust or any(os.environ.get(name) for name in _OWN_BUNDLES):
            return False
        self._system_trust = True
        self.close()
        return True

    def close(self) -> None:
        """Close the connections that aren't in use."""
        while self._idle:
            self._idle.pop().close()


class _SystemTrust(HTTPAdapter):
    """Certificates checked by the operating system (truststore), beside the bundle that requests comes with."""

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options, ssl_context=_system_context())

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        return super().proxy_manager_for(proxy, **options, ssl_context=_system_context())


def _system_context() -> ssl.SSLContext:
    import truststore

    return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
