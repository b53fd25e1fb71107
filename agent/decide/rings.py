"""Rings: a change goes to one resource first, then to the site of that one, then to all. Source: LANGUAGE.md.

A ring passes when what it wanted was changed, its soak has gone by, and neither too much failed nor too much else
went wrong. Otherwise it waits, or halts for a person.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from agent.model.action import Result
from agent.model.finding import Verdict
from agent.model.kind import Risk
from agent.model.policy import Mode
from agent.model.rollout import Progress, Ring, Rings, Rollout

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from agent.model.action import Action, Batch
    from agent.model.finding import Finding
    from agent.model.policy import Policy, Repository

MOST_AT_ONCE = 10  # resources that a disruptive verb may change without rings
NAMED = 3  # new findings that a sentence names
STUCK = frozenset({Progress.HALTED, Progress.ABANDONED})
BAD = frozenset({Result.FAILED, Result.REVERTED})

Rollouts = Mapping[tuple[str, str], Rollout]  # by policy and verb


@dataclass(frozen=True, slots=True)
class Facts:
    """What the present ring of a rollout has shown.

    Attributes:
        results: each resource that it changed, and the last word on it; what cannot be read now is pending.
        left: the resources that it may touch and still has to.
        findings: (policy, resource) of what else opened on the changed resources.
        services: the same of checks of services that opened at the ring's sites.
        doubted: the changed resources of which the district's own tests say otherwise.
    """

    results: Mapping[str, Result]
    left: frozenset[str] = frozenset()
    findings: frozenset[tuple[str, str]] = frozenset()
    services: frozenset[tuple[str, str]] = frozenset()
    doubted: frozenset[str] = frozenset()


def declared(policy: Policy, district: Rings | None) -> Rings | None:
    """Give the rings that a policy asks for, or its district for all."""
    return policy.rings or district


def present(rollouts: Iterable[Rollout], repository: Repository) -> dict[tuple[str, str], Rollout]:
    """Give the rollouts of what policies and playbooks are now, by policy and verb.

    One that waits for a person, or that a person abandoned, stays so until the policy itself is changed.
    """
    digests = {p.id: p.digest for p in repository.policies}
    return {
        (r.policy, r.verb): r
        for r in rollouts
        if digests.get(r.policy) == r.digest and (r.playbooks == repository.playbooks_digest or r.progress in STUCK)
    }


def needed(batches: Iterable[Batch]) -> bool:
    """Say whether batches of one policy and verb need rings, whoever asks for them: they disrupt too many."""
    disrupted = {a.resource for b in batches if b.risk in {Risk.DISRUPTIVE, Risk.DESTRUCTIVE} for a in b.actions}
    return len(disrupted) > MOST_AT_ONCE


def first(wanted: Sequence[Action], held: frozenset[str], site: str) -> Action | None:
    """Give the one change that a rollout begins with: of the trial site, if something is wanted there.

    By site and id, so that it is the same one each time; what something else holds comes last.
    """
    there = [a for a in wanted if a.site == site] if site else []
    return min(there or wanted, key=lambda a: (a.resource in held, a.site, a.resource), default=None)


def within(rollout: Rollout, resource: str, site: str) -> bool:
    """Say whether a resource is inside the present ring."""
    match rollout.ring:
        case Ring.ONE:
            return resource == rollout.resource
        case Ring.SITE:
            return resource == rollout.resource or site == rollout.site
        case _:
            return True


def wanting(policy: Policy, verb: str, findings: Iterable[Finding]) -> dict[str, Finding]:
    """Give the findings that a policy's verb may be asked to put right, by their resource."""
    sets = {f.name for step in policy.remedy if step.verb == verb for f in step.sets}
    return {
        f.resource: f
        for f in findings
        if f.policy == policy.id
        and f.verdict is Verdict.OUT_OF_LINE
        and policy.mode_at(f.site) is not Mode.AUDIT
        and sets & {d.field for d in f.differences}
    }


def advance(rollout: Rollout, rings: Rings, facts: Facts, now: datetime) -> Rollout | None:
    """Give the rollout one step on: the next ring, the same one, or a halt with its reason.

    None where it begins anew: nothing of its first ring was ever confirmed, and nothing is left to be done there.
    """
    if rollout.progress is not Progress.RUNNING:
        return rollout
    soaked = rollout.changed is None or now - rollout.changed >= rings.soak
    why = _failed(facts, rings, soaked=soaked and not facts.left) or _broke(facts, rings)
    if why:
        return replace(rollout, progress=Progress.HALTED, why=why, by="")
    if facts.left or not soaked:
        return rollout
    if rollout.ring is Ring.ALL:
        return replace(rollout, progress=Progress.PASSED, why="")
    if rollout.ring is Ring.ONE and not rollout.by and Result.CONFIRMED not in facts.results.values():
        return None
    return replace(rollout, ring=Ring(rollout.ring + 1), began=None, changed=now, why="")


def _failed(facts: Facts, rings: Rings, *, soaked: bool) -> str:
    """Say what failed, if that is too much; what is pending counts as soon as it had its time."""
    bad = [
        r
        for r, result in facts.results.items()
        if result in BAD or r in facts.doubted or (soaked and result is Result.PENDING)
    ]
    if not _above(len(bad), len(facts.results), rings.failed):
        return ""
    also = " or could not be confirmed" if soaked else ""
    also += ", or your own tests say otherwise" if facts.doubted else ""
    return (
        f"{len(bad)} of {len(facts.results)} changes failed{also} ({_names(bad)}); "
        f"the limit is {rings.failed:g} percent."
    )


def _broke(facts: Facts, rings: Rings) -> str:
    """Say what else went wrong, if that is too much: each resource counts once, and each check of a service once."""
    services = facts.services - facts.findings
    hurt = {resource for _, resource in facts.findings}
    if not _above(len(hurt) + len(services), len(facts.results), rings.new_findings):
        return ""
    found = sorted({*facts.findings, *services})
    number, more = len(found), "" if len(found) <= NAMED else f" and {len(found) - NAMED} more"
    named = ", ".join(f"{policy} on {short_name(resource)}" for policy, resource in found[:NAMED])
    opened = "1 other finding opened" if number == 1 else f"{number} other findings opened"
    on = f"{len(facts.results)} changed" if len(facts.results) != 1 else f"the one changed ({_names(facts.results)})"
    return f"{opened} since on or around {on}: {named}{more}; the limit is {rings.new_findings:g} percent."


def _above(number: int, of: int, percent: float) -> bool:
    return bool(number) and number * 100 > percent * max(of, 1)


def _names(resources: Iterable[str]) -> str:
    known = sorted(map(short_name, resources))
    return ", ".join(known[:NAMED]) + (f" and {len(known) - NAMED} more" if len(known) > NAMED else "")


def short_name(resource: str) -> str:
    """Give the name of a resource without its kind."""
    return resource.partition("/")[2]
