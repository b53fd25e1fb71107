"""What a closure or a delay means, in the words that the person reads who has just declared it."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from agent.decide.why import clock
from agent.model.calendar import Kept
from agent.report.plain import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date
    from zoneinfo import ZoneInfo

    from agent.decide.declared import Moved
    from agent.model.calendar import CalendarChange, Days

FEW = 3  # sites that are named; more are counted


def meaning(days: Days, moves: Sequence[Moved], names: Mapping[str, str]) -> Iterator[str]:
    """Say what changes where, and at which sites nothing does."""
    groups: dict[tuple[int, ...], dict[str, None]] = defaultdict(dict)
    for move in (m for m in moves if not m.why_not):
        groups[_edges(days, move)][move.site] = None
    for edges, sites in groups.items():
        yield f"{_sites(list(sites), names)} {_verb(days, edges, len(sites))} {when(days)} ({days.name})."
    idle: dict[tuple[str, date], dict[str, None]] = defaultdict(dict)
    for move in moves:
        if move.why_not and move.day.weekday() not in {5, 6}:
            idle[move.why_not, move.day][move.site] = None
    for (why, day), sites in idle.items():
        yield f"Nothing changes at {_sites(list(sites), names, start=False)} on {dated(day)}: {why}."


def _edges(days: Days, move: Moved) -> tuple[int, ...]:
    """Give what sites must have in common to be told in one sentence."""
    if days.what is Kept.DELAY:
        return (move.before[0][0], move.after[0][0])
    return (move.before[-1][1], move.after[-1][1]) if days.what is Kept.EARLY_RELEASE else ()


def _verb(days: Days, edges: tuple[int, ...], number: int) -> str:
    many = number > 1
    if days.what is Kept.CLOSED:
        return "are closed" if many else "is closed"
    word = "open" if days.what is Kept.DELAY else "close"
    was, now = edges
    return f"{word}{'' if many else 's'} at {clock(now)} in place of {clock(was)}"


def _sites(sites: Sequence[str], names: Mapping[str, str], *, start: bool = True) -> str:
    """Name a few sites, count many; what belongs to no site is told after them."""
    named = [names.get(site, site) for site in sites if site]
    if named and len(named) == len(names) and len(named) > 1:
        said = f"{'All' if start else 'all'} {len(named)} sites"
    elif len(named) > FEW:
        said = f"{len(named)} sites ({', '.join(named)})"
    else:
        said = " and ".join(filter(None, (", ".join(named[:-1]), *named[-1:])))
    if "" in sites:
        said += " and what belongs to no site" if said else "what belongs to no site"
    return said


def when(days: Days) -> str:
    """Say on which days: "on Mon 2026-11-23" or "from Mon 2026-11-23 to Wed 2026-11-25"."""
    if days.first == days.last:
        return f"on {dated(days.first)}"
    return f"from {dated(days.first)} to {dated(days.last)}"


def dated(day: date) -> str:
    """Give a day with its weekday."""
    return f"{day:%a %Y-%m-%d}"


def change_line(change: CalendarChange, names: Mapping[str, str], zone: ZoneInfo, *, committed: bool) -> Iterator[str]:
    """Give a change in the list of all: what it means, and on the next line who said so."""
    days = change.days
    edge = days.from_second if days.what is Kept.DELAY else days.until_second
    what = {Kept.CLOSED: "closed", Kept.DELAY: "opens at", Kept.EARLY_RELEASE: "closes at"}[days.what]
    what += f" {clock(edge)}" if edge is not None else ""
    roles = "" if change.roles == ("school",) else f" ({', '.join(change.roles)})"
    yield plain(f"{change.id}  {what} {when(days)}, {_sites(change.sites, names, start=False)}{roles}: {days.name}")
    said = f"declared by {change.by}, {change.at.astimezone(zone):%Y-%m-%d %H:%M}"
    if change.undone_at is not None:
        said += f"; taken back by {change.undone_by}, {change.undone_at.astimezone(zone):%Y-%m-%d %H:%M}"
    elif not committed:
        said += "; not yet in policies/calendars/changes.yaml"
    yield plain(f"           {said}")
