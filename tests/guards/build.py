"""Plans and contexts for the guards: the smallest that nothing holds, to be changed by one thing a test."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from agent.decide.guards import Context, Population
from agent.errors import Place
from agent.model.action import Action, Batch, Plan
from agent.model.finding import Difference
from agent.model.kind import Effect, FieldRef, FieldType, Risk, Undo
from agent.model.policy import Caps, Mode, Policy, Remedy, Severity

AT = datetime(2026, 10, 14, 12, tzinfo=UTC)
FIELD = FieldRef("sshd.permitrootlogin", "sshd", "permitrootlogin", "", FieldType.TEXT)


def policy(name: str = "HOST-01", **changes: Any) -> Policy:
    remedy = Remedy("ansible.playbook", {"playbook": "playbooks/ssh.yml"}, (FIELD,), Risk.REVERSIBLE, Place("p.yaml"))
    base = Policy(
        id=name, title="Root stays out", why="", severity=Severity.HIGH, owner="", frameworks={}, kind="host",
        where=None, expect=None, converge=None, mode=Mode.ENFORCE, remedy=(remedy,), caps=Caps(),
        check_every=None, place=Place(f"policies/hosts/{name}.yaml", 3, 1), digest="d",
    )  # fmt: skip
    return replace(base, **changes)


def action(
    host: str, policy_id: str = "HOST-01", expected: str = "no", sets: tuple[str, ...] = (FIELD.name,)
) -> Action:
    difference = Difference(FIELD.name, expected, "yes")
    return Action(policy_id, f"host/{host}", "east", "ansible.playbook", {}, (difference,), sets)


def batch(*actions: Action, policy_id: str = "HOST-01", risk: Risk = Risk.REVERSIBLE) -> Batch:
    digest = f"sha256:{policy_id}"
    return Batch(digest, policy_id, 0, "ansible.playbook", Effect.SETS, risk, Undo.PARTIAL, actions)


def context(*policies: Policy, hosts: int = 20, **changes: Any) -> Context:
    known = policies or (policy(),)
    base = Context(
        policies={p.id: p for p in known},
        district=Caps(),
        populations={"host": Population(hosts, hosts, proven=True, membership="the inventory")},
        protected={}, confined={}, spent=(), failures={}, since={}, approved=frozenset(), stopped="",
        wishes={}, now=AT,
    )  # fmt: skip
    return replace(base, **changes)


def plan(*batches: Batch) -> Plan:
    return Plan(batches)
