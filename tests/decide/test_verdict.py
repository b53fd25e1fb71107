"""A second look decides: all asked fields in line is confirmed, one out of line failed, one unread pending."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from agent.decide.verdict import Evidence, judge_outcome
from agent.model.action import Action, Result, Written
from agent.model.finding import Difference
from agent.model.reading import NONE, Unknown
from tests.decide.build import BANNER, NOW, ROOT, policy, table

if TYPE_CHECKING:
    from datetime import datetime

    from agent.decide.columns import Columns
    from agent.model.reading import Reading

SILENT = Unknown("connection refused")
DIFFERENCES = (Difference(ROOT, "no", "yes"), Difference(BANNER, "/etc/issue.net", "none"))
ACTION = Action("P-01", "host/web1", "east", "ansible.playbook", {}, DIFFERENCES, (ROOT, BANNER))
CLAIMED = Written("host/web1", "changed 2 tasks", ran=True)
MINUTE = timedelta(minutes=1)
FRESH = Evidence(NOW - 9 * MINUTE, NOW - 8 * MINUTE, NOW - MINUTE, NOW + 51 * MINUTE, NOW)


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
    outcome = judge_outcome("d", ACTION, CLAIMED, policy(), table({"web1": {ROOT: root, BANNER: banner}}), FRESH)
    assert outcome.result is result
    assert outcome.said == "changed 2 tasks"
    assert outcome.before == DIFFERENCES


def judged(evidence: Evidence, root: Reading = "no") -> tuple[Result, str]:
    after = table({"web1": {ROOT: root, BANNER: "/etc/issue.net"}})
    outcome = judge_outcome("d", ACTION, CLAIMED, policy(), after, evidence)
    return outcome.result, outcome.why


@pytest.mark.parametrize("root", ["no", "yes"])
@pytest.mark.parametrize(
    ("read", "result"),
    [
        (NOW - timedelta(hours=26), Result.PENDING),  # yesterday's export
        (FRESH.begun, Result.PENDING),
        (FRESH.ended - timedelta(seconds=1), Result.PENDING),  # while it was being written
        (FRESH.ended, Result.PENDING),
        (None, Result.PENDING),
        (FRESH.ended + timedelta(seconds=1), None),
    ],
    ids=["a day before", "as it began", "while it ran", "as it ended", "never", "after"],
)
def test_only_a_reading_from_after_the_change_is_evidence(
    read: datetime | None, result: Result | None, root: str
) -> None:
    """Neither for it nor against it."""
    said, why = judged(replace(FRESH, read=read), root)
    assert said is (result or {"no": Result.CONFIRMED, "yes": Result.FAILED}[root])
    assert ("it has until 2" in why) is (said is Result.PENDING)


@pytest.mark.parametrize(
    ("there", "whole", "result", "said"),
    [
        (table({"web2": {ROOT: "no"}}), True, Result.FAILED, "no longer there"),
        (table({"web2": {ROOT: "no"}}), False, Result.PENDING, "it is in no list now, and they may not be whole"),
        (None, True, Result.PENDING, "it is in no list now"),  # no system shows its kind now
    ],
)
def test_what_is_missing_in_a_list_that_may_not_be_whole_is_not_gone(
    there: Columns | None, result: Result, said: str, *, whole: bool
) -> None:
    outcome = judge_outcome("d", ACTION, CLAIMED, policy(), there, replace(FRESH, whole=whole))
    assert (outcome.result, said in outcome.why) == (result, True)
    late = judge_outcome("d", ACTION, CLAIMED, policy(), there, replace(FRESH, whole=whole, until=NOW - MINUTE))
    assert late.result is Result.FAILED


def test_what_is_not_confirmed_by_its_deadline_has_failed_and_names_both_times() -> None:
    late = replace(FRESH, begun=NOW - 61 * MINUTE, until=NOW - MINUTE)
    result, why = judged(late, SILENT)
    assert result is Result.FAILED
    for words in (f"{late.begun:%Y-%m-%d %H:%M %Z}", f"{late.until:%Y-%m-%d %H:%M %Z}", "refused", "A person is asked"):
        assert words in why
    assert judged(replace(late, until=NOW), SILENT)[0] is Result.PENDING
    assert judged(late)[0] is Result.CONFIRMED  # late, and true


def test_a_field_that_another_step_sets_does_not_fail_this_one() -> None:
    only_root = Action("P-01", "host/web1", "east", "ansible.playbook", {}, DIFFERENCES[:1], (ROOT,))
    after = table({"web1": {ROOT: "no", BANNER: NONE}})
    assert judge_outcome("d", only_root, CLAIMED, policy(), after, FRESH).result is Result.CONFIRMED


def test_an_unread_field_is_not_hidden_by_another_that_is_out_of_line() -> None:
    """Kleene's "and" is false when one part is: the field that this action set is unknown all the same."""
    only_root = Action("P-01", "host/web1", "east", "ansible.playbook", {}, DIFFERENCES[:1], (ROOT,))
    after = table({"web1": {ROOT: SILENT, BANNER: NONE}})
    outcome = judge_outcome("d", only_root, CLAIMED, policy(), after, FRESH)
    assert outcome.result is Result.PENDING
    assert "connection refused" in outcome.why


def test_without_the_policy_or_the_resource_nothing_is_confirmed() -> None:
    in_line = table({"web1": {ROOT: "no", BANNER: "/etc/issue.net"}})
    elsewhere = table({"web2": {ROOT: "no", BANNER: "/etc/issue.net"}})
    assert judge_outcome("d", ACTION, CLAIMED, None, in_line, FRESH).result is Result.FAILED
    assert judge_outcome("d", ACTION, CLAIMED, policy(), elsewhere, FRESH).result is Result.FAILED


@pytest.mark.parametrize(
    ("root", "shows", "result"),
    [
        ("yes", NOW + MINUTE, Result.PENDING),  # a move may take a day and a half to show
        ("yes", NOW, Result.FAILED),
        ("yes", None, Result.FAILED),
        ("no", NOW + MINUTE, Result.CONFIRMED),
    ],
)
def test_what_may_take_its_time_to_show_has_not_failed_before_that(
    root: Reading, shows: datetime | None, result: Result
) -> None:
    assert judged(replace(FRESH, shows=shows), root)[0] is result


def test_what_certainly_did_not_run_takes_no_time_to_show() -> None:
    silent = Written("host/web1", "", ran=False)
    after = table({"web1": {ROOT: "yes", BANNER: "/etc/issue.net"}})
    assert (
        judge_outcome("d", ACTION, silent, policy(), after, replace(FRESH, shows=NOW + MINUTE)).result is Result.FAILED
    )


@pytest.mark.parametrize(
    ("root", "ran", "result", "why"),
    [
        ("yes", True, Result.STOPPED, "cut off"),
        ("yes", False, Result.STOPPED, "not begun"),
        (SILENT, True, Result.PENDING, ""),  # nobody knows what it got done
        (SILENT, False, Result.STOPPED, "not begun"),
        ("no", True, Result.CONFIRMED, ""),
        ("no", False, Result.NEEDLESS, "nothing was written"),
    ],
)
def test_what_the_kill_switch_ended_is_called_so_unless_it_is_done(
    root: Reading, ran: bool, result: Result, why: str
) -> None:
    halted = Written("host/web1", "stopped: a drill", ran=ran, halted=True)
    after = table({"web1": {ROOT: root, BANNER: "/etc/issue.net"}})
    outcome = judge_outcome("d", ACTION, halted, policy(), after, FRESH)
    assert outcome.result is result
    assert outcome.why.startswith(why)
    assert bool(outcome.after) is (result is Result.STOPPED)
