"""What is SOSL, what it means, and how what isn't SOSL is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesforce_mcp.soql.messages import SoqlError, SoqlSyntaxError
from salesforce_mcp.soql.search_syntax import AllOf, AnyOf, Find, Returned, Search, Term, Without
from salesforce_mcp.soql.sosl import check_search, parse_sosl
from salesforce_mcp.soql.syntax import (
    Boolean,
    Comparison,
    DataCategories,
    DataCategory,
    FieldPath,
    FunctionCall,
    Number,
    OrderItem,
    SelectItem,
    String,
    WithSetting,
    walk,
)


def find(text: str) -> Find | None:
    return parse_sosl(f"FIND {{{text}}}").find


def word(text: str) -> Term:
    return Term(text, text)


def test_a_search_has_all_its_clauses() -> None:
    search = parse_sosl(
        "FIND {map*} IN NAME FIELDS RETURNING Account (Id, toLabel(Type) kind WHERE Name = 'x' USING ListView = Mine"
        " ORDER BY Name DESC LIMIT 3 OFFSET 2), Contact, Lead (Id) WITH DIVISION = 'Global'"
        " WITH DATA CATEGORY Geo__c AT usa__c WITH SNIPPET (target_length=120) WITH HIGHLIGHT"
        " WITH NETWORK IN ('a', 'b') WITH SPELL_CORRECTION = false WITH METADATA='LABELS' LIMIT 9"
        " UPDATE TRACKING, VIEWSTAT"
    )
    name = FieldPath(("Name",))
    assert search == Search(
        Term("map*", "map%"),
        "NAME",
        (
            Returned(
                "Account",
                (
                    SelectItem(FieldPath(("Id",))),
                    SelectItem(FunctionCall("toLabel", (FieldPath(("Type",)),)), "kind"),
                ),
                Comparison(name, "=", String("x", "x")),
                "Mine",
                (OrderItem(name, descending=True),),
                Number(3, "3"),
                Number(2, "2"),
            ),
            Returned("Contact"),
            Returned("Lead", (SelectItem(FieldPath(("Id",))),)),
        ),
        (
            WithSetting("DIVISION", (("DIVISION", String("Global", "Global")),)),
            DataCategories((DataCategory("Geo__c", "AT", ("usa__c",)),)),
            WithSetting("SNIPPET", (("target_length", Number(120, "120")),)),
            WithSetting("HIGHLIGHT", ()),
            WithSetting("NETWORK", (("NETWORK", String("a", "a")), ("NETWORK", String("b", "b")))),
            WithSetting("SPELL_CORRECTION", (("SPELL_CORRECTION", Boolean(False)),)),
            WithSetting("METADATA", (("METADATA", String("LABELS", "LABELS")),)),
        ),
        Number(9, "9"),
        ("TRACKING", "VIEWSTAT"),
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("MyProspect", word("MyProspect")),
        ("FIND", word("FIND")),
        ("mylogin@mycompany.com", word("mylogin@mycompany.com")),
        ("O'Brien-Smith", word("O'Brien-Smith")),
        (r"Why not\?", AllOf((word("Why"), Term("not?", "not?")))),
        (r"\{1\+1\}\:2", word("{1+1}:2")),
        ("jo?n 50%_*", AllOf((Term("jo?n", "jo_n"), Term("50%_*", r"50\%\_%")))),
        ('"John Smith"', Term("John Smith", "John Smith", phrase=True)),
        (r'"say \"no\" \*"', Term('say "no" *', 'say "no" *', phrase=True)),
        ("a and b", AllOf((word("a"), word("b")))),
        ('"and"', Term("and", "and", phrase=True)),
        ("a OR b c", AnyOf((word("a"), AllOf((word("b"), word("c")))))),
        ("a AND NOT b", AllOf((word("a"), Without(word("b"))))),
        ("a AND (b OR c)", AllOf((word("a"), AnyOf((word("b"), word("c")))))),
        ("(a) AND NOT (b OR c)", AllOf((word("a"), Without(AnyOf((word("b"), word("c"))))))),
        ("  a  ", word("a")),
    ],
)
def test_the_text_between_the_braces(text: str, expected: Find) -> None:
    assert find(text) == expected


def test_terms_know_where_they_stand() -> None:
    sosl = 'FIND { one AND ("two words" OR three)} RETURNING Account'
    found = {node.text: sosl[node.at :] for node in walk(parse_sosl(sosl)) if isinstance(node, Term)}
    assert found["one"].startswith("one")
    assert found["two words"].startswith("two words")
    assert found["three"].startswith("three")


def test_a_long_text_loses_its_operators_and_a_longer_one_finds_nothing() -> None:
    many = " AND ".join(["word"] * 500)
    found = find(many)
    assert isinstance(found, AnyOf)
    assert found.conditions == (word("word"),) * 500
    assert find("x" * 10_001) is None


@pytest.mark.parametrize(
    ("sosl", "sentence"),
    [
        ("FIND bar", "No search term found. The search term must be enclosed in braces."),
        ("FIND 'bar' RETURNING Account", "No search term found. The search term must be enclosed in braces."),
        ("SELECT Id FROM Account", "unexpected token: SELECT"),
        ("FIND {bar} IN Accounts", "unexpected token: 'Accounts'"),
        ("FIND {bar} RETURNING Account (LIMIT 10)", "unexpected token: 'LIMIT'"),
        ("FIND {bar} RETURNING", "unexpected token: '<EOF>'"),
        ("FIND {bar} LIMIT 5 RETURNING Account", "unexpected token: 'RETURNING'"),
        ("FIND {}", "A term is missing"),
        ("FIND {a OR}", "A term is missing"),
        ("FIND {a AND}", "A term is missing"),
        ("FIND {OR a}", "OR stands between two terms"),
        ("FIND {a AND OR b}", "OR stands between two terms"),
        ("FIND {NOT a}", "NOT is allowed only after AND"),
        ('FIND {"John Smith}', "A quotation mark is missing"),
        ("FIND {(a}", "A closing parenthesis is missing"),
        ("FIND {a)}", "A parenthesis is closed that was not opened"),
        ("FIND {()}", "A term is missing"),
        ("FIND {%s}" % ("(" * 2_000), "The search is too complicated"),
        ("FIND {bar} RETURNING Account (Id WHERE Name = 'x' OR)", "unexpected token: ')'"),
    ],
)
def test_what_is_not_sosl_is_refused(sosl: str, sentence: str) -> None:
    with pytest.raises(SoqlSyntaxError) as refused:
        parse_sosl(sosl)
    assert refused.value.sentence == sentence
    assert refused.value.code == "MALFORMED_SEARCH"


def test_a_missing_term_is_told_as_recorded(sample: Callable[[str], dict[str, Any]]) -> None:
    error = sample("errors-search-error-response")["response"]["body"][0]
    with pytest.raises(SoqlSyntaxError) as refused:
        parse_sosl("FIND bar")
    assert (refused.value.code, refused.value.message) == (error["errorCode"], error["message"])


def test_a_statement_may_have_100_000_characters_and_no_more() -> None:
    with pytest.raises(SoqlSyntaxError, match="cannot be longer than 100000 characters"):
        parse_sosl("FIND {" + "x" * 100_000 + "}")


@pytest.mark.parametrize(
    ("sosl", "sentence"),
    [
        ("FIND {a} RETURNING Account (Id OFFSET 2001)", "SOSL offset should be between 0 to 2000"),
        (
            "FIND {a} RETURNING Account (Id OFFSET 5), Contact",
            "OFFSET is allowed only where a single object is returned",
        ),
        ("FIND {a} RETURNING Account, account", "An object can be returned only once: account"),
        ("FIND {a} RETURNING Account (Id WHERE Name = :name)", "Bind variables only allowed in Apex code"),
    ],
)
def test_what_the_guide_forbids_is_refused(sosl: str, sentence: str) -> None:
    with pytest.raises(SoqlError) as refused:
        check_search(parse_sosl(sosl), sosl)
    assert refused.value.sentence == sentence
    assert refused.value.code == "MALFORMED_SEARCH"


def test_good_searches_pass() -> None:
    for sosl in (
        "FIND {a}",
        "FIND {a} RETURNING Account (Id LIMIT 10 OFFSET 2000)",
        "FIND {a} RETURNING Account, Lead",
    ):
        check_search(parse_sosl(sosl), sosl)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=40) | st.text('ab"()\\*?{} ANDORT', max_size=40))
def test_any_text_either_parses_or_is_refused(text: str) -> None:
    for statement in (text, f"FIND {{{text}}}", f"FIND {{a}} {text}"):
        try:
            parse_sosl(statement)
        except SoqlError as refused:
            code = refused.code
        else:
            continue
        assert code == "MALFORMED_SEARCH"
