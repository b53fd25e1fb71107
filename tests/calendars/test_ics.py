"""Closures from iCalendar files: what they mean, and what happens with one that nobody could read."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from agent.intake import ics
from agent.intake.ics_reading import RefusedError, read
from agent.model.calendar import Kept
from tests.calendars.conftest import SCHOOL

if TYPE_CHECKING:
    from agent.model.calendar import Calendar
    from tests.intake.district import District

ALL = (Path(__file__).parent.parent / "cases" / "calendars" / "ics" / "all.ics").read_bytes().replace(b"\n", b"\r\n")
HEAD, TAIL = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//x//EN\r\n", "END:VCALENDAR\r\n"
NAMED = SCHOOL.replace("name: Every school", "ics: [holidays.ics]")


def event(*lines: str) -> str:
    return "\r\n".join((HEAD + "BEGIN:VEVENT", "UID:a", "SUMMARY:Odd", *lines, "END:VEVENT", TAIL))


def school(district: District, content: bytes | str) -> Calendar:
    district.write("policies/calendars/school.yaml", NAMED)
    district.write("policies/calendars/holidays.ics", content)
    return district.load().timetable.calendars["school"]


def test_every_sort_of_event_closes_what_it_should(district: District) -> None:
    days = school(district, ALL).days
    closed = {(d.name, str(d.first), str(d.last)) for d in days if d.what is Kept.CLOSED}
    assert closed == {
        ("Staff learning day", "2026-10-12", "2026-10-12"),
        ("Winter break", "2026-12-21", "2027-01-01"),  # the end of an event of days is the day after it
        ("Spring break", "2027-03-22", "2027-03-26"),
        ("Election day", "2026-11-03", "2026-11-03"),  # repeats since 2020; the next one lies outside the year
    }
    breaks = {(d.name, str(d.first), *(n // 60 for n in d.spans[0])) for d in days if d.what is Kept.BREAK}
    assert breaks == {
        ("Assembly", "2026-09-03", 14 * 60, 15 * 60),  # 15:00 in New York is 14:00 here
        ("Assembly on Friday", "2026-09-18", 10 * 60, 10 * 60 + 30),  # moved; the 10th is left out, the 24th cancelled
        ("Assembly", "2026-10-01", 14 * 60, 15 * 60),
        ("Assembly", "2026-10-08", 14 * 60, 15 * 60),
        ("Fire drill", "2027-01-15", 9 * 60, 10 * 60),  # without a zone: on the school's clock
        ("Power is off", "2027-02-03", 8 * 60, 24 * 60),
        ("Power is off", "2027-02-04", 0, 10 * 60),
    }
    assert {d.source for d in days} == {"policies/calendars/holidays.ics"}


def test_what_is_marked_as_free_closes_nothing_and_is_told(district: District) -> None:
    school(district, ALL)
    (warning,) = district.load().warnings
    assert warning == (
        "policies/calendars/holidays.ics: 1 event is marked as free (TRANSP:TRANSPARENT) and closes nothing. "
        "If they are days without school, mark them as busy, or list them under `closed`."
    )


def test_a_file_of_last_year_is_told(district: District) -> None:
    school(district, event("DTSTART;VALUE=DATE:20251012"))
    said = "Nothing in it closes a day in the years of the calendar 'school'."
    assert district.load().warnings == (f"policies/calendars/holidays.ics: {said}",)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "it holds no VCALENDAR"),
        ("<!doctype html><p>404", "the line '<!doctype html><p>404' is none that a calendar can have."),
        (HEAD + "BEGIN:VEVENT\r\nDTSTART:2026", "it breaks off before END:VCALENDAR"),
        (event("DTSTART:20260907T000000Z", "RRULE:FREQ=SECONDLY"), "'Odd' repeats within a day (SECONDLY)"),
        (event("DTSTART:20260907T000000Z", "RRULE:FREQ=DAILY;BYMINUTE=1,2"), "'Odd' repeats within a day (DAILY)"),
        (event("DTSTART:20260907T000000Z", "RRULE:FREQ=DAILY;INTERVAL=0"), "'Odd' repeats with an INTERVAL below 1"),
        (event("DTSTART;VALUE=DATE:20261399"), "the event 'Odd': DTSTART: Wrong date format 20261399"),
        (event("DTEND;VALUE=DATE:20261001"), "the event 'Odd' has no DTSTART"),
        (event("DTSTART;TZID=Mars/Olympus:20260907T090000"), "names the time zone 'Mars/Olympus', which is not known"),
        (event("DTSTART:20260907T090000Z", "DTEND:20260907T080000Z"), "'Odd' ends before it begins"),
        (event("DTSTART;VALUE=DATE:20260907", "DURATION:P9999999D"), "date value out of range"),
    ],
)  # fmt: skip
def test_an_unreadable_file_is_one_sentence(district: District, content: str, said: str) -> None:
    district.write("policies/calendars/school.yaml", NAMED)
    district.write("policies/calendars/holidays.ics", content)
    problems = district.problems()
    assert len(problems) == 1
    assert problems[0].startswith("policies/calendars/holidays.ics: This is no calendar that can be read: ")
    assert said in problems[0]
    assert problems[0].isprintable()


def test_what_repeats_for_ever_is_followed_through_the_years_alone(district: District) -> None:
    made = school(district, event("DTSTART;VALUE=DATE:20200101", "RRULE:FREQ=DAILY"))
    assert [str(d.first) for d in made.days][:: len(made.days) - 1] == ["2026-08-12", "2027-06-03"]
    assert any("never opens" in warning for warning in district.load().warnings)


def test_too_many_occurrences_are_refused() -> None:
    many = "".join(
        event("DTSTART;VALUE=DATE:20200101", "RRULE:FREQ=DAILY").replace("UID:a", f"UID:{n}") for n in range(30)
    )
    with pytest.raises(RefusedError, match="closes more than 5,000 times"):
        read(many.encode(), date(2026, 8, 12), date(2027, 6, 3), ZoneInfo("America/Chicago"))


def test_a_file_that_would_take_for_ever_is_given_up(district: District, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ics, "SECONDS", 0.01)  # of the clock; the limit of computing is the reading's own
    district.write("policies/calendars/school.yaml", NAMED)
    district.write("policies/calendars/holidays.ics", ALL)
    (problem,) = district.problems()
    assert problem.endswith("This is no calendar that can be read: what it repeats takes too long to work out.")
    monkeypatch.undo()
    assert district.problems() == []  # it was not kept as unreadable


def test_it_is_read_once_for_each_content(district: District, monkeypatch: pytest.MonkeyPatch) -> None:
    before = school(district, ALL)
    monkeypatch.setattr(ics, "_asked", lambda *_: pytest.fail("read again"))
    assert district.load().timetable.calendars["school"] == before


def test_large_and_strange_files_are_refused_before_they_are_read(district: District) -> None:
    district.write("policies/calendars/school.yaml", NAMED)
    path = district.write("policies/calendars/holidays.ics", "")
    with path.open("wb") as file:
        file.truncate(50 << 20)
    assert "50.0 MiB; a file of at most 1 MiB is read" in district.problems()[0]
    path.unlink()
    path.symlink_to("/etc/hostname")
    assert district.problems() == ["policies/calendars/school.yaml:2:7: 'holidays.ics' leads out of the repository."]


def test_mutilated_files_are_read_or_refused() -> None:
    """In this process, so that many can be tried; nothing but a refusal or an error of the library comes out."""
    dice = random.Random(4)  # ruff: ignore[suspicious-non-cryptographic-random-usage] - dice
    refused = 0
    words = [b"RRULE:FREQ=DAILY", b"DTSTART", b";TZID=", b"20261012", b"END:VEVENT", b"\r\n", b":", b"\x00", b"\xff"]
    for _ in range(150):
        data = bytearray(ALL)
        for _ in range(dice.randrange(1, 6)):
            at = dice.randrange(len(data))
            data[at : at + dice.randrange(12)] = (
                dice.choice(words) if dice.random() < 0.5 else bytes([dice.randrange(256)])
            )
        try:
            said = read(bytes(data), date(2026, 8, 12), date(2027, 6, 3), ZoneInfo("America/Chicago"))
        except Exception:  # ruff: ignore[blind-except] - `main` says it in one sentence, whatever it is
            refused += 1
        else:
            assert all(first <= last for _, first, last, *_ in said["closed"])
    assert 10 < refused < 150
