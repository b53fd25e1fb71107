"""From policies/calendars/ and district.yaml to the Timetable: every calendar, who keeps which, and what changed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from agent.decide.hours import compiled
from agent.intake.calendar_checks import check_days, check_years, jumped_over
from agent.intake.calendar_days import bells, entries, years
from agent.intake.changes import changes
from agent.intake.district import UNNAMED
from agent.intake.ics import closures
from agent.intake.nodes import Node, text_at
from agent.intake.wording import problem, quote
from agent.model.calendar import Calendar, Timetable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from agent.errors import Problem
    from agent.intake.structure import Document

FOLDER = "policies/calendars"
MOST = 5_000  # special days of one calendar, those of its .ics files included


@dataclass(frozen=True, slots=True)
class Told:
    """What is wrong and what is odd, as it comes up."""

    problems: list[Problem]
    warnings: list[str]


@dataclass(frozen=True, slots=True)
class _Kept:
    """A calendar and what a site needs to know to keep it: the node it comes from, and whether it has its own zone."""

    calendar: Calendar
    node: Node


def timetable(read: Sequence[Document], root: Path, cache: Path, told: Told) -> Timetable:
    """Give the timetable of the documents read; what is wrong with them goes to `told`."""
    district = next((d.node for d in read if d.shape == "district"), None)
    zone = _zone(district.get("district") if district else None, UNNAMED, [])
    found: dict[str, _Kept] = {}
    for node in (d.node for d in read if d.shape == "calendar"):
        name = text_at(node, "calendar")
        if name in found:
            sentence = f"The calendar {quote(name)} is taken: {found[name].node.file} has it already"
            told.problems.append(problem(node.key_place("calendar"), sentence))
        elif name:
            found[name] = _Kept(_calendar(node, _Around(root, cache, zone), told), node)
    calendars = {name: kept.calendar for name, kept in found.items()}
    sites = dict(_pairs(district, "sites"))
    keeps = _keeps(district, sites, found, calendars, told.problems)
    names = {key: text_at(site, "name") for key, site in sites.items()}
    declared = changes([d.node for d in read if d.shape == "calendar_changes"], names, told.problems, told.warnings)
    return Timetable(calendars, keeps, declared, names, {"": zone, **_zones(sites)})


@dataclass(frozen=True, slots=True)
class _Around:
    """What a calendar is read in: the repository, the cache, and the zone that holds where it names none."""

    root: Path
    cache: Path
    zone: str


def _calendar(node: Node, around: _Around, told: Told) -> Calendar:
    before = len(told.problems)
    made = bare(node, around.zone, told.problems)
    if len(told.problems) == before:  # what follows from a mistake is not said as well
        made = _with_files(made, node, around, told)
    if len(told.problems) == before:
        _warn(made, told)
    return made


def bare(node: Node, zone: str, problems: list[Problem]) -> Calendar:
    """Give a calendar as its own file says it, without its .ics files; `zone` holds where it names none."""
    before = len(problems)
    spans, listed = years(node, problems), entries(node, problems)
    rings = node.get("bells")
    made = Calendar(
        id=text_at(node, "calendar"),
        name=text_at(node, "name"),
        timezone=_zone(node, zone, problems),
        bells=bells(node, problems),
        years=tuple((year.name, year.first, year.last) for year in spans),
        days=tuple(entry.days for entry in listed),
        place=rings.place if rings else node.place,
    )
    check_years(spans, problems)
    if len(problems) == before:
        check_days(made, spans, listed, problems)
    return made


def _with_files(made: Calendar, node: Node, around: _Around, told: Told) -> Calendar:
    """Add the closures that .ics files hold."""
    files = node.get("ics")
    for item in files.items() if files else ():
        if not made.years:
            sentence = "A calendar with `ics` needs `years`: an event that repeats may go on for ever"
            told.problems.append(problem(item.place, sentence))
            return made
        days = closures(item, made, around.root / FOLDER, around.cache, told.problems, told.warnings)
        made = replace(made, days=(*made.days, *days))
    if len(made.days) > MOST:
        sentence = f"The calendar {quote(made.id)} has {len(made.days):,} special days; at most {MOST:,} are read"
        told.problems.append(problem(node.place, sentence))
    return made


def _warn(made: Calendar, told: Told) -> None:
    """Say what is odd: a calendar that never opens, and bells at a time that the clock jumps over."""
    if compiled(made).never_opens:
        told.warnings.append(
            f"{made.place}: The calendar {quote(made.id)} never opens: whatever counts in its time never comes."
        )
    told.warnings.extend(jumped_over(made))


def _keeps(
    district: Node | None,
    sites: Mapping[str, Node],
    found: Mapping[str, _Kept],
    calendars: dict[str, Calendar],
    problems: list[Problem],
) -> dict[str, dict[str, str]]:
    """Say who keeps which calendar. Staff and help desk are the district's where a school names none of its own."""
    head = district.get("district") if district else None
    general = dict(_named(head, found, problems)) if head else {}
    keeps = {"": {role: name for role, (_, name) in general.items()}}
    for key, site in sites.items():
        own = dict(_named(site, found, problems))
        zone = _zone(site, "", problems)
        keeps[key] = {role: name for role, name in keeps[""].items() if role != "school"}
        for role, (node, name) in own.items():
            keeps[key][role] = _in_zone(name, zone, found[name], calendars) if zone else name
            stated = text_at(found[name].node, "timezone")
            if role == "school" and zone and stated and stated != zone:
                sentence = f"{quote(key)} is in {zone}, and its calendar {quote(name)} says {stated}: take one out"
                problems.append(problem(node.place, sentence))
    return keeps


def _zones(sites: Mapping[str, Node]) -> dict[str, str]:
    """Give the time zones of the sites that name one."""
    return {key: zone for key, site in sites.items() if (zone := _zone(site, "", []))}


def _in_zone(name: str, zone: str, kept: _Kept, calendars: dict[str, Calendar]) -> str:
    """Give the name of a calendar in a school's own zone, adding it; one that names its zone stays as it is."""
    if text_at(kept.node, "timezone") or kept.calendar.timezone == zone:
        return name
    own = f"{name} in {zone}"
    calendars[own] = replace(kept.calendar, id=own, timezone=zone)
    return own


def _named(node: Node, found: Mapping[str, _Kept], problems: list[Problem]) -> Iterator[tuple[str, tuple[Node, str]]]:
    """Give the calendars that a site or the district names, by role, with where; those that exist."""
    hours = node.get("hours")
    for role, named in (("school", node.get("calendar")), *(hours.pairs() if hours else ())):
        text = (named.text() or "").strip() if named else ""
        if not named or not text:
            continue
        if text in found:
            yield role, (named, text)
        else:
            sentence = f"There is no calendar {quote(text)} in policies/calendars/"
            problems.append(problem(named.place, sentence, text, found))


def _zone(node: Node | None, otherwise: str, problems: list[Problem]) -> str:
    """Give the time zone under `timezone`, or another where none is named."""
    named = node.get("timezone") if node else None
    name = (named.text() or "").strip() if named else ""
    if not named or not name:
        return otherwise
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        problems.append(problem(named.place, f"There is no time zone {quote(name)}", name, available_timezones()))
        return otherwise
    return name


def _pairs(node: Node | None, key: str) -> Iterator[tuple[str, Node]]:
    found = node.get(key) if node else None
    yield from found.pairs() if found else ()
