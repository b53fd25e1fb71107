"""What reports say of whole lists: how much was seen, which are missing, old, or changed their size suddenly.

Source: GUARDS.md 5. `all` is a word for lists that are whole, and for no other.
"""

from __future__ import annotations

import re
from itertools import starmap
from typing import TYPE_CHECKING

from agent.report import words
from agent.report.discreet import fenced
from agent.report.plain import capital, clause, ended
from agent.report.standing import whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from agent.model.run import Run, Seen
    from agent.report.discreet import Veil

MOST_LOOKS = 4
MOST_KINDS = 6
_LONG_NUMBER = re.compile(r"\d{4,15}", re.ASCII)
LIKELY_CAUSE = "Likely cause: the export was cut short or filtered."
CHECK_EXPORT = "Check the export, then import it again with --yes if it is right."
CHECK_SERVICES = "Check the list in inventory/systems.yaml."
SERVICE = "service"  # listed by hand, where no export can be cut short

Kinds = dict[str, list["Seen"]]


def doubt(look: Seen) -> str:
    """Give why a list may not be whole, with its numbers as reports have them: `shrank from 4,740 to 2,370`."""
    return _LONG_NUMBER.sub(lambda found: f"{int(found[0]):,}", look.doubt)


def in_doubt(looks: Sequence[Seen]) -> list[Seen]:
    """Give the looks whose lists changed suddenly. What is no longer in them may still be there."""
    return [s for s in looks if s.doubt and not s.trouble]


def doubts(found: Sequence[Seen], looks: Sequence[Seen], most: int = MOST_LOOKS, *, reasons: bool = True) -> list[str]:
    """Say which lists changed suddenly, why that may be (with `reasons`), and what to do: once for all of them."""
    if not found:
        return []
    said = [f"{capital(list_name(s, looks))} {doubt(s)} since the last good look." for s in found[:most]]
    more = len(found) - most
    causes = [LIKELY_CAUSE] * (reasons and any(s.kind != SERVICE for s in found))
    others = [f"So did {words.counted(more, 'more list')}."] * (more > 0)
    return [*said, *others, *causes, *what_to_do(found)]


def what_to_do(found: Sequence[Seen]) -> list[str]:
    """Say what to do about lists that changed suddenly."""
    exports = sum(s.kind != SERVICE for s in found)
    return [CHECK_EXPORT] * bool(exports) + [CHECK_SERVICES] * (exports < len(found))


def trouble(look: Seen, looks: Sequence[Seen], veil: Veil, most: int = 30) -> str:
    """Give why there is nothing to see of a kind, as `The list of tickets: it was not imported yet`."""
    return capital(f"{list_name(look, looks)}: {ended(clause(veil.over(fenced(look.trouble)), most, 100))}")


def aged(old: Sequence[Seen], looks: Sequence[Seen], now: datetime) -> str:
    """Give how old lists are, those of one age together: `The asset list is 31 h old`."""
    ages: dict[str, list[str]] = {}
    for look in old:
        ages.setdefault(words.age(now - look.as_of), []).append(list_name(look, looks))
    said = list(starmap(_of_age, list(ages.items())[:MOST_LOOKS]))
    return capital(f"{words.listed(said)}.") if said else ""


def _of_age(age: str, lists: Sequence[str]) -> str:
    shown = lists if len(lists) <= MOST_LOOKS else [*lists[:2], f"{len(lists) - 2} other lists"]
    return f"{words.listed(shown)} {'is' if len(lists) == 1 else 'are'} {age} old"


def list_name(look: Seen, looks: Sequence[Seen]) -> str:
    """Give `the asset list`, with its system where there are several of a kind."""
    several = sum(s.kind == look.kind for s in looks) > 1
    return words.list_word(look.kind) + (f" of {clause(look.system, 2, 24)}" if several else "")


def waiting(run: Run, most: int = MOST_LOOKS) -> str:
    """Name the kinds that policies are about and that nothing shows, in a sentence; what is over `most` is counted."""
    kinds = [words.kind_word(k, 2) for k in run.waiting]
    if not kinds:
        return ""
    some = [*kinds[: most - 1], f"{len(kinds) - most + 1} {'other ' if most > 1 else ''}kinds"]
    shown = words.listed(kinds if len(kinds) <= most else some)
    idle = sum(n.kind in run.waiting for n in run.policies)
    rules = f", so {words.counted(idle, 'rule waits', 'rules wait')}" if idle else ""
    return f"No system shows {shown} yet{rules}."


def coverage(looks: Sequence[Seen], most: int = 12, *, missing: bool = True) -> str:
    """Give how much was seen, a kind at a time: `Checked 5,112 of 5,140 devices and 20 of 20 servers`.

    Of a kind that no list is proven to hold whole, that is said, with the reason in at most so many words. With
    `missing`, the lists that there are none of are named.
    """
    sure, loose = _parted(looks)
    summed = len(sure) + len(loose) > MOST_KINDS
    lost = _missing(looks) if missing else ""
    said = (_sure(sure, looks, summed=summed), _loose(loose, most, summed=summed), lost)
    return " ".join(s for s in said if s)


def _parted(looks: Sequence[Seen]) -> tuple[Kinds, Kinds]:
    """Part the kinds whose lists are proven to be whole from the others; lists that are missing are in neither."""
    kinds: Kinds = {}
    for look in looks:
        if not look.trouble:
            kinds.setdefault(look.kind, []).append(look)
    sure = {kind: same for kind, same in kinds.items() if all(s.proven for s in same)}
    return sure, {kind: same for kind, same in kinds.items() if kind not in sure}


def _sure(kinds: Mapping[str, Sequence[Seen]], looks: Sequence[Seen], *, summed: bool) -> str:
    if not kinds:
        return ""
    if summed:
        seen, expected = (sum(n) for n in zip(*((s.seen, s.expected) for s in _all(kinds)), strict=True))
        return f"Checked {seen:,} of {expected:,} things."
    if len(kinds) > 1 and all(whole(s) for s in looks if s.kind in kinds):
        return f"Checked all {words.listed(list(starmap(_number, kinds.items())))}."
    return f"Checked {words.listed(list(starmap(_share, kinds.items())))}."


def _loose(kinds: Mapping[str, Sequence[Seen]], most: int, *, summed: bool) -> str:
    if not kinds:
        return ""
    told = list(starmap(_number, kinds.items()))
    shown = [f"{sum(s.seen for s in _all(kinds)):,} things"] if summed else told
    why = next(s.membership for s in _all(kinds) if not s.proven)
    these = "this is" if len(kinds) == 1 else "these are"
    reason = clause(fenced(why), most, 90)
    because = f" ({reason})" if reason else ""
    return f"Checked {words.listed(shown)}; it is not proven that {these} all of them{because}."


def _missing(looks: Sequence[Seen]) -> str:
    lost = [list_name(s, looks) for s in looks if s.trouble]
    shown = words.listed(lost) if len(lost) <= MOST_LOOKS else f"{len(lost)} lists"
    return capital(f"{shown} {'is' if len(lost) == 1 else 'are'} missing.") if lost else ""


def _all(kinds: Mapping[str, Sequence[Seen]]) -> Iterable[Seen]:
    return [look for same in kinds.values() for look in same]


def _share(kind: str, looks: Sequence[Seen]) -> str:
    seen, expected = sum(s.seen for s in looks), sum(s.expected for s in looks)
    return f"{seen:,} of {expected:,} {words.kind_word(kind, expected)}"


def _number(kind: str, looks: Sequence[Seen]) -> str:
    """Give how many were seen, and of how many where that is not all that the list names."""
    seen, expected = sum(s.seen for s in looks), sum(s.expected for s in looks)
    return f"{seen:,} {words.kind_word(kind, seen)}" if seen == expected else _share(kind, looks)
