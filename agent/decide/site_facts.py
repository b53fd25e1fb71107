"""What a calendar says of a school at one moment: the fields of the kind `site` that the clock moves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.decide.spans import EPOCH, MICROSECOND, instant
from agent.model.calendar import Kept
from agent.model.reading import NONE, Unknown

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from agent.decide.hours import Hours, Keeping
    from agent.model.calendar import Days
    from agent.model.reading import Reading

FACTS = ("in_session", "school_day", "testing", "testing_starts", "testing_ends", "season")


def site_facts(keeping: Keeping, site: str, now: datetime) -> Mapping[str, Reading]:
    """Give the readings of a site's fields that hang on the time; unknown where it keeps no calendar."""
    hours = keeping.hours(site, "school")
    if isinstance(hours, str):
        return dict.fromkeys(FACTS, Unknown(hours))
    window = testing_window(hours, now)
    begins, ends = (None, None) if window is None else bounds(hours, window)
    local = now.astimezone(hours.open.zone)
    return {
        "in_session": hours.is_open(now),
        "school_day": hours.is_open_day(local.date()),
        "testing": begins is not None and begins <= now,
        "testing_starts": begins or NONE,
        "testing_ends": ends or NONE,
        "season": season(hours, now) or NONE,
    }


def testing_window(hours: Hours, now: datetime) -> Days | None:
    """Give the testing window that goes on, or else the one that comes next."""
    today = now.astimezone(hours.open.zone).date()
    ahead = [d for d in hours.calendar.days if d.what is Kept.TESTING and d.last >= today]
    return min(ahead, key=lambda d: (d.first, d.last), default=None)


def season(hours: Hours, now: datetime) -> str:
    """Give the name of the season that a day lies in; of several the one that began last; empty outside all."""
    today = now.astimezone(hours.open.zone).date()
    here = [d for d in hours.calendar.days if d.what is Kept.SEASON and d.first <= today <= d.last]
    return max(here, key=lambda d: d.first).name if here else ""


def bounds(hours: Hours, days: Days) -> tuple[datetime, datetime]:
    """Give 00:00 of the first day of a stretch and 24:00 of its last."""
    zone = hours.open.zone
    ends = (instant(ordinal, 0, zone) for ordinal in (days.first.toordinal(), days.last.toordinal() + 1))
    begins, over = ((EPOCH + MICROSECOND * at).astimezone(zone) for at in ends)
    return begins, over
