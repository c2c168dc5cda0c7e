"""The real parts, for commands that log in."""

from __future__ import annotations

from tests.auth.conftest import host
from tests.auth.desktop import chromium, control, demo, locked_secret_service, page, secret_service, sfmcp

__all__ = ["chromium", "control", "demo", "host", "locked_secret_service", "page", "secret_service", "sfmcp"]
