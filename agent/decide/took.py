"""How long something may take, by how long it took before: never less than the longest known, more for more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from agent.model.action import Action
    from agent.model.books import Took

PLAYBOOK = "playbook"  # the argument of an action that durations are kept by; its verb where it has none
_NEVER = timedelta()


@dataclass(frozen=True, slots=True)
class Likely:
    """How long something may take, and what that rests on.

    `basis` is the longest known for the most resources at once; `times` is how often that fits into what is wanted
    now: 1 where as many were changed before. Nothing is known where `span` is none.
    """

    span: timedelta = _NEVER
    wanted: int = 0
    basis: Took | None = None
    times: int = 1


def asked_of(action: Action) -> str:
    """Give what the duration of an action is kept by."""
    return str(action.arguments.get(PLAYBOOK, action.verb))


def likely(actions: Iterable[Action], known: Mapping[str, Sequence[Took]]) -> Likely:
    """Give how long actions may take together: each thing that they run after the other. What never ran counts not."""
    wanted: dict[str, set[str]] = {}
    for action in actions:
        wanted.setdefault(asked_of(action), set()).add(action.resource)
    each = [_likely(len(some), known[what]) for what, some in wanted.items() if known.get(what)]
    if not each:
        return Likely()
    longest = max(each, key=lambda one: one.span)
    return Likely(sum((one.span for one in each), _NEVER), longest.wanted, longest.basis, longest.times)


def _likely(wanted: int, known: Sequence[Took]) -> Likely:
    """Give how long one thing may take on so many resources.

    Whatever number of them is worked on at a time, `times` as many take no more than `times` as long.
    """
    longest, widest = max(t.span for t in known), max(known, key=lambda t: (t.resources, t.span))
    times = -(-wanted // max(1, widest.resources))
    return Likely(max(longest, times * widest.span), wanted, widest, max(1, times))
