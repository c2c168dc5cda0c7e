"""Which hosts get a token, and what is read off their names."""

from __future__ import annotations

import pytest

from salesforce_mcp.auth import hosts
from salesforce_mcp.errors import UsageError


@pytest.mark.parametrize(
    ("given", "origin"),
    [
        ("https://acme.my.salesforce.com", "https://acme.my.salesforce.com"),
        ("https://acme.my.salesforce.com/", "https://acme.my.salesforce.com"),
        ("HTTPS://ACME.MY.SALESFORCE.COM/services/data?x=1", "https://acme.my.salesforce.com"),
        ("acme--dev.sandbox.my.salesforce.com", "https://acme--dev.sandbox.my.salesforce.com"),
        ("https://na1.salesforce.com", "https://na1.salesforce.com"),
        ("https://acme.my.salesforce.mil", "https://acme.my.salesforce.mil"),
        ("https://acme.my.sfcrmproducts.cn", "https://acme.my.sfcrmproducts.cn"),
        ("https://acme.my.salesforce.com:8443", "https://acme.my.salesforce.com:8443"),
        ("http://localhost:8025", "http://localhost:8025"),
        ("http://127.0.0.1:8025/", "http://127.0.0.1:8025"),
        ("http://[::1]:8025", "http://[::1]:8025"),
        ("https://127.0.0.1:8443", "https://127.0.0.1:8443"),
    ],
)
def test_takes_hosts_of_salesforce_and_loopback(given: str, origin: str) -> None:
    assert hosts.origin(given) == origin


@pytest.mark.parametrize(
    "given",
    [
        "https://salesforce.com.evil.example",
        "https://evil.example/salesforce.com",
        "https://notsalesforce.com",
        "https://acme.my.salesforce.com@evil.example",
        "https://acme.my.salesforce.com:443@evil.example",
        "https://acme.my.salesforce.com\\@evil.example",
        "https://evil.example#.salesforce.com",
        "https://evil.example?.salesforce.com",
        "http://acme.my.salesforce.com",
        "http://127.0.0.1.evil.example",
        "http://localhost.evil.example",
        "http://0.0.0.0:80",
        "ftp://acme.my.salesforce.com",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "https://",
        "https://acme my.salesforce.com",
        "https://acme.my.salesforce.com:99999",
        "https://acmé.my.salesforce.com",
        "https://-.salesforce.com",
        "acme",
        "",
    ],
)
def test_refuses_all_others(given: str) -> None:
    with pytest.raises(UsageError):
        hosts.origin(given)


def test_a_named_host_is_trusted_and_only_that_one() -> None:
    assert hosts.origin("https://crm.example.org", allowed=["CRM.example.org"]) == "https://crm.example.org"
    with pytest.raises(UsageError, match=r"other\.example\.org is not a host of Salesforce") as caught:
        hosts.origin("https://other.example.org", allowed=["crm.example.org", "example.org"])
    assert caught.value.code == "UNTRUSTED_HOST"
    assert "--allow-host other.example.org" in (caught.value.hint or "")


def test_a_named_host_still_needs_https() -> None:
    with pytest.raises(UsageError, match="plain http"):
        hosts.origin("http://crm.example.org", allowed=["crm.example.org"])


@pytest.mark.parametrize(
    ("url", "environment"),
    [
        ("https://acme.my.salesforce.com", "production"),
        ("https://login.salesforce.com", "production"),
        ("https://na139.salesforce.com", "production"),
        ("https://test.salesforce.com", "sandbox"),
        ("https://acme--dev.sandbox.my.salesforce.com", "sandbox"),
        ("https://acme--dev.my.salesforce.com", "sandbox"),
        ("https://cs42.salesforce.com", "sandbox"),
        ("https://connect-fun-1-dev-ed.scratch.my.salesforce.com", "sandbox"),
        ("https://acme-dev-ed.my.salesforce.com", "developer"),
        ("https://orgfarm-1-dev-ed.develop.my.salesforce.com", "developer"),
        ("http://127.0.0.1:8025", "unknown"),
        ("https://crm.example.org", "unknown"),
    ],
)
def test_reads_the_kind_of_org_off_the_host(url: str, environment: str) -> None:
    assert hosts.environment_of(url) == environment


@pytest.mark.parametrize(
    ("name", "sandbox", "url"),
    [
        ("acme", False, "https://acme.my.salesforce.com"),
        ("Acme", False, "https://acme.my.salesforce.com"),
        ("acme--dev", False, "https://acme--dev.sandbox.my.salesforce.com"),
        ("acme--dev", True, "https://acme--dev.sandbox.my.salesforce.com"),
        ("acme--dev.sandbox", False, "https://acme--dev.sandbox.my.salesforce.com"),
        ("acme-dev-ed.develop", False, "https://acme-dev-ed.develop.my.salesforce.com"),
        ("acme.my.salesforce.com", False, "https://acme.my.salesforce.com"),
        ("https://acme.my.salesforce.com/home", False, "https://acme.my.salesforce.com"),
        ("acme.lightning.force.com", False, "https://acme.my.salesforce.com"),
        ("acme--dev.sandbox.lightning.force.com", True, "https://acme--dev.sandbox.my.salesforce.com"),
        ("acme.my.salesforce-setup.com", False, "https://acme.my.salesforce.com"),
        ("acme.lightning.crmforce.mil", False, "https://acme.my.salesforce.mil"),
        ("acme.lightning.sfcrmapps.cn", False, "https://acme.my.sfcrmproducts.cn"),
    ],
)
def test_makes_a_login_url_of_a_domain(name: str, sandbox: bool, url: str) -> None:
    assert hosts.my_domain(name, sandbox=sandbox) == url


def test_a_sandbox_domain_without_the_sandboxs_name_is_refused() -> None:
    with pytest.raises(UsageError, match="not the domain of a sandbox"):
        hosts.my_domain("acme", sandbox=True)
