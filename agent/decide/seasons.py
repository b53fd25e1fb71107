"""Seasons: while one of the district's own calendar lasts, its limits take the place of the district's."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

from agent.decide.hours import timetable_hours
from agent.model.calendar import Kept
from agent.model.policy import Caps

if TYPE_CHECKING:
    from datetime import date, datetime

    from agent.model.calendar import Timetable
    from agent.model.policy import District, SeasonCaps


@dataclass(frozen=True, slots=True)
class InSeason:
    """Other limits that hold now, and the first and the last day on which they do."""

    limits: SeasonCaps
    first: date
    last: date


def seasons_now(district: District, timetable: Timetable, now: datetime) -> tuple[InSeason, ...]:
    """Give the seasons with limits of their own that go on, the one that began first first.

    Their days are those of the district's own calendar: without one there is no season.
    """
    hours = timetable_hours(timetable).hours("", "school")
    if isinstance(hours, str):
        return ()
    today = now.astimezone(hours.open.zone).date()
    limits = {season.season: season for season in district.seasons}
    here = [d for d in hours.calendar.days if d.what is Kept.SEASON and d.first <= today <= d.last]
    return tuple(
        InSeason(limits[d.name], d.first, d.last) for d in sorted(here, key=lambda d: d.first) if d.name in limits
    )


def district_caps(district: District, timetable: Timetable, now: datetime) -> Caps:
    """Give the district's caps, each replaced by that of a season that goes on: of several the one begun last."""
    caps = district.caps
    for season in seasons_now(district, timetable, now):
        own = {f.name: cap for f in fields(Caps) if (cap := getattr(season.limits.caps, f.name)) is not None}
        caps = replace(caps, **own)
    return caps
