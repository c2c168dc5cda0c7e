"""The seed: as much as promised, linked soundly, the same each time, and with what trips up output formats."""

from __future__ import annotations

import sqlite3
from datetime import UTC, date, datetime, timedelta

import pytest

from salesforce_mcp.demo import seed
from salesforce_mcp.demo.objects import standard_objects
from salesforce_mcp.demo.schema import SObject
from salesforce_mcp.demo.store import Store

AT_LEAST = {
    "Account": 100, "Contact": 500, "Opportunity": 300, "OpportunityLineItem": 300, "Case": 1000, "CaseComment": 500,
    "EmailMessage": 500, "CaseHistory": 1000, "CaseMilestone": 500, "Lead": 50, "Task": 400, "Event": 100,
    "Campaign": 5, "CampaignMember": 100, "KnowledgeArticle": 20, "Report": 8, "Dashboard": 1, "FeedItem": 50,
    "FeedComment": 50, "CollaborationGroup": 2, "Topic": 3, "User": 8, "Profile": 2, "BusinessHours": 1,
    "Entitlement": 20, "Copilot_Interaction__c": 50, "Invoice__c": 20, "Line_Item__c": 50,
}  # fmt: skip


@pytest.mark.parametrize("sobject", AT_LEAST)
def test_there_is_enough(store: Store, sobject: str) -> None:
    count = store.connection().execute(f'SELECT count(*) FROM "{sobject}"').fetchone()[0]
    assert count >= AT_LEAST[sobject]


def everything(store: Store) -> list[SObject]:
    """All objects; those that the Tooling API has more of as it has them."""
    found = {each.name: each for each in (*store.objects, *store.objects.tooling)}
    for each in found.values():
        store.provide(each)
    return list(found.values())


def test_every_reference_leads_to_a_record_of_the_right_object(store: Store) -> None:
    wrong = []
    for sobject in everything(store):
        if sobject.view is not None:
            continue
        for field in sobject.stored_fields:
            if not field.reference_to:
                continue
            known = " UNION ALL ".join(f'SELECT Id FROM "{target}"' for target in field.reference_to)
            lost = store.connection().execute(
                f'SELECT count(*) FROM "{sobject.name}"'
                f' WHERE "{field.name}" IS NOT NULL AND "{field.name}" NOT IN ({known})'
            )
            if lost.fetchone()[0]:
                wrong.append(f"{sobject.name}.{field.name}")
    assert wrong == []


def test_values_keep_to_their_fields(store: Store) -> None:
    wrong = []
    for sobject in everything(store):
        if sobject.view is not None:
            continue
        for field in sobject.stored_fields:
            name = f'"{field.name}"'
            conditions = []
            if not field.nillable:
                conditions.append(f"{name} IS NULL")
            if field.length and field.type not in ("multipicklist", "base64"):
                conditions.append(f"length({name}) > {field.length}")
            if field.restricted_picklist and field.picklist_values and field.type == "picklist":
                values = ", ".join("'" + each.value.replace("'", "''") + "'" for each in field.picklist_values)
                conditions.append(f"({name} IS NOT NULL AND {name} NOT IN ({values}))")
            for condition in conditions:
                bad = store.connection().execute(f'SELECT {name} FROM "{sobject.name}" WHERE {condition} LIMIT 1')
                if (row := bad.fetchone()) is not None:
                    wrong.append(f"{sobject.name}.{field.name}: {row[0]!r}")
    assert wrong == []


def test_no_record_breaks_a_validation_rule(store: Store) -> None:
    rules = [(sobject, rule) for sobject in store.objects for rule in sobject.rules if rule.violated]
    assert len(rules) > 3
    for sobject, rule in rules:
        broken = f'SELECT count(*) FROM "{sobject.name}" AS row WHERE {rule.violated.replace("{t}", "row")}'
        assert store.connection().execute(broken).fetchone()[0] == 0, rule.name


def test_every_expression_is_sound(store: Store) -> None:
    for sobject in everything(store):
        for field in sobject.fields:
            if field.expression:
                column = field.expression.replace("{t}", "row")
                store.connection().execute(f'SELECT {column} FROM "{sobject.name}" AS row LIMIT 1').fetchall()


def test_nothing_was_made_in_the_future(store: Store) -> None:
    moment = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")
    for sobject in store.objects:
        for name in ("CreatedDate", "LastModifiedDate", "SystemModstamp", "ClosedDate"):
            field = sobject.field(name)
            if field is not None and field.stored:
                statement = f'SELECT count(*) FROM "{sobject.name}" WHERE "{name}" > ?'
                assert store.connection().execute(statement, (moment,)).fetchone()[0] == 0, f"{sobject.name}.{name}"


def test_a_case_closes_after_it_was_opened(store: Store) -> None:
    rows = store.connection().execute('SELECT CreatedDate, ClosedDate, IsClosed FROM "Case"').fetchall()
    assert all((closed is not None) == bool(is_closed) for _, closed, is_closed in rows)
    assert all(closed >= created for created, closed, _ in rows if closed)
    assert 0.3 < sum(row[2] for row in rows) / len(rows) < 0.95


@pytest.mark.parametrize(("sobject", "days"), [("Case", 7), ("Task", 7), ("Copilot_Interaction__c", 7), ("Lead", 30)])
def test_recent_days_have_rows(store: Store, sobject: str, days: int) -> None:
    since = (datetime.now(UTC).date() - timedelta(days=days)).isoformat()
    count = store.connection().execute(f'SELECT count(*) FROM "{sobject}" WHERE CreatedDate >= ?', (since,))
    assert count.fetchone()[0] > 3


def test_there_are_deals_to_come_and_deals_done(store: Store) -> None:
    today = date.today().isoformat()
    open_, done = (
        store.connection().execute(f"SELECT count(*) FROM Opportunity WHERE IsClosed = {closed}").fetchone()[0]
        for closed in (0, 1)
    )
    ahead = store.connection().execute("SELECT count(*) FROM Opportunity WHERE CloseDate > ?", (today,)).fetchone()[0]
    assert open_ > 50 and done > 50 and ahead > 50


def test_an_opportunity_is_worth_its_products(store: Store) -> None:
    wrong = store.connection().execute(
        "SELECT count(*) FROM Opportunity o WHERE EXISTS (SELECT 1 FROM OpportunityLineItem WHERE OpportunityId = o.Id)"
        " AND abs(Amount - (SELECT sum(TotalPrice) FROM OpportunityLineItem WHERE OpportunityId = o.Id)) > 0.01"
    )
    assert wrong.fetchone()[0] == 0


def test_articles_come_in_all_states_and_two_languages(store: Store) -> None:
    states = dict(
        store.connection().execute("SELECT PublishStatus, count(*) FROM Knowledge__kav GROUP BY 1").fetchall()
    )
    assert set(states) == {"Draft", "Online", "Archived"}
    languages = store.connection().execute("SELECT DISTINCT Language FROM Knowledge__kav").fetchall()
    assert sorted(languages) == [("de",), ("en_US",)]
    per_article = (
        "SELECT count(*) FROM Knowledge__kav WHERE PublishStatus = 'Online' GROUP BY KnowledgeArticleId, Language"
    )
    assert {row[0] for row in store.connection().execute(per_article)} == {1}


def test_emails_come_in_and_go_out_and_wait(store: Store) -> None:
    rows = store.connection().execute("SELECT DISTINCT Incoming, Status FROM EmailMessage").fetchall()
    assert {(1, "1"), (0, "3"), (0, "5")} <= set(rows)


def test_names_and_texts_try_output_formats(store: Store) -> None:
    def found(sobject: str, field: str, pattern: str) -> bool:
        statement = f'SELECT 1 FROM "{sobject}" WHERE "{field}" LIKE ?'
        return store.connection().execute(statement, (pattern,)).fetchone() is not None

    assert found("Account", "Name", "O'Brien%")
    assert found("Account", "Name", "%山田%")
    assert found("Account", "Name", '%, Jones & "Partners"%')
    assert found("Account", "Description", "%\n%")
    assert found("Contact", "LastName", "Müller")
    assert found("Contact", "FirstName", "Zoë")


def test_two_people_share_an_address(store: Store) -> None:
    shared = store.connection().execute("SELECT Email FROM Contact WHERE Email LIKE 'facilities@%'").fetchall()
    assert len(shared) == 2


def _dump(hour: int) -> dict[str, list[tuple[object, ...]]]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    seed.seed(connection, standard_objects(), now=datetime(2025, 6, 15, hour, 30, tzinfo=UTC))
    wanted = ("Account", "Contact", "Opportunity", "Lead", "Knowledge__kav", "Invoice__c")
    rows = {name: connection.execute(f'SELECT * FROM "{name}" ORDER BY Id').fetchall() for name in wanted}
    connection.close()
    return rows


def test_two_orgs_seeded_at_the_same_time_are_the_same() -> None:
    assert _dump(12) == _dump(12)


def test_the_time_of_day_changes_only_moments() -> None:
    early, late = _dump(1), _dump(23)
    assert [row[:5] for row in early["Contact"]] == [row[:5] for row in late["Contact"]]
    assert [row[4] for row in early["Opportunity"]] == [row[4] for row in late["Opportunity"]]


def test_a_larger_scale_has_more_in_the_largest_tables() -> None:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    seed.seed(connection, standard_objects(), 3000)
    counts = {
        name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]
        for name in ("Contact", "Case", "Account")
    }
    connection.close()
    assert counts["Contact"] == counts["Case"] == 3000
    assert counts["Account"] == 300
