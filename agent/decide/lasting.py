"""Patience: what must be out of line in several looks in a row before it is said. Pure.

A look is new when what it read is newer than at the look before: the same list read twice is one look. What cannot
be read neither counts nor begins anew; what is in line, or to which the policy no longer applies, begins anew. What
is open already stays open.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.model.finding import Streak

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from datetime import datetime

    from agent.model.policy import Policy


@dataclass(frozen=True, slots=True)
class Judgements:
    """What a look says of the resources of one policy.

    Attributes:
        wrong: those that are out of line, excepted ones included.
        unknown: those that could not be judged.
        known: those whose existence the look shows.
        proven: whether one that is not among these is gone.
    """

    wrong: Collection[str]
    unknown: Collection[str]
    known: Collection[str]
    proven: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """Which resources are out of line and not long enough, and the streaks to keep."""

    resources: frozenset[str]
    streaks: tuple[Streak, ...]


def waiting(
    policy: Policy,
    said: Judgements,
    kept: Mapping[str, Streak],
    already: Collection[str],
    seen: Callable[[str], datetime],
) -> Waiting:
    """Count one look.

    Args:
        said: what this look says.
        kept: resource to its streak so far.
        already: the resources whose findings are open.
        seen: gives when what was read of a resource was so.
    """
    counted = {r: _counted(policy.id, r, kept.get(r), seen(r)) for r in said.wrong if r not in already}
    resting = [s for r, s in kept.items() if r not in already and r not in counted and _stays(r, said)]
    waits = {r: s for r, s in counted.items() if s.looks < policy.lasting}
    return Waiting(frozenset(waits), (*waits.values(), *resting))


def _counted(policy: str, resource: str, before: Streak | None, seen: datetime) -> Streak:
    if before is None:
        return Streak(policy, resource, 1, seen)
    return Streak(policy, resource, before.looks + 1, seen) if seen > before.at else before


def _stays(resource: str, said: Judgements) -> bool:
    """Say whether a streak outlives a look that did not find the resource out of line."""
    return resource in said.unknown or (resource not in said.known and not said.proven)
