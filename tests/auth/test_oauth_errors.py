"""Each refusal of Salesforce gets its own words and its own next step."""

from __future__ import annotations

from dataclasses import replace

import pytest

from salesforce_mcp.auth import oauth_errors
from salesforce_mcp.auth.orgs import Flow, Org

ORG = Org(alias="acme", login_url="https://acme.my.salesforce.com", username="ada@example.com", client_id="3MVG9")

CASES: list[tuple[Flow, str, str, str, str]] = [
    # flow, error, description, what it means, what to do
    ("web", "invalid_client", "app must be installed into org", "not installed", "Approve Uninstalled"),
    ("web", "OAUTH_EC_APP_NOT_FOUND", "External client app is not installed in this org", "not installed", "Create"),
    (
        "web",
        "invalid_grant",
        "Cross-org OAuth flows are not supported for this external client app",
        "another org",
        "C",
    ),
    ("web", "OAUTH_APPROVAL_ERROR_GENERIC", "An unexpected error has occured", "let this user approve", "profile"),
    ("web", "OAUTH_APP_BLOCKED", "", "blocked", "unblocks"),
    ("web", "invalid_client_id", "client identifier invalid", "client id", "ten minutes"),
    ("jwt", "invalid_client", "client identifier invalid", "client id", "ten minutes"),
    ("web", "invalid_client", "invalid client credentials", "client secret", "--rotate-secret"),
    ("web", "invalid_client", "", "prove who it is", "certificate"),
    ("web", "redirect_uri_mismatch", "redirect_uri must match configuration", "callback", "1717/OauthRedirect"),
    ("web", "unsupported_grant_type", "grant type not supported", "way to log in", "My Domain"),
    ("client-credentials", "unauthorized_client", "client credentials flow not enabled", "way to log in", "Enable"),
    ("web", "invalid_scope", "the requested scope is not allowed", "api refresh_token", "--scope"),
    ("web", "invalid_request", "missing required code challenge", "PKCE", "link"),
    ("jwt", "invalid_grant", "user hasn't approved this consumer", "not pre-authorised", "permission set"),
    ("jwt", "invalid_app_access", "user is not admin approved to access this app", "not approved", "permission set"),
    ("web", "OAUTH_APP_ACCESS_DENIED", "user is not admin approved to access this app", "not approved", "permission"),
    ("web", "access_denied", "end-user denied authorization", "denied", "Allow"),
    ("web", "inactive_user", "user is inactive", "deactivated or frozen", "activates"),
    ("web", "invalid_grant", "inactive user", "deactivated or frozen", "activates"),
    ("web", "invalid_grant", "api access disabled", "may not use the API", "API Enabled"),
    ("web", "inactive_org", "organization inactive", "suspended", "administrator"),
    ("web", "invalid_grant", "ip restricted", "network address", "IP ranges"),
    ("password", "rate_limit_exceeded", "login rate exceeded", "too many logins", "Wait"),
    ("client-credentials", "invalid_grant", "request not supported on this domain", "My Domain", "--domain"),
    ("client-credentials", "invalid_grant", "no client credentials user enabled", "no user to run as", "Run As"),
    ("jwt", "invalid_grant", "audience is invalid", "another login address", "--sandbox"),
    ("jwt", "invalid_grant", "invalid assertion", "signed assertion", "certificate"),
    ("jwt", "invalid_grant", "expired authorization code", "signed assertion", "clock"),
    ("web", "invalid_grant", "invalid code verifier", "another attempt", "older login pages"),
    ("web", "invalid_grant", "expired authorization code", "too long", "sfmcp login --org acme"),
    ("web", "invalid_grant", "expired access/refresh token", "login has ended", "sfmcp login --org acme"),
    ("device", "invalid_grant", "token validity expired", "login has ended", "sfmcp login --org acme"),
    ("password", "invalid_grant", "authentication failure", "password or security token", "2027"),
    ("web", "invalid_grant", "authentication failure", "access to the API may be off", "API Enabled"),
    ("device", "expired_token", "", "not entered in time", "sfmcp login --org acme"),
    ("soap", "INVALID_LOGIN", "Invalid username, password, security token; or user locked out.", "locked out", "Check"),
    ("soap", "LOGIN_MUST_USE_SECURITY_TOKEN", "Invalid", "needs the security token", "SFMCP_SECURITY_TOKEN"),
    (
        "soap",
        "INVALID_OPERATION",
        "SOAP API login() is disabled by default in this org.",
        "turned off",
        "Enable SOAP API login()",
    ),
    ("soap", "LOGIN_DURING_RESTRICTED_TIME", "", "at this hour", "login hours"),
    ("soap", "LOGIN_DURING_RESTRICTED_DOMAIN", "", "network address", "IP ranges"),
    ("soap", "API_DISABLED_FOR_ORG", "", "The API is off", "API Enabled"),
    ("web", "server_error", "", "could not answer", "Try again"),
]


@pytest.mark.parametrize(("flow", "error", "description", "meaning", "remedy"), CASES)
def test_has_its_own_words(flow: Flow, error: str, description: str, meaning: str, remedy: str) -> None:
    refusal = oauth_errors.explain(error, description, replace(ORG, flow=flow))
    assert refusal.code == error
    assert meaning in refusal.message
    assert remedy in (refusal.hint or "")
    assert description in refusal.message
    assert "{" not in str(refusal)
    assert refusal.exit_code == 3


def test_every_row_can_be_reached() -> None:
    """A row behind a wider one would never be shown."""
    reached = set()
    for flow, error, description, _, _ in CASES:
        row = next(row for row in oauth_errors.TABLE if oauth_errors._fits(row, error, description, flow))
        reached.add(row.sentence)
    missing = {row.sentence for row in oauth_errors.TABLE} - reached
    assert missing == {
        "Salesforce could not use the request.",
        "Salesforce did not accept the login.",
        "The app has no callback URL.",
        "The password has expired.",
        "The user is locked out after wrong passwords.",
    }


def test_an_unknown_refusal_is_passed_on() -> None:
    refusal = oauth_errors.explain("brand_new_error", "with words", ORG)
    assert str(refusal).startswith("brand_new_error: Salesforce refused the login. Salesforce says: with words")


def test_words_from_a_query_string_can_not_write_on_the_terminal() -> None:
    refusal = oauth_errors.explain("a\x1b[31m", "x\x1b]0;title\x07\r\n{login}" + "y" * 999, ORG)
    assert str(refusal).replace("\n", "").isprintable()
    assert len(refusal.message) < 400
    assert "{login}" in refusal.message


@pytest.mark.parametrize(
    ("login_url", "instance_url", "username", "advice"),
    [
        ("https://login.salesforce.com", "", "ada@example.com.dev", "--sandbox"),
        ("https://login.salesforce.com", "https://acme--dev.sandbox.my.salesforce.com", None, "--sandbox"),
        ("https://test.salesforce.com", "https://acme.my.salesforce.com", None, "leave out --sandbox"),
    ],
)
def test_recognises_production_and_sandbox_mixed_up(
    login_url: str, instance_url: str, username: str | None, advice: str
) -> None:
    org = replace(ORG, login_url=login_url, instance_url=instance_url, username=username)
    assert advice in (oauth_errors.explain("invalid_grant", "expired access/refresh token", org).hint or "")


@pytest.mark.parametrize("username", ["ada@example.com", "ada@example.co.uk", "ada@sub.example.org", None])
def test_does_not_take_everything_for_a_sandbox(username: str | None) -> None:
    org = replace(ORG, login_url="https://login.salesforce.com", username=username)
    assert "sandbox" not in (oauth_errors.explain("invalid_grant", "authentication failure", org).hint or "")


@pytest.mark.parametrize(("skew", "words"), [(600, "10 minutes ahead of"), (-420, "7 minutes behind")])
def test_a_wrong_clock_is_named(skew: float, words: str) -> None:
    assert words in (oauth_errors.explain("invalid_grant", "invalid assertion", ORG, skew=skew).hint or "")


def test_a_right_clock_is_not() -> None:
    assert "clock is" not in (oauth_errors.explain("invalid_grant", "x", ORG, skew=20).hint or "")
