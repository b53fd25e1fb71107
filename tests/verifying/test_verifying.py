"""A second look is patient and bounded, gives up at the kill switch, and believes no reading from before the change."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from agent.enforce import accounted, enforce
from agent.ledger.store import open_ledger
from agent.model.action import Result
from agent.model.reading import Unknown
from tests.verifying.world import World, plan

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from agent.ledger.store import LedgerStore
    from agent.model.policy import Repository
    from agent.model.reading import Reading

SILENT = Unknown("connection refused")
DONE, WRONG = "no", "yes"
HOUR = timedelta(hours=1)
CONFIRMED, PENDING, FAILED = Result.CONFIRMED, Result.PENDING, Result.FAILED
NEEDLESS, STOPPED = Result.NEEDLESS, Result.STOPPED


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[LedgerStore]:
    with open_ledger(tmp_path / "ledger.db") as store:
        yield store


@pytest.mark.parametrize(
    ("after", "result", "seconds"),
    [
        ([DONE], CONFIRMED, 0),
        ([WRONG, DONE], CONFIRMED, 1),
        ([SILENT, DONE], CONFIRMED, 1),
        ([WRONG, SILENT, DONE], CONFIRMED, 4),
        ([WRONG, WRONG, WRONG, DONE], CONFIRMED, 13),
        ([WRONG, WRONG, WRONG, WRONG, DONE], FAILED, 13),  # bounded: it is not read a fifth time
        ([SILENT], PENDING, 13),
        ([SILENT, SILENT, SILENT, WRONG], FAILED, 13),
        ([WRONG, WRONG, WRONG, SILENT], PENDING, 13),  # the newest reading counts
    ],
)
def test_what_is_not_confirmed_is_read_again(
    after: Sequence[Reading], result: Result, seconds: float, ledger: LedgerStore
) -> None:
    world = World(ledger, {"web1": [WRONG, *after]})
    assert world.repair()["web1"].result is result
    assert sum(world.slept) == seconds
    assert len(world.asked) <= 1 + 4
    assert bool(ledger.unfinished()) is (result is PENDING)


def test_only_what_is_not_confirmed_is_read_again(ledger: LedgerStore) -> None:
    world = World(ledger, {"web1": [WRONG, DONE], "web2": [WRONG, WRONG, DONE], "web3": [WRONG, WRONG, SILENT, DONE]})
    outcomes = world.repair()
    assert {o.result for o in outcomes.values()} == {CONFIRMED}
    assert world.asked == [("web1", "web2", "web3"), ("web1", "web2", "web3"), ("web2", "web3"), ("web3",)]


def test_where_nothing_ran_nothing_is_waited_for(ledger: LedgerStore) -> None:
    world = World(ledger, {"web1": [WRONG]}, ran=False)
    assert world.repair()["web1"].result is FAILED
    assert world.slept == []
    assert ledger.durations.all() == {}


@pytest.mark.parametrize("looks_before", [0, 3, 6])
def test_the_kill_switch_ends_the_waiting_at_once(looks_before: int, ledger: LedgerStore) -> None:
    def throw(world: World) -> None:
        if len(world.slept) > looks_before:
            world.stopped = "a drill"

    world = World(ledger, {"web1": [WRONG]}, when_asleep=throw)
    assert world.repair()["web1"].result is FAILED
    assert len(world.slept) == looks_before + 1  # a quarter of a second each
    assert max(world.slept) <= 0.25


def test_how_long_a_playbook_took_is_kept(ledger: LedgerStore) -> None:
    World(ledger, {"web1": [WRONG, DONE]}, takes=timedelta(minutes=7)).repair()
    [(what, [took])] = ledger.durations.all().items()
    assert (what, took.resources) == ("playbooks/ssh.yml", 1)
    assert timedelta(minutes=7) <= took.span < timedelta(minutes=8)


def test_what_was_refused_for_a_reason_of_its_own_is_not_called_stopped(ledger: LedgerStore) -> None:
    world = World(ledger, {"web1": [WRONG]}, ran=False)

    def moved(_repository: Repository) -> str:
        world.stopped = "a drill"
        return "playbooks changed since they were loaded"

    world.moved = moved
    outcome = world.repair()["web1"]
    assert (outcome.result, outcome.said) == (FAILED, "playbooks changed since they were loaded")


def test_of_what_was_cut_off_no_duration_is_kept(ledger: LedgerStore) -> None:
    world = World(ledger, {"web1": [WRONG, DONE]})
    world.when_writing = "a drill"
    world.repair()
    assert ledger.durations.all() == {}


def test_a_clock_that_is_put_back_measures_nothing_and_confirms_nothing(ledger: LedgerStore) -> None:
    world = World(ledger, {"web1": [WRONG, DONE]}, takes=-HOUR)
    view = world.look()
    (outcome,) = world.repaired(view)
    assert ledger.durations.all() == {}
    assert outcome.result is CONFIRMED  # read after the writer's end, by the same clock
    world.now -= HOUR
    assert world.look().of("host")[0].as_of < world.now + HOUR


@pytest.mark.parametrize("reading", [DONE, WRONG])
def test_a_list_from_before_the_change_neither_confirms_nor_fails(reading: str, ledger: LedgerStore) -> None:
    """What every list of a school is: the export of last night, read again after a change of today."""
    world = World(ledger, {"web1": [WRONG, reading]}, lag=timedelta(hours=9))
    outcome = world.repair()["web1"]
    assert outcome.result is PENDING
    assert "the newest reading is from 2026-10-14 01:0" in outcome.why
    assert "and the change from 2026-10-14 10:01 CDT" in outcome.why
    assert [i.resource for i in ledger.unfinished()] == ["host/web1"]
    world.lag = timedelta()
    (settled,) = world.settle()
    assert settled.result is {DONE: CONFIRMED, WRONG: FAILED}[reading]
    assert ledger.unfinished() == ()


def test_what_cannot_be_read_is_pending_until_its_deadline_and_then_failed(ledger: LedgerStore) -> None:
    world = World(ledger, {"web1": [WRONG, SILENT]})
    begun = world.now
    first = world.repair()["web1"]
    assert first.result is PENDING
    assert first.why.endswith("connection refused; it has until 2026-10-14 11:00 CDT to be confirmed")
    world.now = begun + HOUR - timedelta(seconds=30)
    assert [o.result for o in world.settle()] == [PENDING]
    world.now = begun + HOUR + timedelta(seconds=1)
    (late,) = world.settle()
    assert late.result is FAILED
    assert "begun at 2026-10-14 10:00 CDT, it had until 2026-10-14 11:00 CDT to be confirmed" in late.why
    assert "connection refused" in late.why
    assert "A person is asked" in late.why
    assert ledger.unfinished() == ()
    assert world.settle() == ()


def test_what_a_killed_process_left_is_settled_by_the_next_look(ledger: LedgerStore) -> None:
    world = World(ledger, {"web1": [WRONG, DONE]})
    world.look()
    ledger.begin("killed", "run", "abc", world.clock())
    enforce(world.hands, world.repository, "killed", plan("web1"))  # and then kill -9, before anything is verified
    assert len(ledger.unfinished()) == 1
    (settled,) = world.settle()
    assert settled.result is CONFIRMED
    assert "did not see its end" in settled.said


@pytest.mark.parametrize(("reading", "result"), [(WRONG, STOPPED), (DONE, NEEDLESS)])
def test_what_a_killed_process_never_began_has_failed_at_nothing_and_is_nobodys_repair(
    reading: str, result: Result, ledger: LedgerStore
) -> None:
    world = World(ledger, {"web1": [WRONG, reading]})
    world.look()
    ledger.begin("run 1", "run", "abc", world.clock())
    ledger.intend("run 1", [(b.digest, a) for b in plan("web1").batches for a in b.actions], world.clock())
    (settled,) = world.settle()
    assert settled.result is result
    assert not settled.confirmed
    assert world.settle() == ()


def test_a_look_from_before_the_kill_settles_nothing(ledger: LedgerStore) -> None:
    """Such as the last recorded look, or an export that is older than what was begun."""
    world = World(ledger, {"web1": [DONE]})
    before = world.look()
    ledger.begin("killed", "run", "abc", world.clock())
    enforce(world.hands, world.repository, "killed", plan("web1"))
    assert [o.result for o in world.settle(before)] == [PENDING]


def test_a_verb_that_nobody_knows_any_more_has_an_hour(ledger: LedgerStore) -> None:
    world = World(ledger, {"web1": [WRONG, SILENT]})
    world.repair()
    from agent.verifying import settle_leftovers

    world.now += 2 * HOUR
    (late,) = settle_leftovers(ledger, world.repository, world.look(), world.clock(), {})
    assert late.result is FAILED


def test_what_had_not_begun_when_all_was_stopped_is_held_by_name(ledger: LedgerStore) -> None:
    world = World(ledger, {"web1": [WRONG], "web2": [WRONG]}, stopped="a drill")
    two = plan("web1", "web2")
    attempts = enforce(world.hands, world.repository, "never begun", two)
    assert attempts == []
    (hold,) = accounted(two, attempts, "a drill").holds
    assert hold.resources == ("host/web1", "host/web2")
    assert "2 changes had not begun" in hold.sentence
    assert hold.lifted_by == "`driftbell resume`"
    (late,) = accounted(two, attempts, "").holds
    assert (late.guard, late.resources) == ("window", ("host/web1", "host/web2"))
    assert accounted(replace(two, holds=(hold,)), attempts, "a drill").holds == (hold,)
