"""The story of an undo, on a town of hosts that one process holds: what goes back, what is held, and what is said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from agent.errors import InputError
from agent.model.capture import Restoration
from agent.model.cause import Because
from agent.model.kind import Undo
from agent.model.policy import Caps, Limit, Mode
from agent.undoing import restoration
from tests.undoing.town import FORWARD, PATH, Town

if TYPE_CHECKING:
    from agent.ledger.store import LedgerStore
    from agent.model.run import Run


@pytest.fixture
def town(ledger: LedgerStore) -> Town:
    """Two hosts that one run has repaired."""
    made = Town(ledger, {"web1": "yes", "web2": "yes"})
    assert came(made.run()) == {"web1": "confirmed", "web2": "confirmed"}
    assert made.holds == {"web1": "no", "web2": "no"}
    return made


def came(run: Run) -> dict[str, str]:
    return {o.resource.removeprefix("host/"): o.result.value for o in run.outcomes}


def held(run: Run) -> dict[str, str]:
    return {r.removeprefix("host/"): h.guard for h in run.plan.holds for r in h.resources or ("host/all",)}


def test_a_run_is_taken_back_and_not_done_again(town: Town) -> None:
    undone = town.undo("r1")
    assert came(undone) == {"web1": "reverted", "web2": "reverted"}
    assert town.holds == {"web1": "yes", "web2": "yes"}
    after = town.run()
    assert held(after) == {"web1": "taken back", "web2": "taken back"}
    assert "sam took this change back" in after.plan.holds[0].sentence
    assert town.holds == {"web1": "yes", "web2": "yes"}
    opened = town.ledger.past.episodes("P-01", "host/web1")[0]
    assert opened.cause is not None
    assert (opened.cause.because, opened.cause.detail) == (Because.UNDONE, "r1")


def test_an_edit_of_the_policy_lets_it_act_again(town: Town) -> None:
    town.undo("r1")
    town.edit(digest="another")
    assert came(town.run()) == {"web1": "confirmed", "web2": "confirmed"}


def test_a_resumed_policy_acts_again(town: Town) -> None:
    town.undo("r1")
    assert town.ledger.reversals.forget("P-01") == 2
    assert came(town.run()) == {"web1": "confirmed", "web2": "confirmed"}


def test_an_undo_can_be_undone_and_says_so(town: Town) -> None:
    first = town.undo("r1")
    assert not any(n.again for n in first.undone)
    with pytest.raises(InputError, match=r"r1 was taken back already, on .* by r2\. `driftbell undo r2` takes that"):
        town.undo("r1")
    again = town.undo("r2")
    assert all(n.again for n in again.undone)
    assert town.holds == {"web1": "no", "web2": "no"}
    assert came(again) == {"web1": "reverted", "web2": "reverted"}
    town.holds["web1"] = "yes"
    assert came(town.run()) == {"web1": "confirmed"}  # nothing is held any more
    assert came(town.undo("r1")) == {"web1": "reverted", "web2": "reverted"}


def test_one_action_or_one_host_alone(town: Town) -> None:
    one = town.ledger.deeds(run="r1")[0]
    assert came(town.undo(one.name)) == {"web1": "reverted"}
    assert came(town.undo("r1")) == {"web2": "reverted"}  # what was taken back already stays out
    assert town.holds == {"web1": "yes", "web2": "yes"}


def test_what_somebody_changed_since_is_held_unless_it_is_to_be_overwritten(town: Town) -> None:
    town.holds["web1"] = "theirs"
    undone = town.undo("r1")
    assert (came(undone), held(undone)) == ({"web2": "reverted"}, {"web1": "changed since"})
    assert PATH in undone.plan.holds[0].sentence
    assert "--only web1 --overwrite" in undone.plan.holds[0].lifted_by
    assert held(town.undo("r1", "web1")) == {"web1": "changed since"}  # naming it only narrows
    assert town.holds["web1"] == "theirs"
    assert came(town.undo("r1", "web1", overwrite=True)) == {"web1": "reverted"}
    assert town.holds["web1"] == "yes"


def test_what_is_overwritten_is_named(town: Town) -> None:
    town.holds["web1"] = "theirs"
    with pytest.raises(InputError, match="name the hosts that you looked at, --only HOST"):
        town.undo("r1", overwrite=True)


@pytest.mark.parametrize(("since", "named"), [({"serving": False}, "ssh"), ({"forwards": "1"}, FORWARD)])
def test_units_and_kernel_values_that_somebody_changed_since_are_held_too(
    town: Town, since: dict[str, Any], named: str
) -> None:
    for name, value in since.items():
        setattr(town, name, value)
    undone = town.undo("r1", "web1")
    assert held(undone) == {"web1": "changed since"}
    assert f"Somebody changed web1 since: {named}." in undone.plan.holds[0].sentence
    assert town.holds["web1"] == "no"


def test_the_writing_side_knows_what_is_to_be_overwritten(town: Town) -> None:
    (plain,) = (a for b in town.undo("r1", "web1", really=False).plan.batches for a in b.actions)
    (over,) = (a for b in town.undo("r1", "web1", really=False, overwrite=True).plan.batches for a in b.actions)
    first, second = restoration(town.ledger, plain), restoration(town.ledger, over)
    assert isinstance(first, Restoration)
    assert isinstance(second, Restoration)
    assert (first.overrides, second.overrides) == (False, True)
    assert (first.services[0].name, dict(first.sysctls)) == ("ssh", {FORWARD: "0"})


def test_what_cannot_be_read_is_held_and_the_others_go_back(town: Town) -> None:
    town.away.add("web2")
    undone = town.undo("r1")
    assert (came(undone), held(undone)) == ({"web1": "reverted"}, {"web2": "not read"})


def test_what_nobody_saw_after_the_change_is_held_unless_it_is_to_be_overwritten(ledger: LedgerStore) -> None:
    town = Town(ledger, {"web1": "yes"}, forgets=True)
    town.run()
    town.forgets = False
    assert held(town.undo("r1")) == {"web1": "changed since"}
    assert held(town.undo("r1", "host/web1")) == {"web1": "changed since"}
    assert came(town.undo("r1", "host/web1", overwrite=True)) == {"web1": "reverted"}


def test_what_only_claims_to_be_back_has_failed(town: Town) -> None:
    town.clumsy = True
    undone = town.undo("r1")
    assert came(undone) == {"web1": "failed", "web2": "failed"}
    assert town.undo("r1", really=False).plan.batches  # it still can be taken back


def test_what_nobody_read_again_is_pending_and_settled_by_the_next_run(town: Town) -> None:
    back = town.undo("r1", really=False)
    assert back.outcomes == ()
    original = town.reread
    town.reread = lambda r, kept, c: original(r, kept, c) if not town.stopped else {}  # type: ignore[method-assign]
    written = town.enforce

    def stop_after(*given: Any) -> Any:
        said = written(*given)
        town.stopped = "a drill"
        return said

    town.enforce = stop_after  # type: ignore[method-assign]
    assert came(town.undo("r1")) == {"web1": "pending", "web2": "pending"}
    town.stopped, town.enforce = "", written  # type: ignore[method-assign]
    assert came(town.run()) == {"web1": "reverted", "web2": "reverted"}


@pytest.mark.parametrize(("left", "undo"), [((), Undo.EXACT), (("a command",), Undo.PARTIAL)])
def test_it_says_how_exactly(ledger: LedgerStore, left: tuple[str, ...], undo: Undo) -> None:
    town = Town(ledger, {"web1": "yes"}, left=left)
    town.run()
    (note,) = town.undo("r1", really=False).undone
    assert (note.undo, note.left, note.things) == (undo, left, (PATH, "ssh", FORWARD))
    assert town.holds == {"web1": "no"}


def test_a_policy_that_is_gone_can_be_taken_back_by_its_files(town: Town) -> None:
    town.policies = ()
    assert came(town.undo("r1")) == {"web1": "reverted", "web2": "reverted"}


@pytest.mark.parametrize(
    ("change", "guard"),
    [
        ({"caps": Caps(per_run=Limit(count=1))}, "tripwire"),
        ({"caps": Caps(per_day=Limit(count=0))}, "per day"),
    ],
)
def test_caps_hold_an_undo_and_no_approval_is_asked_for(town: Town, change: dict[str, Any], guard: str) -> None:
    town.edit(**change)
    undone = town.undo("r1")
    assert came(undone) == {}
    assert {h.guard for h in undone.plan.holds} == {guard}
    assert not any(h.approvable for h in undone.plan.holds)
    assert town.holds == {"web1": "no", "web2": "no"}


def test_the_switch_holds_an_undo(town: Town) -> None:
    town.stopped = "a drill"
    undone = town.undo("r1")
    assert came(undone) == {}
    assert "kill switch" in {h.guard for h in undone.plan.holds}


def test_the_policys_mode_does_not_hold_an_undo(town: Town) -> None:
    town.edit(mode=Mode.AUDIT, digest="audit")
    assert came(town.undo("r1")) == {"web1": "reverted", "web2": "reverted"}


@pytest.mark.parametrize(
    ("target", "only", "said"),
    [
        ("r9", (), "No run or action 'r9' is known here"),
        ("", (), "No run or action '' is known here"),
        ("r1/99", (), "The run r1 has no action '99': its actions are 1, 2."),
        ("r2", (), "The run r2 changed nothing"),
        ("r1", ("web3",), "--only web3: nothing was changed there"),
    ],
)
def test_what_cannot_be_taken_back_is_a_sentence(town: Town, target: str, only: tuple[str, ...], said: str) -> None:
    town.run()
    with pytest.raises(InputError, match=r"^.") as error:
        town.undo(target, *only)
    assert said in str(error.value)
