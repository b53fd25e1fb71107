"""What could not be checked, in words: how much of each kind was seen and how old it is, who was silent and why."""

from __future__ import annotations

from itertools import starmap
from typing import TYPE_CHECKING

from agent.report import words
from agent.report.desk import rest, section
from agent.report.page import Item, Section, Tone
from agent.report.plain import clause, ended, sentence
from agent.report.standing import blind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from agent.model.run import Run, Seen
    from agent.report.desk import Desk
    from agent.report.discreet import Veil
    from agent.report.unchecked import Reason

MOST_LOOKS = 4
MOST_KINDS = 6


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
    said = [*_looks(at, found.looks), waiting(at.run)]
    said = [s for s in said if s] or [f"{words.counted(run.counts.unknown, 'check')} could not be made."]
    changed = "Nothing was changed there." if found.looks or run.counts.unknown or found.resources else ""
    return " ".join((*said, changed)).strip()


def _looks(at: Desk, looks: Sequence[Seen]) -> list[str]:
    """Give what was missing of each kind, the worst first: no list, an old one, a part of one."""
    ordered = sorted(looks, key=lambda s: (not s.trouble, not s.stale, s.kind))
    missing = [trouble(s, at.run.seen, at.gathered.veil, at.room.words) for s in ordered if s.trouble]
    partial = [s for s in ordered if not s.trouble and (not s.proven or s.unseen or s.seen < s.expected)]
    old = [s for s in ordered if not s.trouble and s.stale]
    old_ones = aged(old, at.run.seen, at.run.at)
    most = min(MOST_LOOKS, max(1, at.room.items))
    more = len(missing) - most
    return [
        *missing[:most],
        f"And {words.counted(more, 'more list')}." if more > 0 else "",
        old_ones,
        coverage(partial, at.room.words),
    ]


def trouble(look: Seen, looks: Sequence[Seen], veil: Veil, most: int = 30) -> str:
    """Give why there is nothing to see of a kind, as `The list of tickets: it was not imported yet`."""
    return capital(f"{_list(look, looks)}: {ended(clause(veil.over(look.trouble), most, 100))}")


def aged(old: Sequence[Seen], looks: Sequence[Seen], now: datetime) -> str:
    """Give how old lists are, those of one age together: `The asset list is 31 h old`."""
    ages: dict[str, list[str]] = {}
    for look in old:
        ages.setdefault(words.age(now - look.as_of), []).append(_list(look, looks))
    said = list(starmap(_of_age, list(ages.items())[:MOST_LOOKS]))
    return capital(f"{words.listed(said)}.") if said else ""


def _of_age(age: str, lists: Sequence[str]) -> str:
    shown = lists if len(lists) <= MOST_LOOKS else [*lists[:2], f"{len(lists) - 2} other lists"]
    return f"{words.listed(shown)} {'is' if len(lists) == 1 else 'are'} {age} old"


def _list(look: Seen, looks: Sequence[Seen]) -> str:
    """Give `the asset list`, with its system where there are several of a kind."""
    several = sum(s.kind == look.kind for s in looks) > 1
    return words.list_word(look.kind) + (f" of {clause(look.system, 2, 24)}" if several else "")


def capital(text: str) -> str:
    """Give a phrase of our own with a capital letter."""
    return text[:1].upper() + text[1:]


def waiting(run: Run) -> str:
    """Name the kinds that policies are about and that nothing shows, in one sentence."""
    kinds = [words.kind_word(k, 2) for k in run.waiting]
    if not kinds:
        return ""
    shown = words.listed(kinds if len(kinds) <= MOST_LOOKS else [*kinds[:3], f"{len(kinds) - 3} other kinds"])
    idle = sum(n.kind in run.waiting for n in run.policies)
    rules = f", so {words.counted(idle, 'rule waits', 'rules wait')}" if idle else ""
    return f"No system shows {shown} yet{rules}."


def coverage(looks: Sequence[Seen], most: int = 12) -> str:
    """Give how much was seen, a kind at a time: `Checked 5,112 of 5,140 devices and 20 of 20 servers`.

    Where it is not proven that the list was whole, that follows, with the reason in at most so many words.
    """
    if not looks:
        return ""
    kinds: dict[str, list[Seen]] = {}
    for look in looks:
        kinds.setdefault(look.kind, []).append(look)
    parts = list(starmap(_seen, kinds.items()))
    said = f"Checked {words.listed(parts)}." if len(parts) <= MOST_KINDS else _total(looks)
    if 1 < len(parts) <= MOST_KINDS and all(s.seen == s.expected for s in looks):
        said = f"Checked all {words.listed(list(starmap(_all, kinds.items())))}."
    doubtful = next((s for s in looks if not s.proven), None)
    if doubtful is None:
        return said
    return f"{said} It is not proven that this is all of them ({clause(doubtful.membership, most, 90)})."


def _seen(kind: str, looks: Sequence[Seen]) -> str:
    seen, expected = sum(s.seen for s in looks), sum(s.expected for s in looks)
    return f"{seen:,} of {expected:,} {words.kind_word(kind, expected)}"


def _all(kind: str, looks: Sequence[Seen]) -> str:
    count = sum(s.expected for s in looks)
    return f"{count:,} {words.kind_word(kind, count)}"


def _total(looks: Sequence[Seen]) -> str:
    return f"Checked {sum(s.seen for s in looks):,} of {sum(s.expected for s in looks):,} things."


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
