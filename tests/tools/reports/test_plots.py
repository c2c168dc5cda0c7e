"""What charts of reports and dashboards show: the same numbers as the tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from salesforce_mcp.charts.plot import Plot
from salesforce_mcp.tools.results import Sections, Table, plots
from tests.salesforce.scripted import ScriptedOrg, ok
from tests.tools.conftest import Call
from tests.tools.demo import Demo

REPORT = "00O58000000quDd"
RUN = f"GET analytics/reports/{REPORT}"


def plot_of(call: Callable[..., Any], **arguments: Any) -> tuple[Plot, Table]:
    result = call("run_report", **arguments)
    assert isinstance(result, Sections)
    (plot,) = plots(result)
    totals = dict(result.parts)["totals"]
    assert isinstance(totals, Table)
    return plot, totals


def report(demo: Demo, name: str) -> str:
    (row,) = demo.structure("list_reports", filter=name)["rows"]
    return str(row[0])


def test_a_summary_shows_what_is_no_mere_count(recorded: Callable[[str, str], Any], call: Call) -> None:
    recorded(RUN, "analytics-summary-basic-single-group")
    plot, totals = plot_of(call, report_id=REPORT)
    assert (plot.measure, plot.over_time, plot.parts) == ("Sum of Annual Revenue", False, True)
    assert [(point.label, point.value) for point in plot.points] == [tuple(row[:2]) for row in totals.rows[:-1]]


def test_the_number_is_that_of_the_reports_own_chart(
    recorded: Callable[[str, str], Any], org: ScriptedOrg, call: Call
) -> None:
    body = recorded(RUN, "analytics-summary-basic-single-group")
    metadata = {**body["reportMetadata"], "aggregates": ["a!SALES", *body["reportMetadata"]["aggregates"]]}
    facts = {
        key: {**fact, "aggregates": [{"label": "1.5", "value": 1.5}, *fact["aggregates"]]}
        for key, fact in body["factMap"].items()
    }
    chosen = next(name for name in metadata["aggregates"] if name.startswith("s!"))
    org.on(RUN, ok({**body, "factMap": facts, "reportMetadata": metadata}))
    plot, _ = plot_of(call, report_id=REPORT)
    assert (plot.points[0].value, plot.parts) == (1.5, False)
    org.on(RUN, ok({**body, "factMap": facts, "reportMetadata": {**metadata, "chart": {"summaries": [chosen]}}}))
    plot, _ = plot_of(call, report_id=REPORT)
    assert (plot.measure, plot.parts) == ("Sum of Annual Revenue", True)


def test_time_runs_along_the_axis_of_a_matrix(recorded: Callable[[str, str], Any], call: Call) -> None:
    recorded(RUN, "analytics-matrix-basic")
    plot, totals = plot_of(call, report_id=REPORT)
    assert plot.over_time
    assert plot.labels[:2] == ["May 2013", "September 2013"]
    assert "Existing Customer - Upgrade / Edge Communications" in plot.series
    assert sum(point.value for point in plot.points) == totals.rows[-1][-1]


def test_two_groups_of_rows_are_bars_and_their_parts(demo: Demo) -> None:
    plot, totals = plot_of(demo.call, report_id=report(demo, "Accounts by Industry"))
    assert set(plot.series) <= {"Hot", "Warm", "Cold", "-"}
    assert len(plot.series) > 1
    place = totals.columns.index(plot.measure)
    assert sum(point.value for point in plot.points) == totals.rows[-1][place]


def test_a_dashboard_has_a_chart_for_each_component(demo: Demo) -> None:
    for row in demo.structure("list_dashboards")["rows"]:
        shown = demo.call("get_dashboard", dashboard_id=row[0], chart="png")
        assert isinstance(shown, Sections)
        assert shown.picture
        names = [name for name, _ in shown.parts]
        assert {plot.title for plot in plots(shown)} <= set(names)
        refreshed = demo.call("refresh_dashboard", dashboard_id=row[0], chart="png")
        assert isinstance(refreshed, Sections)
        assert [name for name, _ in refreshed.parts] == ["refresh", *names]
