"""Coverage: which safeguard of a framework is served by which policy, how far it goes, and where.

To serve is not to fulfil: a policy looks at what a list can show of a safeguard, which is rarely all of it. A policy
that looks at nothing, as no system shows its kind, is named and does not count.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.decide.expiry import expired
from agent.decide.schools import schools
from agent.model.policy import Mode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from agent.model.framework import Framework, Safeguard
    from agent.model.policy import Policy, Repository


@dataclass(frozen=True, slots=True)
class Service:
    """How one policy serves a safeguard: which sites each mode holds at, and why it waits, as a clause, or empty.

    `unseen` says that it waits for a list, and not for new values. `named` says that its `where` leaves schools out,
    so that `sites` has only the others.
    """

    policy: Policy
    sites: Mapping[Mode, tuple[str, ...]]
    waits: str = ""
    unseen: bool = False
    named: bool = False

    @property
    def limited(self) -> bool:
        """Say whether a `where` leaves out anything of its kind."""
        return self.policy.where is not None

    @property
    def furthest(self) -> Mode:
        """Give how far it goes at the site where it goes furthest."""
        return max(self.sites, key=lambda mode: mode.rank)


@dataclass(frozen=True, slots=True)
class Served:
    """One safeguard and the policies that say they serve it, the furthest first."""

    safeguard: Safeguard
    services: tuple[Service, ...]

    @property
    def mode(self) -> Mode | None:
        """Give how far the furthest policy goes that really looks at something; None where none does."""
        return max((s.furthest for s in self.services if not s.waits), key=lambda mode: mode.rank, default=None)

    @property
    def waiting(self) -> bool:
        """Say whether policies are there for it, and none of them has anything to look at."""
        return self.mode is None and bool(self.services)


@dataclass(frozen=True, slots=True)
class Total:
    """How many safeguards there are; how many the furthest policy fixes, asks about or watches; how many wait."""

    all: int
    by_mode: Mapping[Mode, int]
    waiting: int

    @property
    def served(self) -> int:
        """Give how many a policy serves that really looks at something."""
        return sum(self.by_mode.values())


@dataclass(frozen=True, slots=True)
class Coverage:
    """One framework, safeguard by safeguard, in its own order."""

    framework: Framework
    served: tuple[Served, ...]

    @property
    def total(self) -> Total:
        """Count the whole framework."""
        return total(self.served)

    def groups(self) -> Iterator[tuple[str, tuple[Served, ...]]]:
        """Give the safeguards under each heading, in order."""
        for group in dict.fromkeys(s.safeguard.group for s in self.served):
            yield group, tuple(s for s in self.served if s.safeguard.group == group)


def total(served: Sequence[Served]) -> Total:
    """Count some safeguards."""
    modes = [s.mode for s in served]
    waiting = sum(1 for s in served if s.waiting)
    return Total(len(served), {mode: modes.count(mode) for mode in reversed(Mode)}, waiting)


def coverage(repository: Repository, framework: Framework, waits: Mapping[str, str], now: datetime) -> Coverage:
    """Say how the policies serve a framework.

    Args:
        repository: the policies, and the sites that they may go differently far at.
        framework: one of its frameworks.
        waits: the kinds that cannot be looked at, each with the reason as a clause.
        now: carries the district's zone; values that expired leave nothing to judge by.
    """
    serving: dict[str, list[Service]] = {}
    for policy in repository.policies:
        for name in dict.fromkeys(policy.frameworks.get(framework.key, ())):
            unseen = waits.get(policy.kind, "")
            places = schools(policy.kind, policy.where, repository.district.sites)
            why = unseen or expired(policy, now) or ("" if places else "its `where` leaves no school")
            sites = _sites(policy, places)
            named = any(site not in places for site in repository.district.sites)
            serving.setdefault(name, []).append(Service(policy, sites, why, bool(unseen), named))
    return Coverage(framework, tuple(Served(s, _ordered(serving.get(s.id, []))) for s in framework.safeguards))


def _sites(policy: Policy, places: Iterable[str]) -> dict[Mode, tuple[str, ...]]:
    """Give the sites that each mode holds at, the furthest first; where there are none, the mode alone."""
    found: dict[Mode, list[str]] = {}
    for site in filter(None, places):
        found.setdefault(policy.mode_at(site), []).append(site)
    if not found:
        return {policy.mode: ()}
    return {mode: tuple(found[mode]) for mode in reversed(Mode) if mode in found}


def _ordered(services: Sequence[Service]) -> tuple[Service, ...]:
    return tuple(sorted(services, key=lambda s: (bool(s.waits), -s.furthest.rank, s.policy.id)))
