"""The record of a cycle, as everybody who reports of it takes it: what was seen, found, planned, held and done."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from agent.decide import group_findings, words
from agent.decide.answering import answering
from agent.decide.evaluate import in_line
from agent.decide.expiry import expiring
from agent.deliberate import covering_nothing
from agent.gating import freezes, notices
from agent.model.run import PolicyNote, Run
from agent.observe import local, seen
from agent.outlook import due, measures, reaches, trait_totals, traits, waivers

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from agent.deliberate import Ports
    from agent.model.finding import Finding
    from agent.model.policy import Policy, Repository
    from agent.observe import View
    from agent.recording import Draft


def finished(ports: Ports, repository: Repository, draft: Draft, *, whole: bool) -> Run:
    """Give the record of a cycle; `whole` with what is in line."""
    opened = ports.hands.ledger.open_findings()
    since = {(o.policy, o.resource): o.since for o in opened}
    view, at = draft.view, draft.at
    findings = tuple(_dated(f, since) for f in view.findings)
    return Run(
        id=draft.id,
        command=draft.command,
        district=repository.district.name,
        timezone=repository.district.timezone,
        revision=repository.revision,
        at=at,
        finished=ports.clock(),
        seen=seen(view, at),
        counts=view.counts,
        findings=findings,
        policies=tuple(note(p) for p in repository.policies),
        plan=draft.plan,
        outcomes=draft.outcomes,
        opened=draft.changes.opened,
        closed=draft.changes.closed,
        in_line=tuple(f for a in view.assessments for f in in_line(a, view.tables[a.policy.kind])) if whole else (),
        warnings=(
            *repository.warnings,
            *draft.warnings,
            *covering_nothing(repository, view),
            *notices(ports.hands.ledger, repository, local(draft.began, repository)),
            *expiring(repository.policies, local(at, repository)),
        ),
        stopped=ports.hands.clearance.stopped(),
        sites={s.id: s.name for s in repository.district.sites.values()},
        due=due(ports.eyes.catalog, view, local(at, repository)),
        measures=measures(ports.hands.ledger, opened, view, draft.began),
        traits=traits(view),
        trait_totals=trait_totals(view),
        private=tuple(k.name for k in ports.eyes.catalog.kinds.values() if k.private),
        waiting=_waiting(view, repository),
        waivers=waivers(repository, view, findings),
        reaches=reaches(view),
        rollouts=draft.rollouts,
        freezes=freezes(repository, at),
        answering=answering(repository.district, repository.timetable, draft.plan, since, local(at, repository)),
    )


def _waiting(view: View, repository: Repository) -> tuple[str, ...]:
    """Give the kinds that policies are about and no system shows."""
    return tuple(sorted({p.kind for p in repository.policies} - set(view.tables)))


def _dated(finding: Finding, since: Mapping[tuple[str, str], datetime]) -> Finding:
    return replace(finding, since=since.get((finding.policy, finding.resource)))


def note(policy: Policy) -> PolicyNote:
    """Give what reports say of a policy."""
    if policy.converge is not None:
        rule = f"{policy.converge.playbook} finds nothing to change"
    else:
        rule = words.rule(policy.expect) if policy.expect is not None else ""
    if policy.measure is not None:
        rule = group_findings.rule(policy, policy.measure, rule)
    place = str(policy.place)
    return PolicyNote(
        policy.id, policy.title, policy.why, policy.severity, policy.mode, place, rule, policy.kind, policy.modes
    )
