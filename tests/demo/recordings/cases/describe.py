"""Describes."""

from tests.demo.recordings.replay import NEWER_KEYS, RETIRED_URL, Replay

LAYOUTS = "the demo org describes no page layouts of custom objects"
NO_OBJECT = "the demo org has no {}"
CHANGE_EVENTS = {r"/sobjects\[\]/urls/eventSchema: recorded": "the demo org has no change events"}
EARLIER = {r"/sobjects\[\]/urls/eventSeriesUpdates: answered": "added since the recorded version of the API"}
LATER_OBJECTS = {
    r"/sobjects\[\]/urls/(case|eventSeries|password)\w+: answered": "the recording was cut to its first 120 objects, "
    "before Case, Event and User"
}

CASES: dict[str, Replay | str] = {
    "describe-describe-global": Replay(explained=LATER_OBJECTS, lacking=CHANGE_EVENTS),
    "describe-describe-sobject": Replay(),
    "describe-doc-get-a-list-of-objects": Replay(explained=NEWER_KEYS),
    "describe-doc-get-compact-layouts-using-sobject-compactlayouts": Replay(
        explained={
            **NEWER_KEYS,
            r"/compactLayouts\[\]/fieldItems\[\]/layoutComponents\[\]/details/": "the layout has other fields",
        },
        lacking={r"/compactLayouts\[\]/(actions|imageItems): recorded": "the demo org's layouts have neither of them"},
    ),
    "describe-doc-get-layouts-and-descriptions-for-a-specified-object": LAYOUTS,
    "describe-doc-insert-or-update-blob-data": NO_OBJECT.format("Document"),
    "describe-doc-list-view-describe": "the demo org describes no list views",
    "describe-doc-view-relevant-items": "the demo org has no relevant items",
    "describe-doc-view-relevant-items-2": "the demo org has no relevant items",
    "describe-get-sobjects-account-describe": Replay(explained=NEWER_KEYS | RETIRED_URL),
    "describe-get-sobjects-case-describe": Replay(explained=NEWER_KEYS | RETIRED_URL),
    "describe-get-sobjects-contact-describe": Replay(),
    "describe-get-sobjects-event-describe": Replay(
        lacking={
            r"/childRelationships\[\]/junction": "the demo org has no AcceptedEventRelation and the like",
        }
    ),
    "describe-get-sobjects-global-describe": Replay(
        explained=EARLIER,
        lacking={
            **CHANGE_EVENTS,
            r"/sobjects\[\]/urls/namedLayouts: recorded": "the demo org has no named layouts of User",
            r"/sobjects\[\]/urls/workOrder": "the demo org has no WorkOrder",
        },
    ),
    "describe-get-sobjects-lead-describe": Replay(),
    "describe-sobject-describe-success-response": Replay(
        path="/services/data/v31.0/sobjects/Case/describe", explained=NEWER_KEYS
    ),
    "describe-sobjects": Replay(explained=NEWER_KEYS),
    "describe-vcr-restforce-db-associations-belongsto-with-an-inverse-mapping-build-retu-3": Replay(
        explained=NEWER_KEYS
    ),
}
