"""orgs.toml: written and read back, by people too."""

from __future__ import annotations

import threading
from dataclasses import fields
from pathlib import Path

import pytest

from salesforce_mcp import folders
from salesforce_mcp.auth import orgs
from salesforce_mcp.auth.orgs import Org
from salesforce_mcp.errors import SessionError, UsageError

FULL = Org(
    alias="acme.dev@x",
    flow="jwt",
    login_url="https://acme--dev.sandbox.my.salesforce.com",
    instance_url="https://acme--dev.sandbox.my.salesforce.com",
    client_id="3MVG9",
    username='ada"\\ö\x7f@example.com',
    org_id="00D000000000001AAA",
    environment="sandbox",
    scopes=("api", "openid"),
    port=1718,
    key_file="C:\\keys\\ci.pem",
    sf_alias="dev",
    allowed_hosts=("crm.example.org",),
    api_version="64.0",
)


def test_what_is_written_is_read_back() -> None:
    plain = Org(alias="prod", login_url="https://login.salesforce.com")
    with orgs.changing() as book:
        book.put(FULL)
        book.put(plain)
    found = orgs.load()
    assert found.by_alias == {FULL.alias: FULL, "prod": plain}
    assert found.default == FULL.alias
    assert all(getattr(FULL, each.name) for each in fields(Org)), "every field should be in this test"


def test_nothing_is_written_when_the_change_fails() -> None:
    with orgs.changing() as book:
        book.put(FULL)
    before = _file().read_bytes()
    with pytest.raises(SessionError), orgs.changing() as book:
        book.rename("nobody", "somebody")
    assert _file().read_bytes() == before


def test_a_person_may_edit_the_file() -> None:
    _file().write_text(
        'default = "b"\n# mine\n[orgs.a]\nlogin_url = "https://test.salesforce.com"\n\n'
        '[orgs.b]\nlogin_url = "https://login.salesforce.com"\napi_version = "60.0"\ncolour = "red"\n',
        encoding="utf-8-sig",
    )
    book = orgs.load()
    assert book.default == "b"
    assert book.find("b").api_version == "60.0"
    assert book.find("a").port == 1717


@pytest.mark.parametrize(
    "content",
    [
        "default = ",
        "orgs = 3",
        "[orgs]\nprod = 1",
        "[orgs.prod]\nport = 1",
        '[orgs.prod]\nlogin_url = "https://x"\nport = "1717"',
        '[orgs.prod]\nlogin_url = "https://x"\nflow = "magic"',
        '[orgs.prod]\nlogin_url = "https://x"\nscopes = "api"',
        "\xff",
    ],
)
def test_a_broken_file_is_named(content: str) -> None:
    _file().write_bytes(content.encode("latin-1"))
    with pytest.raises(UsageError, match=r"orgs\.toml can't be read"):
        orgs.load()


def test_concurrent_changes_are_all_kept() -> None:
    def add(number: int) -> None:
        with orgs.changing() as book:
            book.put(Org(alias=f"org{number}", login_url="https://login.salesforce.com"))

    threads = [threading.Thread(target=add, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(orgs.load().by_alias) == 8


def test_renaming_keeps_the_place_and_the_default() -> None:
    book = orgs.Orgs()
    for alias in ("a", "b", "c"):
        book.put(Org(alias=alias, login_url="https://login.salesforce.com"))
    book.rename("a", "z")
    assert list(book.by_alias) == ["z", "b", "c"]
    assert book.default == "z"
    assert book.find("z").alias == "z"
    with pytest.raises(UsageError, match="already"):
        book.rename("b", "c")
    with pytest.raises(SessionError, match="no login named 'a'"):
        book.rename("a", "y")


def test_removing_the_default_leaves_the_only_other_one() -> None:
    book = orgs.Orgs()
    for alias in ("a", "b", "c"):
        book.put(Org(alias=alias, login_url="https://login.salesforce.com"))
    book.remove("a")
    assert book.default is None
    book.default = "b"
    book.remove("b")
    assert book.default == "c"
    book.remove("c")
    assert book.default is None


@pytest.mark.parametrize("alias", ["", "demo", "-x", "a b", "a/b", "..", "a:b", "ü", "x" * 81])
def test_aliases_that_can_not_be(alias: str) -> None:
    with pytest.raises(UsageError):
        orgs.check_alias(alias)


@pytest.mark.parametrize("alias", ["prod", "acme--dev", "ada@example.com", "1", "a.b_c+d"])
def test_aliases_that_can(alias: str) -> None:
    orgs.check_alias(alias)


def _file() -> Path:
    return folders.config_dir() / orgs.FILE
