"""No describe is fetched twice."""

from __future__ import annotations

import os
import stat
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from salesforce_mcp.salesforce import describes
from salesforce_mcp.salesforce.client import Client
from tests.salesforce.scripted import Reply, ScriptedOrg, ScriptedSession, ok

ACCOUNT = {"name": "Account", "fields": [{"name": "Id"}]}
VALIDATORS = {"ETag": '"e8178a2d--gzip"', "Last_Modified": "Wed, 06 May 2026 09:49:20 GMT"}
MakeClient = Callable[[ScriptedSession], Client]


@pytest.fixture(autouse=True)
def described(org: ScriptedOrg) -> None:
    def reply(seen: object) -> Reply:
        known = getattr(seen, "headers")  # noqa: B009 - any request
        if known.get("If-None-Match") == VALIDATORS["ETag"]:
            return Reply(304)
        return ok(ACCOUNT, **VALIDATORS)

    org.on("GET sobjects/Account/describe", reply)


def kept(tmp: Path) -> list[Path]:
    return sorted((tmp / "state").rglob("*.describe"))


def age(folder: Path, seconds: float) -> None:
    for path in kept(folder):
        os.utime(path, (time.time() - seconds,) * 2)


def test_a_fresh_describe_is_not_asked_for_again(
    org: ScriptedOrg, make_client: MakeClient, private_folders: Path
) -> None:
    first = make_client(ScriptedSession(org.url))
    assert first.describe("Account") == ACCOUNT
    assert first.describe("account") == ACCOUNT
    assert make_client(ScriptedSession(org.url)).describe("Account") == ACCOUNT
    assert org.count("GET", "describe") == 1


def test_an_old_describe_is_asked_for_with_its_etag(
    org: ScriptedOrg, make_client: MakeClient, private_folders: Path
) -> None:
    make_client(ScriptedSession(org.url)).describe("Account")
    age(private_folders, describes.FRESH + 1)
    later = make_client(ScriptedSession(org.url))
    assert later.describe("Account") == ACCOUNT
    assert org.seen[-1].headers["If-None-Match"] == VALIDATORS["ETag"]
    assert org.seen[-1].headers["If-Modified-Since"] == VALIDATORS["Last_Modified"]
    assert make_client(ScriptedSession(org.url)).describe("Account") == ACCOUNT
    assert org.count("GET", "describe") == 2


def test_a_changed_describe_takes_the_old_ones_place(
    org: ScriptedOrg, make_client: MakeClient, private_folders: Path
) -> None:
    make_client(ScriptedSession(org.url)).describe("Account")
    age(private_folders, describes.FRESH + 1)
    org.on("GET sobjects/Account/describe", ok({"name": "Account", "fields": []}))
    assert make_client(ScriptedSession(org.url)).describe("Account")["fields"] == []
    assert make_client(ScriptedSession(org.url)).describe("Account")["fields"] == []


def test_users_do_not_see_each_others(org: ScriptedOrg, make_client: MakeClient) -> None:
    make_client(ScriptedSession(org.url)).describe("Account")
    other = ScriptedSession(org.url)
    other.username = "stan@example.com"
    make_client(other).describe("Account")
    assert org.count("GET", "describe") == 2


def test_a_session_without_a_name_leaves_no_token(
    org: ScriptedOrg, make_client: MakeClient, private_folders: Path
) -> None:
    for _ in range(2):
        session = ScriptedSession(org.url)
        session.username = session.org_id = None
        make_client(session).describe("Account")
    assert org.count("GET", "describe") == 1
    for path in kept(private_folders):
        assert "token-1" not in str(path)
        assert b"token-1" not in path.read_bytes()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps no modes")
def test_what_is_kept_is_private(org: ScriptedOrg, client: Client, private_folders: Path) -> None:
    client.describe("Account")
    (path,) = kept(private_folders)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("damage", [b"", b"{}", b"{}\n[1]", b"[]\n{}", b"\xff\n{}"])
def test_a_damaged_file_is_fetched_again(
    org: ScriptedOrg, make_client: MakeClient, private_folders: Path, damage: bytes
) -> None:
    make_client(ScriptedSession(org.url)).describe("Account")
    (path,) = kept(private_folders)
    path.write_bytes(damage)
    assert make_client(ScriptedSession(org.url)).describe("Account") == ACCOUNT


def test_works_without_a_state_folder(
    org: ScriptedOrg, make_client: MakeClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("SFMCP_STATE_DIR", str(tmp_path / "file" / "below"))
    client = make_client(ScriptedSession(org.url))
    assert client.describe("Account") == client.describe("Account") == ACCOUNT
    assert org.count("GET", "describe") == 1


def test_the_oldest_give_way(
    org: ScriptedOrg, client: Client, private_folders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.describe("Account")
    age(private_folders, 60)
    monkeypatch.setattr(describes, "MAX_DISK", 300)
    org.on("GET sobjects/Contact/describe", ok({"name": "Contact", "x": "y" * 200}))
    client.describe("Contact")
    assert [path.name for path in kept(private_folders)] == ["contact_.describe"]


def test_many_threads_make_one_request(org: ScriptedOrg, client: Client) -> None:
    threads = [threading.Thread(target=client.describe, args=("Account",)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert org.count("GET", "describe") == 1


def test_the_list_of_objects_is_kept_too(org: ScriptedOrg, client: Client) -> None:
    org.on("GET sobjects", ok({"sobjects": []}))
    assert client.describe_global() == client.describe_global() == {"sobjects": []}
    assert org.count("GET", "sobjects") == 1


@pytest.mark.parametrize("name", ["All", "Objects"])
def test_the_list_of_objects_is_no_describe_of_an_object_called_so(
    name: str, org: ScriptedOrg, make_client: MakeClient, private_folders: Path
) -> None:
    org.on("GET sobjects", ok({"sobjects": [{"name": "Account"}]}))
    org.on(f"GET sobjects/{name}/describe", ok({"name": name, "fields": []}))
    make_client(ScriptedSession(org.url)).describe_global()
    assert make_client(ScriptedSession(org.url)).describe(name) == {"name": name, "fields": []}
    assert make_client(ScriptedSession(org.url)).describe_global() == {"sobjects": [{"name": "Account"}]}
