"""What every section of a drift report is written from: the run, sorted, and how much space there is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from agent.report import groups, words
from agent.report.differences import Tongue, difference, joined, summed
from agent.report.discreet import discreet
from agent.report.page import Item, Section, Tone
from agent.report.plain import brief, clause, ended

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from agent.model.finding import Difference
    from agent.model.run import PolicyNote, Run
    from agent.report.cause import Cause, Part, Shared
    from agent.report.gathered import Gathered
    from agent.report.standing import Standing


NONE, URGENT, OPEN, ALL = range(4)
MOST_SERIALS = 5  # REPORTS.md, "Left out"
PROPER = frozenset({"host", "service", "printer", "site", "school", "ticket", "class"})  # named by name, not by serial
_TRAITS = {
    "model": "model {}",
    "system": "listed by {}",
    "platform": "on {}",
    "org_unit": "in {}",
    "category": "about {}",
    "team": "with {}",
}
TIGHTEST = (
    3  # words of a title, where a report has no room left for how many rules do what, and lists are numbers alone
)


@dataclass(frozen=True, slots=True)
class Room:
    """How much space a report has: a busy day gets fewer lines a section, never a longer mail.

    Attributes:
        decisions, held, due, done, watched: lines in these sections; with 0 each is one number.
        items: lines in every other section.
        names: resources named in a line.
        details: which lines carry their technical difference: ALL, those that are OPEN, the URGENT, NONE.
        reasons: whether a decision says why it matters.
        answers: how much is said of answering: 2 all, 1 who is asked and what nobody answered, 0 that it needs a yes.
        words: how long a title may be; a quoted sentence gets twice as much and more.
    """

    decisions: int
    held: int
    due: int
    done: int
    watched: int
    items: int
    names: int
    details: int
    reasons: bool = True
    words: int = 14
    answers: int = 2


@dataclass(slots=True)
class Serials:
    """How many more serial numbers and the like this report may carry."""

    left: int = MOST_SERIALS


@dataclass(frozen=True, slots=True)
class Desk:
    """What every section is written from."""

    run: Run
    standing: Standing
    gathered: Gathered
    room: Room
    zone: ZoneInfo
    notes: dict[str, PolicyNote]
    serials: Serials

    def title(self, policy: str) -> str:
        """Give a policy's plain statement, without its stop; its id where it has none."""
        note = self.notes.get(policy)
        said = note and clause(discreet(note.title), self.room.words, 90)
        return said or clause(policy, self.room.words, 90)

    def tongue(self, kind: str) -> Tongue:
        """Give what the words for a kind's differences hang on."""
        return Tongue(kind, self.zone, self.run.at, self.run.sites)

    def where(self, resources: Sequence[str], sites: Sequence[str] = (), count: int = 0, kind: str = "") -> str:
        """Give `server web1 at East High`, `3 servers at East High (web1, web2, web3)`, or `4 accounts at 3 sites`.

        `resources` may be the first few of `count`; then `kind` is that of all of them, or empty where they have
        several. People are never named; devices only where all can be, and at most five in a whole report.
        """
        number = count or len(resources)
        kind = kind if count else words.one_kind(resources)
        at = "" if kind == groups.SITE else self.at(sites)
        shown = self._nameable(kind, number, resources)
        if number == 1 and shown and groups.is_group(kind):
            return f"{groups.alone(resources[0], self.run.sites)}{at}"
        word = words.kind_word(kind, number) if kind else "things"
        if number == 1 and shown:
            return f"{word} {self.name(resources[0])}{at}"
        rest = f" and {number - len(shown):,} more" if number > len(shown) else ""
        named = f" ({', '.join(map(self.name, shown))}{rest})" if shown else ""
        return f"{number:,} {word}{at}{named}"

    def name(self, resource: str) -> str:
        """Give a resource's own name, without the system that stands behind it where several fill a kind."""
        if groups.is_group(resource.partition("/")[0]):
            return groups.called(resource, self.run.sites)
        bare, _, system = resource.rpartition("@")
        kind = resource.partition("/")[0]
        known = any(s.system == system and s.kind == kind for s in self.run.seen)
        return words.name(bare if bare and known else resource)

    def at(self, sites: Sequence[str]) -> str:
        """Give ` at East High`, ` at 7 sites`, or nothing where no school is known."""
        known = [s for s in sites if s]
        if len(known) == 1 == len(sites):
            return f" at {clause(self.run.sites.get(known[0], known[0]), 4, 32)}"
        return f" at {words.counted(len(known), 'site')}" if known and len(sites) > 1 else ""

    def _nameable(self, kind: str, number: int, resources: Sequence[str]) -> Sequence[str]:
        """Give the resources that may be named here."""
        if not kind or kind in self.run.private:
            return ()
        if kind in PROPER or groups.is_group(kind):
            most = self.room.names + (number == self.room.names + 1)  # "and 1 more" is no shorter than the name
            return resources[:most]
        if number > min(self.serials.left, self.room.names):
            return ()
        self.serials.left -= number
        return resources

    def quote(self, text: str) -> str:
        """Give a sentence that somebody else wrote, whole where there is room for it, without anybody's name."""
        return ended(brief(self.veiled(text), self.room.words * 2 + 6, 240))

    def veiled(self, text: str) -> str:
        """Give a text without people's names and what helps an attacker."""
        return self.gathered.veil.over(text)

    def since(self, at: datetime | None) -> str:
        """Give `, since Oct 12`, or nothing where it began with this look."""
        if at is None or at >= self.run.at:
            return ""
        return f", since {words.since(at, self.zone, self.run.at)}"

    def spread(self, cause: Cause) -> str:
        """Give where a cause is found: `32 devices at East High, and 14 others at 6 sites, since Oct 12`."""
        main, others = cause.main, cause.others
        said = self.where(main.resources, main.sites, main.count, main.kind)
        if others:
            also = "one other" if others.count == 1 else f"{others.count:,} others"
            said += f", and {also}{self.at(others.sites) if others.sites != main.sites else ''}"
        return f"{said}{self.since(cause.since)}"

    def not_so(self, cause: Cause) -> str:
        """Give a sentence: `Not so on 3 servers at East High (web1, web2, web3), since Oct 12`."""
        return f"Not so {'on' if cause.main.kind == 'host' else 'for'} {self.spread(cause)}."

    def detail(self, cause: Cause, level: int, say: Callable[[Difference, Tongue], str] = difference) -> str:
        """Give the technical line of a cause, where there is room for lines of this level."""
        part = cause.main
        if level > self.room.details or not part.differences:
            return ""
        tongue = self.tongue(part.kind)
        if say is difference:
            told = self.gathered.details.get(id(part)) or summed(part, tongue)
            self.gathered.details[id(part)] = told
            told += " (the others differ)" if cause.others and _unlike(cause.others, part) else ""
        else:
            told = joined([say(d, tongue) for d in part.differences[:2]], len(part.differences))
            told += f" (and {words.counted(part.ways - 1, 'other way')})" if part.ways > 1 else ""
        return f"{clause(cause.policy, 2, 24)}: {told}"

    def observation(self, shared: Shared | None, count: int) -> tuple[str, ...]:
        """Give what nearly all cases have in common, with how common it is elsewhere: what was counted, no more."""
        if shared is None or not self.room.reasons or shared.trait not in _TRAITS:
            return ()
        label = _TRAITS[shared.trait].format(clause(shared.value, 5, 40))
        who = f"All {count:,} are" if shared.count >= count else f"{shared.count:,} of the {count:,} are"
        if shared.count >= shared.total:
            return (f"{who} {label}: every one of that sort.",)
        share = round(100 * shared.total / shared.everybody)
        return (f"{who} {label}; of all, {share or 'under 1'}% are.",)


def _unlike(others: Part, main: Part) -> bool:
    return others.ways > 1 or others.differences != main.differences


def desk(run: Run, standing: Standing, gathered: Gathered, room: Room) -> Desk:
    """Lay out what the sections need."""
    return Desk(run, standing, gathered, room, ZoneInfo(run.timezone), {n.id: n for n in run.policies}, Serials())


def rest(shown: int, found: int, one: str, many: str) -> str:
    """Say how many were left out."""
    left = found - shown
    if not shown and found:
        return f"{found:,} in all."
    return f"And {words.counted(left, one, many)}." if left > 0 else ""


def section(title: str, tone: Tone, items: tuple[Item, ...], more: str, lead: str = "") -> Section | None:
    """Give a section, or None where there is nothing to say."""
    if not items:
        lead, more = f"{lead} {more}".strip(), ""
    return Section(title, tone, items, lead, more) if items or lead or more else None
