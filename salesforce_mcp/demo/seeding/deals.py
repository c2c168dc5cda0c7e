"""What the company sells and has sold: products, price books, opportunities, contracts and assets."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from salesforce_mcp.demo.seeding.customers import World
from salesforce_mcp.demo.seeding.writer import DAY, Writer, load

_SOURCES = ("Web", "Phone Inquiry", "Partner Referral", "Purchased List", "Other")
_NEXT_STEPS = ("Call back", "Send quote", "Site visit", None)


@dataclass
class _Catalogue:
    """The standard price book, and its entries: Id, product and price."""

    book: str
    entries: list[tuple[str, str, float]]


@dataclass
class _Children:
    """Rows of what belongs to opportunities."""

    lines: list[tuple[Any, ...]] = field(default_factory=list)
    roles: list[tuple[Any, ...]] = field(default_factory=list)
    history: list[tuple[Any, ...]] = field(default_factory=list)


def seed(writer: Writer, world: World, scale: int) -> None:
    """At a large scale there are a fifth as many opportunities as `scale`."""
    companies = load("companies")
    catalogue = _products(writer, world, companies["products"])
    _stages(writer, companies["stages"])
    _opportunities(writer, world, companies, catalogue, max(scale // 5, 320))
    _contracts(writer, world)
    _assets(writer, world)


def _products(writer: Writer, world: World, products: list[list[Any]]) -> _Catalogue:
    ada, stamp = writer.users["ada"], writer.stamp(-800 * DAY)
    audit = (stamp, ada, stamp, ada)
    ids = writer.ids("Product2", len(products))
    world.products = {each[0]: record for each, record in zip(products, ids, strict=True)}
    writer.insert_audited(
        "Product2",
        "Id Name ProductCode Description IsActive Family QuantityUnitOfMeasure StockKeepingUnit ProductClass",
        [
            (
                record,
                name,
                code,
                f"{name}: list price ${price:,.2f}",
                number != 16,
                family,
                "Each",
                f"KPS-{code}",
                "Simple",
                *audit,
            )
            for number, (record, (name, code, family, price)) in enumerate(zip(ids, products, strict=True))
        ],
    )
    standard, partner = writer.ids("Pricebook2", 2)
    writer.insert_audited(
        "Pricebook2",
        "Id Name IsActive Description IsStandard",
        [
            (standard, "Standard Price Book", 1, None, 1, *audit),
            (partner, "Partner Prices", 1, "15% below list", 0, *audit),
        ],
    )
    entries: list[tuple[Any, ...]] = []
    for book, factor in ((standard, 1.0), (partner, 0.85)):
        for record, product, each in zip(writer.ids("PricebookEntry", len(ids)), ids, products, strict=True):
            entries.append((record, book, product, round(each[3] * factor, 2), 1, 0, *audit))
    writer.insert_audited("PricebookEntry", "Id Pricebook2Id Product2Id UnitPrice IsActive UseStandardPrice", entries)
    return _Catalogue(standard, [(entry[0], entry[2], entry[3]) for entry in entries[: len(ids)]])


def _stages(writer: Writer, stages: list[list[Any]]) -> None:
    writer.insert_labels(
        "OpportunityStage",
        [
            (
                name,
                {
                    "IsActive": 1,
                    "IsClosed": name.startswith("Closed"),
                    "IsWon": name == "Closed Won",
                    "ForecastCategory": category,
                    "ForecastCategoryName": _category_name(category),
                    "DefaultProbability": float(probability),
                },
            )
            for name, probability, category in stages
        ],
    )


def _category_name(category: str) -> str:
    return {"BestCase": "Best Case"}.get(category, category)


def _opportunities(writer: Writer, world: World, companies: dict[str, Any], catalogue: _Catalogue, count: int) -> None:
    draw, stages, labels = writer.random, companies["stages"], companies["opportunities"]
    contacts: dict[str, list[str]] = {}
    for contact in world.contacts:
        if contact.account:
            contacts.setdefault(contact.account.id, []).append(contact.id)
    children = _Children()
    rows = []
    for number, record in enumerate(writer.ids("Opportunity", count)):
        account = world.accounts[number * 7 % len(world.accounts)]
        owner = account.owner if number % 6 else writer.users["priya"]
        created = writer.past(720, recent=1.2)
        closed = created < -60 * DAY and draw.random() < 0.75
        stage = stages[8 + (draw.random() < 0.35)] if closed else stages[draw.randrange(8)]
        name, probability, category = stage
        if closed:
            close = min(created + int((20 + 100 * draw.random()) * DAY), writer.now - DAY)
        else:
            close = writer.now + int((150 * draw.random() - 10) * DAY)
        changed = close if closed else writer.later(created)
        items = draw.randrange(1, 4) if number % 3 else 0
        quantity, amount = _line_items(writer, children, catalogue, record, items, (created, owner))
        if not items and number % 29:
            amount = draw.randrange(5, 900) * 500.0
        rows.append(
            (
                record, account.id, f"{account.name} - {labels[number % len(labels)]}"[:120], name, amount,
                float(probability), quantity, writer.day(close),
                "New Customer" if number % 4 == 0 else "Existing Customer - Upgrade",
                None if closed else _NEXT_STEPS[number % 4], draw.choice(_SOURCES), closed, name == "Closed Won",
                category, _category_name(category), world.campaigns[number % 5] if number % 8 == 0 else None,
                catalogue.book if items else None, owner, draw.randrange(3), writer.stamp(changed),
                'Customer asked for "two options",\nwith and without installation.' if number % 11 == 0 else None,
                writer.stamp(created), owner, writer.stamp(changed), owner,
            )
        )  # fmt: skip
        if len(world.opportunities) < 100_000:
            world.opportunities.append((record, owner))
        for place, contact_id in enumerate(contacts.get(account.id, [])[: 1 + number % 2]):
            role = ("Decision Maker", "Technical Buyer")[place]
            children.roles.append((record, contact_id, role, place == 0, writer.stamp(created), owner))
        for place, each in enumerate([stages[0], stage] if stage is not stages[0] else [stage]):
            moment = writer.stamp(changed if place else created)
            children.history.append(
                (record, each[0], amount, writer.day(close), float(each[1]), each[2], owner, moment, moment)
            )
    writer.insert_audited(
        "Opportunity",
        "Id AccountId Name StageName Amount Probability TotalOpportunityQuantity CloseDate Type NextStep LeadSource"
        " IsClosed IsWon ForecastCategory ForecastCategoryName CampaignId Pricebook2Id OwnerId PushCount"
        " LastStageChangeDate Description",
        rows,
    )
    _insert_children(writer, children)


def _line_items(
    writer: Writer, children: _Children, catalogue: _Catalogue, record: str, items: int, made: tuple[int, str]
) -> tuple[float | None, float | None]:
    """Add an opportunity's line items; answers their quantity and amount."""
    if not items:
        return None, None
    draw = writer.random
    created, owner = made
    whole, amount = 0.0, 0.0
    for place in range(1, items + 1):
        entry, product, price = catalogue.entries[draw.randrange(len(catalogue.entries))]
        quantity = float(draw.randrange(1, 9))
        total = round(quantity * price, 2)
        whole, amount = whole + quantity, amount + total
        line = (record, place, entry, product, quantity, total, price, writer.stamp(created), owner)
        children.lines.append(line)
    return whole, round(amount, 2)


def _insert_children(writer: Writer, children: _Children) -> None:
    for sobject, columns, rows in (
        (
            "OpportunityLineItem",
            "Id OpportunityId SortOrder PricebookEntryId Product2Id Quantity TotalPrice UnitPrice",
            children.lines,
        ),
        ("OpportunityContactRole", "Id OpportunityId ContactId Role IsPrimary", children.roles),
    ):
        ids = writer.ids(sobject, len(rows))
        writer.insert_audited(
            sobject, columns, ((record, *row, *row[-2:]) for record, row in zip(ids, rows, strict=True))
        )
    ids = writer.ids("OpportunityHistory", len(children.history))
    writer.insert(
        "OpportunityHistory",
        "Id OpportunityId StageName Amount CloseDate Probability ForecastCategory CreatedById CreatedDate"
        " SystemModstamp",
        ((record, *row) for record, row in zip(ids, children.history, strict=True)),
    )


def _contracts(writer: Writer, world: World) -> None:
    rows = []
    for number, record in enumerate(writer.ids("Contract", 40)):
        account = world.accounts[number * 3]
        start = -int(700 * writer.random.random()) * DAY
        status = ("Activated", "Activated", "Draft", "In Approval Process")[number % 4]
        stamp = writer.stamp(start - 5 * DAY)
        rows.append(
            (
                record, f"{100 + number:08d}", account.id, writer.day(start), 12 * (1 + number % 3), account.owner,
                status, "30", stamp if status == "Activated" else None,
                writer.users["priya"] if status == "Activated" else None, stamp, account.owner, stamp, account.owner,
            )
        )  # fmt: skip
    writer.insert_audited(
        "Contract",
        "Id ContractNumber AccountId StartDate ContractTerm OwnerId Status OwnerExpirationNotice ActivatedDate"
        " ActivatedById",
        rows,
    )
    writer.counts["Contract.ContractNumber"] = 100 + len(rows) - 1


def _assets(writer: Writer, world: World) -> None:
    names = [name for name in world.products if name.startswith("GenWatt")]
    rows = []
    for number, record in enumerate(writer.ids("Asset", 200)):
        contact = world.contacts[number]
        name = names[number % len(names)]
        bought = -int(1500 * writer.random.random() + 20) * DAY
        owner = contact.account.owner if contact.account else writer.users["stan"]
        stamp = writer.stamp(bought)
        if contact.account:
            world.assets.setdefault(contact.account.id, []).append((record, name))
        rows.append(
            (
                record, contact.account.id if contact.account else None, contact.id, world.products[name], name,
                f"KPS-{270_000 + number * 37}", writer.day(bought + 30 * DAY) if number % 9 else None,
                writer.day(bought), ("Installed", "Registered", "Shipped")[number % 3], 1.0, owner,
                stamp, owner, stamp, owner,
            )
        )  # fmt: skip
    writer.insert_audited(
        "Asset",
        "Id AccountId ContactId Product2Id Name SerialNumber InstallDate PurchaseDate Status Quantity OwnerId",
        rows,
    )
