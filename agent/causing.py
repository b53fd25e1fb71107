"""Causing: at the end of a run, find out why each verdict changed, while what was read before is still there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from agent.decide import words
from agent.decide.causes import Evidence, Said, cause, plain_cause
from agent.decide.evaluate import converge_field, fields_read
from agent.decide.parts import fields_compared
from agent.decide.shifts import standing
from agent.model.action import Result
from agent.model.cause import Because, Cause, Edition, Moved
from agent.model.comparison import Stand
from agent.observe import judged
from agent.recall import unread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from agent.deliberate import Ports
    from agent.model.action import Outcome, Plan
    from agent.model.cause import Memory, Turn
    from agent.model.kind import FieldRef
    from agent.model.policy import Policy, Repository
    from agent.model.sweep import Sweep
    from agent.observe import View

Pair = tuple[str, str]
NO_PAIRS: Mapping[Pair, str] = MappingProxyType({})
MOST = 2000  # turns of one policy at one look whose readings are kept; of more, only what sort of cause it was


def editions(repository: Repository) -> tuple[Edition, ...]:
    """Give the version of each policy that a revision has."""
    return tuple(Edition(p.id, p.digest, p.place.file) for p in repository.policies)


def deeds(plan: Plan, outcomes: Iterable[Outcome]) -> dict[str, str]:
    """Give what of ours was confirmed, by the resource that it was done to."""
    named = {b.digest: str(b.actions[0].arguments.get("playbook", "")) for b in plan.batches if b.actions}
    return {
        o.resource: f"{f'{o.verb} {named.get(o.batch, str())}'.rstrip()} for {o.policy}"
        for o in outcomes
        if o.confirmed
    }


def taken_back(plan: Plan, outcomes: Iterable[Outcome]) -> dict[Pair, str]:
    """Give what a person took back, by policy and resource."""
    named = {b.digest: str(b.actions[0].arguments.get("undo", "")) for b in plan.batches if b.actions}
    return {(o.policy, o.resource): named.get(o.batch, "") for o in outcomes if o.result is Result.REVERTED}


def finder(
    ports: Ports, repository: Repository, view: View, done: Mapping[str, str], back: Mapping[Pair, str] = NO_PAIRS
) -> Callable[[Sequence[Turn]], Mapping[Pair, Cause]]:
    """Give what finds the causes of turns; it is to be asked before the sweeps of this look replace the last ones."""
    memory = ports.hands.ledger.memory()
    known = memory.editions if memory else {}
    digests = {p.id: p.digest for p in repository.policies}
    edited = {p for p, d in digests.items() if p in known and known[p].digest != d}

    lasts = {w.id: w.until for w in repository.waivers}

    def find(turns: Sequence[Turn]) -> Mapping[Pair, Cause]:
        if memory is None:
            return {(t.policy, t.resource): Cause(Because.FIRST) for t in turns}
        found: dict[Pair, Cause] = {}
        left: dict[str, list[Turn]] = {}
        for turn in turns:
            told = plain_cause(turn, done.get(turn.resource, ""), edited=turn.policy in edited) or _undone(turn, back)
            if told is not None and told.because is Because.WAIVER_ENDED and told.detail in lasts:
                told = replace(told, detail=f"{told.detail}, whose last day was {lasts[told.detail]},")
            if told is None and known and turn.policy not in known:
                told = Cause(Because.ADDED)
            if told is None and not known:
                continue  # the ledger kept no versions of policies yet: nobody can tell whether this one changed
            if told is not None:
                found[turn.policy, turn.resource] = told
            else:
                left.setdefault(turn.policy, []).append(turn)
        if left:
            past = _Past(ports, repository, view, memory, frozenset(edited & left.keys()))
            for policy, some in left.items():
                found |= past.causes(policy, some)
        return found

    return find


def _undone(turn: Turn, back: Mapping[Pair, str]) -> Cause | None:
    """Give the cause of what opened because a person took our change back."""
    what = back.get((turn.policy, turn.resource))
    return None if what is None or turn.before is not None else Cause(Because.UNDONE, Stand.IN_LINE, detail=what)


@dataclass(frozen=True, slots=True)
class _Sight:
    """One judgement: its view, and the policies that could be judged there."""

    view: View
    policies: Mapping[str, Policy]

    def said(self, policy: str, resources: Sequence[str], *, whole: bool) -> Mapping[str, Said]:
        """Give what a policy says of resources, nothing where it could not be judged; `whole`: with differences."""
        assessment = next((a for a in self.view.assessments if a.policy.id == policy), None)
        if assessment is None:
            return {}
        differences = {f.resource: f.differences for f in assessment.findings} if whole else {}
        return {r: Said(s, differences.get(r, ())) for r, s in standing(assessment, resources).items()}


class _Past:
    """What was read before and what the policies were before, as far as the causes of some turns need them."""

    def __init__(
        self, ports: Ports, repository: Repository, view: View, memory: Memory, edited: frozenset[str]
    ) -> None:
        self._ports, self._edited = ports, edited
        self._now = _Sight(view, {p.id: p for p in repository.policies})
        ledger = ports.hands.ledger
        sweeps = tuple(s for v in view.sweeps if (s := ledger.last_sweep(v.kind, v.system)) is not None)
        self._replayed = self._sight(repository, sweeps, memory.at, frozenset(self._now.policies))
        earlier = ports.earlier(memory.revision) if edited else None
        self._was = self._sight(earlier, sweeps, memory.at, edited) if earlier else None
        self._rerun = self._sight(earlier, view.sweeps, view.at, edited) if earlier else None

    def _sight(self, repository: Repository, sweeps: tuple[Sweep, ...], at: datetime, wanted: frozenset[str]) -> _Sight:
        catalog, shown = self._ports.eyes.catalog, self._ports.eyes.readers
        policies = tuple(p for p in repository.policies if p.id in wanted and not unread(p, catalog, sweeps, shown))
        view = judged(catalog, replace(repository, policies=policies), sweeps, at)
        return _Sight(view, {p.id: p for p in policies})

    def causes(self, name: str, turns: Sequence[Turn]) -> dict[Pair, Cause]:
        """Give the cause of each turn of one policy."""
        policy, edited = self._now.policies[name], name in self._edited
        resources = [t.resource for t in turns]
        whole = edited and any(t.before and t.after for t in turns)
        now = self._now.said(name, resources, whole=whole)
        replayed = self._replayed.said(name, resources, whole=whole)
        was = (self._was.said(name, resources, whole=whole) if self._was else {}) if edited else replayed
        rerun = self._rerun.said(name, resources, whole=whole) if self._rerun else {}
        scope = frozenset(f.name for f in fields_compared(policy.where))
        if not edited and not replayed:
            return {(name, r): Cause(Because.FIRST) for r in resources}
        found = {}
        for turn in turns:
            r = turn.resource
            evidence = Evidence(
                now=now.get(r, Said(Stand.NOT_THERE)),
                was=was.get(r),
                replayed=replayed.get(r),
                rerun=rerun.get(r),
                edited=edited,
                moved=self._moved(policy, r),
                scope=scope,
                lasting=policy.lasting,
            )
            told = cause(turn, evidence)
            found[name, r] = told if len(turns) <= MOST else replace(told, moved=())
        return found

    def _moved(self, policy: Policy, resource: str) -> dict[str, Moved]:
        """Give the readings of a resource that are not what they were, among those that the policy asks for."""
        before, after = (s.view.tables.get(policy.kind) for s in (self._replayed, self._now))
        if before is None or after is None or policy.measure is not None:
            return {}
        fields: tuple[FieldRef, ...] = tuple(f for f in fields_read(policy) if f.name in before.fields)
        if policy.converge is not None:
            fields = (*fields, *(f for f in (converge_field(policy),) if f.name in before.fields))
        found = {}
        for field in fields:
            was, now = before.reading(resource, field.name), after.reading(resource, field.name)
            if was != now:
                found[field.name] = Moved(field.name, words.show_of(field, was), words.show_of(field, now))
        return found
