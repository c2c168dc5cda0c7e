"""Starting, sharing and stopping: in this process, in others, over http and https."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import requests
from cryptography import x509

from salesforce_mcp.demo import certificate, local
from salesforce_mcp.demo.local import DemoOrg
from salesforce_mcp.errors import UsageError

RUN = """
import json, sys
from pathlib import Path
from salesforce_mcp.demo.local import DemoOrg
from salesforce_mcp.demo.server import keep_running
with DemoOrg(Path(sys.argv[1])) as org:
    org.ready()
    print(json.dumps(org.describe()), flush=True)
    keep_running()
print("stopped")
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Data that is seeded once for all tests of this module."""
    path = tmp_path_factory.mktemp("shared")
    with DemoOrg(path):
        return path


def ask(org: DemoOrg, path: str = "/services/data/v66.0/limits", **options: object) -> requests.Response:
    headers = {"Authorization": f"Bearer {org.users[0].access_token}"}
    return requests.get(org.instance_url + path, headers=headers, timeout=20, **options)  # type: ignore[arg-type]


def test_start_and_stop(folder: Path) -> None:
    with DemoOrg(folder) as org:
        url = org.instance_url
        assert ask(org).status_code == 200
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{url}/services/data", timeout=5)


def test_a_given_port(folder: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with DemoOrg(folder, port=port) as org:
        assert org.instance_url == f"http://127.0.0.1:{port}"
        with pytest.raises(UsageError) as caught, DemoOrg(folder, port=port):
            pass
        assert "--port" in (caught.value.hint or "")


def test_what_programs_are_told(folder: Path) -> None:
    with DemoOrg(folder) as org:
        org.ready()
        line = json.loads(json.dumps(org.describe()))
        assert set(line) == {"instance_url", "client_id", "client_secret", "users"}
        assert [set(user) for user in line["users"]] == [{"username", "password", "access_token"}] * 2


def test_a_server_that_could_not_be_loaded_says_so(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "salesforce_mcp.demo.app", None)
    with pytest.raises(RuntimeError, match="did not start"), DemoOrg(folder):
        pass
    org = DemoOrg(folder)
    org.start()
    with pytest.raises(RuntimeError, match="did not start"):
        org.ready()
    org.stop()


def test_orgs_on_one_folder_share_sessions_and_settings(folder: Path) -> None:
    with DemoOrg(folder) as one, DemoOrg(folder) as other:
        assert one.client_secret == other.client_secret
        token = one.users[0].access_token
        headers = {"Authorization": f"Bearer {token}"}
        url = f"{other.instance_url}/services/data/v66.0/limits"
        assert requests.get(url, headers=headers, timeout=20).status_code == 200
        requests.delete(f"{one.instance_url}/demo/sessions", timeout=20)
        assert requests.get(url, headers=headers, timeout=20).status_code == 401


def test_https_with_a_certificate_for_loopback(folder: Path) -> None:
    with DemoOrg(folder, tls=True) as org:
        assert org.instance_url.startswith("https://127.0.0.1:")
        assert org.describe()["certificate"] == str(org.certificate)
        assert ask(org, verify=str(org.certificate)).status_code == 200
        by_name = org.instance_url.replace("127.0.0.1", "localhost")
        assert requests.get(f"{by_name}/services/data", timeout=20, verify=str(org.certificate)).status_code == 200
        with pytest.raises(requests.exceptions.SSLError):
            requests.get(f"{org.instance_url}/services/data", timeout=20)


def test_the_certificate_is_kept_and_its_key_is_private(tmp_path: Path) -> None:
    made, key = certificate.ensure(tmp_path)
    first = made.read_bytes()
    assert certificate.ensure(tmp_path) == (made, key)
    assert made.read_bytes() == first
    if os.name == "posix":
        assert key.stat().st_mode & 0o077 == 0
    made.write_bytes(b"nonsense")
    certificate.ensure(tmp_path)
    x509.load_pem_x509_certificate(made.read_bytes())


def test_the_org_of_this_process_is_started_once() -> None:
    url, token = local.open_demo()
    try:
        assert local.open_demo() == (url, token)
        headers = {"Authorization": f"Bearer {token}"}
        who = requests.get(f"{url}/services/oauth2/userinfo", headers=headers, timeout=20).json()
        assert who["preferred_username"] == "ada.admin@demo.example"
    finally:
        local.close_demo()


@pytest.mark.skipif(os.name != "posix", reason="Windows has no SIGTERM to catch")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_cleanly(folder: Path, number: signal.Signals) -> None:
    command = [sys.executable, "-c", RUN, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            url = json.loads(process.stdout.readline())["instance_url"]
            assert requests.get(f"{url}/services/data", timeout=20).status_code == 200
            process.send_signal(number)
            out, err = process.communicate(timeout=30)
        finally:
            process.kill()
    if number is signal.SIGTERM:
        assert (process.returncode, out, err) == (0, "stopped\n", "")
    else:
        assert "KeyboardInterrupt" in err
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{url}/services/data", timeout=5)


def test_starting_loads_the_server_in_its_own_thread() -> None:
    """A command that never asks the org doesn't pay for the server's imports before it goes on."""
    heavy = ["uvicorn", "lark", "cryptography", "requests", "mcp"]
    code = (
        "import sys; import salesforce_mcp.demo.local, salesforce_mcp.demo.store, salesforce_mcp.demo.server;"
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out == "[]\n"
