"""Tokens and identity."""

from urllib.parse import urlencode

from tests.demo.recordings.replay import Org, Replay


def login(org: Org) -> dict[str, str]:
    return {"form": urlencode({"grant_type": "password", **org.app})}


def wrong_password(org: Org) -> dict[str, str]:
    return {"form": urlencode({"grant_type": "password", **org.app, "password": "wrong"})}


def identity(org: Org) -> dict[str, str]:
    answer = org.send(
        "POST", "/services/oauth2/token", token=False, headers={}, data={"grant_type": "password", **org.app}
    )
    return {"path": "/id/" + answer.json()["id"].split("/id/")[1]}


FORM = {"Content-Type": "application/x-www-form-urlencoded"}
OLDER = "recorded before Salesforce said which type the token has"
PASSWORD = Replay(body="{form}", setup=login, token=False, headers=FORM)

CASES: dict[str, Replay | str] = {
    "oauth-auth-success-response": Replay(
        body="{form}", setup=login, token=False, headers=FORM, explained={"/token_type: answered": OLDER}
    ),
    "oauth-doc-headless-login-send-a-token-request": "headless identity needs an Experience Cloud site",
    "oauth-get-current-user": Replay(explained={"/address/": "the recorded user has no address"}),
    "oauth-issue-nforce-194": Replay(body="{form}", setup=wrong_password, token=False, headers=FORM),
    "oauth-issue-restforce-303": "an inactive user: see the tests of the demo org's settings",
    "oauth-issue-restforce-826": "the request isn't known",
    "oauth-mockidentity": Replay(path="{path}", setup=identity),
    "oauth-reauth-success-response": "a refresh: see the tests of the demo org's OAuth",
    "oauth-userdetails": "made up by its authors; see oauth-get-current-user",
    "oauth-vcr-newflow-students-student-signup-flow-sf-setup-0": PASSWORD,
    "oauth-vcr-pushleadtosalesforcejob-sf-setup-0": PASSWORD,
    "oauth-vcr-pushopportunitytosalesforcejob-sf-setup-0": PASSWORD,
    "oauth-vcr-restforce-db-accessing-salesforce-uses-the-configured-credentials-0": PASSWORD,
    "oauth-vcr-synccontactschoolstosalesforcejob-sf-setup-0": PASSWORD,
}
