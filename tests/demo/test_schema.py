"""Objects and fields: definitions hold together, names and Ids are as Salesforce's."""

from __future__ import annotations

from pathlib import Path

import pytest

from salesforce_mcp.demo.ids import full_id
from salesforce_mcp.demo.objects import load, standard_objects
from salesforce_mcp.demo.schema import compound_value, long_id, record_id, record_ids, record_number


def test_every_reference_leads_to_an_object() -> None:
    objects = standard_objects()
    wrong = [
        f"{sobject.name}.{field.name} -> {target}"
        for sobject in objects
        for field in sobject.fields
        for target in field.reference_to
        if objects.get(target) is None
    ]
    assert wrong == []


def test_child_relationship_names_are_unique_for_a_parent() -> None:
    objects = standard_objects()
    for sobject in objects:
        names = [each.name for each in objects.children(sobject.name) if each.name]
        assert len(names) == len(set(names)), sobject.name


def test_key_prefixes_are_unique_but_for_status_objects_and_views() -> None:
    prefixes = [each.key_prefix for each in standard_objects() if each.key_prefix and each.view is None]
    twice = {prefix for prefix in prefixes if prefixes.count(prefix) > 1}
    assert twice == {"01J"}


def test_names_are_found_whatever_their_case() -> None:
    account = standard_objects().get("ACCOUNT")
    assert account is not None
    assert account.field("billingCITY").name == "BillingCity"
    assert account.parent("owner").name == "OwnerId"
    assert standard_objects().child("account", "contacts").child_object == "Contact"
    assert standard_objects().get("Nothing__c") is None
    assert account.field("Nothing__c") is None


def test_ids_tell_their_object() -> None:
    objects = standard_objects()
    assert objects.by_id("500000000000001AAA").name == "Case"
    assert objects.by_id("ka0000000000001AAA").name == "Knowledge__kav"
    assert objects.by_id("zzz000000000001AAA") is None


@pytest.mark.parametrize(
    ("short", "whole"),
    [
        ("001ak00000OQTie", "001ak00000OQTieAAH"),
        ("005dM00000aYaE3", "005dM00000aYaE3QAK"),
        ("01254000001upcK", "01254000001upcKAAQ"),
    ],
)
def test_checksums_are_those_of_recorded_ids(short: str, whole: str) -> None:
    assert long_id(short) == whole
    assert full_id(short) == whole
    assert full_id(whole) == whole
    assert full_id(whole.lower()[:15] + whole[15:]) != whole


@pytest.mark.parametrize("text", ["", "001", "001ak00000OQTieAAA", "001ak00000OQTi'", "001ak00000OQTieAAH1", "０" * 15])
def test_what_is_no_id(text: str) -> None:
    assert full_id(text) is None


def test_ids_in_bulk_are_those_made_singly_and_sort_as_they_are_made() -> None:
    numbers = [1, 61, 62, 3843, 3844, 238_328, 900_000_000]
    for first in numbers:
        made = list(record_ids("003", first, 5))
        assert made == [record_id("003", number) for number in range(first, first + 5)]
        assert made == sorted(made)
        assert [record_number(each) for each in made] == list(range(first, first + 5))


def test_an_address_brings_its_parts_and_is_null_without_any() -> None:
    address = standard_objects()["Account"].field("BillingAddress")
    values = dict.fromkeys(address.components)
    assert compound_value(address, values.__getitem__) is None
    assert compound_value(address, (values | {"BillingCity": "Bonn"}).__getitem__) == {
        "city": "Bonn",
        "country": None,
        "geocodeAccuracy": None,
        "latitude": None,
        "longitude": None,
        "postalCode": None,
        "state": None,
        "street": None,
    }


def test_a_location_has_two_parts() -> None:
    location = standard_objects()["Warehouse__c"].field("Location__c")
    values = {"Location__Latitude__s": 1.5, "Location__Longitude__s": -2.0}
    assert compound_value(location, values.__getitem__) == {"latitude": 1.5, "longitude": -2.0}


def test_objects_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "definitions.txt"
    path.write_text(
        """
# A comment
set things  Movie__c Actor__c
object Movie__c a0M Movie / Movies
  kind  record -searchable
  history  Rating__c
  Name       string(80)   Movie Name  name idlookup
  Rating__c  picklist     Rating      restricted
    | Good*; Bad=Not good
  Stars__c   int(1)       Stars       default=3
object Actor__c a0N Actor / Actors
  kind  record
  sharing  private
  Movie__c  reference(Movie__c)  Movie  up=Movie__r down=Actors__r master
  About__c  reference(@things)   About  up=About__r
  Twice__c  double(4,1)          Twice  readonly
    ~ 2 * Fee__c
    = 2 * {t}.Fee__c
""",
        encoding="utf-8",
    )
    objects = load(path)
    movie, actor = objects["Movie__c"], objects["Actor__c"]
    assert not movie.can("searchable") and movie.can("createable")
    rating = movie.field("Rating__c")
    assert [(each.value, each.label) for each in rating.picklist_values] == [("Good", "Good"), ("Bad", "Not good")]
    assert rating.default_value == "Good" and rating.restricted_picklist
    assert movie.field("Stars__c").default_value == 3
    assert objects["Movie__History"].associate_of == ("History", "Movie__c")
    assert actor.master_field.name == "Movie__c"
    assert actor.field("About__c").reference_to == ("Movie__c", "Actor__c")
    assert actor.field("Twice__c").calculated and not actor.field("Twice__c").stored
    assert actor.sharing == "private"
    assert objects.child("Movie__c", "Actors__r").on_delete == "cascade"
