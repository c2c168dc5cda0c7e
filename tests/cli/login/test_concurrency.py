"""One login shared by many processes through an expiry: one refresh request, and nobody is logged out."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import ExitStack

from salesforce_mcp.demo.local import DemoOrg
from tests.auth.desktop import ADMIN, Control, Sfmcp

PUBLIC = "3MVG9demoOrgPublicClientApp"
PROCESSES = 10

LOG_IN = """
import sys
from salesforce_mcp.auth import login
from salesforce_mcp.auth.grant import Grant, Secrets
from salesforce_mcp.auth.orgs import Org

url, access, refresh = sys.argv[1:]
org = Org(alias="acme", login_url=url, client_id="3MVG9demoOrgPublicClientApp")
login.keep(org, Secrets(login_url=url), Grant(instance_url=url, access_token=access, refresh_token=refresh))
"""

WAIT_AND_USE = """
import sys
from salesforce_mcp.auth import identity
from salesforce_mcp.auth.resolve import open_session

session = open_session("acme")
session.access_token()
sys.stdout.write("ready\\n")
sys.stdout.flush()
sys.stdin.readline()
for _ in range(2):
    sys.stdout.write(identity.of_session(session).username + "\\n")
"""


def keep_login(sfmcp: Sfmcp, demo: DemoOrg) -> None:
    """Put a login with a refresh token into the keyring, without a browser."""
    from salesforce_mcp.demo import users
    from salesforce_mcp.demo.oauth import tokens

    user = users.by_username(demo.store, ADMIN[0])
    assert user is not None
    grant, refresh = tokens.start_grant(demo.store, user, PUBLIC, ["api", "refresh_token"])
    access = tokens.issue(demo.store, user, PUBLIC, ["api", "refresh_token"], grant=grant)
    subprocess.run([sys.executable, "-c", LOG_IN, demo.instance_url, access, refresh], env=sfmcp.variables, check=True)


def test_ten_processes_make_one_refresh_with_rotation(sfmcp: Sfmcp, demo: DemoOrg, control: Control) -> None:
    control.settings(refresh_token_rotation=True)
    keep_login(sfmcp, demo)
    for round_number in (1, 2):
        with ExitStack() as stack:
            processes = [
                stack.enter_context(
                    subprocess.Popen(
                        [sys.executable, "-c", WAIT_AND_USE],
                        stdin=subprocess.PIPE,
                        stdout=subprocess.PIPE,
                        stderr=subprocess.PIPE,
                        encoding="utf-8",
                        env=sfmcp.variables,
                    )
                )
                for _ in range(PROCESSES)
            ]
            for process in processes:
                assert process.stdout is not None
                assert process.stdout.readline() == "ready\n"
            control("DELETE", "sessions")
            for process in processes:
                assert process.stdin is not None
                process.stdin.write("\n")
                process.stdin.flush()
            for process in processes:
                said, wrong = process.communicate(timeout=90)
                assert said.split() == [ADMIN[0]] * 2, wrong
                assert process.returncode == 0
        assert control.refreshes() == round_number
    assert json.loads(sfmcp("whoami", "--json").stdout)["username"] == ADMIN[0]


def test_commands_in_parallel(sfmcp: Sfmcp, demo: DemoOrg, control: Control) -> None:
    """The same with whole commands, and without rotation."""
    keep_login(sfmcp, demo)
    control("DELETE", "sessions")
    with ExitStack() as stack:
        running = [stack.enter_context(sfmcp.started("whoami", "--org", "acme")) for _ in range(PROCESSES)]
        for process in running:
            wrong = process.communicate(timeout=90)[1]
            assert process.returncode == 0, wrong
    assert control.refreshes() == 1


CRASH = """
import os
from salesforce_mcp.auth import keyring_store
from salesforce_mcp.auth.resolve import open_session

keyring_store.save = lambda *_: os._exit(9)  # the answer is here, and the machine goes down
session = open_session("acme")
session.renew(session.access_token())
"""


def test_a_crash_between_renewal_and_save(sfmcp: Sfmcp, demo: DemoOrg, control: Control) -> None:
    """Without rotation it is survived; with rotation the next command says exactly what to do."""
    keep_login(sfmcp, demo)
    for rotation in (False, True):
        control.settings(refresh_token_rotation=rotation)
        control("DELETE", "sessions")
        done = subprocess.run([sys.executable, "-c", CRASH], env=sfmcp.variables, check=False)
        assert done.returncode == 9
        control("DELETE", "sessions")
        done_now = sfmcp("whoami", "--org", "acme")
        if not rotation:
            assert done_now.returncode == 0, done_now.stderr
    assert done_now.returncode == 3
    assert "cut off before its new refresh token was saved" in done_now.stderr
    assert "`sfmcp login --org acme`" in done_now.stderr
