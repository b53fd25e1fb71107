"""A second look decides: all asked fields in line is confirmed, one out of line failed, one unread pending."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agent.decide.verdict import judge_outcome
from agent.model.action import Action, Result, Written
from agent.model.finding import Difference
from agent.model.reading import NONE, Unknown
from tests.decide.build import BANNER, NOW, ROOT, policy, table

if TYPE_CHECKING:
    from agent.model.reading import Reading

SILENT = Unknown("connection refused")
DIFFERENCES = (Difference(ROOT, "no", "yes"), Difference(BANNER, "/etc/issue.net", "none"))
ACTION = Action("P-01", "host/web1", "east", "ansible.playbook", {}, DIFFERENCES, (ROOT, BANNER))
CLAIMED = Written("host/web1", "changed 2 tasks", ran=True)


@pytest.mark.parametrize(
    ("root", "banner", "result"),
    [
        ("no", "/etc/issue.net", Result.CONFIRMED),
        ("yes", "/etc/issue.net", Result.FAILED),
        ("no", NONE, Result.FAILED),
        ("no", SILENT, Result.PENDING),
        (SILENT, SILENT, Result.PENDING),
        ("yes", SILENT, Result.FAILED),
    ],
)
def test_the_readings_decide_and_not_the_claim(root: Reading, banner: Reading, result: Result) -> None:
    outcome = judge_outcome("d", ACTION, CLAIMED, policy(), table({"web1": {ROOT: root, BANNER: banner}}), NOW)
    assert outcome.result is result
    assert outcome.said == "changed 2 tasks"
    assert outcome.before == DIFFERENCES


def test_a_field_that_another_step_sets_does_not_fail_this_one() -> None:
    only_root = Action("P-01", "host/web1", "east", "ansible.playbook", {}, DIFFERENCES[:1], (ROOT,))
    after = table({"web1": {ROOT: "no", BANNER: NONE}})
    assert judge_outcome("d", only_root, CLAIMED, policy(), after, NOW).result is Result.CONFIRMED


def test_an_unread_field_is_not_hidden_by_another_that_is_out_of_line() -> None:
    """Kleene's "and" is false when one part is: the field that this action set is unknown all the same."""
    only_root = Action("P-01", "host/web1", "east", "ansible.playbook", {}, DIFFERENCES[:1], (ROOT,))
    after = table({"web1": {ROOT: SILENT, BANNER: NONE}})
    outcome = judge_outcome("d", only_root, CLAIMED, policy(), after, NOW)
    assert outcome.result is Result.PENDING
    assert "connection refused" in outcome.why


def test_without_the_policy_or_the_resource_nothing_is_confirmed() -> None:
    in_line = table({"web1": {ROOT: "no", BANNER: "/etc/issue.net"}})
    elsewhere = table({"web2": {ROOT: "no", BANNER: "/etc/issue.net"}})
    assert judge_outcome("d", ACTION, CLAIMED, None, in_line, NOW).result is Result.FAILED
    assert judge_outcome("d", ACTION, CLAIMED, policy(), elsewhere, NOW).result is Result.FAILED
