"""Declaring a closure or a delay, and taking it back: checked, written down at once, one writer at a time."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from agent.bootstrap import caller, load
from agent.bootstrap.changes_file import alone, content, edited
from agent.bootstrap.people import allowed
from agent.decide.declared import moved
from agent.decide.hours import timetable_hours
from agent.errors import DriftbellError, InputError
from agent.intake.changes import ALL, DISTRICT
from agent.intake.changes_text import block, ids, with_change, with_undone, written
from agent.intake.files import CHANGES
from agent.model.calendar import CalendarChange, Days, Kept
from agent.model.kind import nearest
from agent.report.declared import meaning, when

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from agent.decide.declared import Moved
    from agent.model.policy import Repository
    from agent.settings import Settings

DUTY = "calendar"
BACK, AHEAD = 31, 366  # days from today that a change may begin
LONGEST_WHY = 200
SHOWN = "The reason is written down, and shown to everybody."


@dataclass(frozen=True, slots=True)
class Order:
    """What somebody wants to declare. `second` is when it opens, or closes, that day; `sites` as they were named."""

    what: Kept
    why: str
    first: str
    last: str
    second: int | None
    sites: tuple[str, ...]
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Done:
    """What came of it: the change, and the sentences that say what it means and where it is written."""

    change: CalendarChange
    lines: tuple[str, ...]


def declare(settings: Settings, order: Order, at: datetime) -> Done:
    """Declare a closure or a delay; it holds from the next look on.

    Raises:
        InputError: it cannot be meant, or would change nothing.
        HeldError: this person may not.
    """
    with alone(settings.state):
        repository = load(settings)
        by, note = allowed(settings, repository.district, DUTY, caller())
        local = at.astimezone(ZoneInfo(repository.district.timezone)).replace(microsecond=0)
        sites, named = _sites(order.sites, repository)
        days = _days(order, local.date())
        change = CalendarChange(_new_id(days.first, repository), sites, days, by, local, order.roles)
        moves = _moves(repository, change)
        if not any(m.before != m.after and not m.why_not for m in moves):
            msg = "Nothing would change. " + " ".join(meaning(days, moves, repository.timetable.names))
            raise InputError(msg)
        change = _without_idle(change, moves)
        lines = written(change, named if set(change.sites) == set(sites) else change.sites)
        kept = _written_down(settings, repository, lambda text, file: with_change(text, lines, file))
    said = [*meaning(days, moves, repository.timetable.names), *_others(order), *([note] if note else ())]
    return Done(change, (*said, *kept, SHOWN, f"To take it back: driftbell calendar undo {change.id}"))


def undo(settings: Settings, number: str, at: datetime) -> Done:
    """Take a change back, wherever it is written.

    Raises:
        InputError: there is no such change, or it was taken back before.
        HeldError: this person may not.
    """
    with alone(settings.state):
        repository = load(settings)
        by, note = allowed(settings, repository.district, DUTY, caller())
        changes = {c.id: c for c in repository.timetable.changes}
        change = changes.get(number)
        if change is None:
            hint = nearest(number, list(changes)) or "; see `driftbell calendar changes`."
            msg = f"There is no change {number!r}{hint}"
            raise InputError(msg)
        if change.undone_at is not None:
            msg = f"The change {number} was taken back by {change.undone_by}, at {change.undone_at:%Y-%m-%d %H:%M}."
            raise InputError(msg)
        local = at.astimezone(ZoneInfo(repository.district.timezone)).replace(microsecond=0)

        def edit(text: str, file: str) -> str:
            if number not in ids(text, file) and file != CHANGES:  # it was committed elsewhere: remembered here as well
                text = with_change(text, block(content(Path(repository.root) / CHANGES), number, CHANGES), file)
            return with_undone(text, number, by, local, file)

        kept = _written_down(settings, repository, edit)
    days = change.days
    said = f"The change {number} counts no more: the calendars hold again {when(days)}."
    return Done(replace(change, undone_by=by, undone_at=local), (said, *([note] if note else ()), *kept))


def to_commit(settings: Settings) -> str:
    """Give policies/calendars/changes.yaml as it should be committed: with what was declared on this server."""
    repository = load(settings)
    text, own = content(Path(repository.root) / CHANGES), content(settings.calendar_changes)
    changes = {c.id: c for c in repository.timetable.changes}
    for number in ids(own, str(settings.calendar_changes)):
        change = changes.get(number)
        if number not in ids(text, CHANGES) and not (change and change.undone_at):
            text = with_change(text, block(own, number, str(settings.calendar_changes)), CHANGES)
        elif change and change.undone_at:
            text = with_undone(text, number, change.undone_by, change.undone_at, CHANGES)
    return text


def uncommitted(repository: Repository) -> frozenset[str]:
    """Give the changes that policies/calendars/changes.yaml does not have, or has without their undoing."""
    text = content(Path(repository.root) / CHANGES)
    known = set(ids(text, CHANGES))
    return frozenset(c.id for c in repository.timetable.changes if c.id not in known and c.undone_at is None)


def _days(order: Order, today: date) -> Days:
    first = _day(order.first, today)
    last = _day(order.last, today) if order.last else first
    if last < first:
        msg = f"--last {last} is before --date {first}."
        raise InputError(msg)
    if not today - timedelta(days=BACK) <= first <= today + timedelta(days=AHEAD):
        msg = f"{first} is {abs((first - today).days):,} days {'ahead' if first > today else 'ago'}: a change begins at"
        msg += f" most {BACK} days back and {AHEAD} ahead. What lies further stands in policies/calendars/."
        raise InputError(msg)
    if (last - first).days >= AHEAD:
        msg = f"From {first} to {last} is more than a year."
        raise InputError(msg)
    why = " ".join(order.why.split())
    if not why or len(why) > LONGEST_WHY or not why.isprintable():
        msg = f"--why takes a few words that can be read, at most {LONGEST_WHY} characters."
        raise InputError(msg)
    delay = order.what is Kept.DELAY
    begins, ends = (order.second, None) if delay else (None, order.second)
    return Days(order.what, why, first, last, begins, ends)


def _day(text: str, today: date) -> date:
    """Read a day as people say it.

    Raises:
        InputError: it is none.
    """
    words = {"today": 0, "tomorrow": 1, "yesterday": -1}
    if text in words:
        return today + timedelta(days=words[text])
    try:
        return date.fromisoformat(text)
    except ValueError:
        msg = f"{text!r:.40} is no day: write today, tomorrow or a date such as {today}."
        raise InputError(msg) from None


def _sites(named: Sequence[str], repository: Repository) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give the ids of the sites that were named, and what to write down for them."""
    known = repository.district.sites
    for name in named:
        if name != ALL and name not in known:
            hint = nearest(name, [*known, ALL]) or f"; there are {', '.join(known)}, and all."
            msg = f"There is no site {name!r} in policies/district.yaml{hint}"
            raise InputError(msg)
    if ALL in named:
        return (*known, DISTRICT), (ALL,)
    return tuple(dict.fromkeys(named)), tuple(dict.fromkeys(named))


def _moves(repository: Repository, change: CalendarChange) -> list[Moved]:
    """Give what a change does at each of its sites, for each role; sites without such hours are left out."""
    keeping = timetable_hours(repository.timetable)
    found: list[Moved] = []
    missing: dict[str, str] = {}
    for site in change.sites:
        for role in change.roles:
            hours = keeping.hours(site, role)
            if isinstance(hours, str):
                missing[site] = hours
            else:
                found += moved(site, hours, change.days)
    if not found:
        msg = f"Nothing would change: {'; '.join(missing.values())}."
        raise InputError(msg)
    return found


def _without_idle(change: CalendarChange, moves: Sequence[Moved]) -> CalendarChange:
    """Leave out the sites at which a delay or an early release would change nothing, or leave nothing."""
    if change.days.what is Kept.CLOSED:
        return change
    busy = {m.site for m in moves if not m.why_not}
    return replace(change, sites=tuple(site for site in change.sites if site in busy))


def _others(order: Order) -> list[str]:
    left = [role for role in ("staff", "desk") if role not in order.roles]
    words = {"staff": "staff hours", "desk": "help-desk hours"}
    if not left:
        return []
    flags = " ".join(f"--role {role}" for role in ("school", *left))
    return [f"{' and '.join(words[role] for role in left).capitalize()} stay as they are ({flags} moves them too)."]


def _new_id(first: date, repository: Repository) -> str:
    taken = {c.id for c in repository.timetable.changes}
    while (made := f"{first:%m%d}-{secrets.token_hex(2)}") in taken:
        pass
    return made


def _written_down(settings: Settings, repository: Repository, edit: Callable[[str, str], str]) -> list[str]:
    """Write a change where it holds at once, and where the next commit takes it along; say what was done."""
    edited(settings.calendar_changes, str(settings.calendar_changes), edit)
    by_hand = f"To commit it, write what `driftbell calendar changes --yaml` prints into {CHANGES}."
    here = Path(settings.repository)
    if not here.is_dir() or here.resolve() != Path(repository.root).resolve():
        return [f"It holds on this server at once. {by_hand}"]
    try:
        edited(here / CHANGES, CHANGES, edit)
    except DriftbellError as error:
        return [f"It holds on this server at once, but not for the next commit: {error} {by_hand}"]
    return [f"It holds at once, and stands in {CHANGES} for the next commit."]
