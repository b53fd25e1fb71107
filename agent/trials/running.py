"""Run a case: look at its scene, plan, guard, and say what came otherwise than expected."""

from __future__ import annotations

from dataclasses import dataclass, replace
from time import perf_counter
from typing import TYPE_CHECKING, cast

from agent.decide.explain import Judgement, judge
from agent.decide.findings import reader
from agent.decide.moments import settled
from agent.deliberate import guarded, plan_for
from agent.model.finding import Finding, Streak, Verdict
from agent.model.trial import LEFT_OUT, NOT_YET
from agent.observe import judged
from agent.patience import patient
from agent.trials.coverage import Sight, sights
from agent.trials.ports import Fresh, ports
from agent.trials.scene import Scene, scene

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from agent.errors import Place
    from agent.model.action import Plan
    from agent.model.kind import Catalog
    from agent.model.policy import Repository
    from agent.model.ports import Ledger
    from agent.model.trial import Case, Expected, Trial, Wanted
    from agent.observe import View


@dataclass(frozen=True, slots=True)
class Miss:
    """Something that came otherwise than expected; `trees` are the conditions as they were judged, by their heading."""

    place: Place
    subject: str
    expected: str
    came: str
    trees: tuple[tuple[str, Judgement], ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a case. `sights` is what it showed of the policies' conditions, for coverage."""

    trial: Trial
    case: Case
    misses: tuple[Miss, ...]
    sights: tuple[Sight, ...]
    seconds: float


def run(trials: Sequence[Trial], repository: Repository, catalog: Catalog) -> tuple[Result, ...]:
    """Run every case of these files, in their order."""
    return tuple(run_case(trial, case, repository, catalog) for trial in trials for case in trial.cases)


def run_case(trial: Trial, case: Case, repository: Repository, catalog: Catalog) -> Result:
    """Run one case."""
    began = perf_counter()
    on = scene(case, repository, catalog)
    view = _seen(case, on, catalog)
    misses = [miss for one in case.expect for miss in _misses(one, view, on)]
    if case.actions is not None or case.holds is not None:
        using = ports(catalog, on.now)
        bound = replace(on.repository, timetable=on.timetable)
        plan = guarded(using, bound, view, plan_for(using, bound, view))
        misses += _planned(case, plan)
    seen = tuple(sights(case, on.repository.policies, view, on.now))
    return Result(trial, case, tuple(misses), seen, perf_counter() - began)


def outcome_of(
    case: Case, policy: str, resource: str, repository: Repository, catalog: Catalog
) -> tuple[str, Finding | None]:
    """Give how a policy stands on a resource of a case, whatever the case expects."""
    return outcome(_seen(case, scene(case, repository, catalog), catalog), policy, resource)


def _seen(case: Case, on: Scene, catalog: Catalog) -> View:
    """Look: as often before as the case says, and, where it does not say, as often as a policy waits for."""
    view = judged(catalog, on.repository, on.sweeps, on.now)
    looks = {p.id: p.lasting - 1 if case.looks is None else case.looks for p in on.repository.policies}
    long_ago = on.now.replace(year=on.now.year - 1, month=1, day=1)
    streaks = tuple(
        Streak(a.policy.id, resource, looks[a.policy.id], long_ago)
        for a in view.assessments
        if a.policy.lasting > 1 and looks[a.policy.id]
        for resource in a.wrong
    )
    return patient(cast("Ledger", Fresh(streaks)), catalog, on.repository, view)


def outcome(view: View, policy: str, resource: str) -> tuple[str, Finding | None]:
    """Give how a policy stands on a resource, as a case writes it, and its finding where there is one."""
    finding = view.finding(policy, resource)
    if finding is not None:
        return str(finding.verdict), finding
    for assessment in view.assessments:
        if assessment.policy.id == policy:
            if resource in assessment.waits:
                return NOT_YET, None
            if resource in assessment.in_line:
                return str(Verdict.IN_LINE), None
    return LEFT_OUT, None


def _misses(one: Expected, view: View, on: Scene) -> Iterator[Miss]:
    stands, finding = outcome(view, one.policy, one.resource)
    subject = f"{one.policy} on {one.resource}"
    if stands != one.stands:
        came = stands + (f": {finding.sentence}" if finding else "")
        yield Miss(one.place, subject, one.stands, came, _trees(one, view, on))
        return
    if one.sentence and (finding is None or finding.sentence != one.sentence):
        yield Miss(one.place, f"{subject}, sentence", one.sentence, finding.sentence if finding else "none")
    yield from _differences(one, finding, subject)


def _differences(one: Expected, finding: Finding | None, subject: str) -> Iterator[Miss]:
    if one.differences is None:
        return
    came = {d.field: (d.expected, d.observed) for d in finding.differences} if finding else {}
    if set(came) != set(one.differences):
        wanted, found = (", ".join(sorted(fields)) or "none" for fields in (one.differences, came))
        yield Miss(one.place, f"{subject}, differences", wanted, found)
        return
    for field, texts in one.differences.items():
        for word, text, other in zip(("expected", "observed"), texts, came[field], strict=True):
            if text is not None and text.strip() != other.strip():
                yield Miss(one.place, f"{subject}, {field} {word}", text, other)


def _trees(one: Expected, view: View, on: Scene) -> tuple[tuple[str, Judgement], ...]:
    """Give the conditions of a policy as they were judged on a resource."""
    policy = next((p for p in on.repository.policies if p.id == one.policy), None)
    table = view.tables.get(policy.kind) if policy else None
    if policy is None or table is None or one.resource not in table.index:
        return ()
    policy = settled(policy, table.as_of, on.now)
    look = reader(table, one.resource)
    parts = (("It applies where", policy.where), ("It must hold that", policy.expect))
    return tuple((heading, judge(part, look, on.now)) for heading, part in parts if part is not None)


def _planned(case: Case, plan: Plan) -> Iterator[Miss]:
    if case.actions is not None:
        came = [(b.verb, a.resource) for b in plan.batches for a in b.actions]
        yield from _listed("action", case.actions, came, case.place)
    if case.holds is not None:
        held = [(h.guard, r) for h in plan.holds for r in h.resources or _all(plan, h.batch)]
        yield from _listed("hold", case.holds, held, case.place)


def _all(plan: Plan, digest: str) -> Iterable[str]:
    return [a.resource for b in plan.batches if b.digest == digest for a in b.actions]


def _listed(word: str, wanted: Sequence[Wanted], came: Sequence[tuple[str, str]], place: Place) -> Iterator[Miss]:
    """Compare a list of actions or holds: each that is wanted is there, and no other is."""
    for one in wanted:
        if not any(one.what == what and one.resource in {"", resource} for what, resource in came):
            whole = f"{one.what} of {one.resource}" if one.resource else one.what
            yield Miss(one.place, word, whole, _told(came))
    for what, resource in dict.fromkeys(came):
        if not any(one.what == what and one.resource in {"", resource} for one in wanted):
            yield Miss(place, word, f"no {what} of {resource}", f"{what} of {resource}")


def _told(came: Sequence[tuple[str, str]]) -> str:
    return ", ".join(f"{what} of {resource}" for what, resource in dict.fromkeys(came)) or "none"
