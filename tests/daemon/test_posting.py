"""When people get a mail: once on a staff day, on Mondays in any case, and at once for what cannot wait."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import starmap
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from agent.decide.posting import due_since, next_time, urgent, worth_a_mail
from agent.model.action import Plan
from agent.model.policy import Severity
from tests.report.runs import batch, finding, note, quiet_day, run, seen, tripwire, unread

if TYPE_CHECKING:
    from collections.abc import Callable

    from agent.model.run import Run

ZONE = ZoneInfo("America/Chicago")
AT = time(6, 30)
MONDAY = date(2026, 10, 12)


def here(days: int, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(MONDAY + timedelta(days=days), time(hour, minute), ZONE)


def weekdays(day: date) -> bool:
    return day.weekday() < 5


def never(_day: date) -> bool:
    return False


@pytest.mark.parametrize(
    ("now", "staffed", "due"),
    [
        (here(1, 6, 29), weekdays, False),
        (here(1, 6, 30), weekdays, True),
        (here(1, 23, 59), weekdays, True),  # a server that was off at half past six
        (here(5, 9), weekdays, False),
        (here(1, 9), never, False),  # a break
        (here(0, 9), never, True),  # a Monday in a break
    ],
)
def test_a_report_is_due_on_staff_days_and_on_mondays(
    now: datetime, staffed: Callable[[date], bool], *, due: bool
) -> None:
    wanted = datetime.combine(now.date(), AT, ZONE) if due else None
    assert due_since(now, AT, staffed) == wanted


@pytest.mark.parametrize(
    ("now", "staffed", "comes"),
    [
        (here(1, 6), weekdays, here(1, 6, 30)),
        (here(1, 6, 30), weekdays, here(2, 6, 30)),
        (here(4, 9), weekdays, here(7, 6, 30)),
        (here(0, 9), never, here(7, 6, 30)),
    ],
)
def test_the_next_report(now: datetime, staffed: Callable[[date], bool], comes: datetime) -> None:
    assert next_time(now, AT, staffed) == comes


def test_a_report_comes_at_half_past_six_on_the_days_the_clock_is_changed() -> None:
    for day in (date(2026, 11, 1), date(2027, 3, 14)):
        now = datetime.combine(day, time(12), ZONE)
        assert due_since(now, AT, lambda _day: True) == datetime.combine(day, AT, ZONE)


def grave(*found: str) -> Run:
    policies = (replace(note("P-01"), severity=Severity.CRITICAL), note("P-02"))
    return run(policies=policies, findings=tuple(starmap(finding, (f.split() for f in found))))


@pytest.mark.parametrize(
    ("before", "now", "words"),
    [
        (grave(), grave("P-01 host/web1"), ("critical P-01 host/web1",)),
        (grave("P-01 host/web1"), grave("P-01 host/web1"), ()),
        (grave("P-01 host/web1"), grave("P-01 host/web1", "P-01 host/web2"), ("critical P-01 host/web2",)),
        (grave(), grave("P-02 host/web1"), ()),  # not critical
        (run(), run(stopped="sam stopped everything."), ("stopped",)),
        (run(stopped="sam stopped everything."), run(stopped="sam stopped everything."), ()),
        (run(), run(seen=(replace(seen(), trouble="it is locked"),)), ("lost host ssh",)),
        (run(), run(seen=(replace(seen(), stale=True),)), ("lost host ssh",)),
        (run(), run(seen=(replace(seen(), seen=0),)), ("lost host ssh",)),
        (run(), run(findings=(unread("P-01", "host/web1", "it is off"),)), ()),
    ],
)
def test_what_cannot_wait(before: Run, now: Run, words: tuple[str, ...]) -> None:
    assert urgent(before, now) == words


def test_a_tripped_cap_cannot_wait_and_is_told_once_for_a_policy() -> None:
    def tripped(resources: int) -> Run:
        wanted = batch("P-01", [finding("P-01", f"host/web{i}") for i in range(resources)])
        return run(plan=Plan((wanted,), (tripwire(wanted, 1),)))

    assert urgent(run(), tripped(3)) == ("cap P-01 tripwire",)
    assert urgent(tripped(3), tripped(4)) == ()


def test_what_was_never_looked_at_before_is_all_news() -> None:
    assert urgent(None, grave("P-01 host/web1")) == ("critical P-01 host/web1",)


@pytest.mark.parametrize(
    ("changes", "worth"),
    [
        ({}, False),
        ({"opened": (("P-01", "host/web1"),)}, True),
        ({"stopped": "sam stopped everything."}, True),
        ({"seen": (replace(seen(), trouble="it is locked"),)}, True),
        ({"findings": (finding("P-01", "host/web1", days=3),)}, False),  # known since
    ],
)
def test_a_mail_has_something_to_say(changes: dict[str, object], *, worth: bool) -> None:
    assert worth_a_mail(replace(quiet_day(), **changes)) is worth  # type: ignore[arg-type]
