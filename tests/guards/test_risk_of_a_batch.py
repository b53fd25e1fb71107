"""What cannot be undone counts as one step riskier than its policy says; what only adds does not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent.decide.plan import make_batch
from agent.model.kind import Catalog, Effect, Risk, Undo, Verb
from tests.guards.build import action, policy

NO, PARTIAL, EXACT = Undo.NONE, Undo.PARTIAL, Undo.EXACT


def verb(undo: Undo, *, declares: bool = False) -> Verb:
    return Verb(
        name="made.up", system="made", description="", kinds=frozenset({"host"}), effect=Effect.SETS,
        risk=Risk.REVERSIBLE, undo=undo, arguments=(), declares=declares,
    )  # fmt: skip


def risk_of(stated: Risk, of: Verb) -> Risk:
    base = policy()
    remedy = replace(base.remedy[0], verb=of.name, risk=stated)
    made = make_batch(replace(base, remedy=(remedy,)), 0, (action("web1"),), "", Catalog((), {of.name: of}, {}))
    return made.risk


@pytest.mark.parametrize(
    ("stated", "undo", "counts_as"),
    [
        (Risk.ADDITIVE, NO, Risk.ADDITIVE),
        (Risk.REVERSIBLE, NO, Risk.DISRUPTIVE),
        (Risk.DISRUPTIVE, NO, Risk.DESTRUCTIVE),
        (Risk.DESTRUCTIVE, NO, Risk.DESTRUCTIVE),
        *((risk, undo, risk) for risk in Risk for undo in (PARTIAL, EXACT)),
    ],
)
def test_no_undo_raises_the_risk_one_step(stated: Risk, undo: Undo, counts_as: Risk) -> None:
    assert risk_of(stated, verb(undo)) is counts_as


def test_a_playbook_is_never_without_an_undo() -> None:
    assert risk_of(Risk.DISRUPTIVE, verb(NO, declares=True)) is Risk.DISRUPTIVE
