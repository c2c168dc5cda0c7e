"""Whom the company knows: accounts in a hierarchy, contacts, leads, campaigns and their members."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from salesforce_mcp.demo.seeding.writer import DAY, Writer, load

_SOURCES = ("Web", "Phone Inquiry", "Partner Referral", "Purchased List", "Other")
_REPS = ("stan", "grace", "tom", "kenji", "priya")
_PARTS = "Street City State PostalCode Country Latitude Longitude GeocodeAccuracy"


@dataclass
class World:
    """What later seeders refer to; at a large scale a part of it."""

    accounts: list[Account] = field(default_factory=list)
    contacts: list[Contact] = field(default_factory=list)
    opportunities: list[tuple[str, str]] = field(default_factory=list)
    """Id and owner."""
    leads: list[str] = field(default_factory=list)
    cases: list[str] = field(default_factory=list)
    campaigns: list[str] = field(default_factory=list)
    products: dict[str, str] = field(default_factory=dict)
    """Product name to Id."""
    assets: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    """Account to its assets: Id and product name."""


@dataclass(slots=True)
class Account:
    id: str
    name: str
    owner: str
    city: list[Any]
    street: str
    domain: str
    created: int
    industry: str
    parent: str | None = None


@dataclass(slots=True)
class Contact:
    id: str
    first: str | None
    last: str
    email: str | None
    account: Account | None


def seed(writer: Writer, scale: int) -> World:
    """At a large scale there are `scale` contacts and a tenth as many accounts."""
    companies, people = load("companies"), load("people")
    world = World()
    world.accounts = list(_accounts(writer, companies, max(scale // 10, 120)))
    _insert_accounts(writer, world.accounts, companies["descriptions"])
    contact_ids = writer.ids("Contact", max(scale, 520))
    writer.insert_audited("Contact", _CONTACT_COLUMNS, _contacts(writer, world, people, contact_ids))
    world.campaigns = _campaigns(writer, companies["campaigns"])
    _leads(writer, world, companies, people)
    _members(writer, world)
    return world


def _accounts(writer: Writer, companies: dict[str, Any], count: int) -> Iterator[Account]:
    """Ten groups with their subsidiaries, then single companies; every 25th belongs to the one before."""
    draw, cities = writer.random, companies["cities"]
    by_name = {city[0]: city for city in cities}
    ids = iter(writer.ids("Account", count))
    streets = companies["streets"]

    def make(name: str, industry: str, domain: str, city: list[Any], parent: Account | None) -> Account:
        street = f"{draw.randrange(1, 2400)} {draw.choice(streets)}"
        owner = writer.users[_rep(city)]
        created = parent.created if parent else writer.past(1200)
        return Account(next(ids), name, owner, city, street, domain, created, industry, parent.id if parent else None)

    for name, industry, domain, sites in companies["groups"]:
        top = make(name, industry, domain, by_name[sites[0]], None)
        yield top
        for number, site in enumerate(sites):
            below = make(f"{name} - {site}", industry, domain, by_name[site], top)
            yield below
            if number == 0 and len(sites) > 3:
                yield make(f"{name} - {site} Annex", industry, domain, by_name[site], below)
    made = len(companies["groups"]) + sum(len(each[3]) + (len(each[3]) > 3) for each in companies["groups"])
    stems, kinds, forms = companies["stems"], companies["kinds"], companies["forms"]
    last: Account | None = None
    for number in range(count - made):
        stem = stems[number % len(stems)]
        kind, industry = kinds[(number // len(stems) * 5 + number) % len(kinds)]
        form = forms[(number // 7) % len(forms)]
        round_ = number // (len(stems) * len(kinds))
        suffix = f" {round_ + 1}" if round_ else ""
        domain = f"{stem}{kind.split()[0]}".lower().replace(" ", "") + ".example"
        parent = last if number % 25 == 24 else None
        last = make(f"{stem} {kind} {form}{suffix}", industry, domain, cities[number % len(cities)], parent)
        yield last


def _rep(city: list[Any]) -> str:
    """Who sells where."""
    if city[3] in ("Japan", "Singapore", "Australia"):
        return "kenji"
    if city[3] not in ("USA", "Canada"):
        return "tom"
    return "grace" if city[5] > -95 else "stan"


def _phone(writer: Writer, city: list[Any]) -> str:
    return f"{city[6]} 555-{writer.random.randrange(10_000):04d}"


def _address(account: Account) -> tuple[Any, ...]:
    _, state, postal_code, country, latitude, longitude, _ = account.city
    place = (account.city[0], state, postal_code, country)
    # Numbers of a street lie apart, so that distances between accounts of a city differ.
    shift = (int(account.street.split()[0]) - 1200) / 50_000
    return (account.street, *place, round(latitude + shift, 6), round(longitude - shift, 6), "Address")


def _insert_accounts(writer: Writer, accounts: list[Account], descriptions: list[str]) -> None:
    draw = writer.random
    address = " ".join(f"Billing{part}" for part in _PARTS.split())
    shipping = " ".join(f"Shipping{part}" for part in _PARTS.split())

    def rows() -> Iterator[tuple[Any, ...]]:
        for number, each in enumerate(accounts):
            customer = draw.random() < 0.7
            kind = (
                draw.choice(("Customer - Direct", "Customer - Channel", "Installation Partner"))
                if customer
                else "Prospect"
            )
            employees = int(10 * 2 ** (draw.random() * 11)) if number % 17 else None
            revenue = employees * draw.randrange(60, 400) * 1000.0 if employees else None
            where = _address(each) if number % 40 != 39 else (None,) * 8
            yield (
                each.id, each.name, kind, each.parent, *where, *(where if number % 3 == 0 else (None,) * 8),
                _phone(writer, each.city), f"CC{978_213 + number}" if customer else None, f"https://www.{each.domain}",
                each.industry, revenue, employees, ("Public", "Private", "Subsidiary", None)[number % 4],
                each.name[:4].upper().strip() if number % 12 == 0 else None,
                descriptions[number % len(descriptions)] if number % 3 == 0 else None,
                ("Hot", "Warm", "Cold", None)[draw.randrange(4)], each.owner, draw.choice(_SOURCES),
                writer.stamp(each.created), each.owner, writer.stamp(writer.later(each.created)), each.owner,
            )  # fmt: skip

    writer.insert_audited(
        "Account",
        f"Id Name Type ParentId {address} {shipping} Phone AccountNumber Website Industry AnnualRevenue"
        " NumberOfEmployees Ownership TickerSymbol Description Rating OwnerId AccountSource",
        rows(),
    )


_CONTACT_COLUMNS = (
    "Id AccountId LastName FirstName Salutation MailingStreet MailingCity MailingState MailingPostalCode"
    " MailingCountry MailingLatitude MailingLongitude MailingGeocodeAccuracy Phone MobilePhone ReportsToId Email Title"
    " Department LeadSource Birthdate Description OwnerId"
)


def _contacts(writer: Writer, world: World, people: dict[str, Any], ids: list[str]) -> Iterator[tuple[Any, ...]]:
    """Contacts in turn for every account; the first of an account is whom the others report to."""
    draw, firsts, lasts = writer.random, people["first_names"], people["last_names"]
    heads: dict[str, str] = {}
    keep = len(ids) <= 100_000
    for number, record in enumerate(ids):
        account = world.accounts[number % len(world.accounts)] if number % 53 else None
        first, last = firsts[draw.randrange(len(firsts))], lasts[draw.randrange(len(lasts))]
        if number % 90 == 89:
            first = None
        domain = account.domain if account else "mail.example"
        email = f"{ascii_letters(first or 'office')}.{ascii_letters(last)}@{domain}" if number % 19 else None
        if number in (41, 161):  # two people who share an address
            email = "facilities@meridianhospitals.example"
        title, department = people["titles"][draw.randrange(len(people["titles"]))]
        owner = account.owner if account else writer.users["stan"]
        created = max(account.created, writer.past(900)) if account else writer.past(900)
        birthdate = f"{1955 + draw.randrange(48)}-{1 + draw.randrange(12):02d}-{1 + draw.randrange(28):02d}"
        head = heads.setdefault(account.id, record) if account else record
        if keep or number % 20 == 0:
            world.contacts.append(Contact(record, first, last, email, account))
        yield (
            record, account.id if account else None, last, first,
            people["salutations"][draw.randrange(5)] if first else None,
            *(_address(account) if account and number % 2 else (None,) * 8),
            _phone(writer, account.city) if account else None,
            f"+1 555 01{draw.randrange(100):02d} {draw.randrange(1000):03d}" if number % 3 else None,
            head if head != record else None, email, title, department, draw.choice(_SOURCES) if number % 4 else None,
            birthdate if number % 5 == 0 else None,
            f"Met at the fair, said: \"call me in spring\".\nLikes {title}s." if number % 31 == 0 else None, owner,
            writer.stamp(created), owner, writer.stamp(writer.later(created)), owner,
        )  # fmt: skip


@cache
def ascii_letters(name: str) -> str:
    """A name as it stands in an e-mail address."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return "".join(character for character in plain.lower() if character.isalnum())


def _campaigns(writer: Writer, campaigns: list[list[Any]]) -> list[str]:
    omar = writer.users["omar"]
    ids = writer.ids("Campaign", len(campaigns))
    rows = []
    for number, (record, (name, kind, status, ago, length)) in enumerate(zip(ids, campaigns, strict=True)):
        start = -ago * DAY
        created = min(start - 30 * DAY, -DAY)
        cost = 1500.0 * (number + 1)
        rows.append(
            (
                record, name, kind, status, writer.day(start), writer.day(start + length * DAY), cost * 12, cost,
                cost * 0.9 if status == "Completed" else None, 5.0 + number, 200.0 * (number + 1),
                status == "In Progress", ids[5] if number == 0 else None, omar,
                writer.stamp(created), omar, writer.stamp(created + DAY // 2), omar,
            )
        )  # fmt: skip
    writer.insert_audited(
        "Campaign",
        "Id Name Type Status StartDate EndDate ExpectedRevenue BudgetedCost ActualCost ExpectedResponse NumberSent"
        " IsActive ParentId OwnerId",
        rows,
    )
    return ids


def _leads(writer: Writer, world: World, companies: dict[str, Any], people: dict[str, Any]) -> None:
    draw = writer.random
    world.leads = writer.ids("Lead", 60)
    rows = []
    statuses = ("Open - Not Contacted", "Working - Contacted", "Closed - Not Converted", "Closed - Converted")
    for number, record in enumerate(world.leads):
        first, last = draw.choice(people["first_names"]), draw.choice(people["last_names"])
        stem, (kind, industry) = draw.choice(companies["stems"]), draw.choice(companies["kinds"])
        city = draw.choice(companies["cities"])
        status = draw.choices(statuses, (5, 4, 2, 1))[0]
        converted = status == statuses[3]
        contact = draw.choice(world.contacts[1:100]) if converted else None
        owner = writer.users["New Leads"] if number % 3 == 0 else writer.users[draw.choice(_REPS[:4])]
        created = writer.past(120, recent=1.5)
        rows.append(
            (
                record, last, first, draw.choice(people["titles"])[0], f"{stem} {kind}",
                f"{draw.randrange(1, 900)} {draw.choice(companies['streets'])}", *city[:4], _phone(writer, city),
                f"{ascii_letters(first)}.{ascii_letters(last)}@{stem.lower().replace(' ', '')}.example",
                draw.choice(_SOURCES), status, industry, ("Hot", "Warm", "Cold", None)[number % 4],
                draw.randrange(1, 90) * 1_000_000.0 if number % 3 else None, draw.randrange(5, 5000), owner, converted,
                writer.day(writer.now) if converted else None, contact.id if contact else None,
                contact.account.id if contact and contact.account else None, not converted,
                writer.stamp(created), writer.users["omar"], writer.stamp(writer.later(created)), writer.users["stan"],
            )
        )  # fmt: skip
    writer.insert_audited(
        "Lead",
        "Id LastName FirstName Title Company Street City State PostalCode Country Phone Email LeadSource Status"
        " Industry Rating AnnualRevenue NumberOfEmployees OwnerId IsConverted ConvertedDate ConvertedContactId"
        " ConvertedAccountId IsUnreadByOwner",
        rows,
    )
    writer.insert_labels(
        "LeadStatus",
        [(each, {"IsDefault": each == statuses[0], "IsConverted": each == statuses[3]}) for each in statuses],
    )


def _members(writer: Writer, world: World) -> None:
    omar = writer.users["omar"]
    rows: list[tuple[Any, ...]] = []
    people = [(None, lead) for lead in world.leads[:40]] + [(contact.id, None) for contact in world.contacts[:160]]
    for number, (contact, lead) in enumerate(people):
        created = writer.past(200)
        responded = writer.random.random() < 0.3
        campaign = world.campaigns[number % 5]
        rows.append(
            (
                campaign, lead, contact, "Responded" if responded else "Sent",
                writer.day(created + 2 * DAY) if responded and created < -3 * DAY else None,
                writer.stamp(created), omar, writer.stamp(created), omar,
            )
        )  # fmt: skip
    ids = writer.ids("CampaignMember", len(rows))
    writer.insert_audited(
        "CampaignMember",
        "Id CampaignId LeadId ContactId Status FirstRespondedDate",
        [(record, *row) for record, row in zip(ids, rows, strict=True)],
    )
