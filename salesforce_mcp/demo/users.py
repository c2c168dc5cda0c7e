"""Users of the demo org: who they are and what they may do.

Code that shows or changes records asks three things of a User: may they do this with the object (`can`), may they see
or set the field (`can_read_field`, `can_edit_field`), and which rows are theirs to see (`visible_rows`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from salesforce_mcp.demo.rights import Action, Rights, of_profile

if TYPE_CHECKING:
    from salesforce_mcp.demo.schema import SObject, SObjects
    from salesforce_mcp.demo.store import Store

ADMIN_USERNAME = "ada.admin@demo.example"
STANDARD_USERNAME = "stan.standard@demo.example"
PASSWORDS: Mapping[str, str] = {ADMIN_USERNAME: "demo-admin-1", STANDARD_USERNAME: "demo-standard-1"}
"""The two who can log in. The org is on loopback and holds no secret: `sfmcp demo serve` prints these."""

_TRAITS: Mapping[Action, str] = {
    "read": "retrieveable",
    "create": "createable",
    "edit": "updateable",
    "delete": "deletable",
}
_COLUMNS = (
    "Id, Username, FirstName, LastName, Email, Alias, IsActive, TimeZoneSidKey, LocaleSidKey, LanguageLocaleKey,"
    " ProfileId, UserRoleId, Phone, Title,"
    " (SELECT Name FROM Profile WHERE Id = ProfileId), (SELECT Id FROM Organization)"
)
_FIELDS = (
    "id", "username", "first_name", "last_name", "email", "alias", "is_active", "time_zone", "locale", "language",
    "profile_id", "role_id", "phone", "title",
    "profile_name", "organization_id",
)  # fmt: skip


@dataclass(frozen=True)
class User:
    """A user, with the rights of the profile. `groups` are the Ids of the queues and groups that the user is in."""

    id: str
    username: str
    first_name: str | None
    last_name: str
    email: str
    alias: str
    is_active: bool
    time_zone: str
    locale: str
    language: str
    profile_id: str
    role_id: str | None
    phone: str | None
    title: str | None
    profile_name: str
    organization_id: str
    groups: tuple[str, ...]
    rights: Rights
    currency: str = "USD"

    @property
    def name(self) -> str:
        return f"{self.first_name or ''} {self.last_name}".strip()

    @property
    def is_admin(self) -> bool:
        """True for a user with Modify All Data."""
        return self.rights.modify_all

    def can(self, sobject: SObject, action: Action) -> bool:
        """True if the object allows it and the user may do it, as describes say and requests obey."""
        return sobject.can(_TRAITS[action]) and self.rights.allows(sobject.name, action)

    def can_read(self, sobject: str) -> bool:
        """True if the user may know of the object; History and Feed objects follow the object that they belong to."""
        stem = sobject.removesuffix("Feed").removesuffix("History").removesuffix("Field").removesuffix("__")
        return self.rights.allows(sobject, "read") and self.rights.allows(stem, "read")

    def can_read_field(self, sobject: str, field: str) -> bool:
        """True if the user may see the field."""
        return self.rights.shows(sobject, field)

    def can_edit_field(self, sobject: str, field: str) -> bool:
        """True if the user may set the field, where the field itself can be set."""
        return self.rights.lets_edit(sobject, field)

    def visible_rows(self, objects: SObjects, sobject: SObject, alias: str, bind: Callable[[Any], str]) -> str | None:
        """The SQL condition under which the user sees a row of the object, or None when that is every row.

        `bind` takes a value and gives the placeholder that stands for it.
        """
        if self.is_admin:
            return None
        if sobject.derived:
            return self._told(objects, sobject, alias, bind)
        if sobject.sharing == "private":
            owners = ", ".join(bind(owner) for owner in (self.id, *self.groups))
            return f'{alias}."OwnerId" IN ({owners})'
        if sobject.sharing == "parent" and (master := sobject.master_field):
            parent = objects[master.reference_to[0]]
            visible = self.visible_rows(objects, parent, f"{alias}_master", bind)
            if visible is None:
                return None
            return (
                f'EXISTS (SELECT 1 FROM "{parent.name}" AS {alias}_master'  # noqa: S608 - names of the schema
                f' WHERE {alias}_master."Id" = {alias}."{master.name}" AND {visible})'
            )
        if sobject.name in _ARTICLE_VERSIONS and not self.rights.allows("Knowledge__kav", "edit"):
            return f"{alias}.\"PublishStatus\" = 'Online'"
        if folder := _FOLDER_FIELDS.get(sobject.name):
            mine = bind(self.id)
            hidden = "SELECT Id FROM Folder WHERE AccessType = 'Hidden'"
            column = f'{alias}."{folder}"'
            return f"({column} = {mine} OR ({column} NOT LIKE '005%' AND {column} NOT IN ({hidden})))"
        return None

    def _told(self, objects: SObjects, sobject: SObject, alias: str, bind: Callable[[Any], str]) -> str | None:
        """Objects and fields that the user may know of, among the rows that tell of them."""
        told = [found for name in self.rights.objects or () if (found := objects.described.get(name))]
        hidden = _bound((each.durable_id for each in told if not self.can_read(each.name)), bind)
        if sobject.name == "EntityDefinition":
            return f'{alias}."DurableId" NOT IN ({hidden})'
        if sobject.field("EntityDefinitionId") is None:
            return None
        split = [name.split(".") for name in self.rights.hidden]
        fields = _bound((f"{objects.described[name].durable_id}.{field}" for name, field in split), bind)
        entity = f'{alias}."EntityDefinitionId"'
        return f"{entity} NOT IN ({hidden}) AND {entity} || '.' || {alias}.\"QualifiedApiName\" NOT IN ({fields})"

    def may_delete(self, owner_id: str | None) -> bool:
        """True if the user may delete a record of this owner: that takes more than sharing it for editing."""
        return self.is_admin or owner_id is None or owner_id == self.id or owner_id in self.groups


def _bound(values: Iterable[str], bind: Callable[[Any], str]) -> str:
    return ", ".join(bind(each) for each in values)


_ARTICLE_VERSIONS = frozenset({"Knowledge__kav", "KnowledgeArticleVersion"})
"""Drafts and archived versions are seen by those who manage articles."""
_FOLDER_FIELDS: Mapping[str, str] = {"Report": "OwnerId", "Dashboard": "FolderId"}
"""Objects kept in folders: a user's own folder and hidden ones aren't for everyone."""


def by_id(store: Store, user_id: str) -> User | None:
    """The user of this Id, or None."""
    return _load(store, "Id", user_id)


def by_username(store: Store, username: str) -> User | None:
    """The user of this name, whatever its case, or None."""
    return _load(store, "Username", username)


def authenticate(store: Store, username: str, password: str) -> User | None:
    """The user, if the password is right."""
    if PASSWORDS.get(username.lower()) != password:
        return None
    return by_username(store, username)


def _load(store: Store, column: str, value: str) -> User | None:
    connection = store.connection()
    statement = f'SELECT {_COLUMNS} FROM "User" WHERE "{column}" = ?'  # noqa: S608 - names of the schema
    row = connection.execute(statement, (value,)).fetchone()
    if row is None:
        return None
    groups = connection.execute("SELECT GroupId FROM GroupMember WHERE UserOrGroupId = ?", (row[0],)).fetchall()
    values = dict(zip(_FIELDS, row, strict=True))
    values["is_active"] = bool(values["is_active"])
    member_of = tuple(group for (group,) in groups)
    return User(**values, groups=member_of, rights=of_profile(values["profile_name"]))
