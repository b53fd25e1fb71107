"""What somebody is about to approve or deny, in plain words, before they put their name to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.report import words
from agent.report.plain import brief, ended, plain
from agent.secrets import MASK

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from agent.model.action import Action, Batch, Hold
    from agent.model.finding import Difference
    from agent.model.policy import Policy

SHOWN = 5  # resources that are named
_CHARACTERS = 60  # of a value that is shown
_UNDO = {"exact": "all of it can be undone", "partial": "part of it can be undone", "none": "it cannot be undone"}


def lines(batch: Batch, policy: Policy, lifts: Sequence[Hold], people: Collection[str]) -> Iterator[str]:
    """Give the lines that show a batch; `lifts` are the holds that an approval lifts, `people` kinds that are people.

    People are counted and never named; a sensitive value is not shown.
    """
    targets = [a.resource for a in batch.actions]
    yield f"Plan {batch.digest}"
    yield f"  {plain(policy.id)}: {ended(plain(policy.title))}"
    yield f"  It {words.deed(batch)} on {words.things(targets)}: {words.RISKS[batch.risk]}; {_UNDO[batch.undo.value]}."
    hidden = policy.kind in people
    for action in () if hidden else batch.actions[:SHOWN]:
        yield f"    {words.name(action.resource, 40)}: {_changes(action)}"
    rest = 0 if hidden else len(batch.actions) - SHOWN
    if rest > 0:
        yield f"    and {rest:,} more."
    for hold in lifts:
        yield f"  An approval lifts ({plain(hold.guard)}): {ended(plain(hold.sentence))}"


def _changes(action: Action) -> str:
    return "; ".join(_change(d) for d in action.differences) or f"sets {', '.join(map(plain, action.sets))}"


def _change(difference: Difference) -> str:
    hidden = difference.sensitive
    before, after = (MASK if hidden else brief(v, 12, _CHARACTERS) for v in (difference.observed, difference.expected))
    return f"{plain(difference.field)}: {before} -> {after}"
