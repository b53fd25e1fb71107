"""Explain one policy on one resource: the rule, each reading and its source, since when, what was tried, what next."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from agent.decide import group_findings, words
from agent.decide.columns import ID
from agent.decide.evaluate import converge_field, counted_in, fields_read, group
from agent.decide.explain import Judgement, judge
from agent.decide.moments import settled
from agent.decide.references import needed
from agent.deliberate import Ports, guarded, plan_for
from agent.errors import InputError, UnseenError
from agent.model.finding import MISSING, Finding, Verdict
from agent.model.kind import nearest
from agent.model.policy import Mode
from agent.model.reading import Unknown
from agent.observe import View, judged, look
from agent.patience import patient
from agent.recall import kinds_of, policy_named, recalled, resource_named, unread
from agent.remembering import remembered

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from agent.decide.evaluate import Assessment
    from agent.decide.measure import Group, Members
    from agent.model.action import Outcome, Plan
    from agent.model.finding import Streak
    from agent.model.policy import Measured, Policy, Repository
    from agent.model.reading import Reading
    from agent.model.waiver import Waiver


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything there is to say of one policy on one resource.

    `where` and `expect` are judged trees (None where the policy has no such part); `system` and `as_of` say where
    and when the readings come from; `following` says what would happen next, a sentence each.
    """

    policy: Policy
    revision: str
    resource: str
    verdict: Verdict | None  # None where the policy does not apply
    where: Judgement | None
    expect: Judgement | None
    converge: Reading | None
    system: str
    as_of: datetime
    lists: tuple[tuple[str, datetime], ...]  # the other systems that references lead to, and the time of each
    since: datetime | None
    tried: tuple[tuple[datetime, Outcome], ...]
    following: tuple[str, ...]
    mode: Mode  # at the resource's site
    streak: Streak | None = None  # while it was not out of line for as many looks as the policy waits for
    group: Grouped | None = None  # where the policy measures: then there is no tree
    at: datetime | None = None  # when it was judged
    waiver: Waiver | None = None  # that excepts it
    why: str = ""  # what could not be read


def explain(
    ports: Ports,
    repository: Repository,
    policy_id: str,
    resource: str,
    *,
    fresh: bool = False,
    at: datetime | None = None,
) -> Explanation:
    """Explain from the last recorded look; where there is none, or `fresh` asks for it, look now.

    `at` is the time that it is judged at, where that is not now.

    Raises:
        InputError: there is no such policy or resource.
        UnseenError: the last look did not read what the policy asks for.
    """
    policy = policy_named(repository, policy_id)
    view = _view(ports, repository, policy, at or ports.clock(), fresh=fresh)
    if policy.kind not in view.tables:
        msg = f"No system shows {policy.kind}s yet: see inventory/systems.yaml, and `driftbell import`."
        raise UnseenError(msg)
    assessment = next(a for a in view.assessments if a.policy.id == policy.id)
    if policy.measure is not None:
        return grouped(ports, repository, view, assessment, resource)
    return _alone(ports, repository, view, assessment, policy, resource)


def _alone(
    ports: Ports, repository: Repository, view: View, assessment: Assessment, policy: Policy, resource: str
) -> Explanation:
    """Explain one resource."""
    table, missed = view.tables[policy.kind], _missed(view, policy)
    name = resource_named([*table.ids(), *missed], policy.kind, resource)
    kinds = needed(fields_read(policy), ports.eyes.catalog.kinds[policy.kind], ports.eyes.catalog)
    sweep = next(s for s in view.of(policy.kind) if (not s.whole if name in missed else name in set(s.table.ids())))
    now = view.at
    settled_policy = settled(policy, table.as_of, now)

    def read(field: str) -> Reading:
        return Unknown(MISSING) if name in missed else table.reading(name, field)

    finding = view.finding(policy.id, name)
    opened = next(iter(ports.hands.ledger.open_findings(policy.id, name)), None)
    return Explanation(
        policy=policy,
        revision=repository.revision.id,
        resource=name,
        verdict=_verdict(view, policy, name, finding),
        where=judge(settled_policy.where, read, now) if settled_policy.where else None,
        expect=judge(settled_policy.expect, read, now) if settled_policy.expect else None,
        converge=read(converge_field(policy).name) if policy.converge else None,
        system=sweep.system,
        as_of=sweep.as_of,
        lists=tuple((s.system, s.as_of) for s in view.sweeps if s.kind in kinds and s is not sweep),
        since=opened.since if opened else None,
        tried=tuple(ports.hands.ledger.outcomes(policy.id, name)),
        following=tuple(_following(ports, repository, view, policy, name, finding)),
        mode=policy.mode_at(finding.site if finding else table.site(name)),
        streak=_streak(view, assessment, name),
        at=view.at,
        waiver=_waiver(repository, finding),
        why=finding.why if finding else "",
    )


@dataclass(frozen=True, slots=True)
class Grouped:
    """A group of a policy that measures: how it stands, in words too, and whom it counts."""

    group: Group
    rule: str
    said: str
    members: Members
    people: bool  # whether its members are


def grouped(ports: Ports, repository: Repository, view: View, assessment: Assessment, resource: str) -> Explanation:
    """Explain a group: what is counted in it, and how far that is from what is wanted.

    Raises:
        InputError: the policy counts no such group.
    """
    policy = assessment.policy
    measured = cast("Measured", policy.measure)
    name = _group(sorted({*assessment.states[ID], *_missed(view, policy)}), measured, resource, repository)
    found, finding = group(assessment, name), view.finding(policy.id, name)  # one of them, or both
    opened = next(iter(ports.hands.ledger.open_findings(policy.id, name)), None)
    kinds = needed(fields_read(policy), ports.eyes.catalog.kinds[policy.kind], ports.eyes.catalog)
    seen = [(s.system, s.as_of) for s in sorted(view.sweeps, key=lambda s: s.kind != policy.kind) if s.kind in kinds]
    return Explanation(
        policy=policy,
        revision=repository.revision.id,
        resource=name,
        verdict=_verdict(view, policy, name, finding),
        where=None,
        expect=None,
        converge=None,
        system=seen[0][0] if seen else "district.yaml",
        as_of=seen[0][1] if seen else view.at,
        lists=tuple(seen[1:]),
        since=opened.since if opened else None,
        tried=(),
        following=tuple(_following(ports, repository, view, policy, name, finding)),
        mode=policy.mode_at(found.site if found else cast("Finding", finding).site),
        streak=_streak(view, assessment, name),
        at=view.at,
        waiver=_waiver(repository, finding),
        why=finding.why if finding else "",
        group=None if found is None else _counted(ports, view, policy, found),
    )


def _counted(ports: Ports, view: View, policy: Policy, found: Group) -> Grouped:
    """Say what is counted in a group, and who is."""
    measured = cast("Measured", policy.measure)
    rule = "" if policy.expect is None else words.rule(policy.expect)
    rule += f"; counted are those where {words.rule(policy.where)}" if policy.where else ""
    return Grouped(
        group=found,
        rule=group_findings.rule(policy, measured, rule),
        said=group_findings.said(policy, measured, found),
        members=counted_in(policy, view.tables[policy.kind], found.resource, view.at),
        people=ports.eyes.catalog.kinds[policy.kind].private,
    )


def _missed(view: View, policy: Policy) -> frozenset[str]:
    """Give what is open and in no list, of which one may not be whole."""
    return frozenset(f.resource for p, f in view.missed if p.id == policy.id)


def _group(known: Sequence[str], measured: Measured, wanted: str, repository: Repository) -> str:
    """Give the id of the group that is meant: by its id, by what stands behind the stroke, or by a school's name."""
    by = measured.by.name if measured.by else "district"
    sites = {s.name: s.id for s in repository.district.sites.values()}
    for name in (wanted, f"{by}/{wanted}", f"{by}/{sites.get(wanted, wanted)}"):
        if name in known:
            return name
    example = f", such as {known[0]}" if known else ""
    hint = nearest(wanted, [*known, *(r.partition("/")[2] for r in known)]) or example
    msg = f"There is no group {wanted!r}; this policy speaks of groups by {by}{hint}."
    raise InputError(msg)


def _streak(view: View, assessment: Assessment, resource: str) -> Streak | None:
    if resource not in assessment.waits:
        return None
    return next(s for s in view.streaks if (s.policy, s.resource) == (assessment.policy.id, resource))


def _view(ports: Ports, repository: Repository, policy: Policy, now: datetime, *, fresh: bool) -> View:
    """Give the last look judged anew by this policy, or a look made now."""
    alone = replace(repository, policies=(policy,))
    ledger, catalog, shown = ports.hands.ledger, ports.eyes.catalog, ports.eyes.readers
    sweeps = () if fresh else recalled(ports, repository, kinds_of(policy, catalog))
    if not any(s.kind == policy.kind for s in sweeps):
        return remembered(ledger, alone, patient(ledger, catalog, repository, look(ports.eyes, repository, now)))
    missing = unread(policy, catalog, sweeps, shown)
    if missing:
        msg = f"The last look did not read {', '.join(missing)}. `driftbell explain --fresh` looks now."
        raise UnseenError(msg)
    return remembered(ledger, alone, patient(ledger, catalog, alone, judged(catalog, alone, sweeps, now)))


def _verdict(view: View, policy: Policy, resource: str, finding: Finding | None) -> Verdict | None:
    if finding is not None:
        return finding.verdict
    assessment = next(a for a in view.assessments if a.policy.id == policy.id)
    if resource in assessment.waits:
        return Verdict.OUT_OF_LINE
    return Verdict.IN_LINE if resource in assessment.in_line else None


def _following(
    ports: Ports, repository: Repository, view: View, policy: Policy, resource: str, finding: Finding | None
) -> Iterable[str]:
    streak = next((s for s in view.streaks if (s.policy, s.resource) == (policy.id, resource)), None)
    if finding is None and streak is not None:
        yield _opens(streak, policy.lasting)
    elif finding is None:
        yield "Nothing: there is nothing to put right."
    elif finding.verdict is Verdict.UNKNOWN:
        yield "Nothing until it can be read: what is not known is not changed."
    elif finding.verdict is Verdict.EXCEPTED:
        yield _excepted(repository, finding)
    elif policy.mode_at(finding.site) is Mode.AUDIT:
        here = " here" if policy.modes else ""
        yield f"It is reported and not changed: the policy only watches{here} (mode: audit)."
    elif not policy.remedy:
        yield "It is reported and not changed: the policy names no remedy."
    else:
        yield from _planned(guarded(ports, repository, view, plan_for(ports, repository, view)), policy, resource)


def _opens(streak: Streak, needed: int) -> str:
    left = needed - streak.looks
    when = "opens at the next" if left == 1 else f"opens after {left} more"
    return f"Nothing yet: out of line in {streak.looks} of {needed} looks; {when} that finds it so."


def _waiver(repository: Repository, finding: Finding | None) -> Waiver | None:
    return next((w for w in repository.waivers if finding is not None and w.id == finding.waiver), None)


def _excepted(repository: Repository, finding: Finding) -> str:
    waiver = next(w for w in repository.waivers if w.id == finding.waiver)
    said = f"until {waiver.until} the waiver {waiver.id} excepts it ({waiver.reason}, ticket {waiver.ticket})"
    return f"Nothing: {said}, see {waiver.place}. After that day it is out of line again."


def _planned(plan: Plan, policy: Policy, resource: str) -> Iterable[str]:
    batches = [b for b in plan.batches if b.policy == policy.id and any(a.resource == resource for a in b.actions)]
    if not batches:
        yield "Nothing: no step of the remedy sets what is out of line, or another policy already asks for the same."
    for batch in batches:
        holds = [h for h in plan.holds if h.batch == batch.digest and (not h.resources or resource in h.resources)]
        what = batch.actions[0].arguments.get("playbook", batch.verb)
        if not holds:
            yield f"The next `driftbell run` runs {what} on it (plan {batch.digest}), then looks again."
        for hold in holds:
            yield f"Held ({hold.guard}): {hold.sentence} What lifts it: {hold.lifted_by}."
