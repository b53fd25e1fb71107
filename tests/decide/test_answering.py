"""Who is asked for decisions, and what nobody answers for three staff days."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from agent.decide.answering import answering
from agent.model.action import Action, Batch, Hold, Plan
from agent.model.calendar import Calendar, Days, Kept, Timetable
from agent.model.kind import Effect, Risk, Undo
from agent.model.policy import Caps, District, Person

if TYPE_CHECKING:
    from agent.model.run import Answering

ZONE = ZoneInfo("America/Chicago")
MONDAY = datetime(2026, 10, 12, 15, tzinfo=UTC)  # 10:00 in Chicago
BATCH = Batch(
    "sha256:b", "HOST-01", 0, "ansible.playbook", Effect.SETS, Risk.REVERSIBLE, Undo.PARTIAL,
    (Action("HOST-01", "host/web1", "", "ansible.playbook", {}, (), ("x",)),),
)  # fmt: skip
ASKS = Hold("mode", BATCH.digest, (), "asks first", "a yes", approvable=True)
AWAY = ((date(2026, 10, 1), date(2026, 10, 31)),)


def district(*people: Person) -> District:
    return District("Riverton", "America/Chicago", {}, {p.id: p for p in people}, (), Caps(), frozenset())


def person(name: str, *may: str, deputy: str = "", away: tuple[tuple[date, date], ...] = ()) -> Person:
    return Person(name, name.title(), f"{name}@riverton.example", frozenset(may), deputy, away)


def told(now: datetime, hold: Hold = ASKS, timetable: Timetable | None = None, *people: Person) -> Answering:
    since = {("HOST-01", "host/web1"): MONDAY}
    return answering(district(*people), timetable or Timetable(), Plan((BATCH,), (hold,)), since, now.astimezone(ZONE))


def test_deputies_are_asked_while_somebody_is_away() -> None:
    people = (
        person("amy", "approve", deputy="ben", away=AWAY), person("ben"), person("cas", "stop"),
        person("dan", "approve"), person("eve", "approve", away=AWAY),
    )  # fmt: skip
    found = told(MONDAY, ASKS, None, *people)
    assert found.people == ("Ben for Amy", "Dan"), "nobody stands in for Eve, and Cas may not"
    assert found.lasts == 72


@pytest.mark.parametrize(
    ("days", "hour", "late"),
    [(0, 12, False), (3, 23, False), (4, 0, True), (5, 12, True)],
)
def test_without_staff_hours_three_weekdays_are_waited(days: int, hour: int, late: bool) -> None:
    now = (MONDAY.astimezone(ZONE) + timedelta(days=days)).replace(hour=hour)
    assert told(now).late == ((BATCH.digest,) if late else ())


def test_days_without_staff_do_not_count() -> None:
    bells = dict.fromkeys(range(5), ((8 * 3600, 16 * 3600),))
    closed = Days(Kept.CLOSED, "Fall break", date(2026, 10, 13), date(2026, 10, 16))
    staff = Calendar("staff", "", "America/Chicago", bells, days=(closed,))
    timetable = Timetable({"staff": staff}, {"": {"staff": "staff"}})
    assert told(MONDAY + timedelta(days=5), ASKS, timetable).late == ()
    assert told(MONDAY + timedelta(days=9), ASKS, timetable).late == (), "the third day is not over"
    assert told(MONDAY + timedelta(days=10), ASKS, timetable).late == (BATCH.digest,)


def test_what_no_yes_would_lift_is_nobodys_silence() -> None:
    later = MONDAY + timedelta(days=30)
    assert told(later, Hold("mode", BATCH.digest, (), "only watches", "a change of its mode")).late == ()
    assert told(later, Hold("tripwire", BATCH.digest, (), "many", "x", approvable=True)).late == ()
    apart = Hold("mode", BATCH.digest, ("host/web2",), "only watches for 1 of them", "a change of its mode")
    assert told(later, apart).late == (), "the rest of it waits for nobody"
    no = Hold("denied", BATCH.digest, (), "amy said no", "her yes")
    since = {("HOST-01", "host/web1"): MONDAY}
    assert answering(district(), Timetable(), Plan((BATCH,), (ASKS, no)), since, later.astimezone(ZONE)).late == ()
