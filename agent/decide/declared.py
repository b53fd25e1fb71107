"""What a closure or a delay that somebody declares would move, site by site, before it is written down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from agent.decide.spans import open_spans
from agent.decide.why import Teller, clock
from agent.model.calendar import Kept

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.decide.hours import Hours
    from agent.model.calendar import Days, Spans

MIDDAY = 43_200


@dataclass(frozen=True, slots=True)
class Moved:
    """The open spans of a site on one day, before and after. `why_not` is a clause where nothing may be moved."""

    site: str
    day: date
    before: Spans
    after: Spans
    why_not: str = ""


def moved(site: str, hours: Hours, days: Days) -> Iterator[Moved]:
    """Give what a change would do to each day of a site."""
    for ordinal in range(days.first.toordinal(), days.last.toordinal() + 1):
        day = date.fromordinal(ordinal)
        before = hours.clock(day)
        after = open_spans(before, [days])
        yield Moved(site, day, before, after, _why_not(hours, days, day, before, after))


def _why_not(hours: Hours, days: Days, day: date, before: Spans, after: Spans) -> str:
    if not before:
        bells = hours.calendar.bells.get(day.weekday(), ())
        return Teller(hours.calendar).closed(day.toordinal(), bells, hours.special(day), MIDDAY)
    if days.what is Kept.CLOSED:
        return ""
    if not after:
        end = days.what is Kept.DELAY
        edge = f"it closes at {clock(before[-1][1])}" if end else f"it opens at {clock(before[0][0])}"
        return f"{edge} that day, so nothing would be left: use `driftbell calendar close`"
    if after == before:
        return f"it is open from {clock(before[0][0])} to {clock(before[-1][1])} that day"
    return ""
