"""Lifting freezes for a while, and ending that: by who may approve, with a reason and an end, kept in the ledger."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from agent.bootstrap import caller, ledger, load
from agent.bootstrap.people import allowed
from agent.decide.deputies import DUTY
from agent.decide.freezes import coming, in_force, stands
from agent.decide.hours import timetable_hours
from agent.decide.seasons import seasons_now
from agent.decide.spans import EPOCH, MICROSECOND, instant
from agent.decide.window_words import freeze_words, override_line, sites_words, until_words
from agent.decide.windows import gate
from agent.errors import InputError
from agent.gating import season_lines
from agent.model.kind import nearest
from agent.model.window import Override

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from agent.decide.seasons import InSeason
    from agent.model.policy import Repository
    from agent.model.window import Freeze, Gate
    from agent.settings import Settings

LONGEST = timedelta(days=7)
LONGEST_WHY = 200
YEAR = timedelta(days=366)  # so far ahead freezes are listed
YEARS = range(1970, 2200)  # of times that somebody may ask about
_CLOCK = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])\Z")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z")


@dataclass(frozen=True, slots=True)
class Looked:
    """What the calendars say at an instant: of each site, of freezes to come, and what lifts them."""

    now: datetime  # in the district's zone
    gates: tuple[Gate, ...]
    ahead: tuple[Freeze, ...]  # in force, or beginning within a year
    overrides: tuple[Override, ...]
    seasons: tuple[InSeason, ...]
    notices: tuple[str, ...]  # what lifts freezes, and which season's limits hold, a sentence each


@dataclass(frozen=True, slots=True)
class Order:
    """What somebody wants to lift, as it was said. An empty text among `sites` is what belongs to no site."""

    sites: tuple[str, ...]
    everywhere: bool
    until: str
    why: str


@dataclass(frozen=True, slots=True)
class Done:
    """What came of it: the override, and the sentences that say what it means."""

    override: Override
    lines: tuple[str, ...]


def look(settings: Settings, site: str, at: str, now: datetime) -> Looked:
    """Say what is open and frozen at every site, or at one.

    Raises:
        InputError: there is no such site, or no such time.
    """
    repository = load(settings)
    zone = ZoneInfo(repository.district.timezone)
    when = _moment(at, zone) if at else now.astimezone(zone)
    sites = _known((site,), repository) if site else ("", *repository.district.sites)
    with ledger(settings, read_only=True) as store:
        said = store.overrides.all()
    keeping = timetable_hours(repository.timetable)
    gates = tuple(gate(keeping, one, when, said) for one in sites)
    standing = tuple(_here(o, zone) for o in in_force(said, when) if not site or site in o.sites)
    return Looked(
        now=when,
        gates=gates,
        ahead=coming(keeping, sites, when, YEAR),
        overrides=standing,
        seasons=seasons_now(repository.district, repository.timetable, when),
        notices=(*(override_line(o, repository.timetable, when) for o in standing), *season_lines(repository, when)),
    )


def _here(given: Override, zone: ZoneInfo) -> Override:
    """Give an override with its times on the district's clock."""
    return replace(given, at=given.at.astimezone(zone), until=given.until.astimezone(zone))


def override(settings: Settings, order: Order, now: datetime) -> Done:
    """Lift the freezes of some sites for a while.

    Raises:
        InputError: it cannot be meant, or would lift nothing.
        HeldError: this person may not.
    """
    repository = load(settings)
    by, note = allowed(settings, repository.district, DUTY, caller())
    zone = ZoneInfo(repository.district.timezone)
    here = now.astimezone(zone).replace(microsecond=0)
    until, why = _until(order.until, here, zone), _why(order.why)
    sites = ("", *repository.district.sites) if order.everywhere else _known(order.sites, repository)
    keeping = timetable_hours(repository.timetable)
    met = {site: found for site in sites if (found := coming(keeping, (site,), here, until - here))}
    if not met:
        where = sites_words(sites, repository.timetable.names)
        msg = f"Nothing is frozen at {where} until {until_words(until, here)}, so there is nothing to lift."
        raise InputError(msg)
    made = Override(secrets.token_hex(3), tuple(met), by, why, here, until)
    with ledger(settings) as store:
        store.overrides.keep(made)
    idle = () if order.everywhere else tuple(site for site in sites if site not in met)
    return Done(made, (*_lifted(made, met, idle, repository.timetable.names), *([note] if note else ())))


def _lifted(
    made: Override, met: Mapping[str, Sequence[Freeze]], idle: Sequence[str], names: Mapping[str, str]
) -> Iterator[str]:
    """Say what an override lifts where, where it lifts nothing, and how it is taken back."""
    until, freezes = (
        until_words(made.until, made.at),
        dict.fromkeys(freeze_words(f) for them in met.values() for f in them),
    )
    yield f"Lifted for {sites_words(met, names)} until {until}: {'; '.join(freezes)}."
    if idle:
        yield f"Nothing is frozen at {sites_words(idle, names)} until then."
    yield "It is kept with your name and the reason; every run and report says so. Windows hold as before."
    yield f"To take it back: driftbell windows restore {made.id}"


def restore(settings: Settings, number: str, now: datetime) -> Done:
    """End an override before its time: the freezes hold again.

    Raises:
        InputError: there is no such override, or it is over.
        HeldError: this person may not.
    """
    repository = load(settings)
    by, note = allowed(settings, repository.district, DUTY, caller())
    here = now.astimezone(ZoneInfo(repository.district.timezone)).replace(microsecond=0)
    with ledger(settings) as store:
        found = _standing(store.overrides.all(), number, here)
        ended = replace(found, ended_by=by, ended_at=here)
        store.overrides.keep(ended)
    where = sites_words(ended.sites, repository.timetable.names)
    said = f"Override {number} counts no more: freezes hold again at {where}."
    return Done(ended, (said, *([note] if note else ())))


def _standing(overrides: Sequence[Override], number: str, now: datetime) -> Override:
    found = {o.id: o for o in overrides}.get(number)
    if found is None:
        there = [o.id for o in overrides if stands(o, now)]
        known = f"; there are {', '.join(there)}." if there else "; none stands now."
        msg = f"There is no override {number!r:.40}{nearest(number, there) or known}"
        raise InputError(msg)
    if found.ended_at is not None:
        msg = f"Override {number} was ended by {found.ended_by}, {_at(found.ended_at, now)}."
        raise InputError(msg)
    if found.until <= now:
        msg = f"Override {number} ended by itself, {_at(found.until, now)}."
        raise InputError(msg)
    return found


def _at(then: datetime, now: datetime) -> str:
    return f"{then.astimezone(now.tzinfo):%Y-%m-%d at %H:%M}"


def _known(named: Sequence[str], repository: Repository) -> tuple[str, ...]:
    """Give the ids of the sites that were named.

    Raises:
        InputError: one of them is none.
    """
    known = repository.district.sites
    for name in named:
        if name and name not in known:
            hint = nearest(name, list(known)) or f"; there are {', '.join(known) or 'none'}."
            msg = f"There is no site {name!r:.80} in policies/district.yaml{hint}"
            raise InputError(msg)
    return tuple(dict.fromkeys(named))


def _until(text: str, now: datetime, zone: ZoneInfo) -> datetime:
    """Read when an override is to end: a time of today, or a day and a time, on the district's clock.

    Raises:
        InputError: it is none, is over, or is too far ahead.
    """
    clock = _CLOCK.match(text)
    if _DAY.match(text):
        msg = f"--until {text} names no time of that day: write it like '{text} 18:00'."
        raise InputError(msg)
    try:
        at = datetime.combine(now, time(int(clock[1]), int(clock[2]))) if clock else _read(text)
    except ValueError:
        tomorrow = now + timedelta(days=1)
        msg = f"--until {text!r:.60} is not a time: write 18:00 for today, or '{tomorrow:%Y-%m-%d} 06:00'."
        raise InputError(msg) from None
    until = at.astimezone(zone) if at.tzinfo else wall(at, zone)
    if until <= now:
        hint = f" For tomorrow write '{now + timedelta(days=1):%Y-%m-%d} {text}'." if clock else ""
        msg = f"--until {text} is over: it is {now:%Y-%m-%d %H:%M} now.{hint}"
        raise InputError(msg)
    if until > now + LONGEST:
        msg = f"--until {text} is more than {LONGEST.days} days ahead: lift a freeze anew then, or change the calendar."
        raise InputError(msg)
    return until


def _why(text: str) -> str:
    why = " ".join(text.split())
    if not why or len(why) > LONGEST_WHY or not why.isprintable():
        msg = f"--why takes a few words that can be read, at most {LONGEST_WHY} characters."
        raise InputError(msg)
    return why


def _moment(text: str, zone: ZoneInfo) -> datetime:
    """Read a time; one without a zone is on the district's clock.

    Raises:
        InputError: it is none.
    """
    try:
        at = _read(text)
    except ValueError:
        msg = f"--at {text!r:.60} is not a time; write it like 2026-11-22T08:00 or 2026-11-22T08:00-06:00."
        raise InputError(msg) from None
    return at.astimezone(zone) if at.tzinfo else wall(at, zone)


def _read(text: str) -> datetime:
    """Read a time as programs write it; a year that no calendar can be about is none.

    Raises:
        ValueError: it is none.
    """
    at = datetime.fromisoformat(text)
    if at.year not in YEARS:
        raise ValueError
    return at


def wall(at: datetime, zone: ZoneInfo) -> datetime:
    """Give the instant at which a clock first shows a time; one that it jumps over is the moment of the jump."""
    second = (at.hour * 60 + at.minute) * 60 + at.second
    return (EPOCH + MICROSECOND * instant(at.toordinal(), second, zone)).astimezone(zone)
