"""HTTP for logins: nothing followed, nothing added, proxies and private certificate authorities honoured."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from salesforce_mcp.auth import web
from salesforce_mcp.errors import NetworkError, UsageError
from tests.auth.conftest import LoginHost, free_port


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_form_with_secrets_is_not_sent_on(host: LoginHost, status: int) -> None:
    other = "https://evil.example/services/oauth2/token?token=abc"
    host.pages["/services/oauth2/token"] = (status, "", {"Location": other})
    with pytest.raises(UsageError, match=r"sends logins on to https://evil\.example\.") as caught:
        web.post(f"{host.url}/services/oauth2/token", {"client_secret": "hush"})
    assert len(host.requests) == 1
    assert "token=abc" not in str(caught.value)
    assert "--login-url https://evil.example" in (caught.value.hint or "")


def test_netrc_does_not_overrule_the_token(host: LoginHost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login eve password evil\n", encoding="utf-8")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setattr("salesforce_mcp.auth.hosts.is_loopback", lambda name: False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    web.get(f"{host.url}/services/oauth2/userinfo", token="right")
    web.post(f"{host.url}/services/oauth2/token", {"a": "b"})
    assert host.headers[0]["Authorization"] == "Bearer right"
    assert "Authorization" not in host.headers[1]


def test_cookies_are_not_sent_back(host: LoginHost) -> None:
    host.pages["/a"] = (200, {}, {"Set-Cookie": "BrowserId=x; path=/"})
    web.get(f"{host.url}/a")
    web.get(f"{host.url}/a")
    assert "Cookie" not in host.headers[1]


def test_reads_the_clock(host: LoginHost) -> None:
    answer = web.get(f"{host.url}/services/data")
    assert answer.skew is not None
    assert abs(answer.skew) < 30
    host.date = "no date"
    assert web.get(f"{host.url}/services/data").skew is None


def test_a_huge_answer_is_cut_off(host: LoginHost) -> None:
    host.pages["/huge"] = (200, "x" * (web.MAX_BODY + 1), {})
    with pytest.raises(NetworkError):
        web.get(f"{host.url}/huge")


def test_nobody_there() -> None:
    with pytest.raises(NetworkError, match="can't be reached") as caught:
        web.get(f"http://127.0.0.1:{free_port()}/")
    assert caught.value.exit_code == 5


def test_a_form_that_could_not_be_sent_is_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()
    with ExitStack() as stack:

        def pauses() -> Iterator[float]:
            yield 0
            host = LoginHost(port)
            stack.callback(host.server_close)
            threading.Thread(target=host.handle_request).start()
            yield 0

        monkeypatch.setattr(web, "PAUSES", pauses())
        assert web.post(f"http://127.0.0.1:{port}/services/oauth2/token", {"a": "b"}).status == 200


def test_a_form_that_may_have_arrived_is_not_sent_again(host: LoginHost) -> None:
    """Its refresh token may be used up, however the answer was."""
    host.on_token = lambda form: (503, "<html>maintenance</html>")
    assert web.post(f"{host.url}/services/oauth2/token", {"a": "b"}).status == 503
    with socket.create_server(("127.0.0.1", 0)) as server:
        seen: list[bytes] = []

        def hang_up() -> None:
            server.settimeout(5)
            with suppress(TimeoutError):
                while True:
                    connection, _ = server.accept()
                    seen.append(connection.recv(1000))
                    connection.close()
                    server.settimeout(0.2)

        thread = threading.Thread(target=hang_up)
        thread.start()
        with pytest.raises(NetworkError, match="can't be reached"):
            web.post(f"http://127.0.0.1:{server.getsockname()[1]}/services/oauth2/token", {"a": "b"})
        thread.join()
    assert len(host.forms) == len(seen) == 1


def test_no_such_host() -> None:
    with pytest.raises(NetworkError) as caught:
        web.get("http://acme.invalid/")
    assert caught.value.code in ("HOST_NOT_FOUND", "PROXY")


def test_a_host_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "TIMEOUT", (0.3, 0.3))
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        with pytest.raises(NetworkError, match="didn't answer in time") as caught:
            web.get(f"http://127.0.0.1:{silent.getsockname()[1]}/")
    assert caught.value.code == "TIMEOUT"
    assert caught.value.retryable


def test_loopback_goes_past_the_proxy(host: LoginHost, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free_port()}")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    assert web.get(f"{host.url}/services/data").status == 200


class _Proxy(BaseHTTPRequestHandler):
    """Notes where it is asked to connect to, and refuses or connects."""

    asked: list[str]
    target: int | None

    def do_CONNECT(self) -> None:
        self.asked.append(f"{self.path} {self.headers.get('Proxy-Authorization', '')}".strip())
        if self.target is None:
            self.send_error(403)
            return
        with socket.create_connection(("127.0.0.1", self.target)) as upstream:
            self.send_response(200)
            self.end_headers()
            back = threading.Thread(target=_pump, args=(upstream, self.connection))
            back.start()
            _pump(self.connection, upstream)
            back.join()
        self.close_connection = True

    def log_message(self, *_: Any) -> None:
        pass


def _pump(source: socket.socket, target: socket.socket) -> None:
    try:
        while piece := source.recv(65536):
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


@contextmanager
def _serving(server: HTTPServer) -> Iterator[int]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[_Proxy]]:
    """A proxy that HTTPS_PROXY names, with a user name and a password."""
    handler = type("Handler", (_Proxy,), {"asked": [], "target": None})
    for name in ("no_proxy", "NO_PROXY", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    with _serving(HTTPServer(("127.0.0.1", 0), handler)) as port:
        monkeypatch.setenv("HTTPS_PROXY", f"http://user:pass@127.0.0.1:{port}")
        yield handler


def test_a_proxy_that_refuses_is_named_without_its_password(proxy: type[_Proxy]) -> None:
    with pytest.raises(NetworkError) as caught:
        web.post("https://acme.my.salesforce.com/services/oauth2/token", {"a": "b"})
    assert caught.value.code == "PROXY"
    assert "HTTPS_PROXY" in (caught.value.hint or "")
    assert "pass" not in str(caught.value)
    assert proxy.asked[0].startswith("acme.my.salesforce.com:443 Basic ")


def test_a_private_certificate_authority_of_the_system_is_trusted(
    proxy: type[_Proxy], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As behind a proxy that inspects traffic: its authority is in the system's store, here by SSL_CERT_FILE."""
    certificate, authority = _certificates(tmp_path, "acme.my.salesforce.com")
    server = LoginHost()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    with _serving(server) as port:
        proxy.target = port
        with pytest.raises(NetworkError) as caught:
            web.get("https://acme.my.salesforce.com/services/data")
        assert caught.value.code == "CERTIFICATE"
        monkeypatch.setenv("SSL_CERT_FILE", str(authority))
        assert web.get("https://acme.my.salesforce.com/services/data").status == 200
        monkeypatch.delenv("SSL_CERT_FILE")
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority))
        assert web.get("https://acme.my.salesforce.com/services/data").status == 200
    assert server.requests == ["GET /services/data"] * 2


def _certificates(folder: Path, host: str) -> tuple[Path, Path]:
    """A server's certificate with its key, and the authority that signed it."""
    now = datetime.now(UTC)
    authority_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Company Root")])

    def build(subject: str, public: ec.EllipticCurvePublicKey, *, is_authority: bool) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]))
            .issuer_name(issuer)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False
            )
        )

    root = build("Company Root", authority_key.public_key(), is_authority=True).sign(authority_key, hashes.SHA256())
    names = x509.SubjectAlternativeName([x509.DNSName(host), x509.IPAddress(IPv4Address("127.0.0.1"))])
    leaf = build(host, key.public_key(), is_authority=False).add_extension(names, critical=False)
    signed = leaf.sign(authority_key, hashes.SHA256())
    pem = serialization.Encoding.PEM
    (folder / "ca.pem").write_bytes(root.public_bytes(pem))
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "server.pem").write_bytes(signed.public_bytes(pem) + private)
    return folder / "server.pem", folder / "ca.pem"
