"""What could not be checked, in words: how much of each kind was seen and how old it is, who was silent and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.report import words
from agent.report.desk import TIGHTEST, rest, section
from agent.report.lists import MOST_LOOKS, aged, coverage, doubts, in_doubt, trouble, waiting, what_to_do
from agent.report.page import Item, Section, Tone
from agent.report.plain import capital, clause, sentence
from agent.report.standing import blind

if TYPE_CHECKING:
    from collections.abc import Sequence, Sized

    from agent.model.run import Seen
    from agent.report.desk import Desk
    from agent.report.unchecked import Reason


def unseen(at: Desk) -> Section | None:
    """Write the section; there is one whenever anything was not seen, even where no name is known."""
    if not blind(at.run):
        return None
    found = at.gathered.unchecked
    shown = tuple(_item(at, r) for r in found.reasons[: at.room.items])
    more = rest(len(shown), found.count, "more reason", "more reasons") if shown else ""
    return section("Could not check", Tone.BLIND, shown, more, _lead(at))


def _lead(at: Desk) -> str:
    run, found = at.run, at.gathered.unchecked
    said = [*_looks(at, found.looks), waiting(at.run, MOST_LOOKS if at.room.items else 1)]
    said = [s for s in said if s] or [f"{words.counted(run.counts.unknown, 'check')} could not be made."]
    changed_there = "Nothing was changed there." if found.looks or run.counts.unknown or found.resources else ""
    return " ".join((*said, changed_there)).strip()


def _looks(at: Desk, looks: Sequence[Seen]) -> list[str]:
    """Give what was missing of each kind, the worst first: a sudden change, no list, an old one, a part of one."""
    ordered = sorted(looks, key=lambda s: (not s.trouble, not s.stale, s.kind))
    missing = [trouble(s, at.run.seen, at.gathered.veil, at.room.words) for s in ordered if s.trouble]
    old = [s for s in ordered if s.stale and not s.trouble]
    there = [s for s in ordered if not s.trouble]
    odd = in_doubt(ordered)
    partial = [s for s in there if not s.doubt and (not s.proven or s.unseen or s.seen < s.expected)]
    if at.room.words <= TIGHTEST:
        return [_numbers(odd, missing, old, partial), *what_to_do(odd)]
    most = min(MOST_LOOKS, max(1, at.room.items))
    return [
        *doubts(odd, at.run.seen, most, reasons=at.room.reasons),
        *_first(missing, most, "missing" if not at.room.items else ""),
        f"{len(old)} lists are old." if len(old) > 1 and not at.room.items else aged(old, at.run.seen, at.run.at),
        coverage(partial, at.room.words),
    ]


def _numbers(odd: Sized, missing: Sized, old: Sized, partial: Sized) -> str:
    """Give how many lists there are of each sort; which one changed suddenly stands at the head of the report."""
    sorts = {"changed suddenly": odd, "missing": missing, "old": old, "seen in part": partial}
    said = [f"{len(lists)} {what}" for what, lists in sorts.items() if lists]
    return f"Lists: {words.listed(said)}." if said else ""


def _first(said: Sequence[str], most: int, tight: str) -> list[str]:
    """Give the first few sentences and how many more lists there are; where it is tight, their number alone."""
    more = len(said) - most
    if tight and more > 0:
        return [f"{len(said)} lists are {tight}."]
    return [*said[:most], f"And {words.counted(more, 'more list')}." if more > 0 else ""]


def _item(at: Desk, reason: Reason) -> Item:
    """Give one reason: by whom it befell, and by its rule where it left a single one open."""
    who = at.where(reason.resources, reason.sites, reason.count, reason.kind)
    why = clause(reason.why, at.room.words, 100)
    if len(reason.policies) == 1:
        policy = reason.policies[0]
        on = "on" if reason.resources[0].startswith("host/") else "for"
        return Item(at.title(policy), f"Not known {on} {who}.", f"{clause(policy, 2, 24)}: {why}")
    many = len(reason.policies)
    rules = f"{many:,} rules stayed open: {words.names(reason.policies, 3)}" if many and at.room.details else ""
    return Item(capital(who), sentence(why), rules)
