"""A policy that may go further at one school than at another: who asks, in which batch, and who stands against it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from agent.decide.columns import Columns, Row, build
from agent.decide.conflicts import wishes
from agent.decide.evaluate import evaluate
from agent.decide.plan import make_plan
from agent.model.policy import Mode, Policy
from agent.model.reading import NONE
from tests.decide.build import BANNER, CATALOG, HOST, NOW, ROOT, policy, repository

if TYPE_CHECKING:
    from agent.model.action import Plan

AUDIT, PROPOSE, ENFORCE = Mode.AUDIT, Mode.PROPOSE, Mode.ENFORCE
BAD = {ROOT: "yes", BANNER: NONE}
SITES = {"web1": "east", "web2": "west", "web3": "north", "web4": ""}


def hosts() -> Columns:
    fields = [HOST.resolve(f) for f in BAD]
    return build(fields, [Row(f"host/{name}", site, BAD) for name, site in SITES.items()])


def planned(*policies: Policy) -> Plan:
    table = hosts()
    findings = [f for p in policies for f in evaluate(p, table, NOW).findings]
    return make_plan(repository(*policies, hosts=tuple(SITES)), findings, {"host": table}, CATALOG)


def batches(plan: Plan) -> list[tuple[str, list[str]]]:
    return [(b.policy, [a.resource.removeprefix("host/") for a in b.actions]) for b in plan.batches]


def test_a_batch_is_one_mode_and_where_it_only_watches_nothing_is_asked() -> None:
    rule = policy(mode=AUDIT, modes={"east": ENFORCE, "west": PROPOSE})
    assert batches(planned(rule)) == [("P-01", ["web1"]), ("P-01", ["web2"])]
    acting, asking = planned(rule).batches
    assert acting.digest != asking.digest
    assert acting.step == asking.step == 0


def test_what_has_no_site_meets_the_mode_of_the_policy_itself() -> None:
    assert batches(planned(policy(mode=ENFORCE, modes=dict.fromkeys(("east", "west", "north"), AUDIT)))) == [
        ("P-01", ["web4"])
    ]
    assert batches(planned(policy(mode=AUDIT, modes={"east": ENFORCE}))) == [("P-01", ["web1"])]


def test_the_mode_of_a_site_is_outside_the_digest() -> None:
    """A ceiling of the district leaves a plan that was approved what it was."""
    (whole,) = planned(policy(mode=PROPOSE, modes=dict.fromkeys(("east", "west", "north", ""), ENFORCE))).batches
    (again,) = planned(policy(mode=PROPOSE)).batches
    assert whole.digest == again.digest


def test_of_equal_wishes_the_one_that_may_act_at_once_there_speaks() -> None:
    first = policy("A-01", mode=PROPOSE, modes={"west": ENFORCE, "north": AUDIT})
    second = policy("B-01", mode=ENFORCE, modes={"west": PROPOSE})
    assert batches(planned(first, second)) == [("A-01", ["web2"]), ("B-01", ["web1", "web3", "web4"])]


def test_only_who_may_act_there_wants_anything() -> None:
    mine = policy("A-01", mode=ENFORCE)
    other = policy("B-01", {ROOT: "prohibit-password"}, mode=AUDIT, modes={"east": PROPOSE})
    everywhere = frozenset(f"host/{n}" for n in SITES)
    sites = {f"host/{n}": s for n, s in SITES.items()}
    found = wishes((mine, other), {"A-01": everywhere, "B-01": everywhere}, sites)
    assert [w.policy for w in found["host/web1", ROOT]] == ["A-01", "B-01"]
    assert [w.policy for w in found["host/web2", ROOT]] == ["A-01"]
    assert wishes((replace(mine, remedy=()),), {"A-01": everywhere}, sites) == {}


def test_furthest_is_how_far_it_may_go_at_any_site() -> None:
    assert policy(mode=AUDIT, modes={"east": PROPOSE}).furthest is PROPOSE
    assert policy(mode=ENFORCE, modes={"east": AUDIT}).furthest is ENFORCE
