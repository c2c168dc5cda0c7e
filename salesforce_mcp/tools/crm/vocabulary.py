"""What each CRM resource is in Salesforce: its object, its plain field names, and what may be done with it.

The one table of names; the tools take everything from here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Resource = Literal["contact", "lead", "deal", "meeting", "company", "note", "task", "activity", "pipeline", "owner"]
Operation = Literal["list", "get", "create", "update", "delete"]

READ: tuple[Operation, ...] = ("list", "get")
ALL: tuple[Operation, ...] = ("list", "get", "create", "update", "delete")


@dataclass(frozen=True, slots=True)
class Entry:
    """One resource.

    `fields`: plain name to field, or to a dotted path, which is read only. `links`: plain names that are written to one
    reference, of which a record can have only one. `required`: what to give when creating, one name of each tuple.
    """

    object: str
    fields: Mapping[str, str]
    links: Mapping[str, str] = field(default_factory=dict)
    required: tuple[tuple[str, ...], ...] = ()
    readonly: frozenset[str] = frozenset()
    operations: tuple[Operation, ...] = ALL
    order: str = "CreatedDate DESC"

    def writable(self) -> dict[str, str]:
        """Plain names that can be written, and the field of each."""
        own = {plain: name for plain, name in self.fields.items() if "." not in name and plain not in self.readonly}
        return {**own, **self.links}


_OWNER = {"ownerId": "OwnerId", "owner": "Owner.Name"}
_STAMPS = {"createdAt": "CreatedDate", "updatedAt": "LastModifiedDate"}
_FIXED = frozenset({"id", "createdAt", "updatedAt"})


def _address(prefix: str) -> dict[str, str]:
    parts = {"street": "Street", "city": "City", "state": "State", "postalCode": "PostalCode", "country": "Country"}
    return {plain: f"{prefix}{part}" for plain, part in parts.items()}


_PERSON = {"id": "Id", "name": "Name", "firstName": "FirstName", "lastName": "LastName", "title": "Title"}
_REACH = {"email": "Email", "phone": "Phone", "mobile": "MobilePhone"}
_ABOUT = {"contactId": "WhoId", "contact": "Who.Name", "relatedId": "WhatId", "related": "What.Name"}
_ABOUT_LINKS = {"leadId": "WhoId", "companyId": "WhatId", "dealId": "WhatId"}

VOCABULARY: Mapping[Resource, Entry] = {
    "contact": Entry(
        "Contact",
        {
            **_PERSON,
            **_REACH,
            "department": "Department",
            "companyId": "AccountId",
            "company": "Account.Name",
            **_address("Mailing"),
            "source": "LeadSource",
            "description": "Description",
            **_OWNER,
            **_STAMPS,
        },
        required=(("lastName",),),
        readonly=_FIXED | {"name"},
    ),
    "lead": Entry(
        "Lead",
        {
            **_PERSON,
            **_REACH,
            "company": "Company",
            "status": "Status",
            "source": "LeadSource",
            "rating": "Rating",
            "industry": "Industry",
            **_address(""),
            "description": "Description",
            "converted": "IsConverted",
            **_OWNER,
            **_STAMPS,
        },
        required=(("lastName",),),
        readonly=_FIXED | {"name", "converted"},
    ),
    "deal": Entry(
        "Opportunity",
        {
            "id": "Id",
            "name": "Name",
            "amount": "Amount",
            "stage": "StageName",
            "closeDate": "CloseDate",
            "probability": "Probability",
            "type": "Type",
            "companyId": "AccountId",
            "company": "Account.Name",
            "source": "LeadSource",
            "nextStep": "NextStep",
            "description": "Description",
            "closed": "IsClosed",
            "won": "IsWon",
            **_OWNER,
            **_STAMPS,
        },
        required=(("name",), ("stage",), ("closeDate",)),
        readonly=_FIXED | {"closed", "won"},
    ),
    "meeting": Entry(
        "Event",
        {
            "id": "Id",
            "title": "Subject",
            "start": "StartDateTime",
            "end": "EndDateTime",
            "durationMinutes": "DurationInMinutes",
            "allDay": "IsAllDayEvent",
            "location": "Location",
            "description": "Description",
            **_ABOUT,
            **_OWNER,
            **_STAMPS,
        },
        links=_ABOUT_LINKS,
        required=(("title",), ("start",), ("end", "durationMinutes")),
        readonly=_FIXED,
        order="StartDateTime DESC",
    ),
    "company": Entry(
        "Account",
        {
            "id": "Id",
            "name": "Name",
            "type": "Type",
            "industry": "Industry",
            "phone": "Phone",
            "website": "Website",
            "employees": "NumberOfEmployees",
            "revenue": "AnnualRevenue",
            "parentId": "ParentId",
            "parent": "Parent.Name",
            **_address("Billing"),
            "description": "Description",
            **_OWNER,
            **_STAMPS,
        },
        required=(("name",),),
        readonly=_FIXED,
    ),
    "note": Entry(
        "Note",
        {
            "id": "Id",
            "title": "Title",
            "body": "Body",
            "private": "IsPrivate",
            "parentId": "ParentId",
            "parent": "Parent.Name",
            **_OWNER,
            **_STAMPS,
        },
        links={"contactId": "ParentId", "companyId": "ParentId", "dealId": "ParentId"},
        required=(("title",), ("contactId", "companyId", "dealId", "parentId")),
        readonly=_FIXED,
    ),
    "task": Entry(
        "Task",
        {
            "id": "Id",
            "title": "Subject",
            "status": "Status",
            "priority": "Priority",
            "dueDate": "ActivityDate",
            "description": "Description",
            "closed": "IsClosed",
            **_ABOUT,
            **_OWNER,
            **_STAMPS,
        },
        links=_ABOUT_LINKS,
        required=(("title",),),
        readonly=_FIXED | {"closed"},
    ),
    # Tasks and events together: the names that both have. Its rows come from both objects.
    "activity": Entry(
        "Task",
        {
            "id": "Id",
            "title": "Subject",
            "date": "ActivityDate",
            "description": "Description",
            **_ABOUT,
            **_OWNER,
            **_STAMPS,
        },
        operations=READ,
    ),
    "pipeline": Entry(
        "OpportunityStage",
        {
            "id": "Id",
            "name": "MasterLabel",
            "stage": "ApiName",
            "probability": "DefaultProbability",
            "active": "IsActive",
            "closed": "IsClosed",
            "won": "IsWon",
            "position": "SortOrder",
        },
        operations=READ,
        order="SortOrder",
    ),
    "owner": Entry(
        "User",
        {
            **_PERSON,
            **_REACH,
            "username": "Username",
            "department": "Department",
            "active": "IsActive",
            **_STAMPS,
        },
        operations=READ,
        order="Name",
    ),
}
