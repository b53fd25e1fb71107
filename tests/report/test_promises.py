"""Promises about to be broken, and whether it is getting worse."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from agent.model.run import Due, Measure, Run
from agent.report.drift import drift_report
from tests.report.reading import section, titles
from tests.report.riverton import SITES, device, dues, out, policies, sync, tuesday
from tests.report.runs import AT, run

TITLE = "Promises about to be broken"
WEEK = AT - timedelta(days=8)


def due(*found: Due, **parts: object) -> Run:
    return run(**{"policies": policies(), "sites": SITES, "private": ("person",), "due": found, **parts})


def test_a_ticket_is_told_with_number_school_and_time() -> None:
    later = Due("TIX-01", "ticket/4712", "west", AT + timedelta(days=1))
    a_run = due(
        *dues(1),
        later,
        Due("TIX-01", "ticket/9", "", AT + timedelta(days=2)),
        traits={"ticket/9": {"category": "wifi"}},
    )
    assert [i.title for i in section(drift_report(a_run), TITLE).items] == [
        "Ticket 4711 at East High: due today 14:30",
        "Ticket 4712 at West High: due tomorrow 06:30",
        "Ticket 9 (wifi): due Thu Oct 16 06:30",
    ]


def test_the_soonest_comes_first_and_the_rest_is_a_number() -> None:
    found = section(drift_report(due(*reversed(dues(400)))), TITLE)
    assert found.items[0].title.startswith("Ticket 4711 ")
    assert (len(found.items), found.more) == (5, "And 395 more.")


def test_what_is_broken_already_is_a_number_above() -> None:
    late = [Due("TIX-01", f"ticket/{n}", "east", AT - timedelta(days=n)) for n in range(1, 41)]
    found = section(drift_report(due(*late, *dues(1))), TITLE)
    assert found.lead == "40 tickets are overdue, the oldest since Sep 4."
    assert [i.title for i in found.items] == ["Ticket 4711 at East High: due today 14:30"]
    assert section(drift_report(due(late[0])), TITLE).lead == "Ticket 1 at East High is overdue since Oct 13."


def test_many_that_end_on_one_day_are_one_line() -> None:
    end = [Due("DEV-02", device(n), "east", AT + timedelta(days=37)) for n in range(800)]
    found = section(drift_report(due(*end)), TITLE).items
    assert [(i.title, i.said) for i in found] == [
        ("800 devices at East High: Nov 20, in 37 days", "Chromebooks run a supported, current system.")
    ]


def test_promises_about_people_name_nobody() -> None:
    found = section(drift_report(due(Due("INV-06", "person/jane.7", "east", AT + timedelta(hours=2)))), TITLE)
    assert found.items[0].title == "1 account at East High: today 08:30"


def measured(*measures: tuple[str, int, int | None]) -> Run:
    return run(
        measures=tuple(Measure(n, now, before, WEEK if before is not None else None) for n, now, before in measures)
    )


def test_what_grew_and_what_did_not_are_two_lines() -> None:
    found = section(drift_report(tuesday()), "Getting worse")
    assert [i.title for i in found.items] == [
        "More since Mon Oct 6: 212 checks out of line (was 198)",
        "Not more: 4 checks that could not be made (as before), 31 faults open for more than 30 days (was 40)",
    ]


def test_the_same_measures_stand_there_every_time() -> None:
    calm = section(drift_report(measured(("out of line", 3, 3), ("could not be checked", 0, 2))), "Not getting worse")
    assert [i.title for i in calm.items] == [
        "Not more since Mon Oct 6: 3 checks out of line (as before), 0 checks that could not be made (was 2)"
    ]


def test_a_first_report_compares_with_nothing() -> None:
    assert titles(measured(("out of line", 3, None), ("could not be checked", 0, None))) == []


def test_the_sections_stand_in_the_order_of_the_rules() -> None:
    a_run = replace(tuesday(), due=dues(3))
    assert titles(a_run) == [
        "Needs your decision", "Held for safety", TITLE, "Fixed and confirmed", "Out of line, no change planned",
        "Getting worse",
    ]  # fmt: skip


def test_what_was_known_is_one_line_with_how_much_of_it_is_overdue() -> None:
    known = [out("DEV-01", device(n), "east", sync(40), days=d) for n, d in enumerate([2] * 35 + [31] * 3)]
    found = section(drift_report(run(policies=policies(), findings=tuple(known))), "Out of line, watched only")
    assert found.lead == "38 known and unchanged, 3 overdue (open for over 30 days), the oldest since Sep 13."
    edge = [out("DEV-01", device(n), "east", sync(40), days=30) for n in range(3)]
    assert (
        "overdue"
        not in section(drift_report(run(policies=policies(), findings=tuple(edge))), "Out of line, watched only").lead
    )
