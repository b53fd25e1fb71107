"""Is it getting worse? The same measures every time, in two lines: what grew, and what did not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.report import words
from agent.report.desk import section
from agent.report.lists import in_doubt
from agent.report.page import Item, Section, Tone
from agent.report.plain import clause

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agent.model.run import Measure
    from agent.report.desk import Desk


# The measures count rules on things, not things: the words must not be those of the headline.
_UNITS = {
    "out of line": "checks out of line",
    "could not be checked": "checks that could not be made",
    "open for more than 30 days": "faults open for more than 30 days",
}


def trend(at: Desk) -> Section | None:
    """Write the section. A first report has nothing to compare with, and leaves it out."""
    known = [m for m in at.run.measures if m.before is not None]
    if not known:
        return None
    worse = [m for m in known if m.now > (m.before or 0)]
    odd = bool(in_doubt(at.run.seen))  # fewer because half of a list is gone is not better
    better = [] if odd else [m for m in known if m not in worse]
    started = min((m.since for m in known if m.since), default=None)
    since = f" since {words.day(started, at.zone)}" if started else ""
    lines = [_line(f"More{since}", worse), _line(f"Not more{'' if worse else since}", better)]
    items = tuple(Item(line, "") for line in lines if line)
    return section("Getting worse" if worse else "Not getting worse", Tone.OUT, items, "")


def _line(what: str, measures: Sequence[Measure]) -> str:
    return f"{what}: {', '.join(map(_measure, measures))}" if measures else ""


def _measure(measure: Measure) -> str:
    before = "as before" if measure.now == measure.before else f"was {measure.before:,}"
    return f"{measure.now:,} {_UNITS.get(measure.name) or clause(measure.name, 7, 40)} ({before})"
