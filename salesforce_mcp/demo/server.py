"""Run the demo org: on a loopback socket, in a thread of its own, over http or https.

The socket listens before the server is loaded: who connects at once waits in its queue for the few moments that the
imports take, so a command that uses the org can go on with its own.
"""

from __future__ import annotations

import logging
import signal
import socket
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from salesforce_mcp.errors import UsageError

if TYPE_CHECKING:
    import uvicorn

    from salesforce_mcp.demo.app import DemoApp
    from salesforce_mcp.demo.faults import Faults
    from salesforce_mcp.demo.journal import Journal
    from salesforce_mcp.demo.store import Store

HOST = "127.0.0.1"
log = logging.getLogger(__name__)
_STOPS_WITHIN = 10.0


class Server:
    """One listening org. `certificate` and `key` are PEM files for https, both or none."""

    def __init__(
        self, store: Store, *, port: int = 0, certificate: Path | None = None, key: Path | None = None
    ) -> None:
        self._store = store
        self._tls = (certificate, key) if certificate and key else None
        self._socket = _listen(port)
        self._app: DemoApp | None = None
        self._server: uvicorn.Server | None = None
        self._failure: BaseException | None = None
        self._loaded = threading.Event()
        self._thread = threading.Thread(target=self._run, name="demo-org-server", daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """scheme://host:port"""
        scheme = "https" if self._tls else "http"
        return f"{scheme}://{HOST}:{self._socket.getsockname()[1]}"

    @property
    def faults(self) -> Faults:
        return self.ready().faults

    @property
    def journal(self) -> Journal:
        return self.ready().journal

    def stop(self) -> None:
        """Answer what was begun, then let go of the port. May be called twice."""
        self._loaded.wait(_STOPS_WITHIN)
        if self._server is not None:
            self._server.should_exit = True
        self._thread.join(_STOPS_WITHIN)
        self._socket.close()

    def ready(self) -> DemoApp:
        """Wait until the server is loaded; raises if it could not be."""
        self._loaded.wait()
        if self._app is None or self._failure is not None:
            raise RuntimeError("The demo org did not start.") from self._failure
        return self._app

    def _run(self) -> None:
        import asyncio

        try:
            import uvicorn

            from salesforce_mcp.demo.app import DemoApp

            self._app = app = DemoApp(self._store)
            options: dict[str, Any] = {}
            if self._tls:
                options = {"ssl_certfile": str(self._tls[0]), "ssl_keyfile": str(self._tls[1])}
            config = uvicorn.Config(
                app,
                lifespan="off",
                ws="none",
                loop="asyncio",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_graceful_shutdown=1,
                **options,
            )
            logging.getLogger("uvicorn").setLevel(logging.CRITICAL)
            self._server = server = uvicorn.Server(config)
        except Exception as error:
            self._failure = error
            self._socket.close()
            log.exception("The demo org did not start.")
            return
        finally:
            self._loaded.set()
        try:
            asyncio.run(_serve(server, self._socket))
        finally:
            app.close()


async def _serve(server: uvicorn.Server, listener: socket.socket) -> None:
    """Serve until told to stop, then cut what is still open: over TLS, a client that keeps its connection and says no
    farewell would otherwise be left hanging."""
    import asyncio

    await server.serve(sockets=[listener])
    for connection in list(server.server_state.connections):
        transport = getattr(connection, "transport", None)
        if transport is not None:
            transport.abort()
    await asyncio.sleep(0)


def keep_running(stop: threading.Event | None = None) -> None:
    """Wait until SIGTERM or `stop`, and return; Ctrl-C raises KeyboardInterrupt as ever. For the main thread."""
    stop = stop or threading.Event()
    before = signal.signal(signal.SIGTERM, lambda *_: stop.set())
    try:
        # With a time limit, since Windows lets no Ctrl-C through a wait without one.
        while not stop.wait(0.5):
            pass
    finally:
        signal.signal(signal.SIGTERM, before)


def _listen(port: int) -> socket.socket:
    # Named outright, for asyncio sets TCP_NODELAY only where it sees TCP: without it, each answer would wait 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):
            # On Windows another process could take over a port that is merely bound.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise UsageError(
            f"Port {port} can't be used: {error.strerror or error}.", code="PORT", hint="Name another with --port."
        ) from error
    return listener
