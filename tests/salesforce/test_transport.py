"""Tokens, retries, time limits and addresses, against a real HTTP server."""

from __future__ import annotations

import gzip
import logging
import threading
from collections.abc import Callable

import pytest

from salesforce_mcp import __version__
from salesforce_mcp.auth.session import Session
from salesforce_mcp.errors import NetworkError, SalesforceError, SessionError, UsageError
from salesforce_mcp.salesforce import caller, retries, transport
from salesforce_mcp.salesforce.client import Client
from salesforce_mcp.salesforce.faults import PreconditionFailed
from tests.salesforce.scripted import DROP, Reply, ScriptedOrg, ScriptedSession, error, invalid_session, ok, page

LOCKED = error(400, "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record")
BUSY = error(503, "SERVER_UNAVAILABLE", "Server is unavailable")
CONCURRENT = error(403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded.")
SLOW = error(400, "QUERY_TIMEOUT", "Your query request was running for too long.")
DAILY = error(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
CREATED = ok({"id": "001000000000001AAA", "success": True, "errors": []}, 201)


def test_sends_the_token_and_says_who_we_are(org: ScriptedOrg, client: Client) -> None:
    org.on("GET limits", ok({}))
    client.get("limits")
    headers = org.seen[0].headers
    assert headers["Authorization"] == "Bearer token-1"
    assert headers["User-Agent"] == f"sfmcp/{__version__}"
    assert headers["Accept-Encoding"] == "gzip"


def test_a_netrc_does_not_replace_the_token(
    org: ScriptedOrg, client: Client, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password secret\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(netrc))
    org.on("GET limits", ok({}))
    client.get("limits")
    assert org.seen[0].headers["Authorization"] == "Bearer token-1"


def test_keeps_connections_for_the_next_request(org: ScriptedOrg, client: Client) -> None:
    org.on("GET limits", ok({}))
    for _ in range(5):
        client.get("limits")
    assert org.connections == 1


def test_threads_do_not_wait_for_one_another(org: ScriptedOrg, client: Client) -> None:
    together = threading.Barrier(8, timeout=20)

    def reply(_: object) -> Reply:
        together.wait()  # answers only once all eight requests are here
        return ok({})

    org.on("GET limits", reply)
    threads = [threading.Thread(target=client.get, args=("limits",)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert org.count("GET", "limits") == 8


def test_renews_an_expired_session_once_and_repeats(org: ScriptedOrg, make_client: Callable[..., Client]) -> None:
    session = ScriptedSession(org.url, last=2)
    org.tokens = {"token-2"}
    org.on("POST sobjects/Account", CREATED)
    assert make_client(session).post("sobjects/Account", {"Name": "Acme"})["id"] == "001000000000001AAA"
    assert session.renewals == 1
    assert org.count("POST", "Account") == 2


def test_gives_up_when_a_fresh_token_is_refused_too(org: ScriptedOrg, make_client: Callable[..., Client]) -> None:
    session = ScriptedSession(org.url, last=9)
    org.tokens = set()
    with pytest.raises(SessionError, match="INVALID_SESSION_ID") as caught:
        make_client(session).get("limits")
    assert session.renewals == 1
    assert "sfmcp login" in str(caught.value)


def test_the_identity_service_refuses_a_token_with_403(org: ScriptedOrg, make_client: Callable[..., Client]) -> None:
    session = ScriptedSession(org.url, last=2)
    org.on("GET /services/oauth2/userinfo", ok(b"Bad_OAuth_Token", 403, Content_Type="text/html"), ok({"name": "Ada"}))
    org.tokens = {"token-1", "token-2"}
    assert make_client(session).get("/services/oauth2/userinfo") == {"name": "Ada"}


def test_a_session_that_cannot_be_renewed_says_so(org: ScriptedOrg, client: Client) -> None:
    org.on("GET limits", invalid_session())
    with pytest.raises(SessionError, match="no longer accepts this login"):
        client.get("limits")


@pytest.mark.parametrize("trouble", [DROP, BUSY, SLOW, CONCURRENT, LOCKED, ok(None, 502), ok(None, 500), Reply(429)])
def test_repeats_reads_after_passing_trouble(
    org: ScriptedOrg, client: Client, pauses: list[float], trouble: object
) -> None:
    org.on("GET limits", trouble, trouble, ok({"a": 1}))
    assert client.get("limits") == {"a": 1}
    assert len(pauses) == 2


@pytest.mark.parametrize("cut", [Reply(200, {"records": ["x" * 500]}, cut=True), ok(b'{"records": [')])
def test_repeats_reads_whose_answer_broke_off(org: ScriptedOrg, client: Client, cut: Reply) -> None:
    org.on("GET limits", cut, ok({"a": 1}))
    assert client.get("limits") == {"a": 1}


def test_gives_up_after_five_attempts(org: ScriptedOrg, client: Client, pauses: list[float]) -> None:
    org.on("GET limits", BUSY)
    with pytest.raises(NetworkError) as caught:
        client.get("limits")
    assert org.count("GET", "limits") == 5
    assert caught.value.code == "SERVER_UNAVAILABLE"
    assert caught.value.retryable
    assert all(0 <= pause <= 8 for pause in pauses)


def test_stops_after_the_deadline(org: ScriptedOrg, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "DEADLINE", 0.0)
    org.on("GET limits", BUSY)
    with pytest.raises(NetworkError):
        client.get("limits")
    assert org.count("GET", "limits") == 1


def test_waits_as_long_as_the_org_asks(org: ScriptedOrg, client: Client, pauses: list[float]) -> None:
    org.on("GET limits", error(429, "TOO_MANY", "slow down", Retry_After="17"), ok({}))
    client.get("limits")
    assert pauses == [17.0]


def test_says_when_to_come_back_instead_of_waiting_for_long(
    org: ScriptedOrg, client: Client, pauses: list[float]
) -> None:
    org.on("GET limits", error(429, "TOO_MANY", "slow down", Retry_After="3600"))
    with pytest.raises(SalesforceError, match="3600 seconds") as caught:
        client.get("limits")
    assert caught.value.retryable
    assert pauses == []


def test_the_daily_limit_is_not_tried_again(org: ScriptedOrg, client: Client) -> None:
    org.on("GET limits", DAILY)
    with pytest.raises(SalesforceError, match="24 hours"):
        client.get("limits")
    assert org.count("GET", "limits") == 1


@pytest.mark.parametrize("trouble", [LOCKED, CONCURRENT, Reply(429)])
def test_repeats_a_create_when_the_answer_proves_that_nothing_was_done(
    org: ScriptedOrg, client: Client, trouble: Reply
) -> None:
    org.on("POST sobjects/Account", trouble, CREATED)
    assert client.post("sobjects/Account", {"Name": "Acme"})["success"]
    assert org.count("POST", "Account") == 2


@pytest.mark.parametrize("trouble", [DROP, BUSY, ok(None, 500), Reply(201, {"id": "0" * 500}, cut=True)])
def test_never_repeats_a_create_whose_outcome_is_unknown(org: ScriptedOrg, client: Client, trouble: object) -> None:
    org.on("POST sobjects/Account", trouble)
    with pytest.raises((NetworkError, SalesforceError)) as caught:
        client.post("sobjects/Account", {"Name": "Acme"})
    assert org.count("POST", "Account") == 1
    assert "not known" in str(caught.value)
    assert "query" in str(caught.value)
    assert not caught.value.retryable


def test_a_create_that_was_accepted_unreadably_is_said_to_be_done(org: ScriptedOrg, client: Client) -> None:
    org.on("POST sobjects/Account", ok(b'{"id": "00', 201))
    with pytest.raises(NetworkError, match="accepted the request") as caught:
        client.post("sobjects/Account", {"Name": "Acme"})
    assert not caught.value.retryable
    assert org.count("POST", "Account") == 1


def test_repeats_updates(org: ScriptedOrg, client: Client) -> None:
    org.on("PATCH sobjects/Account/001000000000001AAA", DROP, BUSY, ok(None, 204))
    assert client.patch("sobjects/Account/001000000000001AAA", {"Name": "Acme"}) is None
    assert org.count("PATCH", "001000000000001AAA") == 3


def test_an_update_that_keeps_failing_says_that_it_may_be_done_again(org: ScriptedOrg, client: Client) -> None:
    org.on("PATCH sobjects/Account/001000000000001AAA", DROP)
    with pytest.raises(NetworkError, match="doing it again does no harm") as caught:
        client.patch("sobjects/Account/001000000000001AAA", {"Name": "Acme"})
    assert caught.value.retryable


def test_a_repeated_delete_that_finds_nothing_has_succeeded(org: ScriptedOrg, client: Client) -> None:
    gone = error(404, "ENTITY_IS_DELETED", "entity is deleted")
    org.on("DELETE sobjects/Account/001000000000001AAA", DROP, gone)
    assert client.delete("sobjects/Account/001000000000001AAA") is None
    org.on("DELETE sobjects/Account/001000000000001AAA", gone)
    with pytest.raises(SalesforceError, match="entity is deleted"):
        client.delete("sobjects/Account/001000000000001AAA")


def test_a_guarded_update_says_whether_it_was_sent_before(org: ScriptedOrg, client: Client) -> None:
    for replies, repeated in (([DROP, Reply(412)], True), ([Reply(412)], False)):
        org.on("PATCH sobjects/Account/001000000000001AAA", *replies)
        with pytest.raises(PreconditionFailed) as caught:
            client.patch("sobjects/Account/001000000000001AAA", {"Name": "Acme"})
        assert caught.value.uncertain is repeated


@pytest.mark.parametrize("refusal", [DAILY, error(400, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "no"), Reply(429), LOCKED])
def test_a_write_that_is_refused_after_one_without_an_answer_may_be_done(
    org: ScriptedOrg, client: Client, refusal: Reply
) -> None:
    path = "sobjects/Account/001000000000001AAA"
    org.on(f"PATCH {path}", DROP, refusal)
    with pytest.raises(SalesforceError, match="whether it was done then is not known") as caught:
        client.patch(path, {"Name": "Acme"})
    assert caught.value.uncertain
    org.on(f"PATCH {path}", refusal)
    with pytest.raises(SalesforceError) as caught:
        client.patch(path, {"Name": "Acme"})
    assert not caught.value.uncertain


def test_a_session_that_ends_between_two_sendings_leaves_it_open_what_was_done(
    org: ScriptedOrg, client: Client
) -> None:
    path = "sobjects/Account/001000000000001AAA"
    org.on(f"PATCH {path}", DROP, invalid_session())
    with pytest.raises(SessionError, match="not known"):
        client.patch(path, {"Name": "Acme"})


def test_nobody_listening(client: Client, org: ScriptedOrg, make_client: Callable[..., Client]) -> None:
    nowhere = make_client(ScriptedSession("http://127.0.0.1:9"))
    with pytest.raises(NetworkError, match="could not be reached") as caught:
        nowhere.post("sobjects/Account", {"Name": "Acme"})
    assert caught.value.retryable  # it never left
    assert "127.0.0.1" not in str(caught.value)


def test_repeats_a_create_that_never_left(org: ScriptedOrg, pauses: list[float]) -> None:
    session = ScriptedSession("http://127.0.0.1:9")

    def org_comes_up(seconds: float) -> None:
        pauses.append(seconds)
        session._url = org.url

    org.on("POST sobjects/Account", CREATED)
    with Client(session, pause=org_comes_up) as client:
        assert client.post("sobjects/Account", {"Name": "Acme"})["success"]
    assert (len(pauses), org.count("POST", "Account")) == (1, 1)


def test_gives_up_waiting_for_an_answer(org: ScriptedOrg, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "ATTEMPTS", 1)
    done = threading.Event()

    def reply(_: object) -> Reply:
        done.wait(20)
        return ok({})

    org.on("GET limits", reply)
    with pytest.raises(NetworkError, match="did not answer in time"):
        client.get("limits", timeout=0.05)
    done.set()


def test_stops_when_the_caller_no_longer_waits(org: ScriptedOrg, session: Session) -> None:
    class Gone(Exception):
        pass

    def check() -> None:
        if org.seen:
            raise Gone

    org.on("GET limits", BUSY)
    with Client(session) as real, caller.calling(check) as call, pytest.raises(Gone):
        real.get("limits")
    assert call.requests == org.count("GET", "limits") == 1


def test_counts_the_requests_of_a_call(org: ScriptedOrg, client: Client) -> None:
    org.on("GET limits", BUSY, ok({}))
    org.on("GET query", page({"Id": "1"}, total=2, following="/services/data/v66.0/query/01g-1"))
    org.on("GET query/01g-1", page({"Id": "2"}, total=2))
    with caller.calling(lambda: None) as call:
        client.get("limits")
        list(client.pages("SELECT Id FROM Account"))
    assert call.requests == 4


def test_follows_no_redirect(org: ScriptedOrg, client: Client) -> None:
    org.on("GET limits", Reply(302, None, {"Location": "https://elsewhere.example/"}))
    with pytest.raises(NetworkError, match="redirects elsewhere"):
        client.get("limits")
    assert len(org.seen) == 1


@pytest.mark.parametrize("address", ["http://example.com", "ftp://127.0.0.1", "http://127.0.0.1.example.com"])
def test_no_token_leaves_in_the_clear(address: str, make_client: Callable[..., Client]) -> None:
    with pytest.raises(UsageError, match="https://"):
        make_client(ScriptedSession(address)).get("limits")


def test_loopback_is_reached_without_the_proxy(
    org: ScriptedOrg, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    org.on("GET limits", ok({}))
    assert client.get("limits") == {}


def test_an_answer_too_large_for_memory(org: ScriptedOrg, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "MAX_BODY", 1_000_000)
    org.on("GET limits", ok({"a": "x" * 2_000_000}))
    with pytest.raises(NetworkError, match="ANSWER_TOO_LARGE"):
        client.get("limits")
    assert org.count("GET", "limits") == 1


def test_remembers_how_many_calls_are_left(org: ScriptedOrg, client: Client) -> None:
    org.on("GET limits", ok({}, sforce_limit_info="api-usage=21/15000"))
    client.get("limits")
    assert client.transport.api_usage == (21, 15000)


def test_sends_a_file_from_the_same_place_every_time(
    org: ScriptedOrg, make_client: Callable[..., Client], tmp_path
) -> None:
    source = tmp_path / "rows.csv"
    source.write_bytes(b"Name\nAcme\n")
    org.tokens = {"token-2"}
    org.on("PUT jobs/ingest/750/batches", BUSY, ok(None, 201))
    client = make_client(ScriptedSession(org.url, last=2))
    with source.open("rb") as file:
        client.request("PUT", "jobs/ingest/750/batches", data=file, headers={"Content-Type": "text/csv"})
    assert [seen.body for seen in org.seen] == [b"Name\nAcme\n"] * 3


def test_streams_what_is_large(org: ScriptedOrg, client: Client) -> None:
    org.on("GET jobs/query/750/results", BUSY, Reply(200, b"Id\n" * 100_000, {"Sforce-Locator": "null"}))
    with client.stream("jobs/query/750/results") as (headers, chunks):
        assert headers["sforce-locator"] == "null"
        assert b"".join(chunks) == b"Id\n" * 100_000
    org.on("GET jobs/query/750/results", error(404, "NOT_FOUND", "gone"))
    with pytest.raises(SalesforceError, match="gone"), client.stream("jobs/query/750/results"):
        pass


@pytest.mark.parametrize("rest", [0, 5, 1000])
def test_a_stream_whose_compressed_body_ends_too_early_is_not_whole(
    org: ScriptedOrg, client: Client, rest: int
) -> None:
    """Lines of CSV can't tell by themselves that others are missing."""
    whole = gzip.compress(b"".join(b"%d,%d\n" % (n, n * n) for n in range(10_000)))
    headers = {"Content-Type": "text/csv", "Content-Encoding": "gzip"}
    path = "jobs/query/750/results"
    org.on(f"GET {path}", Reply(200, whole[: len(whole) - rest], headers, packed=True))
    with client.stream(path) as (_, chunks):
        if rest:
            with pytest.raises(NetworkError, match="broke"):
                b"".join(chunks)
        else:
            assert b"".join(chunks).endswith(b"9999,99980001\n")


def test_debug_logs_hold_no_secrets(org: ScriptedOrg, client: Client, caplog: pytest.LogCaptureFixture) -> None:
    org.on("GET query", page({"Id": "1"}))
    with caplog.at_level(logging.DEBUG, logger="salesforce_mcp"):
        client.query("SELECT Id FROM Account WHERE Name = 'confidential'")
    text = "".join(record.getMessage() for record in caplog.records if record.name.startswith("salesforce_mcp"))
    assert "/query: 200" in text
    assert "token" not in text
    assert "confidential" not in text
