"""Limits, versions and resources."""

from tests.demo.recordings.replay import NEWER_KEYS, Replay

OWN_LIMITS = {r"/\w+: (recorded|answered), not": "which limits an org has depends on its edition, licences and version"}
CONNECTED_APPS = {r"/Daily\w+/[^/:]+: recorded, not": "a part for each connected app that the org knows"}

CASES: dict[str, Replay | str] = {
    "limits-doc-list-available-rest-api-versions": Replay(token=False),
    "limits-doc-list-org-limits": Replay(explained=OWN_LIMITS),
    "limits-doc-record-count": Replay(),
    "limits-get-limits": Replay(),
    "limits-limits": Replay(explained=OWN_LIMITS | CONNECTED_APPS),
    "limits-mocklimits": Replay(explained=OWN_LIMITS | CONNECTED_APPS),
    "limits-services": Replay(explained=NEWER_KEYS),
    "limits-services-data-success-response": Replay(path="/services/data", token=False),
    "limits-testdatasetse2e-test-datasets-e2e-2": Replay(),
    "limits-testupsert-test-upsert-complex-external-id-field-rest-10": Replay(),
    "limits-versions": Replay(token=False),
    "limits-versions-2": Replay(token=False),
}
