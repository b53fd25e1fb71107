"""References: what stands behind a link is a value, none or unknown, never a guess."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent.catalog import KINDS
from agent.decide.columns import Row, build
from agent.decide.references import Listing, linked, needed
from agent.model.kind import Catalog, Kind, UnknownFieldError
from agent.model.reading import NONE, Reading, Unknown

CATALOG = Catalog(KINDS, {})
Rows = list[tuple[str, dict[str, Reading]]]
DEVICE, PERSON, ASSET, SITE = (KINDS[k] for k in ("device", "person", "asset", "site"))


def listing(kind: Kind, rows: Rows, *, proven: bool = True, trouble: str = "") -> Listing:
    names = dict.fromkeys(f for _, readings in rows for f in readings)
    fields = [CATALOG.resolve(kind, n) for n in names] or [CATALOG.resolve(kind, kind.fields[0].name)]
    table = build(fields, [Row(f"{kind.name}/{name}", "", readings) for name, readings in rows])
    return Listing(table, proven, trouble)


def devices(*cells: Reading) -> Listing:
    return listing(
        DEVICE, [(f"d{i}", {"assigned_user": c, "serial": NONE, "asset_tag": NONE}) for i, c in enumerate(cells)]
    )


def follow(listings: dict[str, Listing], name: str, kind: str = "device") -> list[Reading]:
    ref = CATALOG.resolve(KINDS[kind], name)
    table = linked(listings, {kind: [ref]}, CATALOG)[kind]
    return [table.reading(r, name) for r in table.ids()]


PEOPLE: Rows = [
    ("1", {"email": "a@riverton.example", "status": "left", "site": "east"}),
    ("2", {"email": "B@Riverton.example ", "status": NONE, "site": NONE}),
    ("3", {"email": "c@riverton.example", "status": Unknown("the cell says 'maybe'"), "site": "gone"}),
    ("4", {"email": "twice@riverton.example", "status": "active", "site": "east"}),
    ("5", {"email": "Twice@riverton.example", "status": "left", "site": "east"}),
    ("6", {"email": NONE, "status": "left", "site": "east"}),
]


def test_one_match_gives_its_reading_whatever_that_is() -> None:
    people = listing(PERSON, PEOPLE)
    readings = follow(
        {"device": devices("A@riverton.example", "b@riverton.example", "c@riverton.example"), "person": people},
        "user.status",
    )
    assert readings == ["left", NONE, Unknown("the cell says 'maybe'")]


def test_no_holder_is_none_and_an_unread_one_unknown() -> None:
    readings = follow(
        {"device": devices(NONE, Unknown("the export has no column User")), "person": listing(PERSON, PEOPLE)},
        "user.status",
    )
    assert readings[0] is NONE
    assert readings[1] == Unknown("which user it is could not be read")


def test_nobody_in_a_complete_list_is_none_and_in_an_incomplete_one_unknown() -> None:
    who = devices("nobody@riverton.example")
    assert follow({"device": who, "person": listing(PERSON, PEOPLE)}, "user.status") == [NONE]
    partly = listing(PERSON, PEOPLE, proven=False, trouble="the list of persons breaks off")
    assert follow({"device": who, "person": partly}, "user.status") == [Unknown("the list of persons breaks off")]


def test_nobody_in_a_list_with_an_unread_key_is_unknown() -> None:
    people = listing(
        PERSON, [*PEOPLE, ("7", {"email": Unknown("not text"), "status": "active", "site": "east"})], trouble=""
    )
    (reading,) = follow({"device": devices("nobody@riverton.example"), "person": people}, "user.status")
    assert isinstance(reading, Unknown)


def test_two_with_the_key_are_unknown() -> None:
    (reading,) = follow({"device": devices("twice@riverton.example"), "person": listing(PERSON, PEOPLE)}, "user.status")
    assert reading == Unknown("several could be its user")


def test_no_system_at_all_is_unknown_except_where_there_is_nobody() -> None:
    readings = follow({"device": devices("a@riverton.example", NONE)}, "user.status")
    assert all(isinstance(r, Unknown) for r in readings)
    assert readings[0] == Unknown("no system shows persons")


def test_through_two_links() -> None:
    sites = listing(SITE, [("east", {"id": "east", "student_ou": "/Students/East"})])
    who = devices("a@riverton.example", "b@riverton.example", "c@riverton.example")
    readings = follow({"device": who, "person": listing(PERSON, PEOPLE), "site": sites}, "user.site.student_ou")
    assert readings[:2] == ["/Students/East", NONE]
    assert readings[2] is NONE, "a person whose school is not among the sites has no student org unit"


@pytest.mark.parametrize("serial", ["5CD1234XYZ", " 5cd1234xyz "])
def test_serials_match_whatever_their_case(serial: str) -> None:
    mine = listing(DEVICE, [("d", {"serial": serial, "asset_tag": NONE})])
    items = listing(ASSET, [("a", {"serial": "5CD1234xyz", "tag": "77"})])
    assert follow({"device": mine, "asset": items}, "asset") == ["asset/a"]
    assert follow({"device": mine, "asset": items}, "asset.tag") == ["77"]


@pytest.mark.parametrize("serial", ["To be filled by O.E.M.", "0", "0000000", "default string", "N/A", "XXXX-XXXX"])
def test_a_placeholder_is_nobodys_serial(serial: str) -> None:
    mine = listing(DEVICE, [("d", {"serial": serial, "asset_tag": NONE})])
    items = listing(ASSET, [("a", {"serial": serial, "tag": "77"})])
    assert follow({"device": mine, "asset": items}, "asset") == [NONE]


def test_the_first_key_that_was_read_decides() -> None:
    rows: Rows = [
        ("by-tag", {"serial": Unknown("no such column"), "asset_tag": "77"}),
        ("by-serial", {"serial": "S1", "asset_tag": "78"}),
        ("neither", {"serial": Unknown("no such column"), "asset_tag": Unknown("no such column")}),
    ]
    items = listing(ASSET, [("a", {"serial": "S1", "tag": "77"}), ("b", {"serial": "S2", "tag": "78"})])
    found = follow({"device": listing(DEVICE, rows), "asset": items}, "asset")
    assert found[:2] == ["asset/a", "asset/a"]
    assert found[2] == Unknown("which asset it is could not be read")


def test_what_has_to_be_read_for_a_reference() -> None:
    found = needed([CATALOG.resolve(DEVICE, "user.site.student_ou")], DEVICE, CATALOG)
    assert {f.name for f in found["device"]} == {"assigned_user"}
    assert {f.name for f in found["person"]} == {"email", "site"}
    assert {f.name for f in found["site"]} == {"id", "student_ou"}


def test_links_end_somewhere() -> None:
    with pytest.raises(UnknownFieldError, match="more than 2 links"):
        CATALOG.resolve(DEVICE, "asset.device.asset.tag")


def test_a_person_behind_a_link_is_sensitive() -> None:
    assert CATALOG.resolve(DEVICE, "user").sensitive
    assert not CATALOG.resolve(DEVICE, "asset").sensitive
    assert CATALOG.resolve(DEVICE, "user.email").sensitive


def test_what_is_listed_twice_makes_only_its_own_keys_doubtful() -> None:
    items = listing(
        ASSET, [("a", {"serial": "S1", "tag": "77"}), ("b", {"serial": Unknown("listed twice"), "tag": "78"})]
    )
    table = replace(items.table, rivals={"serial": ("S2", "S3")})
    mine = listing(DEVICE, [(s, {"serial": s, "asset_tag": NONE}) for s in ("S1", "S2", "S9")])
    found = follow({"device": mine, "asset": replace(items, table=table)}, "asset")
    assert found == ["asset/a", Unknown("several could be its asset"), NONE]


def test_a_serial_that_a_spreadsheet_spoiled_is_nobodys_and_makes_nobody_absent() -> None:
    items = listing(ASSET, [("a", {"serial": "1.23457E+11", "tag": "77"}), ("b", {"serial": "S1", "tag": "78"})])
    mine = listing(DEVICE, [(s, {"serial": s, "asset_tag": NONE}) for s in ("S1", "S9", "1.23457E+11")])
    found = follow({"device": mine, "asset": items}, "asset")
    assert found[0] == "asset/b"
    assert isinstance(found[1], Unknown), "the spoiled line may be its own"
    assert isinstance(found[2], Unknown), "what is spoiled here says nothing"
