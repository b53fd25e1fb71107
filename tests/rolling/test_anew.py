"""What makes a rollout begin anew with one, and what does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from agent.ledger.store import open_ledger
from agent.model.action import Result, Written
from agent.model.rollout import Progress, Rings
from tests.rolling.world import HOUR, District, KilledError, Machine, rule, schools

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from agent.model.action import Action
    from agent.model.capture import Capture
    from agent.model.policy import Repository
    from agent.model.ports import Clearance

MINUTE = timedelta(minutes=1)


@pytest.fixture
def district(tmp_path: Path) -> Iterator[District]:
    with open_ledger(tmp_path / "ledger.db") as store:
        yield District(store, schools(), rule(Rings(soak=HOUR)))


def test_other_playbooks_are_another_change(district: District) -> None:
    district.run()
    assert district.run(2 * HOUR) == ["b"]
    district.playbooks = "edited"
    district.machines["a"].root = "yes"
    assert district.run(2 * HOUR) == ["a"]
    assert district.rollouts == [("first", "ONE", "running")]


def test_what_has_passed_goes_through_its_rings_again_with_other_playbooks(district: District) -> None:
    for _ in range(5):
        district.run(2 * HOUR)
    assert district.rollouts == [("first", "ALL", "passed")]
    district.playbooks = "edited"
    for machine in district.machines.values():
        machine.root = "yes"
    assert district.run() == ["a"]


def test_what_a_person_abandoned_stays_so_whatever_becomes_of_playbooks(district: District) -> None:
    district.run()
    (going,) = district.ledger.rollouts.all()
    district.ledger.rollouts.keep(replace(going, progress=Progress.ABANDONED, why="too loud", by="amy"))
    district.playbooks = "edited"
    assert district.run(2 * HOUR) == []
    assert "abandoned in ring 1 of 3 by amy: too loud" in district.held_by("rings")[0]
    district.rule = replace(district.rule, digest="second")
    assert district.run() == ["b"]


def test_what_was_halted_waits_for_a_person_whatever_becomes_of_playbooks(district: District) -> None:
    district.does = lambda _name, _machine: None
    district.run()
    district.playbooks = "edited"
    assert district.run(2 * HOUR) == []
    assert district.rollouts == [("first", "ONE", "halted")]


def test_a_run_that_died_before_it_changed_anything_proves_nothing(district: District) -> None:
    def dies(*_anything: object) -> Mapping[str, Capture]:
        raise KilledError

    captures = district.capture
    district.capture = dies  # type: ignore[method-assign]
    with pytest.raises(KilledError):
        district.run()
    district.capture = captures  # type: ignore[method-assign]
    district.machines["a"].root = "no"  # somebody else puts it right meanwhile
    assert district.run(2 * HOUR) == ["b"]  # one again, not the site
    assert [r.resource for r in district.ledger.rollouts.all()] == ["host/b"]


def test_what_somebody_else_put_right_before_its_turn_proves_nothing(district: District) -> None:
    def refuses(
        _repository: Repository, actions: Sequence[Action], _started: Callable[[int], None], _c: Clearance
    ) -> Mapping[str, Written]:
        district.machines["a"].root = "no"
        return {a.resource: Written(a.resource, "refused", ran=False) for a in actions}

    writes = district.enforce
    district.enforce = refuses  # type: ignore[method-assign]
    district.run()
    district.enforce = writes  # type: ignore[method-assign]
    assert [o.result for o in district.last.outcomes] == [Result.NEEDLESS]
    assert district.run(2 * HOUR) == ["b"]
    assert district.run(5 * MINUTE) == []


def test_a_trial_whose_host_is_gone_begins_anew(district: District) -> None:
    district.run()
    del district.machines["a"]
    assert district.run(2 * HOUR) == ["b"]
    assert district.rollouts == [("first", "ONE", "running")]


def test_a_school_that_is_gone_has_shown_nothing_for_others(district: District) -> None:
    district.run()
    district.machines["b"].root = "no"
    assert district.run(2 * HOUR) == []
    assert district.rollouts == [("first", "SITE", "running")]
    for name in ("a", "b"):
        district.machines[name] = Machine("north", root="no")  # the school has another name now
    assert district.run(2 * HOUR) == ["c"]
    assert [(r.ring.name, r.site) for r in district.ledger.rollouts.all()] == [("ONE", "west")]


def test_a_clock_that_went_back_hides_no_failure(district: District) -> None:
    district.run()
    district.now += 3 * HOUR
    assert district.run(0 * HOUR) == ["b"]
    district.machines["e"] = Machine("east")
    district.does = lambda _name, _machine: None
    assert district.run(-2 * HOUR) == ["e"]  # two hours before its ring began
    assert "1 of 2 changes failed" in district.last.rollouts[0].why


def test_a_trial_that_came_to_nothing_is_told_no_more(district: District) -> None:
    district.run()
    for machine in district.machines.values():
        machine.root = "no"
    del district.machines["a"]
    district.run(2 * HOUR)
    assert district.last.rollouts == ()
    assert district.rollouts == []
