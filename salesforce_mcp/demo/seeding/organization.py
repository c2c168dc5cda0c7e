"""The org itself: its users, profiles, roles, queues, business hours, folders, code and other setup."""

from __future__ import annotations

from typing import Any

from salesforce_mcp.demo.seeding.writer import DAY, Writer, load

_FOUNDED = -900 * DAY
_MEMBER = "Salesforce"


def seed(writer: Writer) -> None:
    """Users first: all other records name them."""
    people = load("people")
    _users(writer, people)
    _organization(writer)
    _groups(writer, people["queues"])
    _hours(writer)
    _record_types(writer)
    _code(writer)
    _templates(writer)
    _logins(writer)


def _audit(writer: Writer) -> tuple[str, str, str, str]:
    ada, founded = writer.users["ada"], writer.stamp(_FOUNDED)
    return founded, ada, founded, ada


def _users(writer: Writer, people: dict[str, Any]) -> None:
    users = people["users"]
    ids = writer.ids("User", len(users))
    writer.users = {user["key"]: record for user, record in zip(users, ids, strict=True)}
    audit = _audit(writer)
    license_id = writer.ids("UserLicense", 1)[0]
    stamp = audit[0]
    writer.insert(
        "UserLicense",
        "Id LicenseDefinitionKey TotalLicenses Status UsedLicenses UsedLicensesLastUpdated Name MasterLabel"
        " CreatedDate LastModifiedDate SystemModstamp",
        [(license_id, "SFDC", 15, "Active", 12, stamp, _MEMBER, _MEMBER, stamp, stamp, stamp)],
    )
    profiles = ["System Administrator", "Standard User", "Support Agent"]
    profile_ids = dict(zip(profiles, writer.ids("Profile", len(profiles)), strict=True))
    writer.insert_audited(
        "Profile",
        "Id Name PermissionsApiEnabled PermissionsModifyAllData PermissionsViewAllData PermissionsViewSetup"
        " PermissionsManageUsers PermissionsCustomizeApplication PermissionsRunReports PermissionsManageKnowledge"
        " PermissionsAuthorApex PermissionsChatterInternalUser UserLicenseId UserType",
        [
            (
                record,
                name,
                1,
                *[name == profiles[0]] * 5,
                1,
                *[name == profiles[0]] * 2,
                1,
                license_id,
                "Standard",
                *audit,
            )
            for name, record in profile_ids.items()
        ],
    )
    role_ids = dict(zip([name for name, _ in people["roles"]], writer.ids("UserRole", 9), strict=True))
    writer.insert(
        "UserRole",
        "Id Name ParentRoleId DeveloperName OpportunityAccessForAccountOwner CaseAccessForAccountOwner"
        " ContactAccessForAccountOwner PortalType LastModifiedDate LastModifiedById SystemModstamp",
        [
            (
                role_ids[name],
                name,
                role_ids.get(above),
                name.replace(" ", "_"),
                *["Edit"] * 3,
                "None",
                stamp,
                audit[1],
                stamp,
            )
            for name, above in people["roles"]
        ],
    )
    _user_rows(writer, users, profile_ids, role_ids)
    _permission_sets(writer, license_id, profile_ids)


def _user_rows(writer: Writer, users: list[dict[str, Any]], profiles: dict[str, str], roles: dict[str, str]) -> None:
    rows = []
    for number, user in enumerate(users):
        key, last = user["key"], user["last"]
        login = None if user.get("inactive") else writer.stamp(writer.now - 600 * number - 30)
        rows.append(
            (
                writer.users[key], user["username"], last, user["first"], "Kestrel Power Systems", user["department"],
                user["title"], user["username"], (user["first"][0] + last)[:8].lower(), user["username"].split("@")[0],
                not user.get("inactive"), user["zone"], roles.get(user["role"]), user["locale"], "UTF-8",
                profiles[user["profile"]], "Standard", user["language"], f"E-{1001 + number}",
                writer.users.get(user.get("manager", "")), login, f"(415) 555-{1000 + number}", "San Francisco", "CA",
                "94105", "USA", key in ("ada", "omar"), key != "integration",
                user["profile"] == "Support Agent",
                "D", "N", *_audit(writer),
            )
        )  # fmt: skip
    writer.insert_audited(
        "User",
        "Id Username LastName FirstName CompanyName Department Title Email Alias CommunityNickname IsActive"
        " TimeZoneSidKey UserRoleId LocaleSidKey EmailEncodingKey ProfileId UserType LanguageLocaleKey EmployeeNumber"
        " ManagerId LastLoginDate Phone City State PostalCode Country UserPermissionsMarketingUser"
        " UserPermissionsInteractionUser UserPermissionsSupportUser DigestFrequency"
        " DefaultGroupNotificationFrequency",
        rows,
    )


def _permission_sets(writer: Writer, license_id: str, profiles: dict[str, str]) -> None:
    audit = _audit(writer)
    own = [
        (record, f"X00e{number}", name, license_id, profile, 1, 0, name == "System Administrator", "Profile", *audit)
        for number, (record, (name, profile)) in enumerate(
            zip(writer.ids("PermissionSet", len(profiles)), profiles.items(), strict=True)
        )
    ]
    extra = writer.ids("PermissionSet", 1)[0]
    writer.insert_audited(
        "PermissionSet",
        "Id Name Label LicenseId ProfileId IsOwnedByProfile IsCustom PermissionsModifyAllData Type",
        [*own, (extra, "Knowledge_Author", "Knowledge Author", license_id, None, 0, 1, 0, "Regular", *audit)],
    )
    assigned = [(extra, writer.users["sofia"]), (extra, writer.users["hannah"]), (own[0][0], writer.users["ada"])]
    assigned.append((own[1][0], writer.users["stan"]))
    writer.insert(
        "PermissionSetAssignment",
        "Id PermissionSetId AssigneeId IsActive SystemModstamp",
        [
            (record, permission_set, user, 1, audit[0])
            for record, (permission_set, user) in zip(
                writer.ids("PermissionSetAssignment", len(assigned)), assigned, strict=True
            )
        ],
    )


def _organization(writer: Writer) -> None:
    writer.insert_audited(
        "Organization",
        "Id Name Street City State PostalCode Country Latitude Longitude Phone PrimaryContact DefaultLocaleSidKey"
        " TimeZoneSidKey LanguageLocaleKey FiscalYearStartMonth UsesStartDateAsFiscalYearName DefaultAccountAccess"
        " DefaultContactAccess DefaultOpportunityAccess DefaultLeadAccess DefaultCaseAccess DefaultCalendarAccess"
        " DefaultPricebookAccess DefaultCampaignAccess UiSkin OrganizationType InstanceName IsSandbox"
        " MonthlyPageViewsEntitlement NumKnowledgeService",
        [
            (
                writer.ids("Organization", 1)[0], "Kestrel Power Systems", "1 Harbor Way", "San Francisco", "CA",
                "94105", "USA", 37.7897, -122.3972, "(415) 555-0100", "Ada Admin", "en_US", "America/Los_Angeles",
                "en_US", 1, 0, "Edit", "ControlledByParent", "Edit", "ReadEditTransfer", "ReadEditTransfer",
                "HideDetailsInsert", "ReadSelect", "All", "Theme3", "Enterprise Edition", "DEMO1", 0, 1_000_000, 5,
                *_audit(writer),
            )
        ],
    )  # fmt: skip
    year = writer.today.year
    stamp = writer.stamp(_FOUNDED)
    writer.insert(
        "FiscalYearSettings",
        "Id StartDate EndDate Name IsStandardYear YearType QuarterLabelScheme PeriodLabelScheme WeekLabelScheme"
        " QuarterPrefix PeriodPrefix WeekStartDay SystemModstamp",
        [
            (
                record,
                f"{each}-01-01",
                f"{each}-12-31",
                f"FY {each}",
                1,
                "Standard",
                *["NumberByYear"] * 3,
                "Q",
                "P",
                1,
                stamp,
            )
            for record, each in zip(writer.ids("FiscalYearSettings", 3), range(year - 1, year + 2), strict=True)
        ],
    )


def _groups(writer: Writer, queues: list[list[Any]]) -> None:
    audit, ada = _audit(writer), writer.users["ada"]
    everyone, field_staff = writer.ids("Group", 2)
    rows: list[tuple[Any, ...]] = [
        (everyone, "All Internal Users", "AllInternalUsers", "Organization", None, ada, *audit),
        (field_staff, "Field Staff", "Field_Staff", "Regular", None, ada, *audit),
    ]
    members = [(field_staff, writer.users[key]) for key in ("stan", "tom", "grace", "kenji")]
    handles = []
    for record, (name, sobject, keys) in zip(writer.ids("Group", len(queues)), queues, strict=True):
        developer_name = name.replace(" ", "_")
        rows.append((record, name, developer_name, "Queue", f"{developer_name.lower()}@demo.example", ada, *audit))
        members += [(record, writer.users[key]) for key in keys]
        handles.append((writer.ids("QueueSobject", 1)[0], record, sobject, ada, audit[0]))
        writer.users[name] = record
    writer.insert_audited("Group", "Id Name DeveloperName Type Email OwnerId", rows)
    ids = writer.ids("GroupMember", len(members))
    writer.insert(
        "GroupMember",
        "Id GroupId UserOrGroupId SystemModstamp",
        [(record, *pair, audit[0]) for record, pair in zip(ids, members, strict=True)],
    )
    writer.insert("QueueSobject", "Id QueueId SobjectType CreatedById SystemModstamp", handles)


def _hours(writer: Writer) -> None:
    opening, closing = "08:00:00.000Z", "18:00:00.000Z"
    default, always = writer.ids("BusinessHours", 2)
    days = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
    names = " ".join(f"{day}StartTime {day}EndTime" for day in days)
    weekdays = [None, None, *[opening, closing] * 5, None, None]
    writer.insert_audited(
        "BusinessHours",
        f"Id Name IsActive IsDefault TimeZoneSidKey {names}",
        [
            (default, "Default", 1, 1, "America/Los_Angeles", *weekdays, *_audit(writer)),
            (always, "Around the Clock", 1, 0, "Etc/UTC", *["00:00:00.000Z", "00:00:00.000Z"] * 7, *_audit(writer)),
        ],
    )
    year = writer.today.year
    writer.insert_audited(
        "Holiday",
        "Id Name IsAllDay ActivityDate",
        [
            (record, name, 1, f"{year}-{day}", *_audit(writer))
            for record, (name, day) in zip(
                writer.ids("Holiday", 3),
                (("New Year's Day", "01-01"), ("Independence Day", "07-04"), ("Christmas Day", "12-25")),
                strict=True,
            )
        ],
    )


def _record_types(writer: Writer) -> None:
    writer.insert_audited(
        "RecordType",
        "Id Name DeveloperName SobjectType IsActive",
        [
            (each.id, each.name, each.developer_name, sobject.name, 1, *_audit(writer))
            for sobject in writer.objects
            for each in sobject.record_types
        ],
    )


def _code(writer: Writer) -> None:
    apex = load("apex")
    classes, trigger = apex["classes"], apex["triggers"]["CaseTrigger"]
    writer.insert_audited(
        "ApexClass",
        "Id Name ApiVersion Status IsValid BodyCrc Body LengthWithoutComments",
        [
            (record, name, 62.0, "Active", 1, float(len(body) * 7919), body, len(body), *_audit(writer))
            for record, (name, body) in zip(writer.ids("ApexClass", len(classes)), classes.items(), strict=True)
        ],
    )
    writer.insert_audited(
        "ApexTrigger",
        "Id Name TableEnumOrId UsageAfterUpdate ApiVersion Status IsValid BodyCrc Body LengthWithoutComments",
        [
            (
                writer.ids("ApexTrigger", 1)[0], "CaseTrigger", "Case", 1, 62.0, "Active", 1,
                float(len(trigger) * 7919), trigger, len(trigger), *_audit(writer),
            )
        ],
    )  # fmt: skip


def _templates(writer: Writer) -> None:
    ada = writer.users["ada"]
    folder = writer.ids("Folder", 1)[0]
    writer.insert_audited(
        "Folder",
        "Id Name DeveloperName AccessType IsReadonly Type",
        [(folder, "Support Templates", "Support_Templates", "Public", 0, "Email", *_audit(writer))],
    )
    body = "Dear {!Contact.Name},\n\nthank you for your request. Your case number is {!Case.CaseNumber}.\n"
    writer.insert_audited(
        "EmailTemplate",
        "Id Name DeveloperName OwnerId FolderId TemplateStyle IsActive TemplateType Encoding Subject Body TimesUsed"
        " ApiVersion UiType",
        [
            (
                writer.ids("EmailTemplate", 1)[0], "Case received", "Case_received", ada, folder, "none", 1, "text",
                "UTF-8", "We received your request [{!Case.CaseNumber}]", body, 214, 62.0, "Aloha", *_audit(writer),
            )
        ],
    )  # fmt: skip


def _logins(writer: Writer) -> None:
    rows = []
    for record in writer.ids("LoginHistory", 60):
        user = writer.users[writer.random.choice(("ada", "stan", "priya", "lena", "marcus"))]
        failed = writer.random.random() < 0.05
        rows.append(
            (
                record, user, writer.stamp(writer.past(30)), "Application", f"203.0.113.{writer.random.randrange(250)}",
                "demo.example", "Chrome 131", "Mac OSX", "Invalid Password" if failed else "Success", "Browser", "US",
                "TLS 1.3",
            )
        )  # fmt: skip
    writer.insert(
        "LoginHistory",
        "Id UserId LoginTime LoginType SourceIp LoginUrl Browser Platform Status Application CountryIso TlsProtocol",
        rows,
    )
