"""What each of Salesforce's refusals to log somebody in means, and what to do about it.

One table. The same words come from the token endpoint (RFC 6749, section 5.2), from the callback (section 4.1.2.1),
from the pages of the authorization endpoint, and as the fault codes of SOAP login().
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from salesforce_mcp.auth import hosts
from salesforce_mcp.auth.orgs import Flow, Org
from salesforce_mcp.errors import SessionError

CLOCK_TOLERANCE = 120
"""Seconds by which the clock may be off before it is blamed. Salesforce takes assertions for three minutes."""

_NEW_APP = "A new app, or a change to one, takes up to ten minutes to be known everywhere."
_POLICIES = "Setup > External Client App Manager > the app > Policies"
_LOGIN = "Log in again with `{login}`."
_PERMIT = (
    f"An administrator opens {_POLICIES}, and adds the user's profile or permission set to the pre-authorised ones."
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row: `error` is the code ("" is any), `words` a pattern for the description, `flows` those it is meant for.

    `remedy` may use {login}, {callback}, {login_url}, {scopes}.
    """

    error: str
    words: str
    sentence: str
    remedy: str
    flows: tuple[Flow, ...] = ()


TABLE: tuple[Refusal, ...] = (
    # The app
    Refusal(
        "invalid_client",
        "must be installed",
        "The app is not installed in this org, and the user may not approve apps that aren't.",
        "An administrator installs it under Setup > Connected Apps OAuth Usage (or External Client App Manager), or "
        "gives the user the permission Approve Uninstalled Connected Apps.",
    ),
    Refusal(
        "",
        "cross-org oauth flows are not supported|app not found|app_not_found",
        "The app belongs to another org and is not installed in this one.",
        "Create the External Client App in this org and use its consumer key, or have an administrator install it.",
    ),
    Refusal(
        "OAUTH_EC_APP_NOT_FOUND",
        "",
        "The External Client App is not installed in this org.",
        "Create the External Client App in this org and use its consumer key, or have an administrator install it.",
    ),
    Refusal(
        "OAUTH_APP_BLOCKED",
        "",
        "An administrator has blocked this app in the org.",
        "An administrator unblocks it under Setup > Connected Apps OAuth Usage.",
    ),
    Refusal(
        "OAUTH_APPROVAL_ERROR_GENERIC",
        "",
        "The org does not let this user approve the app.",
        "The app may not be installed, may lack PKCE or may be limited to pre-authorised users. " + _PERMIT,
    ),
    Refusal(
        "invalid_client_id",
        "",
        "No app has this client id here.",
        "Check the consumer key, and that the app lives in the org of {login_url} (a sandbox has its own). " + _NEW_APP,
    ),
    Refusal(
        "",
        "client identifier invalid",
        "No app has this client id here.",
        "Check the consumer key, and that the app lives in the org of {login_url} (a sandbox has its own). " + _NEW_APP,
    ),
    Refusal(
        "invalid_client",
        "credentials|secret",
        "The client secret is missing or wrong.",
        "`{login}` asks for the app's consumer secret, `{login} --rotate-secret` replaces that of a login, and "
        "SFMCP_CLIENT_SECRET gives it without a question. " + _NEW_APP,
    ),
    Refusal(
        "invalid_client",
        "",
        "The app could not prove who it is.",
        "Check the client id and the client secret; for JWT, that the app holds the certificate of this private key.",
    ),
    Refusal(
        "redirect_uri_mismatch",
        "",
        "The app does not know this callback URL.",
        "Add exactly {callback} to the app's callback URLs (another port counts as another URL). " + _NEW_APP,
    ),
    Refusal(
        "redirect_uri_missing",
        "",
        "The app has no callback URL.",
        "Add exactly {callback} to the app's callback URLs. " + _NEW_APP,
    ),
    Refusal(
        "unsupported_grant_type",
        "",
        "The app, or this address, does not allow this way to log in.",
        "Enable the flow in the app's OAuth settings, and log in at the org's My Domain address (not a lightning one).",
    ),
    Refusal(
        "unauthorized_client",
        "",
        "The app does not allow this way to log in.",
        "Enable the flow in the app's OAuth settings.",
    ),
    Refusal(
        "unsupported_response_type",
        "",
        "The app does not allow this way to log in.",
        "Enable the authorization code flow (for --flow device the device flow) in the app's OAuth settings.",
    ),
    Refusal(
        "invalid_scope",
        "",
        "The app does not offer one of the scopes asked for ({scopes}).",
        "Select them in the app's OAuth settings, or ask for others with --scope.",
    ),
    Refusal(
        "invalid_request",
        "code challenge",
        "The app demands PKCE and the request came without it.",
        "A proxy or link checker has changed the login link: open it as it was printed.",
    ),
    Refusal(
        "invalid_request",
        "",
        "Salesforce could not use the request.",
        "Check the options of the login; `sfmcp doctor` checks the rest.",
    ),
    # The user
    Refusal(
        "",
        "user hasn't approved this consumer",
        "The user is not pre-authorised for this app.",
        "An administrator sets Permitted Users to 'Admin approved users are pre-authorized' "
        f"({_POLICIES}) and adds the user's profile or permission set. " + _NEW_APP,
    ),
    Refusal("invalid_app_access", "", "The user is not approved for this app by an administrator.", _PERMIT),
    Refusal("OAUTH_APP_ACCESS_DENIED", "", "The user is not approved for this app by an administrator.", _PERMIT),
    Refusal("", "not admin approved", "The user is not approved for this app by an administrator.", _PERMIT),
    Refusal("access_denied", "", "Access was denied on the consent page.", "Log in again and choose Allow."),
    Refusal(
        "inactive_user",
        "",
        "The user is deactivated or frozen.",
        "An administrator activates or unfreezes the user under Setup > Users.",
    ),
    Refusal(
        "",
        "inactive user|user is frozen|user is inactive",
        "The user is deactivated or frozen.",
        "An administrator activates or unfreezes the user under Setup > Users.",
    ),
    Refusal(
        "inactive_org",
        "",
        "The org is locked, suspended or deleted.",
        "Ask the org's administrator or Salesforce support.",
    ),
    Refusal("", "inactive org", "The org is locked, suspended or deleted.", "Ask the org's administrator."),
    Refusal(
        "",
        "api access|api (is )?disabled|not enabled for api",
        "The user may not use the API.",
        "An administrator gives the user the permission API Enabled.",
    ),
    # Where and when
    Refusal(
        "",
        "ip restricted|ip not allowed|ip address",
        "This network address may not log in.",
        "An administrator adds it to the profile's login IP ranges or to Setup > Network Access, or relaxes IP "
        f"restrictions for the app ({_POLICIES}).",
    ),
    Refusal(
        "LOGIN_DURING_RESTRICTED_DOMAIN",
        "",
        "This network address may not log in.",
        "An administrator adds it to the profile's login IP ranges.",
    ),
    Refusal(
        "LOGIN_DURING_RESTRICTED_TIME",
        "",
        "The user may not log in at this hour.",
        "An administrator changes the login hours of the user's profile.",
    ),
    Refusal(
        "rate_limit_exceeded",
        "",
        "There were too many logins in a short time.",
        "Wait an hour; a session that is kept (`sfmcp login`) saves logins.",
    ),
    Refusal(
        "",
        "login rate exceeded|rate limit",
        "There were too many logins in a short time.",
        "Wait an hour; a session that is kept (`sfmcp login`) saves logins.",
    ),
    # Single flows
    Refusal(
        "",
        "request not supported on this domain",
        "Client credentials are accepted at the org's own My Domain address only.",
        "Use --domain NAME, or SFMCP_LOGIN_URL=https://NAME.my.salesforce.com, instead of {login_url}.",
    ),
    Refusal(
        "",
        "no client credentials user",
        "The app has no user to run as.",
        f"An administrator enables the client credentials flow and names the Run As user ({_POLICIES}).",
    ),
    Refusal(
        "",
        "audience",
        "The assertion was made for another login address than {login_url}.",
        "Log in where the user belongs: --sandbox for a sandbox, --domain NAME for My Domain.",
        ("jwt",),
    ),
    Refusal(
        "",
        "assertion|signature|expired|jwt",
        "The signed assertion was not accepted.",
        "Check that the app holds the certificate of this private key, that --username is right and that this "
        "machine's clock is.",
        ("jwt",),
    ),
    Refusal(
        "",
        "code verifier",
        "The answer belongs to another attempt to log in (its PKCE check failed).",
        "Close the older login pages in the browser. " + _LOGIN,
    ),
    Refusal("", "authorization code", "The login took too long, or its code was used already.", _LOGIN),
    Refusal(
        "",
        "expired access/refresh token|token validity expired|refresh token",
        "The login has ended: its refresh token has expired, was revoked, or was replaced by a newer one.",
        _LOGIN,
        ("web", "device"),
    ),
    Refusal(
        "invalid_grant",
        "authentication failure",
        "User name, password or security token are wrong, or the org blocks this way to log in.",
        "Check them (the security token is needed outside trusted networks). Username-password logins are blocked "
        "in most orgs and end in 2027: `sfmcp login` without --flow is the better way.",
        ("password",),
    ),
    Refusal(
        "invalid_grant",
        "authentication failure",
        "The org refused the login: access to the API may be off, or a login flow or session policy is in the way.",
        "An administrator checks the permission API Enabled and Setup > Login History, which names the cause.",
    ),
    Refusal("expired_token", "", "The code was not entered in time.", _LOGIN),
    Refusal(
        "invalid_grant", "", "Salesforce did not accept the login.", "Setup > Login History names the cause. " + _LOGIN
    ),
    # SOAP login()
    Refusal(
        "INVALID_LOGIN",
        "",
        "User name, password or security token are wrong, or the user is locked out.",
        "Check them, and --sandbox or --domain. Setup > Login History names the cause.",
    ),
    Refusal(
        "LOGIN_MUST_USE_SECURITY_TOKEN",
        "",
        "From this network the password needs the security token.",
        "Get it in Salesforce under My Settings > Reset My Security Token, and give it in SFMCP_SECURITY_TOKEN.",
    ),
    Refusal(
        "",
        r"soap api login\(\) is disabled|login\(\) is disabled",
        "The org has SOAP login turned off.",
        "An administrator turns on 'Enable SOAP API login()' under Setup > User Interface, until it ends in 2027; "
        "`sfmcp login` without --flow needs no such switch.",
    ),
    Refusal("PASSWORD_LOCKOUT", "", "The user is locked out after wrong passwords.", "Wait, or ask an administrator."),
    Refusal("PASSWORD_EXPIRED", "", "The password has expired.", "Log in with a browser and set a new one."),
    Refusal(
        "API_CURRENTLY_DISABLED",
        "",
        "The user may not use the API.",
        "An administrator gives the user the permission API Enabled.",
    ),
    Refusal(
        "API_DISABLED_FOR_ORG",
        "",
        "The API is off for this user or in this edition.",
        "An administrator gives the user the permission API Enabled; Professional Edition must buy API access.",
    ),
    # Salesforce itself
    Refusal("server_error", "", "Salesforce could not answer.", "Try again in a minute."),
    Refusal("temporarily_unavailable", "", "Salesforce could not answer.", "Try again in a minute."),
    Refusal("unknown_error", "", "Salesforce could not answer.", "Try again in a minute."),
)

_SANDBOX_USER = re.compile(r"@.+\.(com|org|net|edu|gov|io)\.([a-z0-9]{3,}|qa)$", re.IGNORECASE)


def explain(error: str, description: str, org: Org, *, skew: float | None = None) -> SessionError:
    """The refusal in plain words, with the next step.

    `error` and `description` are Salesforce's own; `skew` is how many seconds our clock is ahead of Salesforce's.
    """
    error, description = _clean(error) or "refused", _clean(description)
    row = next((row for row in TABLE if _fits(row, error, description, org.flow)), None)
    values = {
        "login": org.login_command,
        "callback": org.callback_url,
        "login_url": org.login_url,
        "scopes": " ".join(org.scopes),
    }
    sentence = row.sentence.format_map(values) if row else "Salesforce refused the login."
    remedy = (
        row.remedy.format_map(values) if row else f"`sfmcp doctor` checks the settings. {_LOGIN.format_map(values)}"
    )
    if description:
        sentence = f"{sentence} Salesforce says: {description}"
    hints = [remedy, *_environment_mistakes(error, org), *_clock(skew)]
    retryable = error in ("server_error", "temporarily_unavailable", "unknown_error")
    return SessionError(sentence, code=error, hint=" ".join(hints), retryable=retryable)


def _fits(row: Refusal, error: str, description: str, flow: Flow) -> bool:
    if row.flows and flow not in row.flows:
        return False
    if row.error and row.error.lower() != error.lower():
        return False
    return not row.words or bool(re.search(row.words, description, re.IGNORECASE))


def _environment_mistakes(error: str, org: Org) -> list[str]:
    """Production and sandbox mixed up, as far as the names tell."""
    if error.lower() not in ("invalid_grant", "invalid_client_id", "invalid_login", "invalid_client"):
        return []
    host = org.login_url.removeprefix("https://")
    kind = hosts.environment_of(org.instance_url) if org.instance_url else "unknown"
    if host == "login.salesforce.com" and (kind == "sandbox" or _SANDBOX_USER.search(org.username or "")):
        return [f"This looks like a sandbox, and {host} is for production: use --sandbox or --domain."]
    if host == "test.salesforce.com" and kind in ("production", "developer"):
        return [f"This looks like a production org, and {host} is for sandboxes: leave out --sandbox."]
    return []


def _clock(skew: float | None) -> list[str]:
    if skew is None or abs(skew) < CLOCK_TOLERANCE:
        return []
    side = "ahead of" if skew > 0 else "behind"
    return [f"This machine's clock is {abs(skew) / 60:.0f} minutes {side} Salesforce's: set it right."]


def _clean(text: str) -> str:
    """One line of printable text: it may come from a query string that anybody can write."""
    return "".join(letter if letter.isprintable() else " " for letter in text[:300]).strip()
