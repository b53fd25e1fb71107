"""Two policies and one field: what both can have is no conflict, equal wishes are one action, the rest is held."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from agent.catalog import KINDS
from agent.decide.columns import Columns, Row, build
from agent.decide.conflicts import clash, wishes
from agent.decide.evaluate import evaluate
from agent.decide.plan import make_plan
from agent.decide.words import wish
from agent.model.condition import AllOf, AnyOf, Condition, Not, Test
from agent.model.kind import Catalog, Risk
from agent.model.policy import Remedy
from agent.model.reading import NONE, Unknown
from agent.secrets import MASK
from tests.decide.build import CATALOG, NOW, PLACE, policy, repository

if TYPE_CHECKING:
    from agent.model.policy import Policy
    from agent.model.reading import Reading

DEVICE = KINDS["device"]
UNIT, SITE, PLACE_OF, USER = (DEVICE.resolve(n) for n in ("org_unit", "site", "location", "assigned_user"))
VERSION, FREE = DEVICE.resolve("os_version"), DEVICE.resolve("storage_free")


def one(operator: str, operand: object, field: Any = VERSION) -> Test:
    return Test(field, operator, operand, str(operand), PLACE)


@pytest.mark.parametrize(
    ("mine", "theirs", "clashes"),
    [
        (one("at_least", "152"), one("at_most", "150"), True),
        (one("at_least", "150"), one("at_most", "152"), False),
        (one("at_least", "126.0.5"), one("at_most", "126"), False),
        (one("between", ("140", "144")), one("at_least", "145"), True),
        (AllOf((one("at_least", "140"), one("at_most", "144"))), one("at_least", "145"), True),
        (AllOf((one("at_least", "140"), one("at_most", "144"))), one("between", ("144", "150")), False),
        (one("at_least", 5.0, FREE), one("at_most", 3.0, FREE), True),
        (one("above", 5.0, FREE), one("at_most", 5.0, FREE), False),  # nobody tries what lies between
        (one("equals", "150"), one("at_least", "152"), True),
        (one("equals", "152"), one("at_least", "152"), False),
        (one("equals", "a", SITE), one("equals", "b", SITE), True),
        (one("equals", "a", SITE), Not(one("equals", "a", SITE)), True),
        (one("equals", "a", SITE), AnyOf((one("equals", "a", SITE), one("empty", True, SITE))), False),
        (one("exists", True, SITE), one("equals", "a", SITE), False),
        (one("one_of", ("a", "b"), SITE), one("one_of", ("b", "c"), SITE), True),  # who knows which each would set
        (one("same_as", PLACE_OF, SITE), one("same_as", PLACE_OF, SITE), False),
        (one("same_as", PLACE_OF, SITE), one("equals", "a", SITE), True),  # it cannot be told, and may be anything
    ],
)  # fmt: skip
def test_what_both_can_have_is_no_conflict(mine: Condition, theirs: Condition, clashes: bool) -> None:
    assert clash(mine, theirs, NOW) is clashes
    assert clash(theirs, mine, NOW) is clashes


def rule(name: str, wanted: Test, **changes: Any) -> Policy:
    remedy = Remedy("ansible.playbook", {"playbook": "playbooks/x.yml"}, (wanted.field,), Risk.REVERSIBLE, PLACE)
    return replace(policy(name), kind="device", expect=wanted, remedy=(remedy,), **changes)


def devices(**readings: Reading) -> Columns:
    known = dict.fromkeys(("site", "location", "assigned_user"), "x") | readings
    return build([SITE, PLACE_OF, USER], [Row("device/a", "east", known)])


def wanted(table: Columns, *policies: Policy) -> list[Condition]:
    scopes = {p.id: frozenset({"device/a"}) for p in policies}
    found = wishes(policies, scopes, {"device/a": "east"}, {"device": table})
    return [w.condition for w in found["device/a", "site"]]


def test_what_is_to_be_the_same_as_another_field_is_wanted_with_its_value() -> None:
    same, named = rule("A-01", one("same_as", PLACE_OF, SITE)), rule("B-01", one("equals", "west", SITE))
    assert clash(*wanted(devices(location="east"), same, named), NOW)
    assert not clash(*wanted(devices(location="west"), same, named), NOW)
    for unread in (NONE, Unknown("no answer")):
        assert wanted(devices(location=unread), same, named)[0] == same.expect


def test_a_value_that_comes_from_a_secret_is_one_in_the_sentence_of_a_hold() -> None:
    (condition,) = wanted(devices(assigned_user="jane@x"), rule("A-01", one("same_as", USER, SITE)))
    assert wish(condition) == MASK


def planned(table: Columns, *policies: Policy) -> list[str]:
    findings = [f for p in policies for f in evaluate(p, table, NOW).findings]
    catalog = Catalog({"device": DEVICE}, CATALOG.verbs)
    return [b.policy for b in make_plan(repository(*policies), findings, {"device": table}, catalog).batches]


def test_equal_wishes_are_one_action_however_they_are_written() -> None:
    same, named = rule("A-01", one("same_as", PLACE_OF, SITE)), rule("B-01", one("equals", "west", SITE))
    assert planned(devices(location="west"), same, named) == ["A-01"]
    assert planned(devices(location="east"), same, named) == ["A-01", "B-01"]
