"""What a person took back is not done again at once; an undo waits for fewer guards than a repair, and for these."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from agent.decide.guards import GUARDS, NOT_OF_UNDOING, Claim, Returned, guard
from agent.model.kind import Risk
from agent.model.policy import Caps, Limit, Mode
from tests.guards.build import AT, FIELD, action, batch, context, plan, policy

CASES = yaml.safe_load((Path(__file__).parents[1] / "cases/guards/taken_back.yaml").read_text(encoding="utf-8"))
OF_UNDOING = tuple(g for g in GUARDS if g.__name__ not in NOT_OF_UNDOING)


@pytest.mark.parametrize("case", CASES, ids=[c["about"] for c in CASES])
def test_what_was_taken_back(case: dict[str, Any]) -> None:
    wanted = replace(batch(action("web1"), action("web2")), verb=case.get("verb", "ansible.playbook"))
    by = case.get("by")
    around = context(
        reversed={(by["policy"], f"host/{by['host']}"): by["who"]} if by else {},
        approved=frozenset({wanted.digest} if case.get("approved") else ()),
    )
    held = guard(plan(wanted), around)
    assert [(h.guard, h.resources) for h in held.holds] == (
        [(case["held_by"], ("host/web1",))] if case["held_by"] else []
    )
    for hold in held.holds:
        assert all(words in hold.sentence for words in case.get("says", ())), hold.sentence
        assert all(words in hold.lifted_by for words in case.get("lifted_by", ())), hold.lifted_by


def test_every_name_of_a_guard_that_an_undo_does_not_wait_for_is_one() -> None:
    assert {g.__name__ for g in GUARDS} >= NOT_OF_UNDOING


@pytest.mark.parametrize(
    ("changes", "held"),
    [
        ({"stopped": "a drill."}, {"kill switch"}),
        ({"protected": {"host/web1": "it is the backup"}}, {"never touch"}),
        ({"district": Caps(per_run=Limit(count=0))}, {"tripwire"}),
        ({"district": Caps(per_day=Limit(count=0))}, {"per day"}),
        (
            {"claims": {("host/web1", FIELD.name): Claim("HOST-99", "x", AT, AT + timedelta(hours=1))}},
            {"pending"},
        ),
        ({"failures": {("HOST-01", "host/web1"): 3}}, set()),
        ({"returned": {("HOST-01", "host/web1"): Returned(9, AT, ())}}, set()),
        ({"reversed": {("HOST-01", "host/web1"): "sam did"}}, set()),
    ],
)  # fmt: skip
def test_what_an_undo_waits_for(changes: dict[str, Any], held: set[str]) -> None:
    asks = policy(mode=Mode.PROPOSE)
    wanted = replace(batch(action("web1")), verb="ansible.restore")
    assert {h.guard for h in guard(plan(wanted), context(asks, **changes), OF_UNDOING).holds} == held


def test_an_undo_that_destroys_never_runs() -> None:
    wanted = replace(batch(action("web1"), risk=Risk.DESTRUCTIVE), verb="ansible.restore")
    assert [h.guard for h in guard(plan(wanted), context(), OF_UNDOING).holds] == ["risk"]
