"""From findings to a plan: which actions answer which findings, gathered in batches that have a digest."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import timedelta
from typing import TYPE_CHECKING

from agent.decide import words
from agent.decide.wanted import wanted_values
from agent.model.action import Action, Batch, Plan
from agent.model.finding import Finding, Verdict
from agent.model.kind import Risk, Undo
from agent.model.policy import Mode, Policy, Remedy, Repository
from agent.model.reading import NONE, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from agent.model.kind import Catalog
    from agent.model.reading import Reading
    from agent.model.sweep import Table

PLACEHOLDER = re.compile(r"<([a-z_]+(?:\.[^<>]+)?)>")


def make_plan(
    repository: Repository,
    findings: Iterable[Finding],
    tables: Mapping[str, Table],
    catalog: Catalog,
    open_for: Callable[[Finding], timedelta] = lambda _finding: timedelta(),
) -> Plan:
    """Choose actions for what is out of line; where a policy only watches it asks for none. Holds come later.

    `open_for` tells how long a finding has been open. A batch is one policy, one step and one mode: what waits for an
    approval keeps nothing from being done elsewhere.
    """
    policies = {p.id: p for p in repository.policies if p.furthest is not Mode.AUDIT and p.remedy}
    variables = {h.id: h.digest for h in repository.hosts}
    asking = [f for f in findings if f.policy in policies and _may_ask(policies[f.policy], f)]
    steps: dict[tuple[str, int, Mode], list[Action]] = {}
    claimed: dict[tuple[str, str], str] = {}
    for finding in sorted(asking, key=lambda f: _turn(policies[f.policy], f.site)):
        policy = policies[finding.policy]
        step = _next_step(policy, finding, open_for(finding))
        action = None if step is None else _action(policy, step, finding, tables[policy.kind], variables)
        if action is None or step is None:
            continue
        if not _already_asked(action, _wishes(policy, action, tables), claimed):
            steps.setdefault((policy.id, step, policy.mode_at(finding.site)), []).append(action)
    batches = [
        make_batch(policies[policy], step, actions, repository.playbooks_digest, catalog)
        for (policy, step, _), actions in sorted(steps.items(), key=lambda s: -s[0][2].rank)
    ]
    return Plan(tuple(sorted(batches, key=lambda b: (policies[b.policy].severity.rank, b.policy, b.step))))


def _may_ask(policy: Policy, finding: Finding) -> bool:
    """Say whether a finding may lead to an action where it is."""
    return finding.verdict is Verdict.OUT_OF_LINE and policy.mode_at(finding.site) is not Mode.AUDIT


def _turn(policy: Policy, site: str) -> tuple[bool, int, str]:
    """Who speaks first for a field that several policies want the same of: the one that may act at once there."""
    return (policy.mode_at(site) is not Mode.ENFORCE, policy.severity.rank, policy.id)


def _wishes(policy: Policy, action: Action, tables: Mapping[str, Table]) -> dict[str, str]:
    """Give what an action wants of each field: the value where there is one, else the wish in words."""
    values = wanted_values(policy, lambda field: tables[policy.kind].reading(action.resource, field))
    return {d.field: values.get(d.field, d.expected) for d in action.differences}


def _already_asked(action: Action, wanted: Mapping[str, str], claimed: dict[tuple[str, str], str]) -> bool:
    """Say whether earlier actions put all of this one's differences right with the same wish; note what it claims."""
    wishes = {(action.resource, field): wish for field, wish in wanted.items()}
    repeated = all(claimed.get(key) == expected for key, expected in wishes.items())
    for key, expected in wishes.items():
        claimed.setdefault(key, expected)
    return repeated


def make_batch(policy: Policy, step: int, actions: Sequence[Action], playbooks: str, catalog: Catalog) -> Batch:
    """Gather the actions of one policy and step, and take their digest."""
    remedy = policy.remedy[step]
    verb = catalog.verbs[remedy.verb]
    ordered = tuple(sorted(actions, key=lambda a: a.resource))
    undo = Undo.PARTIAL if verb.declares else verb.undo
    digest = batch_digest(policy, remedy, step, ordered, playbooks)
    return Batch(digest, policy.id, step, remedy.verb, verb.effect, raised(remedy.risk, undo), undo, ordered)


def raised(risk: Risk, undo: Undo) -> Risk:
    """Give a change's risk: what cannot be undone is one step worse, unless it only adds. Source: GUARDS.md, 2."""
    if undo is not Undo.NONE:
        return risk
    return {Risk.REVERSIBLE: Risk.DISRUPTIVE, Risk.DISRUPTIVE: Risk.DESTRUCTIVE}.get(risk, risk)


def batch_digest(policy: Policy, remedy: Remedy, step: int, actions: Sequence[Action], playbooks: str) -> str:
    """Give `sha256:...` over what an approval is for. Source: LANGUAGE.md, "Approvals and caps"."""
    content = {
        "policy": policy.digest,
        "step": step,
        "verb": remedy.verb,
        "playbooks": playbooks,
        "targets": [
            {
                "id": a.resource,
                "arguments": a.arguments,
                "variables": a.variables_digest,
                "fields": sorted([d.field, d.observed, d.expected] for d in a.differences),
            }
            for a in sorted(actions, key=lambda a: a.resource)
        ],
    }
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return f"sha256:{hashlib.sha256(text.encode('utf-8', 'backslashreplace')).hexdigest()}"


def still_wanted(stored: Batch, fresh: Batch) -> tuple[Action, ...]:
    """Give the actions of an approved batch that are still wanted exactly as they were; the rest has moved on."""
    now = {a.resource: a for a in fresh.actions}
    return tuple(a for a in stored.actions if now.get(a.resource) == a)


def _next_step(policy: Policy, finding: Finding, waited: timedelta) -> int | None:
    """Give the first step that sets a field which is out of line: those before it are then confirmed.

    A later one whose `after` has gone by comes in its place.
    """
    wrong = {d.field for d in finding.differences}
    fitting = [n for n, step in enumerate(policy.remedy) if wrong & {f.name for f in step.sets}]
    due = [n for n in fitting if policy.remedy[n].after <= waited]
    timed = [n for n in due if policy.remedy[n].after]
    return next(iter((*reversed(timed), *due, *fitting)), None)


def _action(policy: Policy, step: int, finding: Finding, table: Table, variables: Mapping[str, str]) -> Action | None:
    remedy = policy.remedy[step]
    sets = {f.name for f in remedy.sets}
    arguments = substitute(remedy.arguments, lambda field: table.reading(finding.resource, field))
    if arguments is None:
        return None
    return Action(
        policy=policy.id,
        resource=finding.resource,
        site=finding.site,
        verb=remedy.verb,
        arguments=arguments,
        differences=tuple(d for d in finding.differences if d.field in sets),
        sets=tuple(sorted(sets)),
        variables_digest=variables.get(finding.resource, ""),
    )


def substitute(arguments: Mapping[str, object], look: Callable[[str], Reading]) -> dict[str, object] | None:
    """Put the resource's own values in place of `<field>`; None where one of them is none or unknown.

    Typed: a text that is nothing but `<field>` becomes the value itself. The value is never read as a template.
    """
    try:
        return {name: _filled(value, look) for name, value in arguments.items()}
    except LookupError:
        return None


def _filled(value: object, look: Callable[[str], Reading]) -> object:
    if isinstance(value, dict):
        return {k: _filled(v, look) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_filled(v, look) for v in value]
    if not isinstance(value, str):
        return value
    alone = PLACEHOLDER.fullmatch(value)
    if alone:
        reading = _value(alone[1], look)
        return list(reading) if isinstance(reading, tuple) else reading
    return PLACEHOLDER.sub(lambda match: words.show(_value(match[1], look)), value)


def _value(field: str, look: Callable[[str], Reading]) -> Reading:
    reading = look(field)
    if reading is NONE or isinstance(reading, Unknown):
        raise LookupError(field)
    return reading
