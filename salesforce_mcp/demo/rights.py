"""What a profile may do, by object and field. A System Administrator may do all that an object allows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Action = Literal["read", "create", "edit", "delete"]

ALL: frozenset[Action] = frozenset({"read", "create", "edit", "delete"})
_READ: frozenset[Action] = frozenset({"read"})
_NO_DELETE: frozenset[Action] = frozenset({"read", "create", "edit"})
_NOTHING: frozenset[Action] = frozenset()


@dataclass(frozen=True)
class Rights:
    """A profile's rights. Objects that `objects` leaves out are allowed whole.

    `modify_all` sees and changes the records of all users; `hidden` and `read_only` are fields, `Object.Field`.
    """

    modify_all: bool = False
    objects: Mapping[str, frozenset[Action]] | None = None
    hidden: frozenset[str] = frozenset()
    read_only: frozenset[str] = frozenset()

    def allows(self, sobject: str, action: Action) -> bool:
        """True if the profile may do this with records of the object."""
        return action in (self.objects or {}).get(sobject, ALL)

    def shows(self, sobject: str, field: str) -> bool:
        """True if the profile may see the field."""
        return f"{sobject}.{field}" not in self.hidden

    def lets_edit(self, sobject: str, field: str) -> bool:
        """True if the profile may set the field."""
        return self.shows(sobject, field) and f"{sobject}.{field}" not in self.read_only


def _objects(groups: Mapping[frozenset[Action], str]) -> dict[str, frozenset[Action]]:
    return {name: actions for actions, names in groups.items() for name in names.split()}


ADMINISTRATOR = Rights(modify_all=True)

STANDARD_USER = Rights(
    objects=_objects(
        {
            _NOTHING: "ApexClass ApexTrigger ApexPage ApexLog AsyncApexJob CronTrigger CronJobDetail LoginHistory",
            _READ: "BusinessHours Campaign CampaignMember EmailTemplate Entitlement Folder Group GroupMember Holiday"
            " Knowledge__kav Knowledge__DataCategorySelection MilestoneType Organization PermissionSet"
            " PermissionSetAssignment Pricebook2 PricebookEntry Product2 Profile QueueSobject RecordType Report"
            " Dashboard SlaProcess User UserRole",
            _NO_DELETE: "Case Contract Copilot_Interaction__c Warehouse__c",
        }
    ),
    hidden=frozenset(
        {
            "Account.AnnualRevenue",
            "Account.Sic",
            "Account.SicDesc",
            "Contact.Birthdate",
            "Merchandise__c.Inventory_Value__c",
            "Opportunity.ExpectedRevenue",
        }
    ),
    read_only=frozenset({"Account.AccountNumber", "Case.IsEscalated", "Opportunity.Probability"}),
)

BY_PROFILE: Mapping[str, Rights] = {"System Administrator": ADMINISTRATOR}
"""Rights by profile name; other profiles have those of a Standard User."""


def of_profile(name: str) -> Rights:
    """The rights of a profile."""
    return BY_PROFILE.get(name, STANDARD_USER)
