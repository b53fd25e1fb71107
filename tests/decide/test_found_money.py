"""Found money: five questions of a district's own lists, and what they must not claim."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from agent.catalog import KINDS
from agent.decide.columns import Columns, Row, build
from agent.decide.found_money import NO_SUCH_LIST, Answer, answer, questions
from agent.decide.references import Listing, linked
from agent.model.kind import Catalog, FieldRef
from agent.model.reading import NONE, Reading, Unknown

CATALOG = Catalog(KINDS, {})
NOW = datetime(2026, 10, 14, 12, tzinfo=UTC)
Readings = dict[str, Reading]
QUESTIONS = {q.name: q for q in questions(CATALOG)}


def table(kind: str, rows: dict[str, Readings]) -> Columns:
    known = KINDS[kind]
    whole = {f.name: NONE for f in known.fields}
    refs = [known.resolve(f.name) for f in known.fields]
    return build(refs, [Row(f"{kind}/{name}", "east", {**whole, **read}) for name, read in rows.items()])


def asked(
    name: str, devices: dict[str, Readings], items: dict[str, Readings], people: dict[str, Readings] | None = None
) -> Answer:
    listings = {
        "device": Listing(table("device", devices), proven=True, trouble=""),
        "asset": Listing(table("asset", items), proven=True, trouble=""),
        "person": Listing(table("person", people or {}), proven=True, trouble=""),
    }
    refs: dict[str, frozenset[FieldRef]] = {}
    for question in QUESTIONS.values():
        refs[question.kind] = refs.get(question.kind, frozenset()) | question.fields
    return answer(QUESTIONS[name], linked(listings, refs, CATALOG), NOW)


BOOK: Readings = {"category": "chromebook", "status": "in_use", "cost": 300, "location": "Room 1", "model": "CB12"}


def test_never_seen_asks_only_of_sorts_that_some_list_shows() -> None:
    items: dict[str, Readings] = {
        "1": {**BOOK, "serial": "S1"},
        "2": {**BOOK, "serial": "S2"},
        "3": {**BOOK, "serial": "S3", "category": "tablet"},
        "4": {**BOOK, "serial": "S4", "category": "projector"},
        "5": {**BOOK, "serial": "S5", "status": "disposed"},
    }
    said = asked("never_seen", {"S1": {"serial": "S1"}}, items)
    assert said.found.resources == ("asset/2",)
    assert (said.found.asked, said.found.unknown, said.found.why) == (2, 1, NO_SUCH_LIST)
    assert (said.found.cost, said.found.costed) == (300.0, 1)
    assert [(d.resource, d.model, d.cost) for d in said.found.details] == [("asset/2", "CB12", 300.0)]


def test_leavers_are_those_whose_account_is_closed_or_gone() -> None:
    items: dict[str, Readings] = {
        "1": {**BOOK, "assigned_to": "here@x.example"},
        "2": {**BOOK, "assigned_to": "left@x.example"},
        "3": {**BOOK, "assigned_to": "gone@x.example"},
        "4": {**BOOK, "assigned_to": NONE},
        "5": {**BOOK, "assigned_to": "left@x.example", "status": "retired"},
        "6": {**BOOK, "assigned_to": "odd@x.example"},
    }
    people: dict[str, Readings] = {
        "h": {"email": "here@x.example", "status": "active"},
        "l": {"email": "left@x.example", "status": "suspended"},
        "o": {"email": "odd@x.example", "status": Unknown("a word that has no meaning here")},
    }
    said = asked("leavers", {}, items, people).found
    assert said.resources == ("asset/2", "asset/3")
    assert (said.unknown, said.why) == (1, "a word that has no meaning here")


def test_two_places_need_two_places() -> None:
    items: dict[str, Readings] = {
        n: {**BOOK, "serial": n, "site": s} for n, s in (("S1", "east"), ("S2", "west"), ("S3", NONE))
    }
    devices: dict[str, Readings] = {n: {"serial": n, "site": "east"} for n in ("S1", "S2", "S3", "S4")}
    said = asked("two_places", devices, items)
    assert said.found.resources == ("device/S2",)
    assert dict(said.items) == {"asset/S2": 300.0}, "a device and its line in the list are one thing"


def test_past_support_is_judged_today_and_of_active_devices() -> None:
    devices: dict[str, Readings] = {
        "old": {"status": "active", "support_end": NOW - timedelta(days=3)},
        "new": {"status": "active", "support_end": NOW + timedelta(days=3)},
        "away": {"status": "deprovisioned", "support_end": NOW - timedelta(days=3)},
        "blank": {"status": "active", "support_end": NONE},
    }
    assert asked("past_support", devices, {}).found.resources == ("device/old",)


def test_nobody_and_nowhere() -> None:
    items: dict[str, Readings] = {
        "1": {**BOOK, "location": NONE},
        "2": {**BOOK, "location": NONE, "assigned_to": "a@x.example"},
        "3": {**BOOK},
        "4": {**BOOK, "location": Unknown("the export has no column for a room")},
    }
    said = asked("unassigned", {}, items).found
    assert said.resources == ("asset/1",)
    assert said.unknown == 1
