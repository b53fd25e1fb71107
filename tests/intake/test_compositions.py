"""Dated values, condition sets, defaults and frameworks: what they become, and what is said of wrong ones."""

from __future__ import annotations

import shutil
import time
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft202012Validator

from agent.decide import words
from agent.intake import yaml as intake_yaml
from agent.intake.nodes import plain
from agent.intake.schema import schema
from agent.model.condition import AllOf, Not, Test
from agent.model.policy import Caps, Limit, Severity
from tests.intake.cases import CASES
from tests.intake.conftest import DISTRICT

if TYPE_CHECKING:
    from pathlib import Path

    from agent.model.condition import Condition
    from agent.model.kind import Catalog
    from agent.model.policy import Policy
    from tests.intake.district import District

FOLDERS = sorted(path for path in (CASES / "compositions").iterdir())
HEAD = "policy: A-1\ntitle: a\napplies_to: {kind: thing}\n"
VALUES = 'values: chromeos\nexpires: 2027-01-31\nset: {least: "150", other: "144", list: [a, b], number: 3, on: true}\n'
SETS = """\
conditions:
  cart: {kind: thing, where: {text: a, number: {at_least: 3}}}
  big: {kind: thing, where: {is: cart, size: {above: {value: chromeos.number}}}}
"""


def lay(district: District, policy: str, values: str = VALUES, sets: str = "") -> Policy:
    if values:
        district.write("policies/values/chromeos.yaml", values)
    if sets:
        district.write("policies/conditions/sets.yaml", sets)
    district.write("policies/devices/a.yaml", policy)
    (found,) = district.load().policies
    return found


def leaves(condition: Condition | None) -> list[Test]:
    match condition:
        case Test():
            return [condition]
        case Not(part):
            return leaves(part)
        case None:
            return []
    return [test for part in condition.parts for test in leaves(part)]


@pytest.mark.parametrize("case", FOLDERS, ids=lambda case: case.name)
def test_wrong_compositions_get_their_sentences_and_no_others(district: District, case: Path) -> None:
    shutil.copytree(case, district.root, dirs_exist_ok=True)
    began = time.monotonic()
    assert district.problems() == (case / "problems.txt").read_text(encoding="utf-8").splitlines()
    assert time.monotonic() - began < 30


@pytest.mark.parametrize(
    ("written", "operator", "operand"),
    [
        ("version: {value: chromeos.least}", "equals", "150"),
        ("version: {at_least: {value: chromeos.least}}", "at_least", "150"),
        ("version: {one_of: [{value: chromeos.least}, {value: chromeos.other}]}", "one_of", ("150", "144")),
        ("version: [{value: chromeos.least}, '3']", "one_of", ("150", "3")),
        ("version: {between: [{value: chromeos.other}, {value: chromeos.least}]}", "between", ("144", "150")),
        ("text: {value: chromeos.list}", "one_of", ("a", "b")),
        ("text: {starts_with: {value: chromeos.least}}", "starts_with", "150"),
        ("list: {contains_all: {value: chromeos.list}}", "contains_all", ("a", "b")),
        ("list: {value: chromeos.list}", "equals", ("a", "b")),
        ("list: {count: {value: chromeos.number}}", "count", 3),
        ("number: {none_of: [{value: chromeos.number}]}", "none_of", (3,)),
        ("boolean: {value: chromeos.on}", "equals", True),
        ("version: {not: {value: chromeos.least}}", "equals", "150"),
    ],
)
def test_a_dated_value_stands_wherever_a_value_may(
    district: District, catalog: Catalog, written: str, operator: str, operand: object
) -> None:
    policy = lay(district, f"{HEAD}expect:\n  {written}\n")
    (found,) = leaves(policy.expect)
    if operator != "count":
        assert (found.operator, found.operand) == (operator, operand)
    assert found.place.file == "policies/devices/a.yaml"
    assert [(v.name, v.expires) for v in policy.values] == [("chromeos", date(2027, 1, 31))]
    assert str(policy.values[0].place) == "policies/values/chromeos.yaml:2:10"
    written_out = plain(intake_yaml.parse(f"{HEAD}expect:\n  {written}\n".encode(), "x"))
    assert Draft202012Validator(schema(catalog)).is_valid(written_out)


def test_dated_values_reach_arguments_and_leave_other_mappings_alone(district: District) -> None:
    policy = lay(
        district,
        "policy: A-1\ntitle: a\napplies_to: {kind: host}\nexpect: {hostname: a}\nremedy:\n  - do: ansible.playbook\n"
        "    with:\n      playbook: playbooks/good.yml\n"
        "      vars: {a: {value: chromeos.least}, b: {value: no name}, c: {value: a.b, d: 1}, value: x.y}\n"
        "  - {do: post.tell, with: {text: {value: chromeos.other}}}\n",
    )
    assert policy.remedy[0].arguments["vars"] == {
        "a": "150",
        "b": {"value": "no name"},
        "c": {"value": "a.b", "d": 1},
        "value": "x.y",
    }
    assert policy.remedy[1].arguments == {"text": "144"}
    assert [v.name for v in policy.values] == ["chromeos"]
    alone = lay(
        district,
        "policy: A-1\ntitle: a\napplies_to: {kind: host}\nexpect: {hostname: a}\nremedy:\n  - do: ansible.playbook\n"
        "    with: {playbook: playbooks/good.yml, vars: {value: chromeos.none}}\n",
    )
    assert alone.remedy[0].arguments["vars"] == {"value": "chromeos.none"}, "a variable of that name is no reference"


def test_a_digest_changes_with_a_value_and_not_with_its_date_or_name(district: District) -> None:
    def digest(values: str, name: str = "chromeos") -> str:
        policy = f"{HEAD}expect: {{version: {{at_least: {{value: {name}.least}}}}}}\n"
        return lay(district, policy, values.replace("chromeos", name)).digest

    first = digest(VALUES)
    assert digest(VALUES.replace("2027-01-31", "2028-01-31")) == first
    assert digest(VALUES, "chrome") == first
    assert digest(VALUES.replace("150", "151")) != first


def test_sets_are_written_out_and_say_where_they_stand(district: District) -> None:
    policy = lay(
        district,
        "policy: A-1\ntitle: a\napplies_to: {kind: thing, where: {is: [big]}}\nexpect: {boolean: true}\n",
        sets=SETS,
    )
    assert [(t.field.name, t.operator, t.operand) for t in leaves(policy.where)] == [
        ("text", "equals", "a"),
        ("number", "at_least", 3),
        ("size", "above", 3),
    ]
    assert {t.place.file for t in leaves(policy.where)} == {"policies/conditions/sets.yaml"}
    assert [v.name for v in policy.values] == ["chromeos"]


def test_is_not_means_none_of_them_and_not_all_of_each(district: District) -> None:
    policy = lay(district, f"{HEAD}expect: {{is_not: [cart, big], boolean: true}}\n", sets=SETS)
    assert isinstance(policy.expect, AllOf)
    none, test = policy.expect.parts
    assert isinstance(none, AllOf)
    assert [type(part) for part in none.parts] == [Not, Not]
    assert isinstance(test, Test)
    assert words.rule(policy.expect) == (
        "not (text is a and number is at least 3), and not (text is a and number is at least 3 and size is above 3), "
        "and boolean is true"
    )


def test_a_digest_covers_what_a_set_says(district: District) -> None:
    policy = f"{HEAD}expect: {{is: cart}}\n"
    first = lay(district, policy, sets=SETS).digest
    assert (
        lay(district, policy, sets=SETS.replace("cart: {kind: thing,", "cart: {kind: thing, description: x,")).digest
        == first
    )
    assert lay(district, policy, sets=SETS.replace("at_least: 3", "at_least: 4")).digest != first


def test_what_nothing_uses_is_a_warning(district: District) -> None:
    district.write("policies/values/other.yaml", "values: other\nexpires: 2027-01-31\nset: {a: 1}\n")
    lay(district, f"{HEAD}expect: {{version: {{value: chromeos.least}}, text: {{value: chromeos.list}}}}\n", sets=SETS)
    said = [w for w in district.load().warnings if "uses" in w]
    assert said == [
        "No policy uses chromeos.other, chromeos.on (policies/values/chromeos.yaml:3:21).",
        "No policy uses the values other (policies/values/other.yaml).",
        "Nothing uses the condition set big (policies/conditions/sets.yaml:3:3).",
    ]


def test_defaults_fill_in_what_a_policy_does_not_say_and_only_guards_change_its_meaning(district: District) -> None:
    own = f"{HEAD}expect: {{text: a}}\n"
    before = lay(district, own, values="")
    defaults = "defaults: {owner: it@riverton.example, severity: high, check_every: 2 days}\n"
    district.write("policies/district.yaml", DISTRICT + defaults)
    policy = lay(district, own, values="")
    assert (policy.owner, policy.severity, policy.check_every) == (
        "it@riverton.example",
        Severity.HIGH,
        timedelta(days=2),
    )
    assert policy.digest == before.digest
    assert {key: str(place) for key, place in policy.defaults.items()} == {
        "owner": "policies/district.yaml:7:12",
        "severity": "policies/district.yaml:7:40",
        "check_every": "policies/district.yaml:7:56",
    }
    mine = lay(district, f"{own}owner: me@riverton.example\nseverity: low\ncheck_every: 1h\n", values="")
    assert (mine.owner, mine.severity, mine.defaults) == ("me@riverton.example", Severity.LOW, {})


def test_each_limit_of_a_default_guard_holds_where_the_policy_sets_none(district: District) -> None:
    own = f"{HEAD}expect: {{text: a}}\n"
    before = lay(district, own, values="").digest
    district.write(
        "policies/district.yaml", f"{DISTRICT}defaults: {{guard: {{per_run: {{count: 5}}, per_day: {{percent: 2}}}}}}\n"
    )
    policy = lay(district, own, values="")
    assert policy.caps == Caps(Limit(count=5), Limit(percent=2))
    assert policy.digest != before
    mine = lay(district, f"{own}guard: {{per_run: {{percent: 1}}}}\n", values="")
    assert mine.caps == Caps(Limit(percent=1), Limit(percent=2))
    assert list(mine.defaults) == ["guard.per_day"]


def test_without_frameworks_whatever_a_policy_says_of_them_stands(district: District) -> None:
    policy = lay(district, f'{HEAD}frameworks: {{anything: ["1"]}}\nexpect: {{text: a}}\n', values="")
    assert policy.frameworks == {"anything": ("1",)}
    assert district.load().frameworks == ()
