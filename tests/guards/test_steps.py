"""A step that says `after` waits until its finding has been open for so long; a later one then takes its place."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from agent.decide.guards import guard
from agent.errors import Place
from agent.model.kind import Risk
from agent.model.policy import Remedy
from tests.guards.build import AT, FIELD, action, batch, context, plan, policy

LATE = Remedy("ansible.playbook", {}, (FIELD,), Risk.REVERSIBLE, Place("p.yaml"), after=timedelta(days=2))


def test_only_what_was_open_for_so_long_is_free() -> None:
    wanted = batch(*(action(name) for name in ("old", "exact", "young", "new")))
    since = {
        ("HOST-01", "host/old"): AT - timedelta(days=3),
        ("HOST-01", "host/exact"): AT - timedelta(days=2),
        ("HOST-01", "host/young"): AT - timedelta(days=1),
    }
    guarded = guard(plan(wanted), context(policy(remedy=(LATE,)), since=since))
    assert [a.resource for a in guarded.free(wanted)] == ["host/old", "host/exact"]
    (held,) = guarded.holds
    assert held.guard == "after"
    assert "open for 48 h, and 2 of them were not" in held.sentence
    assert f"{AT + timedelta(days=1):%Y-%m-%d %H:%M}" in held.lifted_by
    assert not held.approvable


def test_each_step_has_its_own_wait() -> None:
    both = policy(remedy=(replace(LATE, after=timedelta()), LATE))
    first = batch(action("new"))
    second = replace(first, step=1)
    assert guard(plan(first), context(both)).holds == ()
    assert [h.guard for h in guard(plan(second), context(both)).holds] == ["after"]
