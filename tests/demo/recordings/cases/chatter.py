"""Chatter. Most recordings are of versions 23.0 and 27.0, which Salesforce has retired since (the demo org answers 410
like Salesforce); they are put to version 66.0, whose answers have the same keys and more."""

from tests.demo.recordings.replay import NEWER_KEYS, Org, Replay

ROOT = "/services/data/v66.0"
RETIRED = "version {} is retired, and this resource with it: {}"
NO_MESSAGES = "the demo org has no private messages"
NO_GUESTS = {r"\S*/isChatterGuest: recorded": "in the answers up to version 25.0 only; userType says it since"}
NO_STATUS = {r"\S*/currentStatus: recorded": "in the answers up to version 25.0 only"}
NO_PHONES = {r"\S*/phoneNumbers: recorded 0": "nobody of the recorded orgs has a phone"}


def liked(org: Org) -> dict[str, str]:
    item = org.get("chatter/feeds/company/feed-elements", pageSize="1")["elements"][0]["id"]
    path = f"{ROOT}/chatter/feed-elements/{item}/capabilities/chatter-likes/items"
    return {"like": str(org.send("POST", path, headers={}).json()["id"])}


def memberships(org: Org) -> dict[str, str]:
    group_id = org.get("chatter/groups")["groups"][0]["id"]
    members = org.get(f"chatter/groups/{group_id}/members")["members"]
    return {"id": members[0]["id"], "other": members[1]["id"]}


def subscription(org: Org) -> dict[str, str]:
    return {"id": str(org.get("chatter/users/me/following")["following"][0]["id"])}


def people(org: Org) -> dict[str, str]:
    users = org.get("chatter/users")["users"]
    return {"one": users[0]["id"], "other": users[1]["id"]}


CASES: dict[str, Replay | str] = {
    "chatter-chatterbackbone-news-feed-data": RETIRED.format("27.0", "feed-items became feed-elements in 31.0"),
    "chatter-cli-dx-connect-2": "the stored answer is the request's settings, not the user",
    "chatter-communities": "the demo org has no Experience Cloud sites",
    "chatter-community-users": Replay(path=f"{ROOT}/chatter/users", explained=NO_PHONES),
    "chatter-conversations-get-id-success-response": NO_MESSAGES,
    "chatter-doc-group-memberships-resources-2": Replay(
        path=f"{ROOT}/chatter/group-memberships/batch/{{id}},0FB000000000009",
        setup=memberships,
        explained=NEWER_KEYS,
    ),
    "chatter-doc-topic-files": "the demo org's posts have no files",
    "chatter-doc-trending-topics": Replay(path=f"{ROOT}/connect/topics/trending"),
    "chatter-doc-trending-topics-2": RETIRED.format("24.0", "before 28.0 topics had names only"),
    "chatter-feed-items-get-id-success-response": RETIRED.format("23.0", "feed-items became feed-elements in 31.0"),
    "chatter-filter-feed-get-all-success-response": "the demo org has no filter feeds",
    "chatter-group-memberships-get-id-success-response": Replay(
        path=f"{ROOT}/chatter/group-memberships/{{id}}", setup=memberships, explained={**NEWER_KEYS, **NO_GUESTS}
    ),
    "chatter-groups-get-success-response": Replay(path=f"{ROOT}/chatter/groups", explained=NEWER_KEYS),
    "chatter-likes-get-id-success-response": Replay(
        path=f"{ROOT}/chatter/likes/{{like}}", setup=liked, explained={**NEWER_KEYS, **NO_GUESTS}
    ),
    "chatter-messages-get-id-success-response": NO_MESSAGES,
    "chatter-messages-get-success-response": NO_MESSAGES,
    "chatter-news-feed-items-get-success-response": RETIRED.format("23.0", "feed-items became feed-elements in 31.0"),
    "chatter-subscriptions-get-id-success-response": Replay(
        path=f"{ROOT}/chatter/subscriptions/{{id}}", setup=subscription, explained={**NEWER_KEYS, **NO_GUESTS}
    ),
    "chatter-testintegrationinfrastructure-test-integration-tests": Replay(),
    "chatter-trending-topics-get-success-response": RETIRED.format("23.0", "before 28.0 topics had names only"),
    "chatter-users-batch-get-success-response": Replay(
        path=f"{ROOT}/chatter/users/batch/{{one}},{{other}}",
        setup=people,
        explained={**NEWER_KEYS, **NO_GUESTS, **NO_STATUS, **NO_PHONES},
    ),
    "chatter-users-following-get-id-success-response": Replay(
        path=f"{ROOT}/chatter/users/me/following", explained={**NEWER_KEYS, **NO_GUESTS}
    ),
    "chatter-users-groups-get-id-success-response": Replay(
        path=f"{ROOT}/chatter/users/me/groups", explained=NEWER_KEYS
    ),
    "chatter-users-photo-get-id-success-response": Replay(path=f"{ROOT}/chatter/users/me/photo", explained=NEWER_KEYS),
    "chatter-users-status-get-id-success-response": RETIRED.format("23.0", "users' statuses went with 26.0"),
}
