"""Opportunities, their products and history, contracts."""

from __future__ import annotations

from salesforce_mcp.demo.behaviour.save import Save, Writer
from salesforce_mcp.demo.context import RequestContext
from salesforce_mcp.demo.errors import ApiError
from salesforce_mcp.demo.values import now


def opportunity(save: Save) -> None:
    """The stage decides probability, forecast category, and whether the deal is closed and won."""
    stage = save.look_up(
        "SELECT DefaultProbability, IsClosed, IsWon, ForecastCategory, ForecastCategoryName FROM OpportunityStage"
        " WHERE ApiName = ?",
        save.values.get("StageName"),
    )
    if save.changed("StageName"):
        save.values["LastStageChangeDate"] = now()
        if stage:
            if "Probability" not in save.given:
                save.values["Probability"] = stage[0]
            save.values["IsClosed"], save.values["IsWon"], save.values["ForecastCategory"] = stage[1:4]
            if "ForecastCategoryName" not in save.given:
                save.values["ForecastCategoryName"] = stage[4]
    if save.old is not None and save.changed("CloseDate"):
        later = save.values["CloseDate"][:7] > save.old["CloseDate"][:7]
        save.values["PushCount"] = (save.values.get("PushCount") or 0) + later
    save.default("PushCount", 0)


def opportunity_history(save: Save) -> None:
    watched = ("StageName", "Amount", "CloseDate", "Probability", "ForecastCategory")
    if any(save.changed(name) for name in watched):
        columns = {name: save.values.get(name) for name in watched}
        save.writer.insert("OpportunityHistory", {"OpportunityId": save.values["Id"], **columns})


def line_item(save: Save) -> None:
    """Price and product come from the price book entry; the total from quantity, price and discount."""
    values = save.values
    entry = save.look_up(
        "SELECT Product2Id, UnitPrice FROM PricebookEntry WHERE Id = ?", values.get("PricebookEntryId")
    )
    if entry is None and values.get("Product2Id"):
        entry = save.look_up(
            "SELECT Product2Id, UnitPrice, Id FROM PricebookEntry WHERE Product2Id = ? AND Pricebook2Id ="
            " (SELECT Id FROM Pricebook2 WHERE IsStandard = 1)",
            values["Product2Id"],
        )
        if entry:
            values["PricebookEntryId"] = entry[2]
    if entry is None:
        fields = ["PricebookEntryId"]
        message = "field integrity exception: PricebookEntryId (pricebook entry ID or product ID must be specified)"
        raise ApiError(400, "FIELD_INTEGRITY_EXCEPTION", message, fields)
    values["Product2Id"] = entry[0]
    if "TotalPrice" in save.given and values.get("TotalPrice") is not None:
        values["UnitPrice"] = round(values["TotalPrice"] / values["Quantity"], 2)
    save.default("UnitPrice", entry[1])
    discount = 1 - (values.get("Discount") or 0.0) / 100
    values["TotalPrice"] = round(values["UnitPrice"] * values["Quantity"] * discount, 2)


def total_opportunity(context: RequestContext, opportunity_id: str, writer: Writer) -> None:
    """An opportunity with products is worth what they are."""
    statement = (
        "SELECT sum(TotalPrice), sum(Quantity) FROM OpportunityLineItem WHERE OpportunityId = ? AND IsDeleted = 0"
    )
    amount, quantity = context.store.connection().execute(statement, (opportunity_id,)).fetchone()
    if quantity is not None:
        writer.modify("Opportunity", opportunity_id, {"Amount": amount, "TotalOpportunityQuantity": quantity})


def line_item_total(save: Save) -> None:
    total_opportunity(save.context, save.values["OpportunityId"], save.writer)


def contract(save: Save) -> None:
    if save.values.get("Status") == "Activated" and save.changed("Status"):
        save.default("ActivatedDate", now())
        save.default("ActivatedById", save.context.user.id)
