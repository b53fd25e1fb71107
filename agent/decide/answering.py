"""Who is asked for decisions, for how long a yes counts, and what nobody has answered. Source: GUARDS.md, 16."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from agent.decide.deputies import asked
from agent.decide.hours import timetable_hours
from agent.model.run import Answering

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agent.model.action import Batch, Plan
    from agent.model.calendar import Timetable
    from agent.model.policy import District

ASKS = "mode"  # the guard that holds what an "ask first" policy wants until somebody says yes
PATIENCE = 3  # staff days that a proposal may wait before a report says that nobody answered
_WEEKEND = 5  # the weekday that it begins with


def answering(
    district: District,
    timetable: Timetable,
    plan: Plan,
    since: Mapping[tuple[str, str], datetime],
    now: datetime,
) -> Answering:
    """Say who is asked on this day, and which proposals wait for longer than three staff days.

    Args:
        district: its people, and how long a yes counts.
        timetable: the calendars, for the staff's days; weekdays where there is none.
        plan: with what holds it.
        since: when the findings behind its actions opened.
        now: in the district's zone.
    """
    people = []
    for one in asked(district, now.date()):
        stands_in = one.person is not None and one.person.id != one.principal.id
        if one.person is not None:
            people.append(f"{one.person.name} for {one.principal.name}" if stands_in else one.person.name)
    waiting = [b for b in plan.batches if _asks(plan, b)]
    late = [b.digest for b in waiting if (at := _oldest(b, since)) and _patience_ends(timetable, at, now) <= now]
    return Answering(tuple(dict.fromkeys(people)), district.approval_lasts / timedelta(hours=1), tuple(late))


def _asks(plan: Plan, batch: Batch) -> bool:
    """Say whether a yes is what a batch waits for, at least a part of it: nobody said no, and nothing else holds."""
    mine = [h for h in plan.holds if h.batch == batch.digest]
    fixed = {r for h in mine if not h.approvable for r in h.resources or (a.resource for a in batch.actions)}
    return any(h.guard == ASKS and h.approvable for h in mine) and any(a.resource not in fixed for a in batch.actions)


def _oldest(batch: Batch, since: Mapping[tuple[str, str], datetime]) -> datetime | None:
    times = [since[a.policy, a.resource] for a in batch.actions if (a.policy, a.resource) in since]
    return min(times, default=None)


def _patience_ends(timetable: Timetable, at: datetime, now: datetime) -> datetime:
    """Give when three staff days lie behind an instant."""
    hours = timetable_hours(timetable).hours("", "staff")
    if not isinstance(hours, str):
        return hours.shift_days(at, PATIENCE + 1) or datetime.max.replace(tzinfo=now.tzinfo)
    day, left = at.astimezone(now.tzinfo).date(), PATIENCE + 1
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < _WEEKEND
    return datetime.combine(day, time(), now.tzinfo)
