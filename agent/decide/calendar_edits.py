"""What changed in the calendars between two revisions, day by day: what moves no day is no change."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from agent.decide.why import WEEKDAYS, clock, span_words
from agent.model.comparison import Edit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from agent.model.calendar import Calendar, CalendarChange, Days, Timetable

_ICS = ".ics"


def of_calendars(before: Timetable, after: Timetable) -> tuple[Edit, ...]:
    """Give what differs: calendars, who keeps which, and what was declared at once."""
    found: list[Edit] = []
    for name in dict.fromkeys([*before.calendars, *after.calendars]):
        was, now = before.calendars.get(name), after.calendars.get(name)
        if was is not None and now is not None:
            found += _of_calendar(was, now)
        else:
            found.append(Edit(f"calendar {name}", _whole(was), _whole(now)))
    found += _texts(_keeps(before), _keeps(after))
    return (*found, *_texts(_changes(before), _changes(after)))


def _of_calendar(was: Calendar, now: Calendar) -> Iterator[Edit]:
    yield from _texts(_head(was), _head(now))
    gone, come = _special(was), _special(now)
    for key in dict.fromkeys([*gone, *come]):
        lost = [d for d in gone.get(key, ()) if d not in come.get(key, ())]
        new = [d for d in come.get(key, ()) if d not in gone.get(key, ())]
        what = f"calendar {now.id}, {key}"
        if len(lost) == len(new) == 1:  # the same day, moved
            yield Edit(what, _said(lost[0]), _said(new[0]))
            continue
        yield from (Edit(what, _said(d), "") for d in lost)
        yield from (Edit(what, "", _said(d)) for d in new)


def _texts(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Edit]:
    for what in dict.fromkeys([*before, *after]):
        was, now = before.get(what, ""), after.get(what, "")
        if was != now:
            yield Edit(what, was, now)


def _head(calendar: Calendar) -> dict[str, str]:
    """Give all that a calendar is beside its special days."""
    about = f"calendar {calendar.id}"
    return {
        f"{about}, name": calendar.name,
        f"{about}, timezone": calendar.timezone,
        **{f"{about}, bells on {WEEKDAYS[day]}": span_words(spans) for day, spans in sorted(calendar.bells.items())},
        **{f"{about}, year {name}": _reach(first, last) for name, first, last in calendar.years},
    }


def _special(calendar: Calendar) -> dict[str, list[Days]]:
    """Give special days by name. The line that they stand on is left out: a comment above moves it, and no day."""
    found: dict[str, list[Days]] = {}
    for days in calendar.days:
        kept = days.source if days.source.endswith(_ICS) else ""
        found.setdefault(days.name or days.what.value, []).append(replace(days, source=kept))
    return found


def _said(days: Days) -> str:
    hours = [
        *([f"from {clock(days.from_second)}"] if days.from_second is not None else []),
        *([f"until {clock(days.until_second)}"] if days.until_second is not None else []),
        *([span_words(days.spans)] if days.spans else []),
    ]
    of = f" (from {days.source})" if days.source.endswith(_ICS) else ""
    return " ".join([days.what.value.replace("_", " "), _reach(days.first, days.last), *hours]) + of


def _reach(first: date, last: date) -> str:
    return f"{first}" if first == last else f"{first} to {last}"


def _whole(calendar: Calendar | None) -> str:
    if calendar is None:
        return ""
    years = ", ".join(name for name, _, _ in calendar.years)
    return f"{calendar.name or calendar.id}, {len(calendar.days):,} special days" + (f", {years}" if years else "")


def _keeps(table: Timetable) -> dict[str, str]:
    return {
        f"{role} calendar of {table.names.get(site, site) or 'the district'}": name
        for site, roles in table.keeps.items()
        for role, name in roles.items()
    }


def _changes(table: Timetable) -> dict[str, str]:
    return {f"declared change {one.id}": _declared(one, table) for one in table.changes}


def _declared(one: CalendarChange, table: Timetable) -> str:
    sites = ", ".join(table.names.get(site, site) or "the district" for site in one.sites)
    return f"{_said(one.days)} at {sites} ({one.days.name})" + (", undone" if one.undone_at else "")
