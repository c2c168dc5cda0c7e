"""Chatter: groups with members, posts with comments and likes, topics and who follows what."""

from __future__ import annotations

from typing import Any

from salesforce_mcp.demo.seeding.customers import World
from salesforce_mcp.demo.seeding.writer import DAY, Writer

_GROUPS = (
    ("All Kestrel", "Public", "Company news. Everybody is in.", None),
    ("Service Team", "Public", "Cases that need more than one head.", ("hannah", "lena", "marcus", "sofia", "ada")),
    ("Deal Desk", "Private", "Discounts and contracts.", ("priya", "grace", "tom", "ada")),
)
_POSTS = (
    "Great visit today, they want a second unit before winter.",
    "Does anyone have a reference for a hospital of this size?",
    "The part is out of stock until Thursday, see https://kestrel-power.example/parts?x=1&y=2",
    "Closed this one! Thanks @Priya Raman & team.",
    'Reminder: "E-17" has a new article, please link it to your cases.',
    "Kundin bittet um Rückruf, möglichst vor 10 Uhr.",
)
_COMMENTS = ("Thanks!", "I'll take care of it.", "Same at Bluepeak last year, <see> the case.", "👍 well done")
_TOPICS = ("E-17", "Winter readiness", "References", "Service Plans")


def seed(writer: Writer, world: World) -> None:
    people = [key for key in writer.users if key not in ("dana", "integration") and key[0].islower()]
    groups = _groups(writer, people)
    items = _posts(writer, world, groups, people)
    _topics(writer, items)
    _follow(writer, world, people)


def _groups(writer: Writer, people: list[str]) -> list[str]:
    ids = writer.ids("CollaborationGroup", len(_GROUPS))
    groups, members = [], []
    for record, (name, kind, description, keys) in zip(ids, _GROUPS, strict=True):
        owner, stamp = writer.users["ada" if keys is None else keys[0]], writer.stamp(-300 * DAY)
        groups.append((record, name, owner, kind, description, writer.stamp(-DAY), stamp, owner, stamp, owner))
        for key in keys or people:
            role = "Admin" if writer.users[key] == owner else "Standard"
            members.append((record, writer.users[key], role, "N", stamp, owner, stamp, owner))
    writer.insert_audited(
        "CollaborationGroup", "Id Name OwnerId CollaborationType Description LastFeedModifiedDate", groups
    )
    writer.insert_audited(
        "CollaborationGroupMember",
        "Id CollaborationGroupId MemberId CollaborationRole NotificationFrequency",
        [
            (record, *row)
            for record, row in zip(writer.ids("CollaborationGroupMember", len(members)), members, strict=True)
        ],
    )
    return ids


def _posts(writer: Writer, world: World, groups: list[str], people: list[str]) -> list[tuple[str, str, str]]:
    """Answers Id, parent and author of each post."""
    items: list[tuple[Any, ...]] = []
    comments, likes = [], []
    for number, record in enumerate(writer.ids("FeedItem", 90)):
        author = writer.users[people[number % len(people)]]
        parent = (
            world.accounts[number].id,
            world.cases[number],
            groups[number % len(groups)],
            world.opportunities[number][0],
            author,
        )[number % 5]
        moment = writer.past(60, recent=1.5)
        stamp = writer.stamp(moment)
        items.append(
            (
                record,
                parent,
                "TextPost",
                _POSTS[number % len(_POSTS)],
                author,
                "Published",
                "AllUsers",
                stamp,
                author,
                stamp,
                stamp,
            )
        )
        for place in range(number % 3):
            reader = writer.users[people[(number + place + 1) % len(people)]]
            said = writer.stamp(min(moment + 20 + 60 * place, writer.now))
            comment = writer.ids("FeedComment", 1)[0]
            text = _COMMENTS[(number + place) % len(_COMMENTS)]
            comments.append((comment, record, parent, text, reader, "TextComment", "Published", said, reader, said))
            like = writer.ids("FeedLike", 1)[0]
            likes.append((like, record, record, reader, said, reader))
    writer.insert(
        "FeedItem",
        "Id ParentId Type Body InsertedById Status Visibility CreatedDate CreatedById LastModifiedDate SystemModstamp",
        items,
    )
    writer.insert(
        "FeedComment",
        "Id FeedItemId ParentId CommentBody InsertedById CommentType Status CreatedDate CreatedById SystemModstamp",
        comments,
    )
    writer.insert("FeedLike", "Id FeedEntityId FeedItemId InsertedById CreatedDate CreatedById", likes)
    return [(item[0], item[1], item[4]) for item in items]


def _topics(writer: Writer, items: list[tuple[str, str, str]]) -> None:
    ada, stamp = writer.users["ada"], writer.stamp(-90 * DAY)
    ids = writer.ids("Topic", len(_TOPICS))
    writer.insert(
        "Topic",
        "Id Name Description CreatedDate CreatedById SystemModstamp",
        [(record, name, None, stamp, ada, stamp) for record, name in zip(ids, _TOPICS, strict=True)],
    )
    rows = []
    for number, (record, parent, author) in enumerate(items[::3]):
        topic = ids[number % len(ids)]
        for entity, kind in ((record, "FeedItem"), (parent, None)):
            name = kind or _object_name(writer, entity)
            rows.append((writer.ids("TopicAssignment", 1)[0], topic, entity, stamp, author, stamp, name))
    writer.insert("TopicAssignment", "Id TopicId EntityId CreatedDate CreatedById SystemModstamp EntityType", rows)


def _object_name(writer: Writer, record: str) -> str:
    sobject = writer.objects.by_id(record)
    return sobject.name if sobject else ""


def _follow(writer: Writer, world: World, people: list[str]) -> None:
    stamp = writer.stamp(-30 * DAY)
    pairs = [(world.accounts[number].id, writer.users[people[number % len(people)]]) for number in range(20)]
    pairs += [
        (writer.users[one], writer.users[other]) for one, other in (("ada", "stan"), ("priya", "stan"), ("stan", "ada"))
    ]
    writer.insert(
        "EntitySubscription",
        "Id ParentId SubscriberId CreatedById CreatedDate",
        [
            (record, parent, reader, reader, stamp)
            for record, (parent, reader) in zip(writer.ids("EntitySubscription", len(pairs)), pairs, strict=True)
        ],
    )
