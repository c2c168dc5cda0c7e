"""Describes."""

from tests.demo.recordings.replay import NEWER_KEYS, Replay

LAYOUTS = "the demo org describes no page layouts of custom objects"

CASES: dict[str, Replay | str] = {
    "describe-describe-global": Replay(),
    "describe-describe-sobject": Replay(),
    "describe-doc-get-a-list-of-objects": Replay(explained=NEWER_KEYS),
    "describe-doc-get-compact-layouts-using-sobject-compactlayouts": Replay(),
    "describe-doc-get-layouts-and-descriptions-for-a-specified-object": LAYOUTS,
    "describe-doc-insert-or-update-blob-data": "the demo org has no Document",
    "describe-doc-list-view-describe": "the demo org describes no list views",
    "describe-doc-view-relevant-items": "the demo org has no relevant items",
    "describe-doc-view-relevant-items-2": "the demo org has no relevant items",
    "describe-get-sobjects-account-describe": Replay(explained=NEWER_KEYS),
    "describe-get-sobjects-case-describe": Replay(explained=NEWER_KEYS),
    "describe-get-sobjects-contact-describe": Replay(),
    "describe-get-sobjects-event-describe": Replay(),
    "describe-get-sobjects-global-describe": Replay(),
    "describe-get-sobjects-lead-describe": Replay(),
    "describe-sobject-describe-success-response": Replay(path="/services/data/v31.0/sobjects/CustomObject__c/describe"),
    "describe-sobjects": Replay(explained=NEWER_KEYS),
    "describe-vcr-restforce-db-associations-belongsto-with-an-inverse-mapping-build-retu-3": Replay(
        path="/services/data/v31.0/sobjects/CustomObject__c/describe"
    ),
}
