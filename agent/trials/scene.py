"""The scene of a case: its readings as sweeps, and the repository as the case has it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from agent.decide.columns import Columns, Row, build
from agent.decide.compare import instant
from agent.decide.evaluate import converge_field, fields_read
from agent.decide.parts import hours_count
from agent.decide.references import needed
from agent.model.calendar import ROLES, Calendar, CalendarChange, Days, Kept, Timetable
from agent.model.condition import Moment
from agent.model.policy import Site
from agent.model.reading import NONE, Reading, Unknown
from agent.model.sweep import Sweep, Unseen
from agent.observe import SITE, local

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from agent.model.kind import Catalog, FieldRef
    from agent.model.policy import Policy, Repository
    from agent.model.trial import Case, Keeps, Presented

SYSTEM, OWN = "the case", "case"
CONVERGE = "converge"  # how a case calls what check mode would change, whichever policy's playbook it is
NOT_GIVEN = "not given"
WEEKDAYS = range(5)
CALENDAR_FIELDS = frozenset({"in_session", "school_day", "testing", "testing_starts", "testing_ends", "season"})


@dataclass(frozen=True, slots=True)
class Scene:
    """What a case is judged on; `now` carries the district's zone.

    `repository` has calendars only where a policy asks for them; `timetable` are those of the case, for its guards.
    """

    repository: Repository
    sweeps: tuple[Sweep, ...]
    now: datetime
    timetable: Timetable


def scene(case: Case, repository: Repository, catalog: Catalog) -> Scene:
    """Give the scene of a case: the policies that it tests alone, its schools, calendars, waivers and lists."""
    now = local(case.at, repository)
    tested = tuple(_tried(p, case) for p in repository.policies if p.id in case.policies)
    sites = {**repository.district.sites, **{p.id.partition("/")[2]: _school(p, repository) for p in case.schools}}
    times = _timetable(case, repository.timetable, sites, now)
    there = replace(
        repository,
        policies=tested,
        waivers=case.waivers,
        district=replace(repository.district, sites=sites, stop=""),
        timetable=times if _by_calendar(tested, catalog) else Timetable(),
    )
    return Scene(there, tuple(_sweeps(case, tested, catalog, now)), now, times)


def _by_calendar(policies: Iterable[Policy], catalog: Catalog) -> bool:
    """Say whether anything hangs on a calendar, which costs more to work out than all the rest of most cases."""
    for policy in policies:
        refs = fields_read(policy)
        asked = needed(refs, catalog.kinds[policy.kind], catalog).get(SITE, frozenset())
        if any(ref.name in CALENDAR_FIELDS for ref in asked) or any(hours_count(r) for r in refs):
            return True
    return False


def _tried(policy: Policy, case: Case) -> Policy:
    return policy if case.mode is None else replace(policy, mode=case.mode, modes={})


def _school(shown: Presented, repository: Repository) -> Site:
    """Give a school of district.yaml with what the case says of it, or one that only the case knows."""
    name = shown.id.partition("/")[2]
    said = {field: "" if reading is NONE else reading for field, reading in shown.readings.items()}
    return replace(repository.district.sites.get(name, Site(name, name)), **said)  # type: ignore[arg-type]


def _sweeps(case: Case, policies: Iterable[Policy], catalog: Catalog, now: datetime) -> Iterable[Sweep]:
    fields: dict[str, dict[FieldRef, None]] = {}
    for policy in policies:
        for kind, refs in needed(fields_read(policy), catalog.kinds[policy.kind], catalog).items():
            fields.setdefault(kind, {}).update(dict.fromkeys(sorted(refs)))
        if policy.converge is not None:
            fields.setdefault(policy.kind, {})[converge_field(policy)] = None
    for kind in dict.fromkeys([*(p.kind for p in case.resources), *case.lists]):
        if kind != SITE:
            yield _sweep(case, kind, tuple(fields.get(kind, {})), now)


def _sweep(case: Case, kind: str, fields: tuple[FieldRef, ...], now: datetime) -> Sweep:
    shown = [p for p in case.resources if p.kind == kind]
    unseen = tuple(Unseen(p.id, p.silent) for p in shown if p.silent)
    whole = case.lists.get(kind, True)
    return Sweep(
        system=SYSTEM,
        kind=kind,
        table=_table(shown, fields, now),
        expected=len(shown),
        seen=len(shown) - len(unseen),
        proven=whole,
        membership="the case has all of them" if whole else "the case says that it is incomplete",
        as_of=case.as_of.get(kind, now),
        unseen=unseen,
    )


def _table(shown: list[Presented], fields: tuple[FieldRef, ...], now: datetime) -> Columns:
    """Give the table; a column that no resource has a word on is one that nobody exports."""
    rows = [Row(p.id, p.site, {f.name: _reading(p, f, now) for f in fields}) for p in shown]
    table = build(fields, rows)
    nowhere = {("", f.name): NOT_GIVEN for f in fields if not any(_name(f) in p.readings or p.silent for p in shown)}
    return replace(table, reasons={**table.reasons, **nowhere})


def _name(field: FieldRef) -> str:
    return CONVERGE if field.name.startswith(f"{CONVERGE}/") else field.name


def _reading(shown: Presented, field: FieldRef, now: datetime) -> Reading:
    reading = shown.readings.get(_name(field), Unknown(shown.silent or NOT_GIVEN))
    return instant(reading, now) if isinstance(reading, Moment) else reading


def _timetable(case: Case, own: Timetable, sites: Mapping[str, Site], now: datetime) -> Timetable:
    keeps = {site: dict(kept) for site, kept in own.keeps.items()}
    for school in case.schools:
        name = school.id.partition("/")[2]
        if "calendar" in school.readings:
            keeps[name] = {**keeps.get(name, {}), "school": sites[name].calendar}
    if case.keeps is None:
        return replace(own, keeps=keeps)
    timetable = _opened(case.keeps, now) if case.keeps.open else replace(own, keeps=keeps)
    if case.keeps.open:
        timetable = replace(timetable, keeps={site: dict.fromkeys(ROLES, OWN) for site in ("", *sites)})
    return _changed(timetable, case, ("", *sites))


def _opened(keeps: Keeps, now: datetime) -> Timetable:
    """Give a calendar that is open at the same hours from Monday to Friday, all year."""
    zone = getattr(now.tzinfo, "key", "UTC")
    return Timetable({OWN: Calendar(OWN, "the case's own", zone, dict.fromkeys(WEEKDAYS, keeps.open))})


def _changed(timetable: Timetable, case: Case, sites: tuple[str, ...]) -> Timetable:
    """Put the days of a case on top: what closes or delays as a change, what is tested into the calendars."""
    days = case.keeps.days if case.keeps else ()
    changes = tuple(
        CalendarChange(f"case-{number}", where or sites, day, "the case", case.at - timedelta(seconds=1))
        for number, (where, day) in enumerate(days, start=1)
        if day.what not in {Kept.TESTING, Kept.SEASON}
    )
    standing = [(where, day) for where, day in days if day.what in {Kept.TESTING, Kept.SEASON}]
    calendars = {
        name: replace(calendar, days=(*calendar.days, *_for(name, standing, timetable)))
        for name, calendar in timetable.calendars.items()
    }
    return replace(timetable, calendars=calendars, changes=(*timetable.changes, *changes))


def _for(calendar: str, standing: list[tuple[tuple[str, ...], Days]], timetable: Timetable) -> Iterable[Days]:
    """Give the testing windows and seasons of a calendar: those of any site that keeps it."""
    keepers = {site for site, kept in timetable.keeps.items() if calendar in kept.values()}
    return [day for where, day in standing if not where or keepers & set(where)]
