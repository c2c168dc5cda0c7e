"""The file behind an org: seeded once, shared by threads and processes, whole or not at all."""

from __future__ import annotations

import multiprocessing
import sqlite3
import threading
from pathlib import Path

import pytest

from salesforce_mcp.demo.store import Store


def _count(store: Store, sobject: str) -> int:
    return int(store.connection().execute(f'SELECT count(*) FROM "{sobject}"').fetchone()[0])


def _delete_and_fail(store: Store, sobject: str) -> None:
    with store.transaction() as connection:
        connection.execute(f'DELETE FROM "{sobject}"')
        raise ValueError("stop")


def _open_and_count(path: str, results: object) -> None:
    store = Store(Path(path))
    results.put(
        (
            store.fact("seeded"),
            _count(store, "Account"),
            store.connection().execute("SELECT Id FROM Organization").fetchone()[0],
        )
    )
    store.close()


def test_several_processes_that_open_a_new_file_at_once_see_one_org(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    path = tmp_path / "new" / "org.db"
    started = [context.Process(target=_open_and_count, args=(str(path), results)) for _ in range(3)]
    for process in started:
        process.start()
    answers = {results.get(timeout=60) for _ in started}
    for process in started:
        process.join(60)
    assert len(answers) == 1
    assert [each.name for each in path.parent.iterdir() if each.suffix == ".new"] == []


def test_threads_have_connections_of_their_own(store: Store) -> None:
    found = []
    thread = threading.Thread(target=lambda: found.append(store.connection()))
    thread.start()
    thread.join()
    assert found[0] is not store.connection()
    assert store.connection() is store.connection()


def test_a_transaction_is_all_or_nothing(store: Store) -> None:
    before = _count(store, "Topic")
    with pytest.raises(ValueError, match="stop"):
        _delete_and_fail(store, "Topic")
    assert _count(store, "Topic") == before


def test_an_inner_transaction_is_undone_alone(store: Store) -> None:
    with store.transaction() as connection:
        connection.execute("DELETE FROM Topic")
        with pytest.raises(ValueError, match="stop"):
            _delete_and_fail(store, "Note")
    assert _count(store, "Topic") == 0
    assert _count(store, "Note") > 0


def test_writers_wait_for_each_other(store: Store) -> None:
    def add() -> None:
        for _ in range(25):
            with store.transaction():
                store.next_number("waiting")

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.transaction():
        assert store.next_number("waiting") == 101


def test_a_file_of_another_version_is_seeded_anew(store: Store) -> None:
    store.connection().execute("DELETE FROM Account")
    store.connection().execute("PRAGMA user_version = 7")
    store.close()
    again = Store(store.path)
    assert _count(again, "Account") > 100
    again.close()


def test_a_file_that_is_no_database_is_seeded_anew(tmp_path: Path) -> None:
    path = tmp_path / "org.db"
    path.write_bytes(b"not a database at all" * 1000)
    store = Store(path)
    assert _count(store, "Account") > 100
    store.close()


def test_a_current_file_is_left_alone(store: Store) -> None:
    store.connection().execute("DELETE FROM Topic")
    store.close()
    again = Store(store.path)
    assert _count(again, "Topic") == 0
    again.close()


def test_reset_reaches_others_who_have_the_file_open(store: Store) -> None:
    other = Store(store.path)
    store.connection().execute("DELETE FROM Topic")
    assert _count(other, "Topic") == 0
    store.reset()
    assert _count(other, "Topic") > 0
    assert _count(store, "Topic") > 0
    other.close()


def test_a_failed_seeding_leaves_the_old_file(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(connection: sqlite3.Connection, *_: object) -> None:
        connection.execute("CREATE TABLE half (made)")
        raise RuntimeError("disk full")

    monkeypatch.setattr("salesforce_mcp.demo.seed.seed", fail)
    with pytest.raises(RuntimeError, match="disk full"):
        store.reset()
    assert _count(store, "Account") > 100
    assert [each.name for each in store.path.parent.iterdir() if each.suffix == ".new"] == []


def test_what_a_user_looked_at_is_the_users_own(store: Store) -> None:
    ada, stan = (row[0] for row in store.connection().execute('SELECT Id FROM "User" ORDER BY Id LIMIT 2'))
    seen = {}
    for user in (ada, stan):
        with store.acting_as(user):
            seen[user] = {row[0] for row in store.connection().execute("SELECT Id FROM RecentlyViewed")}
    assert seen[ada] and seen[stan] and seen[ada] != seen[stan]
    assert store.connection().execute("SELECT count(*) FROM RecentlyViewed").fetchone()[0] == 0
