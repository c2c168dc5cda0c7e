"""How many cases there were, by fields and time."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, timedelta
from typing import TYPE_CHECKING, Annotated, Any, get_args

from pydantic import AfterValidator, BeforeValidator, Field

from salesforce_mcp.charts.plot import Plot, plot
from salesforce_mcp.errors import SalesforceError
from salesforce_mcp.salesforce import composite
from salesforce_mcp.soql.binding import bind
from salesforce_mcp.tools.arguments import check_path, split_names
from salesforce_mcp.tools.context import Context
from salesforce_mcp.tools.registry import tool
from salesforce_mcp.tools.results import Table
from salesforce_mcp.tools.service_metrics.charts import Chart, add_chart, named
from salesforce_mcp.tools.service_metrics.counting import Counts, Trend, trends
from salesforce_mcp.tools.service_metrics.period import Bucket, Days, Period, aligned, bucket_of, last, zone_named
from salesforce_mcp.wording import counted

if TYPE_CHECKING:
    from salesforce_mcp.salesforce.client import Client

BUCKETS: tuple[Bucket, ...] = get_args(Bucket)
_TOO_MANY_GROUPS = "EXCEEDED_ID_LIMIT"
"""The code of an aggregate query with more than 2,000 groups."""


def _check_one_bucket(names: list[str]) -> list[str]:
    if sum(name.lower() in BUCKETS for name in names) > 1:
        raise ValueError("name at most one of day, week and month")
    return names


GroupBy = Annotated[
    list[Annotated[str, AfterValidator(check_path)]],
    BeforeValidator(split_names),
    AfterValidator(_check_one_bucket),
    Field(min_length=1, max_length=5),
]
"""Fields of Case and at most one date bucket."""


@tool(title="Get case trends", calls="1, 2 with a date bucket", app="result")
def get_case_trends(
    context: Context,
    group_by: GroupBy,
    days: Days = 30,
    min_count: Annotated[int, Field(ge=1)] = 1,
    chart: Chart = False,
) -> Table:
    """Cases created in the last days, counted by fields and at most one of day, week, month, as in ["week", "Type"]:
    share of all, and change against the period before. Groups with fewer than `min_count` are left out.
    """
    client = context.client
    bucket: Bucket | None = next((each for each in BUCKETS if each in map(str.lower, group_by)), None)
    fields = [name for name in group_by if name.lower() not in BUCKETS]
    period = last(days)
    before = period.before()
    notes = []
    if bucket:
        name = client.get("/services/oauth2/userinfo").get("zoneinfo")
        zone = zone_named(name)
        period = aligned(period, bucket, zone)
        # The bucket before the first one, whole.
        before = aligned(Period(period.start - timedelta(days=1), period.start), bucket, zone)
        current = bucket_of(period.end.astimezone(zone).date(), bucket)
        notes.append(
            f"By {bucket} in the time zone {name or 'UTC'}; the one of {current} isn't over. Change is against the"
            f" {bucket} before."
        )
    counts, earlier = _counts(client, period, before, fields, by_day=bucket is not None)
    found = trends(counts, earlier, bucket)
    kept = [each for each in found if each.cases >= min_count]
    notes.insert(0, _over(counts, earlier, period, before, bucket))
    if len(kept) < len(found):
        left = sum(each.cases for each in found if each.cases < min_count)
        groups = counted(len(found) - len(kept), "group")
        notes.append(f"Left out: {groups} of fewer than {min_count}, {counted(left, 'case')} in all.")
    table = _table(kept, fields, bucket, notes)
    add_chart(table, chart, _plot(kept, fields, bucket), [each.cases for each in kept])
    return context.pages.first(table)


def _over(counts: Counts, earlier: Counts, period: Period, before: Period, bucket: Bucket | None) -> str:
    text = f"{counts.total()} cases created {period}"
    return f"{text}." if bucket else f"{text}; {earlier.total()} in the period before, {before}."


def _table(found: list[Trend], fields: list[str], bucket: Bucket | None, notes: list[str]) -> Table:
    columns = [*([bucket] if bucket else []), *fields, "cases", "share_percent", "before", "change_percent"]
    rows = [
        [
            *([_shown(each.bucket, bucket)] if bucket else []),
            *each.key,
            each.cases,
            each.share,
            each.before,
            each.change,
        ]
        for each in found
    ]
    return Table(columns, rows, total=len(rows), notes=notes)


def _plot(found: list[Trend], fields: list[str], bucket: Bucket | None) -> Plot | None:
    """A bar for each bucket, or for each value of the first field, with a part for each group in it."""
    title = f"Cases by {', '.join([*([bucket] if bucket else []), *fields])}"
    split = 0 if bucket else 1
    return plot(
        title,
        "cases",
        (
            (
                _shown(each.bucket, bucket) or "" if bucket else named(each.key[:1]),
                each.cases,
                named(each.key[split:]) if each.key[split:] else None,
            )
            for each in found
        ),
        over_time=bucket is not None,
    )


def _shown(first: date | None, bucket: Bucket) -> str | None:
    """A day as 2026-01-31, a week as its Monday, a month as 2026-01."""
    if first is None:
        return None
    return f"{first:%Y-%m}" if bucket == "month" else first.isoformat()


def _counts(
    client: Client, period: Period, before: Period, fields: list[str], *, by_day: bool
) -> tuple[Counts, Counts]:
    """Counts of both periods, asked for in one request where each has at most 2,000 groups."""
    parts = [composite.query(name, _soql(each, fields, by_day)) for name, each in (("now", period), ("then", before))]
    answers = composite.send(client, parts)
    found = []
    for name, each in (("now", period), ("then", before)):
        error = answers[name].error
        if error is not None and error.code == _TOO_MANY_GROUPS:
            found.append(_in_halves(client, each, fields, by_day))
        else:
            found.append(_read(answers[name].get()["records"], fields))
    return found[0], found[1]


def _in_halves(client: Client, period: Period, fields: list[str], by_day: bool) -> Counts:
    """The counts of a period that has too many groups for one query."""
    counts: Counts = Counter()
    for half in period.halves():
        try:
            counts += _read(client.query(_soql(half, fields, by_day)).records, fields)
        except SalesforceError as error:
            if error.code != _TOO_MANY_GROUPS or half.end - half.start <= timedelta(hours=1):
                raise
            counts += _in_halves(client, half, fields, by_day)
    return counts


def _soql(period: Period, fields: list[str], by_day: bool) -> str:
    day = "DAY_ONLY(convertTimezone(CreatedDate))"
    selected = [*([f"{day} day"] if by_day else []), *(f"{name} g{place}" for place, name in enumerate(fields))]
    grouped = ", ".join([*([day] if by_day else []), *fields])
    soql = (
        f"SELECT {', '.join(selected)}, COUNT(Id) n FROM Case"  # noqa: S608 - names are checked, moments bound
        " WHERE CreatedDate >= :start AND CreatedDate < :end"
        f" GROUP BY {grouped}"
    )
    return bind(soql, {"start": period.start.astimezone(UTC), "end": period.end.astimezone(UTC)})


def _read(records: list[dict[str, Any]], fields: list[str]) -> Counts:
    counts: Counts = Counter()
    for record in records:
        day = record.get("day")
        key = tuple(record[f"g{place}"] for place in range(len(fields)))
        counts[(date.fromisoformat(day) if day else None, key)] += record["n"]
    return counts
