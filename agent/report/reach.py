"""How far policies reach, in words: which apply to nothing now, and of which a part was never read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.report import words
from agent.report.plain import ended, plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from agent.model.run import Reach

MOST_IDLE = 5  # policies that are named; the others are counted


def idle(reaches: Sequence[Reach]) -> str:
    """Name the policies that apply to nothing, in a sentence; nothing where there is none.

    Where that cannot be told, or there is nothing of the kind at all, something else says so.
    """
    found = [r for r in reaches if r.of and not r.applies and not r.unsure]
    named = found if len(found) <= MOST_IDLE + 1 else found[:MOST_IDLE]
    shown = [f"{plain(r.policy)} ({share(r)})" for r in named]
    more = [words.counted(len(found) - len(named), "other policy", "other policies")] * (len(named) < len(found))
    return f"Applies to nothing now: {words.listed([*shown, *more])}." if found else ""


def share(reach: Reach) -> str:
    """Give `240 of 5,000 devices`."""
    return f"{reach.applies:,} of {reach.of:,} {words.kind_word(reach.kind, reach.of)}"


def blanks(reaches: Sequence[Reach]) -> Iterator[str]:
    """Say what a policy expects of a field that was read of nothing that it applies to, a sentence a field."""
    for reach in reaches:
        for blank in reach.blanks:
            number = f"{reach.applies:,} {words.kind_word(reach.kind, reach.applies)}"
            yield ended(f"{reach.policy}: {blank.field} was read of none of {number}: {blank.why}")
