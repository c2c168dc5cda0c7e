"""The adapter of all connections: how certificates are checked, and a time limit for the head of an answer.

A read timeout alone never ends a head that comes a byte now and then; `watch` does so for bodies.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from requests import exceptions
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NewConnectionError
from urllib3.response import HTTPResponse

from salesforce_mcp.auth.watch import WATCH

HEAD_TIMEOUT = 180.0
"""Seconds from the request's last byte in which the whole head must have arrived. Salesforce answers within 120."""


class Adapter(HTTPAdapter):
    """`system_trust`: certificates are checked by the operating system, where companies put their own authorities."""

    def __init__(self, *, system_trust: bool = False, **options: Any) -> None:
        self._own: dict[str, Any] = {}
        if system_trust:
            import ssl

            import truststore

            self._own = {"ssl_context": truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)}
        super().__init__(**options)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **(options | self._own))
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **(options | self._own))
        manager.pool_classes_by_scheme = _POOLS
        return manager


def never_left(error: Exception) -> bool:
    """Whether no connection was made for a request that failed, so that nothing was sent."""
    if isinstance(error, (exceptions.ConnectTimeout, exceptions.ProxyError)):
        return True
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(error, exceptions.ConnectionError) and isinstance(reason, NewConnectionError)


@contextmanager
def _limited(connection: HTTPConnection) -> Iterator[None]:
    """Raises TimeoutError, as a read timeout does."""
    wire = getattr(connection.sock, "socket", connection.sock)  # through a proxy over TLS, one is within another
    with WATCH.limited(lambda: wire.shutdown(socket.SHUT_RD), HEAD_TIMEOUT, TimeoutError):
        yield


class _Connection(HTTPConnection):
    def getresponse(self) -> HTTPResponse:  # type: ignore[override] # as urllib3's own
        with _limited(self):
            return super().getresponse()


class _SecureConnection(HTTPSConnection):
    def getresponse(self) -> HTTPResponse:  # type: ignore[override] # as urllib3's own
        with _limited(self):
            return super().getresponse()


class _Pool(HTTPConnectionPool):
    """Connections whose answers' heads have a time limit; where another class stands in, as vcrpy's does, that one."""

    @property
    def ConnectionCls(self) -> Any:  # type: ignore[override]
        theirs = HTTPConnectionPool.ConnectionCls
        return _Connection if theirs is HTTPConnection else theirs


class _SecurePool(HTTPSConnectionPool):
    """The same for https."""

    @property
    def ConnectionCls(self) -> Any:  # type: ignore[override]
        theirs = HTTPSConnectionPool.ConnectionCls
        return _SecureConnection if theirs is HTTPSConnection else theirs


_POOLS = {"http": _Pool, "https": _SecurePool}
