"""Tasks and events."""

from __future__ import annotations

from salesforce_mcp.demo.behaviour.save import Save, minutes_between, missing, shifted
from salesforce_mcp.demo.errors import ApiError
from salesforce_mcp.demo.values import now


def task(save: Save) -> None:
    closed = save.look_up("SELECT IsClosed FROM TaskStatus WHERE ApiName = ?", save.values.get("Status"))
    save.values["IsClosed"] = closed[0] if closed else 0
    if not save.values["IsClosed"]:
        save.values["CompletedDateTime"] = None
    else:
        save.default("CompletedDateTime", now())
    _activity_account(save)


def event(save: Save) -> None:
    """Start, end and duration follow from each other; a whole day has no time."""
    values = save.values
    whole_day = bool(values.get("IsAllDayEvent"))
    start = values.get("StartDateTime")
    if "ActivityDateTime" in save.given and "StartDateTime" not in save.given:
        start = values.get("ActivityDateTime")
    if start is None and values.get("ActivityDate"):
        start = f"{values['ActivityDate']}T00:00:00.000+0000"
    if start is None:
        raise missing("ActivityDateTime")
    minutes, end = values.get("DurationInMinutes"), values.get("EndDateTime")
    keeps_length = save.old is not None and save.changed("StartDateTime") and "EndDateTime" not in save.given
    if ("DurationInMinutes" in save.given and minutes is not None) or (keeps_length and minutes is not None):
        end = shifted(start, minutes)
    elif end is not None:
        minutes = minutes_between(start, end)
    elif whole_day:
        minutes, end = 1440, shifted(start, 1440)
    else:
        message = "Event duration (DurationInMinutes) or end date (EndDateTime) is required"
        raise ApiError(400, "FIELD_INTEGRITY_EXCEPTION", message, ["DurationInMinutes"])
    if minutes < 0:
        message = "Event duration cannot be negative"
        raise ApiError(400, "FIELD_INTEGRITY_EXCEPTION", message, ["DurationInMinutes"])
    values.update(StartDateTime=start, EndDateTime=end, DurationInMinutes=minutes, ActivityDate=start[:10])
    values["ActivityDateTime"] = None if whole_day else start
    _activity_account(save)


def _activity_account(save: Save) -> None:
    """The account that an activity is about, through what or whom it is related to."""
    what, who = save.values.get("WhatId"), save.values.get("WhoId")
    account = None
    if what and what.startswith("001"):
        account = (what,)
    elif what:
        sobject = save.context.store.objects.by_id(what)
        if sobject and sobject.field("AccountId"):
            account = save.look_up(f'SELECT AccountId FROM "{sobject.name}" WHERE Id = ?', what)  # noqa: S608
    if not account and who and who.startswith("003"):
        account = save.look_up("SELECT AccountId FROM Contact WHERE Id = ?", who)
    save.values["AccountId"] = account[0] if account else None
