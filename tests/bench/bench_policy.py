"""What a policy costs a call: `python -m tests.bench.bench_policy` on a demo org, the org's own time left out.

Decides about calls and their requests under a policy with objects, fields and profiles, again and again, without
sending them; describes are warm.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

POLICY = """
deny_fields = ["Contact.Email", "*.Password__c"]
deny_objects = ["Lead"]
[[profiles]]
name = "production"
environments = ["production"]
read_only = true
[[profiles]]
name = "demo"
orgs = ["demo*"]
[profiles.limits]
rows = 5000
"""
TIMES = 500


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for kind in ("CONFIG", "STATE"):
            os.environ[f"SFMCP_{kind}_DIR"] = str(Path(folder, kind.lower()))
        Path(folder, "config").mkdir()
        Path(folder, "config", "policy.toml").write_text(POLICY, encoding="utf-8")
        _measure()


def _measure() -> None:
    from salesforce_mcp.auth.session import GivenSession
    from salesforce_mcp.demo.local import DemoOrg
    from salesforce_mcp.policy.audit import Trail
    from salesforce_mcp.policy.confirmation import decide
    from salesforce_mcp.policy.gate import Gate
    from salesforce_mcp.policy.policies import Policies
    from salesforce_mcp.policy.rates import Limiter
    from salesforce_mcp.salesforce.client import Client
    from salesforce_mcp.salesforce.guard import Asked
    from salesforce_mcp.tools import registry

    soql = (
        "SELECT Id, LastName, Account.Name, (SELECT Id FROM Cases) FROM Contact "
        "WHERE LastName LIKE 'A%' AND AccountId IN (SELECT AccountId FROM Opportunity) ORDER BY LastName LIMIT 50"
    )
    parts = [{"method": "GET", "url": f"sobjects/Contact/{n:015}?fields=LastName"} for n in range(25)]
    tools = registry.load()
    policies = Policies.load()
    with DemoOrg() as org:
        session = GivenSession(org.instance_url, org.users[0].access_token, environment="demo", alias="demo", remedy="")
        client = Client(session, guard=Gate(policies))
        client.query(soql)
        report = client.query("SELECT Id FROM Report WHERE Name = 'Open Cases by Priority'").records[0]["Id"]
        shown = client.get(f"analytics/reports/{report}", params={"includeDetails": "true"})
        seen = client.guard.before(client, Asked("GET", f"analytics/reports/{report}/instances/0LG000000000001"))
        assert seen
        seen(shown)
        limiter = Limiter("bench", [(10_000_000, 1.0)])
        trail = Trail()

        def call(name: str, **arguments: Any) -> Callable[[], object]:
            tool = tools[name]
            values = tool.validate(arguments)

            def check() -> object:
                rules = policies.rules(client)
                return policies.refusal(tool, rules), decide(tool, values, rules)

            return check

        def request(method: str, path: str, **more: Any) -> Callable[[], object]:
            return lambda: client.guard.before(client, Asked(method, path, **more))

        cases: dict[str, Callable[[], object]] = {
            "the tool query": call("query", soql=soql),
            "the tool delete_record": call("delete_record", object="Account", id="001000000000001AAA"),
            "a request: query": request("GET", "query", params={"q": soql}),
            "a request: record": request("GET", "sobjects/Contact/003000000000001AAA", params={"fields": "LastName"}),
            "a request: composite of 25": request("POST", "composite/batch", body={"batchRequests": parts}),
            "an answer: report's results": lambda: seen(shown),
            "the rate, shared by processes": lambda: limiter.reserve(time.time()),
            "a line of the trail": lambda: trail.write(tools["query"], None, outcome="ok", seconds=0, requests=1),
        }
        for name, work in cases.items():
            taken = [_timed(work) for _ in range(TIMES)]
            high = statistics.quantiles(taken, n=20)[-1]
            print(f"{name:32} median {statistics.median(taken):.3f} ms, 95% under {high:.3f} ms")


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    main()
