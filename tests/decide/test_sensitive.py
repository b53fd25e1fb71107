"""A variable whose name says that it is a secret is compared exactly and said nowhere."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from agent.catalog.host import HOST
from agent.decide import words
from agent.decide.evaluate import evaluate
from agent.decide.plan import make_plan
from agent.model.condition import AllOf, AnyOf, Not, Test
from agent.model.reading import NONE, Unknown
from agent.secrets import MASK
from tests.decide.build import CATALOG, NOW, PLACE, ROOT, equals, policy, repository, table

if TYPE_CHECKING:
    from agent.model.finding import Finding

FIELD, HAS, WANTED = "var.db_password", "hunter2secret", "correct-horse"


def found(has: str, wanted: str = WANTED) -> Finding:
    (finding,) = evaluate(policy(expect={FIELD: wanted}), table({"web1": {FIELD: has}}), NOW).findings
    return finding


@pytest.mark.parametrize("name", ["db_password", "API_TOKEN", "vault_secret", "pass", "ssh_private_key"])
def test_a_name_that_says_secret_makes_the_field_sensitive(name: str) -> None:
    assert HOST.resolve(f"var.{name}").sensitive


@pytest.mark.parametrize("name", ["var.db_password_file", "var.site", "var.keyboard", "sshd.passwordauthentication"])
def test_another_name_does_not(name: str) -> None:
    assert not HOST.resolve(name).sensitive


def test_a_finding_holds_neither_the_value_nor_what_was_wanted() -> None:
    finding = found(HAS)
    assert finding.sentence == "web1: var.db_password is not as it should be."
    assert [d.sensitive for d in finding.differences] == [True]
    assert HAS not in repr(finding)
    assert WANTED not in repr(finding)


def test_other_fields_of_the_same_finding_are_still_said() -> None:
    rule = policy(expect={FIELD: WANTED, ROOT: "no"})
    (finding,) = evaluate(rule, table({"web1": {FIELD: HAS, ROOT: "yes"}}), NOW).findings
    assert finding.sentence == (
        "web1: var.db_password is not as it should be; sshd.permitrootlogin is yes and should be no."
    )


def test_two_values_stay_two_and_the_same_value_stays_the_same() -> None:
    one, same, has_another, wants_another = found(HAS), found(HAS), found("hunter3secret"), found(HAS, "other")
    assert one == same
    assert one.differences != has_another.differences
    assert one.differences != wants_another.differences


def test_the_value_that_is_wanted_is_in_line() -> None:
    judged = evaluate(policy(expect={FIELD: HAS}), table({"web1": {FIELD: HAS}}), NOW)
    assert judged.in_line == {"host/web1"}


def test_a_plan_s_digest_follows_the_value_and_the_plan_does_not_hold_it() -> None:
    rule = policy(expect={FIELD: WANTED})
    looks = [table({"web1": {FIELD: value}}) for value in (HAS, HAS, "hunter3secret")]
    plans = [make_plan(repository(rule), evaluate(rule, look, NOW).findings, {"host": look}, CATALOG) for look in looks]
    digests = [batch.digest for plan in plans for batch in plan.batches]
    assert len(digests) == len(plans)
    assert digests[0] == digests[1] != digests[2]
    assert HAS not in repr(plans[0])


@pytest.mark.parametrize(
    ("operator", "operand", "said"),
    [
        ("equals", WANTED, MASK),
        ("one_of", (WANTED, "x"), f"one of {MASK}"),
        ("starts_with", WANTED, f"starting with {MASK}"),
        ("matches", WANTED, f"matching {MASK}"),
        ("between", (WANTED, "x"), f"between {MASK} and {MASK}"),
        ("exists", True, "there"),
        ("empty", False, "not empty"),
        ("same_as", HOST.resolve("var.other"), "the same as var.other"),
    ],
)
def test_a_wish_is_masked_and_says_what_kind_of_wish_it_is(operator: str, operand: object, said: str) -> None:
    test = Test(HOST.resolve(FIELD), operator, operand, WANTED, PLACE)
    assert words.wish(test) == said
    assert WANTED not in words.rule(AllOf((AnyOf((test, Not(test))), equals(ROOT, "no"))))
    shown = replace(test, field=HOST.resolve("var.plain"))
    assert MASK not in words.wish(shown)


def test_a_reading_is_masked_and_an_absent_or_unread_one_is_said() -> None:
    secret, plain = HOST.resolve(FIELD), HOST.resolve("var.site")
    assert words.show_of(secret, HAS) == MASK
    assert words.show_of(secret, NONE) == "none"
    assert words.show_of(secret, Unknown("timed out")) == words.show(Unknown("timed out"))
    assert words.show_of(plain, "east") == "east"
