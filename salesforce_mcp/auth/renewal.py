"""How each flow obtains a token without asking anybody: for renewals, and for unattended logins."""

from __future__ import annotations

import importlib
from collections.abc import Mapping

from salesforce_mcp.auth.grant import Grant, Secrets
from salesforce_mcp.auth.orgs import Flow, Org

MODULES: Mapping[Flow, str] = {
    "web": "refresh",
    "device": "refresh",
    "jwt": "jwt_bearer",
    "client-credentials": "client_credentials",
    "password": "password",
    "soap": "soap",
    "sf": "sf_cli",
}
"""The module of this package that does it; each has `obtain(org, secrets) -> Grant`."""


def obtain(org: Org, secrets: Secrets) -> Grant:
    """A new token for this org. Raises SessionError when refused, NetworkError, UsageError for a missing setting."""
    module = importlib.import_module(f"{__package__}.{MODULES[org.flow]}")
    grant: Grant = module.obtain(org, secrets)
    return grant
