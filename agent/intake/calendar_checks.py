"""What of a calendar cannot be meant: years that overlap, days outside them, a delay that delays nothing."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from agent.decide.spans import DAY, EPOCH, SECOND, instant, open_spans
from agent.decide.why import WEEKDAYS, clock
from agent.intake.wording import problem, quote
from agent.model.calendar import Kept

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from agent.errors import Place, Problem
    from agent.intake.calendar_days import Entry, Year
    from agent.intake.nodes import Node
    from agent.model.calendar import Calendar, Days, Spans

_NIGHT = 5 * 3600  # clocks jump before this time of the day
_SEEN = range(2020, 2051)  # years in which a calendar without years is looked at for times that do not exist
_WORDS = {Kept.DELAY: "a delay", Kept.EARLY_RELEASE: "an early release", Kept.HOURS: "hours of its own"}
_KEYS = {Kept.DELAY: "from", Kept.EARLY_RELEASE: "until"}


def check_years(years: Sequence[Year], problems: list[Problem]) -> None:
    """Say which years overlap."""
    ordered = sorted(years, key=lambda y: y.first)
    for one, other in pairwise(ordered):
        if other.first <= one.last:
            sentence = f"The year {quote(other.name)} begins before {quote(one.name)} ends, on {one.last}"
            problems.append(problem(_at(other.node, "from"), sentence))


def check_days(made: Calendar, years: Sequence[Year], entries: Sequence[Entry], problems: list[Problem]) -> None:
    """Say which entries lie outside the years, contradict each other, or change nothing."""
    outside = [(entry, said) for entry in entries if (said := _outside(entry, years))]
    problems += [problem(entry.node.place, said) for entry, said in outside]
    if outside:  # what follows from a mistake is not said as well
        return
    by_day: dict[int, list[Entry]] = {}
    for entry in entries:
        if entry.days.what in {Kept.CLOSED, *_WORDS}:
            for ordinal in range(entry.days.first.toordinal(), entry.days.last.toordinal() + 1):
                by_day.setdefault(ordinal, []).append(entry)
    for entry in entries:
        found = _clash(entry, by_day) or _idle(made, entry, by_day)
        if found:
            problems.append(problem(_at(entry.node, _KEYS.get(entry.days.what, "")), found))


def _at(node: Node, key: str) -> Place:
    found = node.get(key)
    return found.place if found else node.place


def _outside(entry: Entry, years: Sequence[Year]) -> str:
    days = entry.days
    anywhere = days.what is Kept.SEASON or (days.what is Kept.FREEZE and entry.year is None)
    if anywhere or not years:
        return ""
    mine = [y for y in years if entry.year is None or y.node is entry.year]
    if any(y.first <= days.first and days.last <= y.last for y in mine):
        return ""
    ends = "" if len(mine) != 1 else f", which lasts from {mine[0].first} to {mine[0].last}"
    what = f"the year {quote(mine[0].name)}{ends}" if len(mine) == 1 else "every year of this calendar"
    when = str(days.first) if days.first == days.last else f"{days.first} to {days.last}"
    return f"{quote(days.name)} ({when}) lies outside {what}"


def _clash(entry: Entry, by_day: dict[int, list[Entry]]) -> str:
    """Say where a day is both closed and open later, or has two of the same."""
    what = entry.days.what
    if what not in _WORDS:
        return ""
    for ordinal in range(entry.days.first.toordinal(), entry.days.last.toordinal() + 1):
        day, here = date.fromordinal(ordinal), by_day[ordinal]
        for other in here:
            if other.days.what is Kept.CLOSED:
                shut = f"{day} is closed, by {quote(other.days.name)} ({other.node.place})"
                return f"{shut}: one of the two is wrong"
        for other in here[: here.index(entry)]:
            if other.days.what is what:
                return f"{day} has {_WORDS[what]} already, {quote(other.days.name)} ({other.node.place})"
    return ""


def _idle(made: Calendar, entry: Entry, by_day: dict[int, list[Entry]]) -> str:
    """Say of a delay, an early release or a break that it changes nothing, or leaves nothing."""
    days = entry.days
    if days.what not in {Kept.DELAY, Kept.EARLY_RELEASE, Kept.BREAK}:
        return ""
    said = ""
    for ordinal in range(days.first.toordinal(), days.last.toordinal() + 1):
        others = [e.days for e in by_day.get(ordinal, ()) if e.days.what in {Kept.CLOSED, Kept.HOURS}]
        base = open_spans(made.bells.get((ordinal - 1) % 7, ()), others)
        after = open_spans(base, [days]) if base else ()
        if base and not after and days.what is not Kept.BREAK:
            return _leaves_nothing(days, ordinal, base)
        if base != after:
            return ""
        said = said or _changes_nothing(days, ordinal, base)
    return said


def _leaves_nothing(days: Days, ordinal: int, base: Spans) -> str:
    day = date.fromordinal(ordinal)
    if days.what is Kept.DELAY:
        said = f"{clock(days.from_second or 0)} is not before the end of {day}, at {clock(base[-1][1])}"
    else:
        said = f"{clock(days.until_second or 0)} is not after the beginning of {day}, at {clock(base[0][0])}"
    return f"{said}: write it as closed"


def _changes_nothing(days: Days, ordinal: int, base: Spans) -> str:
    day = date.fromordinal(ordinal)
    if not base:
        return f"{day} is a {WEEKDAYS[day.weekday()]} on which nothing is open: {quote(days.name)} changes nothing"
    hours = f"open from {clock(base[0][0])} to {clock(base[-1][1])}"
    return f"{quote(days.name)} changes nothing on {day}, which is {hours}"


def jumped_over(made: Calendar) -> Iterator[str]:
    """Warn of bells at a time that the clock jumps over on some day, the first such day for each bell.

    It is no mistake: the moment of the jump stands for the time, as for a machine room that opens at 02:30 each night.
    """
    early = {weekday: [s for span in spans for s in span if 0 < s < _NIGHT] for weekday, spans in made.bells.items()}
    special = [one for one in made.days if any(0 < s < _NIGHT for s in _seconds(one))]
    if not any(early.values()) and not special:
        return
    zone, told = ZoneInfo(made.timezone), set()
    for ordinal in _looked_at(made):
        length = instant(ordinal + 1, 0, zone) - instant(ordinal, 0, zone)
        if length >= DAY * SECOND:
            continue
        here = [d for d in special if d.first.toordinal() <= ordinal <= d.last.toordinal()]
        mine = [(s, str(made.place)) for s in early.get((ordinal - 1) % 7, ())]
        mine += [(s, d.source) for d in here for s in _seconds(d)]
        for bell, place in mine:
            moment = instant(ordinal, bell, zone)
            if (bell, place) not in told and instant(ordinal, bell - 1, zone) == moment:
                told.add((bell, place))
                yield _jump(place, ordinal, bell, moment, zone)


def _jump(place: str, ordinal: int, bell: int, moment: int, zone: ZoneInfo) -> str:
    shown = EPOCH.fromtimestamp(moment // SECOND, zone)
    return (
        f"{place}: On {date.fromordinal(ordinal)} the clocks of {zone.key} jump over {clock(bell)}: "
        f"it counts as {shown:%H:%M} that day, the moment of the jump."
    )


def _seconds(days: Days) -> list[int]:
    found = [days.from_second, days.until_second, *(s for span in days.spans for s in span)]
    return [s for s in found if s is not None]


def _looked_at(made: Calendar) -> Iterator[int]:
    if made.years:
        for _, first, last in made.years:
            yield from range(first.toordinal(), last.toordinal() + 1)
    else:
        yield from range(date(_SEEN[0], 1, 1).toordinal(), date(_SEEN[-1], 12, 31).toordinal() + 1)
