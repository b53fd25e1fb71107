"""What the kill switch ended has failed at nothing: its rollout is not halted, and the next run does the rest."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from agent.ledger.store import open_ledger
from agent.model.action import Result, Written
from agent.model.ports import Clearance
from agent.model.rollout import Rings
from tests.rolling.world import HOUR, District, Machine, rule, schools

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from agent.deliberate import Ports
    from agent.model.action import Action
    from agent.model.policy import Repository

MINUTE = timedelta(minutes=1)


@dataclass
class Stopped(District):
    """Somebody throws the switch while `at` is changed: what comes after it is not begun."""

    at: str = ""
    switch: str = ""

    @property
    def ports(self) -> Ports:
        there = super().ports
        return replace(there, hands=replace(there.hands, clearance=Clearance(lambda: self.switch)))

    def enforce(
        self, repository: Repository, actions: Sequence[Action], started: Callable[[int], None], clearance: Clearance
    ) -> Mapping[str, Written]:
        names = [a.resource.removeprefix("host/") for a in actions]
        if self.at not in names:
            return super().enforce(repository, actions, started, clearance)
        before = [a for a in actions if a.resource < f"host/{self.at}"]
        told = {a.resource: Written(a.resource, "stopped: a drill", ran=False) for a in actions}
        told |= super().enforce(repository, before, started, clearance)
        cut = f"host/{self.at}"
        self.switch = "a drill."
        return {**told, cut: Written(cut, "stopped: a drill, in Take long", ran=True, halted=True)}


def test_a_stopped_rollout_goes_on_where_it_was_as_soon_as_it_may(tmp_path: Path) -> None:
    with open_ledger(tmp_path / "ledger.db") as store:
        one = Stopped(store, schools() | {"e": Machine("west")}, rule(Rings()))
        assert [one.run(2 * HOUR), one.run(2 * HOUR)] == [["a"], ["b"]]
        one.at = "d"
        assert one.run(2 * HOUR) == ["c"]
        told = {o.resource: (o.result, o.why.partition(":")[0]) for o in one.last.outcomes}
        assert told == {
            "host/c": (Result.CONFIRMED, ""),
            "host/d": (Result.STOPPED, "cut off"),
            "host/e": (Result.STOPPED, "not begun"),
        }
        assert one.rollouts == [("first", "ALL", "running")]
        assert one.run(MINUTE) == []
        assert {h.guard for h in one.last.plan.holds} == {"kill switch"}

        one.at = one.switch = ""
        assert one.run(MINUTE) == ["d", "e"]
        assert one.last.plan.holds == ()
        assert one.run(2 * HOUR) == []
        assert one.rollouts == [("first", "ALL", "passed")]


def test_what_failed_by_itself_before_the_switch_was_thrown_has_failed(tmp_path: Path) -> None:
    with open_ledger(tmp_path / "ledger.db") as store:
        one = Stopped(store, {"a": Machine("east"), "b": Machine("east")}, rule(), does=lambda _name, _machine: None)
        one.at = "b"
        one.run()
        assert [o.result for o in one.last.outcomes] == [Result.FAILED, Result.STOPPED]
        one.at = one.switch = ""
        assert one.run(MINUTE) == ["b"]
        assert "tried once to repair a" in one.held_by("retries")[0]


def test_a_ring_that_was_stopped_does_not_pass_before_its_change_was_made(tmp_path: Path) -> None:
    with open_ledger(tmp_path / "ledger.db") as store:
        one = Stopped(store, schools(), rule(Rings()), at="a")
        assert one.run() == []
        one.at = one.switch = ""
        assert one.run(2 * HOUR) == ["a"]
        assert one.rollouts == [("first", "ONE", "running")]
        assert one.run(2 * HOUR) == ["b"]
