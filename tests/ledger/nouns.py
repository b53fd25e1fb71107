"""Nouns for the ledger's tests, short to write."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import starmap
from typing import TYPE_CHECKING

from agent.decide.columns import Row, build
from agent.model.action import Action, Batch, Outcome, Plan, Result
from agent.model.approval import Approval, Word
from agent.model.finding import Counts, Difference, Finding, Verdict
from agent.model.kind import Effect, FieldRef, FieldType, Risk, Undo
from agent.model.policy import Revision
from agent.model.ports import Judged
from agent.model.run import Run
from agent.model.spool import Letter
from agent.model.sweep import Sweep, Unseen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agent.ledger.store import LedgerStore
    from agent.model.reading import Reading

START = datetime(2026, 10, 14, 6, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
NOTHING_FIXED: frozenset[tuple[str, str]] = frozenset()


def digest(letter: str = "a") -> str:
    return "sha256:" + letter * 64


def said(batch: str, who: str, at: datetime) -> Approval:
    return Approval(batch, who, Word.APPROVE, at, None)


def approved(ledger: LedgerStore) -> set[str]:
    return {a.batch for a in ledger.approvals.standing()}


def spent(ledger: LedgerStore, policy: str, since: datetime) -> int:
    return sum(b.number for b in ledger.begun(since) if b.policy == policy)


def difference(observed: str = "yes", field: str = "sshd.permitrootlogin") -> Difference:
    return Difference(field, "no", observed)


def finding(
    policy: str, resource: str, observed: str = "yes", verdict: Verdict = Verdict.OUT_OF_LINE, site: str = "east"
) -> Finding:
    unknown = verdict is Verdict.UNKNOWN
    differences = () if unknown else (difference(observed),)
    return Finding(policy, resource, site, verdict, differences, "", why=observed if unknown else "")


def judged(policy: str, *findings: Finding, also: frozenset[str] = frozenset(), proven: bool = True) -> Judged:
    scope = frozenset(f.resource for f in findings) | also
    return Judged(policy, findings, scope, scope, proven)


def action(resource: str = "host/web1", policy: str = "HOST-01", verb: str = "ansible.playbook") -> Action:
    arguments = {"playbook": "playbooks/ssh.yml", "vars": {"options": ["a", 1, None, True]}}
    return Action(policy, resource, "east", verb, arguments, (difference(),), ("sshd.permitrootlogin",), "f00d")


def batch(letter: str = "a", *actions: Action) -> Batch:
    return Batch(
        digest(letter),
        "HOST-01",
        0,
        "ansible.playbook",
        Effect.SETS,
        Risk.DISRUPTIVE,
        Undo.PARTIAL,
        actions or (action(),),
    )


def outcome(of: Action, result: Result = Result.CONFIRMED, said: str = "changed") -> Outcome:
    return Outcome(digest(), of.policy, of.resource, of.verb, result, of.differences, (), said)


def run(number: str, at: datetime = START, findings: tuple[Finding, ...] = ()) -> Run:
    return Run(
        id=number,
        command="run",
        district="Riverton Unified",
        timezone="America/Chicago",
        revision=Revision("c0ffee", "/srv/policies"),
        at=at,
        finished=at + HOUR / 60,
        seen=(),
        counts=Counts(in_line=10, out_of_line=len(findings)),
        findings=findings,
        policies=(),
        plan=Plan(()),
    )


def letter(
    message_id: str = "<run-1@driftbell>", at: datetime = START, body: bytes = b"Subject: x\r\n\r\nhello"
) -> Letter:
    return Letter(message_id, ("director@riverton.example",), "2 need you", body, at)


def field(name: str, kind: FieldType = FieldType.TEXT) -> FieldRef:
    return FieldRef(name, name, "", "", kind)


def sweep(
    rows: Mapping[str, Mapping[str, Reading]],
    *,
    at: datetime = START,
    proven: bool = True,
    unseen: Mapping[str, str] | None = None,
    system: str = "hosts",
    kind: str = "host",
) -> Sweep:
    names = dict.fromkeys(name for readings in rows.values() for name in readings)
    table = build([field(n) for n in names], [Row(r, "east", readings) for r, readings in rows.items()])
    silent = tuple(starmap(Unseen, (unseen or {}).items()))
    return Sweep(
        system=system,
        kind=kind,
        table=table,
        expected=len(rows),
        seen=len(rows) - len(silent),
        proven=proven,
        membership="the inventory lists them",
        as_of=at,
        unseen=silent,
        identities={r: f"id-of-{r}" for r in rows},
    )
