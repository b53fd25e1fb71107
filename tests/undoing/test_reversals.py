"""What a person took back is not done again, under whatever name and by whatever policy, until a person says so."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from agent.decide.reversals import concerns, taken_back_before
from agent.model.action import Action
from agent.model.books import Reversal
from agent.model.finding import Difference
from agent.reversing import let_again
from tests.decide.build import BANNER, ROOT, equals, policy, remedy
from tests.undoing.test_undoing import came, held
from tests.undoing.town import Town

if TYPE_CHECKING:
    from agent.ledger.store import LedgerStore

AT = datetime(2026, 10, 14, 15, tzinfo=UTC)


@pytest.fixture
def town(ledger: LedgerStore) -> Town:
    """One host that P-01 has repaired, and sam has taken back."""
    made = Town(ledger, {"web1": "yes"})
    made.run()
    assert came(made.undo("r1")) == {"web1": "reverted"}
    return made


def wanting(name: str, value: str = "no", playbook: str = "playbooks/other.yml", **changes: Any) -> Any:
    return policy(name, expect={ROOT: value}, remedy=(remedy(ROOT, playbook=playbook),), **changes)


def test_what_was_taken_back_on_one_host_is_done_on_another(town: Town) -> None:
    town.holds["web2"] = "yes"
    after = town.run()
    assert held(after) == {"web1": "taken back"}
    assert town.holds == {"web1": "yes", "web2": "no"}


@pytest.mark.parametrize("playbook", ["playbooks/ssh.yml", "playbooks/other.yml"])
def test_a_policy_under_a_new_name_does_not_do_it_again(town: Town, playbook: str) -> None:
    town.policies = (wanting("P-02", playbook=playbook),)
    after = town.run()
    assert held(after) == {"web1": "taken back"}
    (hold,) = after.plan.holds
    for words in ("sam took this change back on 2026-10-14", "(run r2)", f"{ROOT} was to be no", "for P-01"):
        assert words in hold.sentence
    assert "`driftbell resume P-02`" in hold.lifted_by
    assert town.holds == {"web1": "yes"}


def test_another_policy_beside_it_does_not_do_it_again_and_one_that_wants_something_else_acts(town: Town) -> None:
    town.policies = (*town.policies, wanting("P-02"))
    assert set(held(town.run()).values()) == {"taken back"}
    assert town.holds == {"web1": "yes"}
    town.policies = (wanting("P-03", "prohibit-password"),)
    assert not any(h.guard == "taken back" for h in town.run().plan.holds)


def test_an_edit_lifts_it_for_the_policy_itself_and_for_no_other(town: Town) -> None:
    mine = replace(town.policies[0], digest="edited")
    town.policies = (wanting("P-02"),)
    assert held(town.run()) == {"web1": "taken back"}
    town.policies = (mine,)
    assert came(town.run()) == {"web1": "confirmed"}


def test_it_is_kept_where_the_policy_was_renamed_before_it_was_taken_back(ledger: LedgerStore) -> None:
    town = Town(ledger, {"web1": "yes"})
    town.run()
    town.policies = (wanting("P-02"),)
    town.undo("r1")
    assert town.holds == {"web1": "yes"}
    assert held(town.run()) == {"web1": "taken back"}
    town.policies = (wanting("P-01"),)  # it is there again, and nobody knows what it said then
    assert held(town.run()) == {"web1": "taken back"}


def test_resuming_another_policy_lifts_it_for_that_one_as_it_is_now(town: Town) -> None:
    second = wanting("P-02")
    assert let_again(town.ledger, second) == 1
    assert let_again(town.ledger, second) == 0
    town.policies = (wanting("P-03"),)
    assert held(town.run()) == {"web1": "taken back"}
    town.policies = (replace(second, digest="edited"),)
    assert held(town.run()) == {"web1": "taken back"}
    town.policies = (second,)
    assert came(town.run()) == {"web1": "confirmed"}


def test_resuming_the_policy_itself_lifts_it_for_all(town: Town) -> None:
    assert let_again(town.ledger, town.policies[0]) == 1
    town.policies = (wanting("P-02"),)
    assert came(town.run()) == {"web1": "confirmed"}


def test_an_undo_of_the_undo_lifts_it_for_all(town: Town) -> None:
    assert came(town.undo("r2")) == {"web1": "reverted"}
    town.holds["web1"] = "yes"
    town.policies = (wanting("P-02"),)
    assert came(town.run()) == {"web1": "confirmed"}


def test_what_two_runs_did_and_was_taken_back_is_held_as_two_things(ledger: LedgerStore) -> None:
    town = Town(ledger, {"web1": "yes"})
    town.run()
    town.undo("r1")
    town.edit(digest="edited")
    town.run()
    town.undo("r3")
    assert len(ledger.reversals.all()) == 2
    assert ledger.reversals.forget("P-01") == 1  # resource


SSH = {"playbook": "playbooks/ssh.yml"}


def act(name: str, arguments: dict[str, object], sets: tuple[str, ...], **wanted: str) -> Action:
    return Action(
        name,
        "host/web1",
        "",
        "ansible.playbook",
        arguments,
        tuple(Difference(f.replace("__", "."), text, "yes") for f, text in wanted.items()),
        sets,
    )


def gone(action: Action) -> Reversal:
    return Reversal(1, "P-01", action.resource, "d", "r2", "sam", AT, action)


TASKS = act("P-01", SSH, ("converge",), converge="ok")
FIELD = act("P-01", SSH, (ROOT,), sshd__permitrootlogin="no")


@pytest.mark.parametrize(
    ("before", "now", "held"),
    [
        (FIELD, act("P-02", {"playbook": "x.yml"}, (ROOT,), sshd__permitrootlogin="no"), True),
        (FIELD, act("P-02", {**SSH, "vars": {"a": 1}}, (ROOT,), sshd__permitrootlogin="never"), False),
        (FIELD, act("P-02", SSH, (BANNER,), sshd__banner="x"), True),  # the very same step
        (FIELD, act("P-02", {"playbook": "x.yml"}, (BANNER,), sshd__banner="no"), False),
        (TASKS, act("P-02", SSH, ("converge",), converge="ok"), True),
        (TASKS, act("P-02", {**SSH, "vars": {"a": 1}}, ("converge",), converge="ok"), True),
        (TASKS, act("P-02", {"playbook": "x.yml"}, ("converge",), converge="ok"), False),
        (FIELD, replace(FIELD, policy="P-01"), False),  # another digest: its policy says something else now
    ],
)
def test_what_is_the_same_thing(before: Action, now: Action, held: bool) -> None:
    there = {"P-01": policy("P-01", digest="edited"), "P-02": policy("P-02", {BANNER: "x"})}
    said = taken_back_before([gone(before)], now, there)
    assert bool(said) is held, said


@pytest.mark.parametrize(
    ("operator", "operand", "held"),
    [("one_of", ("no", "prohibit-password"), True), ("one_of", ("never", "prohibit-password"), False)],
)
def test_a_wish_that_what_was_taken_back_would_do_for_is_the_same_in_other_words(
    operator: str, operand: tuple[str, ...], held: bool
) -> None:
    wish = replace(equals(ROOT, ""), operator=operator, operand=operand)
    now = act("P-02", {"playbook": "x.yml"}, (ROOT,), sshd__permitrootlogin="one of them")
    said = taken_back_before([gone(FIELD)], now, {"P-02": replace(policy("P-02"), expect=wish)})
    assert bool(said) is held, said


def test_what_a_playbook_did_is_named() -> None:
    said = taken_back_before([gone(TASKS)], replace(TASKS, policy="P-02"), {})
    assert said.endswith("(run r2): what playbooks/ssh.yml did, for P-01")


def test_whom_a_reversal_concerns() -> None:
    assert concerns(gone(FIELD), wanting("P-02"))
    assert concerns(gone(TASKS), wanting("P-02", playbook="playbooks/ssh.yml"))
    assert not concerns(gone(TASKS), wanting("P-02"))
