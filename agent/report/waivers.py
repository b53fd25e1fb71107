"""Exceptions in reports: how many hold, which are about to end, which ended too early, which nobody needs any more.

A waiver is told by its id, its reason's code and its ticket's number, and by nothing that somebody wrote or is called:
GUARDS.md, "Privacy".
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from agent.model.waiver import Use
from agent.report import words
from agent.report.desk import rest, section
from agent.report.page import Item, Section, Tone
from agent.report.plain import brief

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence
    from datetime import date

    from agent.model.run import Run
    from agent.model.waiver import WaiverNote
    from agent.report.desk import Desk

MOST = 3  # lines of the section
MOST_LISTED = 10  # lines on a terminal
MOST_NAMED = 3
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_STATES = {Use.UNUSED: "unused", Use.UNKNOWN: "not known", Use.ENDED: "ended"}


def exceptions(at: Desk) -> Section | None:
    """Write the section: what holds as one number, and a line for what somebody should look at."""
    told = _told(at.run)
    lead = _lead(at.run, at.zone)
    if not lead and not told:
        return None
    most = min(at.room.items, MOST)
    shown = tuple(Item(line, "") for line in told[:most])
    more = rest(len(shown), len(told), "more to look at", "more to look at") if shown else ""
    if told and not shown:
        lead = f"{lead} {len(told):,} to look at.".strip()
    return section("Exceptions", Tone.DUE if told else Tone.OUT, shown, more, lead)


def lines(run: Run) -> Iterator[str]:
    """Give the lines of a terminal: what somebody should look at."""
    told = _told(run)
    yield from told[:MOST_LISTED]
    if len(told) > MOST_LISTED:
        yield f"And {len(told) - MOST_LISTED:,} more: `driftbell waivers` lists them all."


def count(run: Run) -> str:
    """Give what the last line of a check says: `12 excepted by 2 waivers`."""
    number = run.counts.excepted
    used = sum(n.use is Use.USED for n in run.waivers)
    by = f" by {words.counted(used, 'waiver')}" if used else ""
    return f"{number:,} excepted{by}" if number else ""


def how(note: WaiverNote) -> str:
    """Say in two words how a waiver stands: `used (12)`."""
    if note.use is Use.USED:
        return f"used ({note.findings:,})"
    return f"needed again ({note.findings:,})" if note.use is Use.NEEDED else _STATES[note.use]


def entry(note: WaiverNote) -> dict[str, object]:
    """Give a waiver for other programs."""
    return {
        "waiver": note.id,
        "policies": list(note.policies),
        "resources": list(note.resources),
        "sites": list(note.sites),
        "owner": note.owner,
        "reason": note.reason,
        "ticket": note.ticket,
        "until": note.until.isoformat(),
        "days_left": note.left,
        "state": note.use.value,
        "ending": note.ending,
        "findings": note.findings,
        "oldest": note.oldest.isoformat() if note.oldest else None,
        "place": note.place,
    }


def covered(private: Container[str], resources: Sequence[str]) -> str:
    """Name resources for a text that is read by many: people are only counted, `2 accounts`."""
    people: dict[str, list[str]] = {}
    for resource in resources:
        if (kind := resource.partition("/")[0]) in private:
            people.setdefault(kind, []).append(resource)
    named = [r for r in resources if r.partition("/")[0] not in private]
    return ", ".join([*named, *(words.things(group) for group in people.values())])


def until(note: WaiverNote | None, at: Run) -> str:
    """Give what stands behind a finding that is excepted, such as ` Exception W-2026-001 until Jan 31`, with a stop."""
    if note is None:
        return " There is an exception."
    return f" Exception {_id(note)} until {_day(note.until, _today(at))}."


def _told(run: Run) -> list[str]:
    """Give the lines, the most pressing first."""
    today = _today(run)
    needed = sorted((n for n in run.waivers if n.use is Use.NEEDED), key=lambda n: (n.left, n.id))
    ending = sorted((n for n in run.waivers if n.ending), key=lambda n: (n.left, n.id))
    unused = sorted((n for n in run.waivers if n.use is Use.UNUSED), key=lambda n: n.id)
    told = [f"{_named(n)} ended {_day(n.until, today)}: {_counts_again(n.findings)}" for n in needed]
    told += [f"{_named(n)} ends {_day(n.until, today)}{_then(n)}" for n in ending]
    return [*told, *_unused(unused)]


def _counts_again(number: int) -> str:
    return f"{words.counted(number, 'fault')} {'counts' if number == 1 else 'count'} again"


def _then(note: WaiverNote) -> str:
    days = {0: ", today", 1: ", tomorrow"}.get(note.left, f", in {note.left} days")
    return f"{days}: it excepts {words.counted(note.findings, 'fault')}" if note.findings else days


def _unused(found: Sequence[WaiverNote]) -> list[str]:
    if not found:
        return []
    names = ", ".join(_id(n) for n in found[:MOST_NAMED])
    left = len(found) - MOST_NAMED
    named = names + (f" and {left:,} more" if left > 0 else "")
    return [f"Nothing needs {named} now: {'it' if len(found) == 1 else 'they'} may be taken out"]


def _lead(run: Run, zone: ZoneInfo) -> str:
    """Give the number, and since when the longest-standing of them has been open."""
    number = run.counts.excepted
    if not number:
        return ""
    used = [n for n in run.waivers if n.use is Use.USED]
    under = f", under {words.counted(len(used), 'exception')}" if used else ""
    oldest = min((n.oldest for n in used if n.oldest and n.oldest < run.at), default=None)
    since = f"; the oldest since {words.since(oldest, zone, run.at)}" if oldest else ""
    return f"{words.counted(number, 'fault')} excepted{under}{since}."


def _named(note: WaiverNote) -> str:
    return f"{_id(note)} ({brief(note.reason, 1, 16)}, ticket {brief(note.ticket, 1, 24)})"


def _id(note: WaiverNote) -> str:
    return brief(note.id, 1, 24)


def _today(run: Run) -> date:
    return run.at.astimezone(ZoneInfo(run.timezone)).date()


def _day(day: date, today: date) -> str:
    return f"{_MONTHS[day.month - 1]} {day.day}" + ("" if day.year == today.year else f", {day.year}")
