"""What no system shows, from lists to findings: school days by each row's school, and what is unique in its list."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from agent.catalog import KINDS
from agent.decide.columns import Columns, Row, build
from agent.decide.evaluate import fields_read, read_again
from agent.decide.explain import judge
from agent.decide.moments import settled
from agent.decide.references import needed
from agent.intake import yaml
from agent.intake.conditions import Parser
from agent.model.kind import Catalog
from agent.model.policy import Site
from agent.model.reading import NONE, Reading, Unknown
from agent.model.sweep import Sweep
from agent.observe import View, judged
from tests.decide.build import policy, repository
from tests.decide.thing import CHICAGO, SCHOOL, TIMETABLE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agent.model.condition import Condition
    from agent.model.finding import Finding
    from agent.model.policy import Policy

CATALOG = Catalog(KINDS, {})
NOW = datetime(2026, 10, 14, 12, tzinfo=UTC)  # Wednesday, 07:00 in the district; Monday was a holiday
EARLY = replace(SCHOOL, id="early", name="Early", days=())  # no holiday on Monday
KEPT = replace(
    TIMETABLE,
    calendars={"secondary": SCHOOL, "early": EARLY},
    keeps={"": {"school": "secondary"}, "east": {"school": "secondary"}, "west": {"school": "early"}},
    names={"east": "East High", "west": "West Middle", "north": "North Middle"},
)
SITES = {name: Site(name, title) for name, title in KEPT.names.items()}


def parsed(kind: str, text: str) -> Condition:
    problems: list[Any] = []
    found = Parser(KINDS[kind], CATALOG, CHICAGO, problems).fields(yaml.parse(text.encode(), "case"))
    assert found is not None, problems
    return found


def rule(kind: str, expect: str, where: str = "") -> Policy:
    applies = parsed(kind, where) if where else None
    return replace(policy(kind=kind), where=applies, expect=parsed(kind, expect), remedy=())


def listed(kind: str, rows: Mapping[str, Mapping[str, Reading]], system: str = "google", **changes: Any) -> Sweep:
    names = dict.fromkeys(f for readings in rows.values() for f in readings)
    fields = [KINDS[kind].resolve(n) for n in names]
    made = [Row(f"{kind}/{n}", str(r["site"]) if isinstance(r.get("site"), str) else "", r) for n, r in rows.items()]
    whole = Sweep(system, kind, build(fields, made), len(rows), len(rows), True, "", NOW, ())
    return replace(whole, **changes)


def seen(one: Policy, *sweeps: Sweep) -> View:
    district = replace(repository().district, sites=SITES)
    return judged(CATALOG, replace(repository(one), district=district, timetable=KEPT), sweeps, NOW)


def verdicts(view: View) -> dict[str, str]:
    return {f.resource.partition("/")[2]: f.verdict.value for f in view.findings}


def said(view: View) -> dict[str, Finding]:
    return {f.resource.partition("/")[2]: f for f in view.findings}


def synced(site: Reading, day: int, hour: int = 12) -> dict[str, Reading]:
    return {"last_sync": datetime(2026, 10, day, hour, tzinfo=CHICAGO), "site": site}


def test_school_days_are_those_of_the_school_that_a_row_belongs_to() -> None:
    rows = {"e8": synced("east", 8), "e7": synced("east", 7), "w9": synced("west", 9), "w8": synced("west", 8)}
    view = seen(rule("device", "last_sync: {within: 3 school days}"), listed("device", rows))
    assert verdicts(view) == {"e7": "out_of_line", "w8": "out_of_line"}


def test_a_school_without_a_calendar_is_told_by_name_and_nothing_is_guessed() -> None:
    rows = {"n": synced("north", 13), "x": synced("nowhere", 13), "u": synced(Unknown("blurred"), 13)}
    rows["none"] = synced(NONE, 13)
    view = seen(rule("device", "last_sync: {within: 3 school days}"), listed("device", rows))
    whys = {name: f.why for name, f in said(view).items()}
    assert whys["n"] == "North Middle keeps no school calendar"
    assert "nowhere" in whys["x"]
    assert whys["u"] == "whose calendar counts cannot be told: blurred"
    assert "none" not in whys, "the district's own calendar counts for what belongs to no school"
    staff = seen(rule("device", "last_sync: {within: 3 staff days}"), listed("device", {"e": synced("east", 13)}))
    assert said(staff)["e"].why == "East High has no staff hours"


def test_a_reading_that_is_none_needs_no_calendar() -> None:
    rows: dict[str, dict[str, Reading]] = {"n": {"last_sync": NONE, "site": "north"}}
    within = rule("device", "last_sync: {within: 3 school days}")
    assert verdicts(seen(within, listed("device", rows))) == {"n": "out_of_line"}


def test_an_old_list_is_counted_from_its_own_time() -> None:
    rows = {"e": synced("east", 1)}
    within = rule("device", "last_sync: {within: 3 school days}")
    old = listed("device", rows, as_of=datetime(2026, 10, 5, 18, tzinfo=UTC))
    assert verdicts(seen(within, old)) == {}
    assert verdicts(seen(within, listed("device", rows))) == {"e": "out_of_line"}
    due = rule("ticket", "due: {after: now + 2 school hours}")
    at = datetime(2026, 10, 13, 13, tzinfo=CHICAGO)
    ticket: dict[str, dict[str, Reading]] = {"1": {"due": at, "site": "east"}}
    assert verdicts(seen(due, listed("ticket", ticket))) == {"1": "out_of_line"}
    assert verdicts(seen(due, listed("ticket", ticket, as_of=at - timedelta(hours=3)))) == {}


def test_a_date_that_does_not_move_is_counted_from_today() -> None:
    supported = rule("device", "support_end: {after: today + 2 school days}")
    rows: dict[str, dict[str, Reading]] = {"e": {"support_end": datetime(2026, 10, 9, tzinfo=CHICAGO), "site": "east"}}
    old = listed("device", rows, as_of=datetime(2026, 10, 1, tzinfo=UTC))
    assert verdicts(seen(supported, old)) == {"e": "out_of_line"}


def test_a_time_is_compared_with_one_behind_a_link() -> None:
    asset = rule("device", "last_sync: {after: asset.purchased + 2 school days}")
    bought = datetime(2026, 10, 8, tzinfo=CHICAGO)
    rows = {name: {**synced("east", day), "serial": name} for name, day in (("A", 13), ("B", 12), ("C", 13), ("D", 13))}
    assets: dict[str, dict[str, Reading]] = {
        "1": {"serial": "A", "purchased": bought},
        "2": {"serial": "B", "purchased": bought + timedelta(days=1)},
        "3": {"serial": "C", "purchased": NONE},
        "4": {"serial": "D", "purchased": Unknown("the cell is torn")},
    }
    view = seen(asset, listed("device", rows), listed("asset", assets, "snipe_it"))
    assert verdicts(view) == {"B": "out_of_line", "C": "out_of_line", "D": "unknown"}
    assert said(view)["D"].why == "the cell is torn"


def test_a_sentence_says_what_the_days_mean_and_the_difference_does_not_move() -> None:
    rows: dict[str, dict[str, Reading]] = {
        "e": synced("east", 7),
        "none": {"last_sync": NONE, "site": "east"},
    }
    view = seen(rule("device", "last_sync: {within: 3 school days}"), listed("device", rows))
    found = said(view)["e"]
    assert found.sentence == ("e: last_sync is 2026-10-07 12:00 and should be within 3 school days (since 2026-10-08).")
    assert [d.expected for d in found.differences] == ["within 3 school days"]
    assert said(view)["none"].sentence == (
        "none: last_sync is not there and should be within 3 school days (since 2026-10-08)."
    )
    plain = seen(rule("device", "last_sync: {within: 3 days}"), listed("device", rows))
    assert "should be within 3 days (since 2026-10-11)." in said(plain)["e"].sentence


def serials(**rows: Reading) -> dict[str, dict[str, Reading]]:
    return {name: {"serial": value} for name, value in rows.items()}


def test_a_serial_is_unique_in_the_list_of_each_system() -> None:
    one = rule("device", "serial: {unique: true}")
    google, intune = serials(a="S1", b="S2", c="s2 "), serials(d="S1", e=NONE, f=Unknown("torn"))
    both = [
        listed("device", {f"{n}@google": r for n, r in google.items()}),
        listed("device", {f"{n}@intune": r for n, r in intune.items()}, "intune"),
    ]
    view = seen(one, *both)
    assert verdicts(view) == {
        "b@google": "out_of_line",
        "c@google": "out_of_line",
        "e@intune": "out_of_line",
        "f@intune": "unknown",
    }
    assert said(view)["b@google"].sentence == (
        "b@google: serial is S2 and should be nobody else's (also device/c@google)."
    )
    assert said(view)["f@intune"].why == "torn"
    shared = seen(rule("device", "serial: {unique: false}"), *both)
    assert verdicts(shared)["a@google"] == "out_of_line"


def test_more_than_two_are_counted_and_people_are_never_named() -> None:
    assets = serials(a="S1", b="S1", c="S1", d="S1")
    view = seen(rule("asset", "serial: {unique: true}"), listed("asset", assets, "snipe_it"))
    assert said(view)["a"].sentence.endswith("nobody else's (also asset/d and 2 more).")
    people: dict[str, dict[str, Reading]] = {n: {"org_unit": "/Staff/East"} for n in "ab"}
    view = seen(rule("person", "org_unit: {unique: true}"), listed("person", people))
    assert said(view)["a"].sentence.endswith("should be nobody else's.")


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"proven": False}, "it is not proven that every device was listed"),
        ({"doubt": "shrank from 9 to 3"}, "the list of devices (google) shrank from 9 to 3 since the last good look"),
        ({"trouble": "it breaks off"}, "the list of devices (google): it breaks off"),
    ],
)
def test_what_rests_on_absence_waits_for_a_list_that_is_whole(changes: dict[str, Any], why: str) -> None:
    rows = listed("device", serials(a="S1", b="S2", c="S2"), **changes)
    view = seen(rule("device", "serial: {unique: true}"), rows)
    assert verdicts(view) == {"a": "unknown", "b": "out_of_line", "c": "out_of_line"}
    assert said(view)["a"].why == why


def test_a_filter_by_school_time_leaves_out_and_is_unknown_like_any_other() -> None:
    expect, where = "status: active", "last_sync: {older_than: 3 school days}"
    rows: dict[str, dict[str, Reading]] = {
        n: {**synced(site, day), "status": "lost"} for n, site, day in (("a", "east", 7), ("b", "east", 8))
    }
    rows["c"] = {**synced("north", 7), "status": "lost"}
    view = seen(rule("device", expect, where), listed("device", rows))
    assert verdicts(view) == {"a": "out_of_line", "c": "unknown"}
    assert said(view)["c"].sentence == (
        "c: could not check: could not tell whether the policy applies: North Middle keeps no school calendar."
    )


def test_explain_shows_both_sides() -> None:
    one = rule("device", "last_sync: {within: 3 school days}")
    view = seen(one, listed("device", {"e": synced("east", 7), "n": synced("north", 7)}))
    table = view.tables["device"]
    now = NOW.astimezone(CHICAGO)
    expect = settled(one, table.as_of, now).expect
    assert expect is not None
    east = judge(expect, lambda f: table.reading("device/e", f), now)
    assert (east.holds, east.other) == (False, datetime(2026, 10, 8, tzinfo=CHICAGO))
    north = judge(expect, lambda f: table.reading("device/n", f), now)
    assert (north.holds, north.other) == (None, Unknown("North Middle keeps no school calendar"))


def test_a_second_look_judges_by_school_time_too() -> None:
    one = rule("device", "last_sync: {within: 3 school days}")
    view = seen(one, listed("device", {"e": synced("east", 7), "f": synced("east", 13)}))
    table: Columns = view.tables["device"]
    left, why = read_again(one, table, "device/e", ["last_sync"], NOW.astimezone(CHICAGO))
    assert ([d.field for d in left], why) == (["last_sync"], "")
    assert read_again(one, table, "device/f", ["last_sync"], NOW.astimezone(CHICAGO)) == ((), "")


def test_what_has_to_be_read_is_what_columns_are_made_of() -> None:
    one = rule("device", "last_sync: {after: asset.purchased - 3 school days}\nserial: {unique: true}")
    fields = needed(fields_read(one), KINDS["device"], CATALOG)
    assert {f.name for f in fields["device"]} == {"last_sync", "serial", "site", "asset_tag"}
    assert {f.name for f in fields["asset"]} == {"purchased", "serial", "tag"}
    plain = rule("device", "last_sync: {after: enrolled + 3 days}")
    assert {f.name for f in needed(fields_read(plain), KINDS["device"], CATALOG)["device"]} == {"last_sync", "enrolled"}


def test_a_column_that_nobody_shows_is_told_with_its_reason() -> None:
    one = rule("device", "last_sync: {after: enrolled - 3 school days}\nserial: {unique: true}")
    torn: dict[str, Reading] = {"enrolled": Unknown("the export has no column Enrolled"), "serial": "A"}
    view = seen(one, listed("device", {"e": synced("east", 13) | torn}))
    assert {n: f.why for n, f in said(view).items()} == {"e": "the export has no column Enrolled"}
