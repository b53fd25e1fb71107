"""Plans: who asks for what, and a digest over exactly what is approved."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from agent.decide.evaluate import evaluate
from agent.decide.plan import make_plan, still_wanted, substitute
from agent.model.policy import Mode, Policy, Repository
from agent.model.reading import NONE, Unknown
from tests.decide.build import BANNER, CATALOG, NOW, ROOT, policy, remedy, repository, table

if TYPE_CHECKING:
    from agent.model.action import Plan

BAD = {ROOT: "yes", BANNER: NONE}
HOSTS = table({"web1": BAD, "web2": BAD})


def planned(*policies: Policy, where: Repository | None = None, hosts: object = HOSTS) -> Plan:
    findings = [f for p in policies for f in evaluate(p, hosts, NOW).findings]  # type: ignore[arg-type]
    return make_plan(where or repository(*policies), findings, {"host": hosts}, CATALOG)  # type: ignore[dict-item]


def test_only_policies_that_may_act_ask_for_anything() -> None:
    assert planned(policy(mode=Mode.AUDIT)).batches == ()
    assert planned(policy(remedy=())).batches == ()
    (batch,) = planned(policy(mode=Mode.PROPOSE)).batches
    assert [a.resource for a in batch.actions] == ["host/web1", "host/web2"]


def test_what_is_unknown_asks_for_nothing() -> None:
    dark = table({"web1": {ROOT: Unknown("silent"), BANNER: Unknown("silent")}})
    assert planned(policy(), hosts=dark).batches == ()


def digest(**changes: object) -> str:
    rule = policy()
    where = repository(rule)
    for name, value in changes.items():
        where = replace(where, **{name: value})
    return planned(rule, where=where).batches[0].digest


def test_the_digest_is_over_what_is_approved_and_nothing_else() -> None:
    assert digest() == digest()
    assert digest(playbooks_digest="other") != digest()
    other_hosts = repository(hosts=("web1", "web2")).hosts
    assert digest(hosts=tuple(replace(h, digest="moved") for h in other_hosts)) != digest()
    assert digest(revision=replace(repository().revision, id="def")) == digest()
    assert planned(policy(digest="other")).batches[0].digest != digest()
    seen = table({"web1": BAD, "web2": {**BAD, ROOT: "without-password"}})
    assert planned(policy(), hosts=seen).batches[0].digest != digest()


def test_a_step_follows_when_what_the_one_before_sets_is_in_line() -> None:
    rule = policy(remedy=(remedy(ROOT), remedy(BANNER, playbook="playbooks/banner.yml")))
    (first,) = planned(rule).batches
    assert (first.step, [d.field for d in first.actions[0].differences]) == (0, [ROOT])
    (second,) = planned(rule, hosts=table({"web1": {ROOT: "no", BANNER: NONE}})).batches
    assert second.step == 1
    assert planned(policy(remedy=(remedy(ROOT),)), hosts=table({"web1": {ROOT: "no", BANNER: NONE}})).batches == ()


def test_a_step_that_says_after_takes_the_place_of_the_one_before_when_its_time_has_come() -> None:
    rule = policy(remedy=(remedy(ROOT), replace(remedy(ROOT), after=timedelta(days=2))))
    findings = evaluate(rule, HOSTS, NOW).findings
    waited = {"host/web1": timedelta(days=2), "host/web2": timedelta(hours=47)}
    planned = make_plan(repository(rule), findings, {"host": HOSTS}, CATALOG, lambda f: waited[f.resource])
    assert [(b.step, [a.resource for a in b.actions]) for b in planned.batches] == [
        (0, ["host/web2"]),
        (1, ["host/web1"]),
    ]


def test_equal_wishes_of_two_policies_are_one_action_of_the_one_that_may_act() -> None:
    asking, acting = policy("A-01", mode=Mode.PROPOSE), policy("B-01", {ROOT: "no", BANNER: "/etc/issue.net"})
    assert [b.policy for b in planned(asking, acting).batches] == ["B-01"]


def test_different_wishes_stay_two_actions_for_the_guards() -> None:
    plan = planned(policy("A-01", {ROOT: "no"}), policy("B-01", {ROOT: "prohibit-password"}))
    assert [b.policy for b in plan.batches] == ["A-01", "B-01"]


def test_only_rows_that_are_wanted_exactly_as_approved_still_run() -> None:
    (stored,) = planned(policy()).batches
    moved = table({"web1": BAD, "web2": {**BAD, ROOT: "without-password"}, "web3": BAD})
    (fresh,) = planned(policy(), where=repository(policy(), hosts=("web1", "web2", "web3")), hosts=moved).batches
    assert [a.resource for a in still_wanted(stored, fresh)] == ["host/web1"]


@pytest.mark.parametrize(
    ("argument", "filled"),
    [
        ("<os.name>", "debian"),
        ("on <os.name>!", "on debian!"),
        ({"a": ["<groups>"]}, {"a": [["mail", "web"]]}),
        ("{{ 7*7 }}", "{{ 7*7 }}"),
        (3, 3),
    ],
)
def test_values_of_the_resource_are_put_in_by_their_type(argument: object, filled: object) -> None:
    readings = {"os.name": "debian", "groups": ("mail", "web")}
    assert substitute({"x": argument}, readings.__getitem__) == {"x": filled}


@pytest.mark.parametrize("missing", [NONE, Unknown("silent")])
def test_a_value_that_is_not_there_is_never_filled_in(missing: object) -> None:
    assert substitute({"x": "<os.name>"}, lambda _field: missing) is None  # type: ignore[arg-type, return-value]
