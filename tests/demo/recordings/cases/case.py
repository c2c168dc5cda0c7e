"""Queries of cases."""

from tests.demo.recordings.replay import Replay

CASES: dict[str, Replay | str] = {
    "case-query-case-single-result": Replay(
        query={
            "q": "SELECT Id, CaseNumber, SystemModstamp, Account.Name, Account.SystemModstamp, Contact.Name, "
            "Contact.SystemModstamp FROM Case WHERE ContactId != null LIMIT 1"
        }
    ),
    "case-query-empty-result": Replay(),
    "case-tickets-0": Replay(),
    "case-tickets-2": Replay(),
}
