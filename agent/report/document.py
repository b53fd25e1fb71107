"""A run as one JSON document for other programs. Source: DESIGN.md, "What other programs may rely on".

This is the full list: it names everybody, and stays behind the login. Sensitive values are masked here too.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, cast

from agent import __version__
from agent.model.finding import Verdict
from agent.model.kind import Risk
from agent.report import asking
from agent.report.frozen import entry as freeze
from agent.report.masks import Private, masked, masked_sentence, masked_value, private, private_in
from agent.report.rollouts import entry as rollout
from agent.report.standing import blind, holding, out_of_line, single_outcomes, unknown
from agent.report.waivers import entry as exception
from agent.secrets import MASK

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from agent.model.action import Action, Batch, Hold, Outcome
    from agent.model.finding import Difference, Finding
    from agent.model.run import Due, Measure, Reach, Run, Seen, UndoNote

SCHEMA = 1

Json = dict[str, object]


def exit_code(run: Run) -> int:
    """Give what a command that made this run ends with: 4 held, 3 unseen, 1 out of line, 0 in line or done."""
    if holding(run):
        return 4
    if blind(run):
        return 3
    unfinished = any(not o.settled for o in single_outcomes(run))
    return 1 if unfinished or run.counts.out_of_line or out_of_line(run) else 0


def document(run: Run, *, all_findings: bool = False) -> Json:
    """Give the document. What is in line is listed only with `all_findings`; sensitive values are masked."""
    parts = _parts(run, all_findings=all_findings)
    return {key: list(cast("Iterable[Json]", value)) if key in _LISTS else value for key, value in parts}


def stream(run: Run, *, all_findings: bool = False) -> Iterator[str]:
    """Give the same document piece by piece, a finding a line: fifty thousand of them are never one object."""
    start = "{"
    for key, value in _parts(run, all_findings=all_findings):
        yield f"{start}\n{json.dumps(key)}: "
        start = ","
        if key in _LISTS:
            yield from _listed(cast("Iterable[Json]", value))
        else:
            yield json.dumps(value)
    yield "\n}\n"


def _listed(entries: Iterable[Json]) -> Iterator[str]:
    start = "["
    for entry in entries:
        yield f"{start}\n {json.dumps(entry)}"
        start = ","
    yield "[]" if start == "[" else "\n]"


_LISTS = frozenset({"findings", "unknown", "outcomes", "due"})  # what grows with the fleet


def _parts(run: Run, *, all_findings: bool) -> Iterator[tuple[str, object]]:
    """Give the keys and their values in order; those of `_LISTS` are made entry by entry."""
    listed = [f for f in run.findings if f.verdict is not Verdict.UNKNOWN]
    yield "driftbell", __version__
    yield "schema", SCHEMA
    yield "run", run.id
    yield "revision", run.revision.id
    yield "at", run.at.isoformat()
    yield "seen", looks(run.seen)
    yield "counts", _counts(run)
    yield "findings", (_finding(f) for f in _ordered([*listed, *run.in_line] if all_findings else listed))
    yield "unknown", (_unknown(f) for f in _ordered(unknown(run)))
    yield "plan", _plan(run)
    yield "outcomes", (_outcome(o) for o in single_outcomes(run))
    yield "due", (_due(d) for d in run.due)
    yield "measures", [_measure(m) for m in run.measures]
    yield "waiting", list(run.waiting)
    yield "waivers", [exception(n) for n in run.waivers]
    yield "policies", [_reach(r) for r in run.reaches]
    if run.undone:
        yield "undo", [_undo(n) for n in run.undone]
    yield "rollouts", [rollout(n) for n in run.rollouts]
    yield "freezes", [freeze(f) for f in run.freezes]
    yield "answering", _answering(run)
    if run.sealed:
        yield "evidence", {"number": run.sealed.number, "hash": run.sealed.own}


def _counts(run: Run) -> Json:
    counts = run.counts
    return {
        "in_line": counts.in_line,
        "out_of_line": counts.out_of_line,
        "unknown": counts.unknown,
        "excepted": counts.excepted,
        "not_yet": counts.not_yet,
    }


def _due(due: Due) -> Json:
    return {"policy": due.policy, "resource": due.resource, "site": due.site, "at": due.at.isoformat()}


def _reach(reach: Reach) -> Json:
    return {
        "policy": reach.policy,
        "kind": reach.kind,
        "applies": reach.applies,
        "unsure": reach.unsure,
        "of": reach.of,
        "read_of_none": [{"field": b.field, "why": b.why} for b in reach.blanks],
    }


def _measure(measure: Measure) -> Json:
    since = measure.since.isoformat() if measure.since else None
    return {"name": measure.name, "now": measure.now, "before": measure.before, "since": since}


def _ordered(findings: Iterable[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda f: (f.policy, f.resource))


def looks(seen: Sequence[Seen]) -> Json:
    """Give each kind by its name, or as `kind@system` where several systems fill it."""
    kinds = [s.kind for s in seen]
    return {s.kind if kinds.count(s.kind) == 1 else f"{s.kind}@{s.system}": _look(s) for s in seen}


def _look(seen: Seen) -> Json:
    return {
        "expected": seen.expected,
        "seen": seen.seen,
        "membership": "proven" if seen.proven else "not proven",
        "as_of": seen.as_of.isoformat(),
        "system": seen.system,
        "how": seen.membership,
        "stale": seen.stale,
        "trouble": seen.trouble,
        "notes": list(seen.notes),
        "unseen": [{"resource": u.resource, "why": u.why} for u in seen.unseen],
    }


def _finding(finding: Finding) -> Json:
    return {
        "policy": finding.policy,
        "resource": finding.resource,
        "site": finding.site,
        "verdict": finding.verdict.value,
        "differences": [_difference(d) for d in finding.differences],
        "since": finding.since.isoformat() if finding.since else None,
        "sentence": masked_sentence(finding),
        **({"waiver": finding.waiver} if finding.waiver else {}),
    }


def _unknown(finding: Finding) -> Json:
    return {
        "policy": finding.policy,
        "resource": finding.resource,
        "site": finding.site,
        "why": finding.why,
        "since": finding.since.isoformat() if finding.since else None,
    }


def _difference(difference: Difference) -> Json:
    hidden = difference.sensitive
    return {
        "field": difference.field,
        "expected": MASK if hidden else difference.expected,
        "observed": MASK if hidden else difference.observed,
    }


def _plan(run: Run) -> Json:
    secrets = private_in(run.plan)
    batches = [_batch(run, b, secrets) for b in run.plan.batches]
    return {
        "batches": batches,
        "actions": [_action(b, a, run.plan.held(b)) for b in run.plan.batches for a in b.actions],
        "holds": [_hold(h, secrets) for h in run.plan.holds],
    }


def _answering(run: Run) -> Json | None:
    told = run.answering
    if told is None:
        return None
    return {"people": list(told.people), "yes_lasts_hours": told.lasts, "unanswered": list(told.late)}


def _answers(run: Run, batch: Batch) -> Json:
    """Give the commands that answer a batch, where a yes lifts something of it."""
    mine = [h for h in run.plan.holds if h.batch == batch.digest]
    if not any(h.approvable for h in mine):
        return {}
    digest = batch.digest
    found = {"yes": asking.yes(digest), "no": asking.no(digest)}
    return {"answers": found if batch.risk is Risk.DESTRUCTIVE else {**found, "at_once": asking.at_once(digest)}}


def _batch(run: Run, batch: Batch, secrets: Private) -> Json:
    held = run.plan.held(batch)
    return {
        "digest": batch.digest,
        "policy": batch.policy,
        "step": batch.step,
        "verb": batch.verb,
        "effect": batch.effect.value,
        "risk": batch.risk.value,
        "undo": batch.undo.value,
        "actions": [_action(batch, a, held) for a in batch.actions],
        "holds": [_hold(h, secrets) for h in run.plan.holds if h.batch == batch.digest],
        **_answers(run, batch),
    }


def _undo(one: UndoNote) -> Json:
    """Give what an undo does on one resource: names of things, never what is in them."""
    return {
        "resource": one.resource,
        "actions": list(one.deeds),
        "undo": one.undo.value,
        "again": one.again,
        "things": list(one.things),
        "left": list(one.left),
    }


def _action(batch: Batch, action: Action, held: frozenset[str]) -> Json:
    return {
        "batch": batch.digest,
        "policy": action.policy,
        "resource": action.resource,
        "site": action.site,
        "verb": action.verb,
        "arguments": masked_value(action.arguments, private(action.differences)),
        "sets": list(action.sets),
        "differences": [_difference(d) for d in action.differences],
        "held": action.resource in held,
    }


def _hold(hold: Hold, secrets: Private) -> Json:
    return {
        "guard": hold.guard,
        "batch": hold.batch,
        "resources": list(hold.resources),
        "sentence": masked(hold.sentence, secrets),
        "lifted_by": hold.lifted_by,
        "approvable": hold.approvable,
    }


def _outcome(outcome: Outcome) -> Json:
    secrets = private((*outcome.before, *outcome.after))
    return {
        "action": outcome.verb,
        "resource": outcome.resource,
        "outcome": outcome.result.value,
        "batch": outcome.batch,
        "policy": outcome.policy,
        "before": [_difference(d) for d in outcome.before],
        "after": [_difference(d) for d in outcome.after],
        "said": masked(outcome.said, secrets),
        "why": masked(outcome.why, secrets),
        **({"until": outcome.until.isoformat()} if outcome.until else {}),
        **({"opinion": opinion_of(outcome, secrets)} if outcome.opinion else {}),
    }


def opinion_of(outcome: Outcome, secrets: Private) -> Json:
    """Give what the district's own tests say, beside what the second look says."""
    return {"said": masked(outcome.opinion, secrets), "failed": outcome.opinion_failed}
