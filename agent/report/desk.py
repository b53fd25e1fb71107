"""What every section of a drift report is written from: the run, sorted, and how much space there is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from agent.report import words
from agent.report.page import Item, Section, Tone
from agent.report.plain import brief, clause, ended

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from agent.model.finding import Difference
    from agent.model.run import PolicyNote, Run
    from agent.report.cause import Cause
    from agent.report.standing import Standing


NONE, URGENT, OPEN, ALL = range(4)


@dataclass(frozen=True, slots=True)
class Room:
    """How much space a report has: a busy day gets fewer lines a section, never a longer mail.

    Attributes:
        decisions, items, done: lines in "Needs your decision", in every other section, in what has been done;
            with 0 what has been done is one number.
        names: resources named in a line.
        details: which lines carry their technical difference: ALL, those that are OPEN, the URGENT, NONE.
        reasons: whether a decision says why it matters.
        words: how long a title may be; a quoted sentence gets twice as much and more.
    """

    decisions: int
    items: int
    done: int
    names: int
    details: int
    reasons: bool
    words: int = 14


@dataclass(frozen=True, slots=True)
class Desk:
    """What every section is written from."""

    run: Run
    standing: Standing
    room: Room
    zone: ZoneInfo
    notes: dict[str, PolicyNote]

    def title(self, policy: str) -> str:
        """Give a policy's plain statement, without its stop; its id where it has none."""
        note = self.notes.get(policy)
        return (note and clause(note.title, self.room.words, 90)) or clause(policy, self.room.words, 90)

    def where(self, resources: Sequence[str], site: str = "") -> str:
        """Give `server web1 at east`, or `3 servers at east (web1, web2, web3)`."""
        at = f" at {clause(self.run.sites.get(site, site), 4, 32)}" if site else ""
        if len(resources) == 1:
            return f"{words.kind_word(resources[0].partition('/')[0], 1)} {words.name(resources[0])}{at}"
        return f"{words.things(resources)}{at} ({words.names(resources, self.room.names)})"

    def quote(self, text: str) -> str:
        """Give a sentence that somebody else wrote, whole where there is room for it."""
        return ended(brief(text, self.room.words * 2 + 6, 240))

    def since(self, at: datetime | None) -> str:
        """Give `, since Oct 12`, or nothing where it began with this look."""
        if at is None or at >= self.run.at:
            return ""
        return f", since {words.since(at, self.zone, self.run.at)}"

    def detail(self, cause: Cause, level: int, say: Callable[[Difference], str] = words.difference) -> str:
        """Give the technical line of a cause, where there is room for lines of this level."""
        if level > self.room.details or not cause.differences:
            return ""
        shown = [say(d) for d in cause.differences[:2]]
        rest = len(cause.differences) - len(shown)
        more = f" and {words.counted(rest, 'more field')}" if rest else ""
        ways = f" (and {cause.ways - 1:,} other ways)" if cause.ways > 1 else ""
        return f"{clause(cause.policy, 2, 24)}: {'; '.join(shown)}{more}{ways}"


def desk(run: Run, standing: Standing, room: Room) -> Desk:
    """Lay out what the sections need."""
    return Desk(run, standing, room, ZoneInfo(run.timezone), {n.id: n for n in run.policies})


def rest(shown: int, found: int, one: str, many: str) -> str:
    """Say how many were left out."""
    left = found - shown
    if not shown and found:
        return f"{found:,} in all."
    return f"And {words.counted(left, one, many)}." if left > 0 else ""


def section(title: str, tone: Tone, items: tuple[Item, ...], more: str, lead: str = "") -> Section | None:
    """Give a section, or None where there is nothing to say."""
    return Section(title, tone, items, lead, more) if items or lead or more else None
