"""Second opinions: the district's own tests on what was changed. They decide nothing; a disagreement is told."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from agent.enforce import no_opinion

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from agent.enforce import Attempt, Opine
    from agent.model.action import Outcome
    from agent.model.opinion import Examiner, Opinion
    from agent.model.policy import Repository
    from agent.model.ports import Clearance

SHOWN = 3  # so many resources stand in a warning by name


def asking(examiner: Examiner | None, repository: Repository, clearance: Clearance) -> Opine:
    """Give what asks the district's own tests; without an examiner nobody is asked."""
    return partial(with_opinions, examiner, repository, clearance) if examiner else no_opinion


def remarks(examiner: Examiner | None, repository: Repository, outcomes: Iterable[Outcome]) -> tuple[str, ...]:
    """Give what a run has to say of second opinions."""
    return (*lacking(examiner, repository), *disagreements(outcomes)) if examiner else ()


def with_opinions(
    examiner: Examiner,
    repository: Repository,
    clearance: Clearance,
    attempts: Sequence[Attempt],
    outcomes: Sequence[Outcome],
) -> tuple[Outcome, ...]:
    """Add to the outcomes what the modules of each policy say of exactly the resources that it ran on."""
    modules = {p.id: p.verify for p in repository.policies if p.verify}
    touched: dict[str, dict[str, None]] = {}
    for attempt in attempts:
        if attempt.written.ran and attempt.action.policy in modules:
            touched.setdefault(attempt.action.policy, {})[attempt.action.resource] = None
    said: Mapping[tuple[str, str], Opinion] = {
        (policy, resource): opinion
        for policy, resources in touched.items()
        for resource, opinion in examiner.examine(repository, modules[policy], tuple(resources), clearance).items()
    }
    return tuple(_with(outcome, said.get((outcome.policy, outcome.resource))) for outcome in outcomes)


def _with(outcome: Outcome, opinion: Opinion | None) -> Outcome:
    return replace(outcome, opinion=opinion.said, opinion_failed=opinion.failed) if opinion else outcome


def lacking(examiner: Examiner, repository: Repository) -> Iterator[str]:
    """Warn where policies ask for a second opinion that this server cannot give."""
    asking = [p.id for p in repository.policies if p.verify]
    why = examiner.lack() if asking else ""
    if why:
        verb = "asks" if len(asking) == 1 else "ask"
        yield f"{', '.join(asking)} {verb} for a second opinion (`verify`), and there is none. {why}"


def disagreements(outcomes: Iterable[Outcome]) -> Iterator[str]:
    """Warn of every test that does not hold or could not run, beside what the second look says; one line for each."""
    same: dict[tuple[str, str, str], list[str]] = {}
    for outcome in outcomes:
        if outcome.opinion and (outcome.opinion_failed or not outcome.opinion.startswith("passed ")):
            same.setdefault((outcome.policy, outcome.opinion, outcome.result.value), []).append(outcome.resource)
    for (policy, opinion, result), resources in same.items():
        who = ", ".join(resources[:SHOWN]) + (f" and {len(resources) - SHOWN} more" if len(resources) > SHOWN else "")
        yield f"{policy} on {who}: its own tests say: {opinion.rstrip('.')}. The second look says: {result}."
