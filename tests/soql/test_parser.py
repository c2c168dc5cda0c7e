"""What is SOQL, what it means, and how what isn't SOQL is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesforce_mcp.errors import ExitCode
from salesforce_mcp.soql.messages import SoqlError, SoqlSyntaxError
from salesforce_mcp.soql.parser import MAX_DEPTH, MAX_LENGTH, parse
from salesforce_mcp.soql.syntax import (
    AccessMode,
    And,
    Bind,
    Boolean,
    ChildQuery,
    Comparison,
    Currency,
    DataCategories,
    DataCategory,
    Date,
    DateLiteral,
    DateTime,
    FieldPath,
    FieldsGroup,
    FunctionCall,
    GroupBy,
    Not,
    Null,
    Number,
    Or,
    OrderItem,
    Query,
    Scope,
    SelectItem,
    SemiJoin,
    Source,
    String,
    Time,
    TypeOf,
    TypeOfWhen,
    Value,
    ValueList,
    WithSetting,
    walk,
)


def path(text: str) -> FieldPath:
    return FieldPath(tuple(text.split(".")))


def where(condition: str) -> object:
    return parse(f"SELECT Id FROM Account WHERE {condition}").where


def value(text: str) -> Value:
    condition = where(f"Field = {text}")
    assert isinstance(condition, Comparison) and not isinstance(condition.right, ValueList | SemiJoin)
    return condition.right


def test_every_statement_of_the_corpus_parses(accepted: list[str]) -> None:
    for statement in accepted:
        query = parse(statement)
        for node in walk(query):
            assert 0 <= node.at < len(statement)


def test_a_query_has_all_its_clauses() -> None:
    query = parse(
        "SELECT Account.Name, COUNT(Id) total FROM Contact c, c.Account a USING SCOPE mine WHERE Name != 'x'"
        " WITH USER_MODE GROUP BY Account.Name HAVING COUNT(Id) > 1 ORDER BY Account.Name DESC NULLS LAST, COUNT(Id)"
        " LIMIT 10 OFFSET 20 ALL ROWS FOR VIEW UPDATE TRACKING, VIEWSTAT FOR UPDATE"
    )
    count = FunctionCall("COUNT", (path("Id"),))
    assert query == Query(
        fields=(SelectItem(path("Account.Name")), SelectItem(count, "total")),
        source=Source(("Contact",), "c"),
        related=(Source(("c", "Account"), "a"),),
        scope=Scope("mine"),
        where=Comparison(path("Name"), "!=", String("x", "x")),
        with_=(AccessMode("USER_MODE"),),
        group_by=GroupBy((path("Account.Name"),)),
        having=Comparison(count, ">", Number(1, "1")),
        order_by=(OrderItem(path("Account.Name"), descending=True, nulls="LAST"), OrderItem(count)),
        limit=Number(10, "10"),
        offset=Number(20, "20"),
        for_=("VIEW", "UPDATE"),
        update=("TRACKING", "VIEWSTAT"),
        all_rows=True,
    )


def test_nodes_know_where_they_stand() -> None:
    soql = "SELECT Id, (SELECT Name FROM Contacts) FROM Account WHERE NOT (Type = 'x' OR CloseDate > TODAY)"
    found = {type(node).__name__: soql[node.at :] for node in walk(parse(soql))}
    assert found["ChildQuery"].startswith("SELECT Name")
    assert found["Source"].startswith("Account")
    assert found["Not"].startswith("NOT (")
    assert found["Or"].startswith("Type = 'x' OR")
    assert found["String"].startswith("'x'")
    assert found["DateLiteral"].startswith("TODAY")


def test_the_select_list_takes_what_soql_offers() -> None:
    query = parse(
        "SELECT FIELDS(standard), toLabel(Status) label, FORMAT(convertCurrency(Amount)),"
        " TYPEOF What WHEN Account THEN Phone, Owner.Name WHEN Lead THEN Company ELSE Id END,"
        " (SELECT LastName FROM Account.Contacts LIMIT 2), DISTANCE(Loc__c, GEOLOCATION(37.7, -122.4), 'mi') FROM Event"
    )
    geolocation = FunctionCall("GEOLOCATION", (Number(37.7, "37.7"), Number(-122.4, "-122.4")))
    assert query.fields == (
        FieldsGroup("STANDARD"),
        SelectItem(FunctionCall("toLabel", (path("Status"),)), "label"),
        SelectItem(FunctionCall("FORMAT", (FunctionCall("convertCurrency", (path("Amount"),)),))),
        TypeOf(
            path("What"),
            (TypeOfWhen("Account", (path("Phone"), path("Owner.Name"))), TypeOfWhen("Lead", (path("Company"),))),
            (path("Id"),),
        ),
        ChildQuery(Query((SelectItem(path("LastName")),), Source(("Account", "Contacts")), limit=Number(2, "2"))),
        SelectItem(FunctionCall("DISTANCE", (path("Loc__c"), geolocation, String("mi", "mi")))),
    )


def test_conditions_nest_by_their_parentheses_alone() -> None:
    a, b, c = (Comparison(path(name), "=", Number(1, "1")) for name in "abc")
    assert where("a = 1 AND b = 1 AND c = 1") == And((a, b, c))
    assert where("a = 1 AND (b = 1 OR c = 1)") == And((a, Or((b, c))))
    assert where("((a = 1))") == a
    assert where("NOT (a = 1 AND (NOT b = 1))") == Not(And((a, Not(b))))


@pytest.mark.parametrize(
    "mixed", ["a = 1 AND b = 1 OR c = 1", "a = 1 OR b = 1 AND c = 1", "NOT a = 1 AND b = 1", "a = 1 AND NOT b = 1"]
)
def test_operators_mix_only_with_parentheses(mixed: str) -> None:
    with pytest.raises(SoqlSyntaxError, match="unexpected token"):
        where(mixed)


@pytest.mark.parametrize("operator", ["=", "!=", "<", "<=", ">", ">=", "LIKE"])
def test_comparison_operators(operator: str) -> None:
    assert where(f"Name {operator.lower()} 'x'") == Comparison(path("Name"), operator, String("x", "x"))  # type: ignore[arg-type]
    assert where("Name <> 'x'") == where("Name != 'x'")


def test_lists_semi_joins_and_binds_follow_in() -> None:
    assert where("a IN ('x', NULL)") == Comparison(path("a"), "IN", ValueList((String("x", "x"), Null())))
    assert where("a NOT IN (1)") == Comparison(path("a"), "NOT IN", ValueList((Number(1, "1"),)))
    assert where("a includes ('x;y')") == Comparison(path("a"), "INCLUDES", ValueList((String("x;y", "x;y"),)))
    assert where("a EXCLUDES ('x')") == Comparison(path("a"), "EXCLUDES", ValueList((String("x", "x"),)))
    assert where("a IN:names") == Comparison(path("a"), "IN", Bind("names"))
    inner = Query((SelectItem(path("AccountId")),), Source(("Contact",)))
    assert where("Id IN (SELECT AccountId FROM Contact)") == Comparison(path("Id"), "IN", SemiJoin(inner))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5", Number(5, "5")),
        ("-2.50", Number(-2.5, "-2.50")),
        ("1e3", Number(1000.0, "1e3")),
        ("9223372036854775808", Number(2.0**63, "9223372036854775808")),
        (".5", Number(0.5, ".5")),
        ("TRUE", Boolean(True)),
        ("False", Boolean(False)),
        ("null", Null()),
        ("2024-02-29", Date(date(2024, 2, 29))),
        ("2010-09-20T22:16:30.000Z", DateTime(datetime(2010, 9, 20, 22, 16, 30, tzinfo=UTC))),
        ("2020-04-15T02:40:03.25+0000", DateTime(datetime(2020, 4, 15, 2, 40, 3, 250000, tzinfo=UTC))),
        ("10:30:00.000Z", Time(time(10, 30))),
        ("today", DateLiteral("TODAY")),
        ("Last_N_Days : 30", DateLiteral("LAST_N_DAYS", 30)),
        ("N_FISCAL_QUARTERS_AGO:2", DateLiteral("N_FISCAL_QUARTERS_AGO", 2)),
        ("usd5000", Currency("USD", 5000)),
        ("EUR-0.5", Currency("EUR", -0.5)),
        (":name", Bind("name")),
    ],
)
def test_values(text: str, expected: Value) -> None:
    assert value(text) == expected


def test_a_zone_other_than_utc_is_kept() -> None:
    found = value("2024-01-01T12:00:00-08:00")
    assert isinstance(found, DateTime)
    assert found.value.utcoffset() == timedelta(hours=-8)


@pytest.mark.parametrize(
    ("text", "decoded", "like"),
    [
        (r"'O\'Brien'", "O'Brien", "O'Brien"),
        (r"'a\nb\Tc\"'", 'a\nb\tc"', 'a\nb\tc"'),
        (r"'c:\\dir'", "c:\\dir", "c:\\\\dir"),
        (r"'50\% of%\_'", "50% of%_", r"50\% of%\_"),
        (r"'caf\u00e9 \ud83d\ude00'", "café 😀", "café 😀"),
        (r"'\ud83d!'", "\ufffd!", "\ufffd!"),
        ("'it is // no comment /* at all */'", "it is // no comment /* at all */", "it is // no comment /* at all */"),
        ("'two\nrows'", "two\nrows", "two\nrows"),
    ],
)
def test_strings_are_decoded(text: str, decoded: str, like: str) -> None:
    assert value(text) == String(decoded, like)


@pytest.mark.parametrize("bad", [r"'\q'", r"'\u12'", r"'\x41'"])
def test_an_unknown_escape_is_refused(bad: str) -> None:
    with pytest.raises(SoqlSyntaxError, match="Illegal character sequence"):
        value(bad)


@pytest.mark.parametrize(
    "soql",
    [
        "SELECT Id FROM Group",
        "SELECT Id FROM Order ORDER BY OrderNumber",
        "SELECT Order.Name, Group.Name, View.Update FROM OrderItem",
        "SELECT Id, Format, Source, First, Last, View, Name, Email, All, Data, Scope FROM X ORDER BY Last DESC",
        "SELECT Not__c, Like__c, From__c FROM Select__c WHERE In__c = 1 AND Order__c IN (1)",
        "SELECT Id FROM Account WHERE Order = 1 AND Group.Name = 'x'",
        "SELECT MAX(A__c) max, COUNT(Id) count, MIN(D__c) for, MAX(D__c) end, SUM(A__c) all FROM O GROUP BY Cube",
        "SELECT TYPEOF What WHEN Group THEN End ELSE View END FROM Event",
        "select id from account where (name like 'a%') and (not type in ('x')) limit 1 for view",
    ],
)
def test_keywords_are_names_where_no_keyword_can_stand(soql: str) -> None:
    parse(soql)


def test_with_clauses() -> None:
    query = parse(
        "SELECT Title FROM Knowledge__kav WITH DATA CATEGORY Geo__c AT (usa__c, uk__c) AND Kind__c ABOVE_OR_BELOW tv__c"
        " WITH SECURITY_ENFORCED"
    )
    assert query.with_ == (
        DataCategories(
            (
                DataCategory("Geo__c", "AT", ("usa__c", "uk__c")),
                DataCategory("Kind__c", "ABOVE_OR_BELOW", ("tv__c",)),
            )
        ),
        AccessMode("SECURITY_ENFORCED"),
    )
    feed = parse("SELECT Id FROM UserProfileFeed WITH UserId='005D0000001AamR' ORDER BY CreatedDate DESC")
    assert feed.with_ == (WithSetting("UserId", (("UserId", String("005D0000001AamR", "005D0000001AamR")),)),)
    visibility = parse(
        "SELECT Id FROM Account WITH RecordVisibilityContext (maxDescriptorPerRecord=100, supportsDomains=true)"
    )
    settings_ = (("maxDescriptorPerRecord", Number(100, "100")), ("supportsDomains", Boolean(True)))
    assert visibility.with_ == (WithSetting("RecordVisibilityContext", settings_),)
    assert [type(node) for node in walk(visibility.with_[0])] == [WithSetting, Number, Boolean]


def test_group_by_rollup_and_cube() -> None:
    assert parse("SELECT a FROM X GROUP BY ROLLUP (a, b)").group_by == GroupBy((path("a"), path("b")), "ROLLUP")
    assert parse("SELECT a FROM X GROUP BY cube(a)").group_by == GroupBy((path("a"),), "CUBE")
    with pytest.raises(SoqlSyntaxError, match="unexpected token: ','"):
        parse("SELECT a FROM X GROUP BY ROLLUP(a), b")


@pytest.mark.parametrize(
    ("soql", "token"),
    [
        ("SELECT Id FROM Account WHERE Name = 'O'Brien'", "Brien"),
        ("SELECT Id, FROM Account", "FROM"),
        ("SELECT FROM Account", "FROM"),
        ("SELECT Id FROM WHERE Id = 1", "WHERE"),
        ("SELECT Id FROM Account WHERE AND a = 1", "AND"),
        ("SELECT Id FROM Account WHERE a = b", "b"),
        ("SELECT Id FROM Account ORDER Name", "Name"),
        ("SELECT Id FROM Account LIMIT -1", "-1"),
        ("SELECT Id FROM Account LIMIT 1.5", "1.5"),
        ("SELECT Id FROM Account LIMIT 2147483648", "2147483648"),
        ("SELECT Id FROM Account LIMIT 5 WHERE a = 1", "WHERE"),
        ("SELECT Id FROM Account WHERE d = 2023-02-29", "2023-02-29"),
        ("SELECT Id FROM Account WHERE d = 2023-02-28T25:00:00Z", "2023-02-28T25:00:00Z"),
        ("SELECT Id FROM Account WHERE t = 24:30:00Z", "24:30:00Z"),
        ("SELECT Id FROM Account WHERE n = 1e999", "1e999"),
        ("SELECT Id FROM Account WHERE n IN ()", ")"),
        ("SELECT * FROM Account", "*"),
        ("SELECT Id FROM Account WHERE Name = 'open", "'"),
        ("SELECT Id FROM Account HAVING COUNT(Id) > 1", "HAVING"),
        ("SELECT Id FROM Account; DELETE", ";"),
    ],
)
def test_what_is_not_soql_is_refused_with_its_token(soql: str, token: str) -> None:
    with pytest.raises(SoqlSyntaxError) as refused:
        parse(soql)
    error = refused.value
    assert error.token == token
    assert error.code == "MALFORMED_QUERY"
    assert error.offset is not None and soql.startswith(token, error.offset)
    assert error.column == error.offset
    assert error.exit_code == ExitCode.REFUSED


@pytest.mark.parametrize(
    "soql", ["", "   ", "SELECT Id FROM Account WHERE", "SELECT Id FROM Account WHERE (Name = 'x'"]
)
def test_an_unfinished_statement_is_refused_without_a_place(soql: str) -> None:
    with pytest.raises(SoqlSyntaxError) as refused:
        parse(soql)
    assert refused.value.message == "unexpected token: '<EOF>'"
    assert refused.value.token == "<EOF>"


def test_a_character_that_means_nothing_is_told_in_the_lexers_words() -> None:
    with pytest.raises(SoqlSyntaxError, match=r"line 1:34 no viable alternative at character '\$'") as refused:
        parse("select Id from Account where id = $sfid")
    assert refused.value.message.startswith("\nselect Id from Account where id = $sfid\n" + " " * 33 + "^\n")


def test_the_first_word_is_told_bare_even_after_comments() -> None:
    with pytest.raises(SoqlSyntaxError) as refused:
        parse("/* c */ // d\n UPDATE Account")
    assert refused.value.message == "unexpected token: UPDATE"


def test_a_statement_may_have_100_000_characters_and_no_more() -> None:
    start = "SELECT Id FROM Account WHERE Name = '"
    longest = start + "x" * (MAX_LENGTH - len(start) - 1) + "'"
    assert parse(longest).source.text == "Account"
    with pytest.raises(SoqlSyntaxError, match="cannot be longer than 100000 characters"):
        parse(longest + " ")


@pytest.mark.parametrize(
    "soql",
    [
        "(" * MAX_LENGTH,
        "SELECT Id FROM a WHERE " + "(" * 90_000,
        "SELECT Id FROM a WHERE " + "(NOT " * 9_000 + "b = 1" + ")" * 9_000,
        "SELECT Id FROM a WHERE " + "(a = 1 AND (b = 1 OR " * 3_000 + "c = 1" + "))" * 3_000,
        "SELECT " + "f(" * 20_000 + "a" + ")" * 20_000 + " FROM b",
        "SELECT " + "(SELECT " * 10_000,
        "/*" * 50_000,
        "/* */" * 1_000 + "x",
        "SELECT Id FROM a WHERE b = '" + "\\" * 99_900,
        "SELECT Id FROM a WHERE b = " + "9" * 90_000,
        "SELECT Id FROM a LIMIT " + "9" * 90_000,
        "SELECT Id FROM a" + " " * 90_000 + "'",
    ],
    ids=range(12),
)
def test_hostile_statements_are_refused_calmly(soql: str) -> None:
    with pytest.raises(SoqlError):
        parse(soql)


def test_nesting_has_a_limit_but_parentheses_alone_do_not_count() -> None:
    assert where("(" * 5_000 + "a = 1" + ")" * 5_000) == Comparison(path("a"), "=", Number(1, "1"))
    deepest = "(NOT " * (MAX_DEPTH // 2) + "a = 1" + ")" * (MAX_DEPTH // 2)
    assert where(deepest)
    with pytest.raises(SoqlError) as refused:
        where("(NOT " * (MAX_DEPTH + 1) + "a = 1" + ")" * (MAX_DEPTH + 1))
    assert refused.value.code == "QUERY_TOO_COMPLICATED"


WORDS = """SELECT FROM WHERE AND OR NOT IN LIKE ( ) , . = != 'a' ' 1 -1 2020-01-01 TODAY LAST_N_DAYS:3 : :b Id Account
 ORDER BY GROUP ROLLUP LIMIT OFFSET FOR VIEW NULLS FIRST TYPEOF WHEN THEN END WITH DATA CATEGORY AT // /* */ \\ \n"""
words = st.lists(st.sampled_from(WORDS.split(" ")), max_size=25).map(" ".join)


@settings(max_examples=400, deadline=None)
@given(st.text(max_size=60) | words)
def test_any_text_either_parses_or_is_refused(text: str) -> None:
    for statement in (text, f"SELECT Id FROM Account {text}", f"SELECT Id FROM Account WHERE {text}"):
        try:
            parse(statement)
        except SoqlError as refused:
            sentence = refused.sentence
        else:
            continue
        assert sentence


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("SELECT \N{KELVIN SIGN}ey__c FROM Account", 7),
        ("SELECT Id FROM Ca\N{LATIN SMALL LETTER LONG S}e", 17),
        ("\N{LATIN SMALL LETTER LONG S}ELECT Id FROM Case", 0),
    ],
)
def test_letters_that_only_look_like_those_of_names(text: str, at: int) -> None:
    with pytest.raises(SoqlSyntaxError, match=f"line 1:{at} no viable alternative at character '{text[at]}'"):
        parse(text)
