"""Custom objects: merchandise and warehouses, invoices with their line items, copilot interactions, expense reports."""

from __future__ import annotations

from typing import Any

from salesforce_mcp.demo.seeding.customers import World
from salesforce_mcp.demo.seeding.writer import DAY, Writer, load

_PURPOSES = ("Site visit", "Trade show", 'Dinner, "Chez Léon"')


def seed(writer: Writer, world: World) -> None:
    companies = load("companies")
    merchandise = _merchandise(writer, companies)
    _invoices(writer, world, merchandise)
    _interactions(writer, world)
    _expenses(writer, world)


def _audit(writer: Writer, moment: int, user: str) -> tuple[str, str, str, str]:
    stamp = writer.stamp(moment)
    return stamp, user, stamp, user


def _merchandise(writer: Writer, companies: dict[str, Any]) -> list[tuple[str, float]]:
    """Distributors, warehouses and merchandise; answers Id and price of the latter."""
    ada = writer.users["ada"]
    audit = _audit(writer, -500 * DAY, ada)
    distributors = writer.ids("Distributor__c", len(companies["distributors"]))
    writer.insert_audited(
        "Distributor__c",
        "Id OwnerId Name Location__c",
        [(record, ada, *each, *audit) for record, each in zip(distributors, companies["distributors"], strict=True)],
    )
    ids = writer.ids("Warehouse__c", len(companies["warehouses"]))
    writer.insert_audited(
        "Warehouse__c",
        "Id OwnerId Name StreetAddress__c Location__Latitude__s Location__Longitude__s Services__c Opens__c"
        " Utilization__c",
        [(record, ada, *each, *audit) for record, each in zip(ids, companies["warehouses"], strict=True)],
    )
    ids = writer.ids("Merchandise__c", len(companies["merchandise"]))
    rows = []
    for number, (record, each) in enumerate(zip(ids, companies["merchandise"], strict=True)):
        distributor = distributors[number % 5] if number % 5 < len(distributors) else None
        rows.append((record, ada, *each, distributor, 100.0 + number, *audit))
    writer.insert_audited(
        "Merchandise__c",
        "Id OwnerId Name Price__c Total_Inventory__c Category__c Subcategory__c Colors__c Distributor__c"
        " MerchandiseExtID__c",
        rows,
    )
    return [(record, float(each[1])) for record, each in zip(ids, companies["merchandise"], strict=True)]


def _invoices(writer: Writer, world: World, merchandise: list[tuple[str, float]]) -> None:
    draw = writer.random
    rows, lines = [], []
    for number, record in enumerate(writer.ids("Invoice__c", 80)):
        account = world.accounts[number % 60]
        made = -(number * 4 + 1) * DAY + 1000
        audit = _audit(writer, made, account.owner)
        total = 0.0
        for place in range(1 + number % 4):
            item, price = merchandise[draw.randrange(len(merchandise))]
            quantity = float(1 + draw.randrange(12))
            total += quantity * price
            line = writer.ids("Line_Item__c", 1)[0]
            lines.append((line, f"{number + 1}-{place + 1}", record, item, quantity, price, *audit))
        status = "Draft" if number < 3 else "Sent" if number < 8 else ("Paid", "Paid", "Paid", "Overdue")[number % 4]
        paid = total if status == "Paid" else round(total / 4, 2) if status == "Overdue" else None
        rows.append(
            (
                record, account.owner, f"INV-{number + 1:05d}", account.id, f"ext-{number + 1:04d}-Ab", status,
                writer.day(made), paid, *audit,
            )
        )  # fmt: skip
    writer.insert_audited(
        "Invoice__c", "Id OwnerId Name Account__c External_Id__c Status__c Invoice_Date__c Paid__c", rows
    )
    writer.counts["Invoice__c.Name"] = len(rows)
    writer.insert_audited("Line_Item__c", "Id Name Invoice__c Merchandise__c Quantity__c Unit_Price__c", lines)


def _interactions(writer: Writer, world: World) -> None:
    """What a support copilot logged; most within the last 30 days, so that deflection can be measured."""
    draw, integration = writer.random, writer.users["integration"]
    content = load("service")
    channels = ("Service Console", "Customer Portal", "Documentation Site")
    severities = ("Sev 1 - Critical", "Sev 2 - High", "Sev 3 - Medium", "Sev 4 - Low", None)
    rows = []
    for number, record in enumerate(writer.ids("Copilot_Interaction__c", 140)):
        outcome, summary = draw.choices(content["interactions"], (5, 3, 2, 1))[0]
        problem = content["problems"][number % len(content["problems"])]
        contact = world.contacts[number]
        case = world.cases[number * 3 % len(world.cases)] if outcome in ("Case Created", "Escalated") else None
        rows.append(
            (
                record, integration, f"INT-{number + 1:06d}", f"conv-{number + 1:05d}" if number % 9 else None, outcome,
                severities[draw.randrange(5)], channels[draw.randrange(3)], problem["topic"], summary,
                "error-e-17\nerror-e-42" if number % 2 else None, case, contact.email,
                *_audit(writer, writer.past(60, recent=1.4), integration),
            )
        )  # fmt: skip
    writer.insert_audited(
        "Copilot_Interaction__c",
        "Id OwnerId Name Conversation_Id__c Outcome__c Severity__c Channel__c Topic__c Summary__c KB_Articles_Shown__c"
        " Case__c User_Email__c",
        rows,
    )
    writer.counts["Copilot_Interaction__c.Name"] = len(rows)


def _expenses(writer: Writer, world: World) -> None:
    """Private: everyone sees their own."""
    rows = []
    for number, record in enumerate(writer.ids("Expense_Report__c", 18)):
        owner = writer.users[("stan", "grace", "tom")[number % 3]]
        made = -(number * 11 + 2) * DAY + 900
        status = ("Draft", "Submitted", "Approved", "Paid", "Rejected")[number % 5]
        rows.append(
            (
                record, owner, f"EXP-{number + 1:04d}", _PURPOSES[number % 3],
                round(80 + 37.35 * number, 2), status, world.opportunities[number][0] if number % 2 else None,
                writer.stamp(made) if status != "Draft" else None, *_audit(writer, made, owner),
            )
        )  # fmt: skip
    writer.insert_audited(
        "Expense_Report__c",
        "Id OwnerId Name Purpose__c Amount__c Status__c Opportunity__c Submitted_On__c",
        rows,
    )
    writer.counts["Expense_Report__c.Name"] = len(rows)
