"""A rollout through the whole cycle: what each run writes to, and what it keeps."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from agent import claiming, rolling
from agent.ledger.store import open_ledger
from agent.model.finding import Difference
from agent.model.opinion import Opinion
from agent.model.policy import Mode
from agent.model.rollout import Progress, Ring, Rings
from agent.observe import View
from tests.rolling.world import CATALOG, HOUR, District, KilledError, Machine, rule, schools

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from agent.model.policy import Repository
    from agent.model.ports import Clearance

MINUTE = timedelta(minutes=1)
RINGS = Rings(soak=HOUR)


@pytest.fixture
def district(tmp_path: Path) -> Iterator[District]:
    with open_ledger(tmp_path / "ledger.db") as store:
        yield District(store, schools(), rule(RINGS))


def works(machine: Machine) -> None:
    machine.root = "no"


def test_one_then_its_site_then_all(district: District) -> None:
    assert district.run() == ["a"]
    assert district.rollouts == [("first", "ONE", "running")]
    assert district.run(30 * MINUTE) == []
    assert "Ring 1 of 3: only a is changed, and 3 wait until" in district.held_by("rings")[0]
    assert district.run() == ["b"]
    assert district.rollouts == [("first", "SITE", "running")]
    assert district.run() == ["c", "d"]
    assert district.run(30 * MINUTE) == []
    assert district.rollouts == [("first", "ALL", "running")]
    assert district.run() == []
    assert district.rollouts == [("first", "ALL", "passed")]
    district.machines["d"].root = "yes"
    district.machines["e"] = Machine("west")
    assert district.run() == ["d", "e"]  # from here on only caps apply


def test_the_report_is_told_how_it_stands(district: District) -> None:
    district.run()
    (note,) = district.last.rollouts
    assert (note.ring, note.progress, note.changed, note.waiting) == (Ring.ONE, Progress.RUNNING, 1, 3)
    assert note.until is not None
    for _ in range(6):
        district.run(2 * HOUR)
        if district.last.rollouts and district.last.rollouts[0].progress is Progress.PASSED:
            break
    (note,) = district.last.rollouts
    assert note.progress is Progress.PASSED
    district.run()
    assert district.last.rollouts == ()
    assert open_again(district) == ()


def open_again(district: District) -> tuple[object, ...]:
    """What the ledger kept of the last run's rollouts."""
    kept = district.ledger.last_run()
    assert kept is not None
    return kept.rollouts


def test_a_plan_keeps_nothing(district: District) -> None:
    district.plan()
    assert district.ledger.rollouts.all() == ()
    district.run()
    before = district.ledger.rollouts.all()
    district.now += 2 * HOUR
    planned = district.plan()
    assert len([h for h in planned.plan.holds if h.guard == "rings"]) == 1
    assert "Ring 2 of 3" in planned.plan.holds[-1].sentence
    assert district.ledger.rollouts.all() == before


class Disagrees:
    """The district's own tests, which never hold."""

    def lack(self) -> str:
        return ""

    def examine(
        self, _repository: Repository, _modules: Sequence[str], resources: Sequence[str], _clearance: Clearance
    ) -> Mapping[str, Opinion]:
        return {resource: Opinion("failed 1 of 1 tests", failed=True) for resource in resources}


def test_a_change_that_the_districts_own_tests_do_not_find_good_halts(district: District) -> None:
    district.rule = rule(RINGS, verify=("tests/test_ssh.py",))
    district.examiner = Disagrees()
    assert district.run() == ["a"]
    assert district.last.outcomes[0].confirmed
    assert district.rollouts == [("first", "ONE", "halted")]
    assert "your own tests say otherwise" in district.last.rollouts[0].why


def test_a_change_that_fails_halts_in_the_run_that_made_it(district: District) -> None:
    district.does = lambda _name, _machine: None
    assert district.run() == ["a"]
    assert district.rollouts == [("first", "ONE", "halted")]
    assert "1 of 1 changes failed" in district.last.rollouts[0].why
    for _ in range(3):
        assert district.run(5 * HOUR) == []
    assert "halted in ring 1 of 3" in district.held_by("rings")[0]


@pytest.mark.parametrize(("broken", "halts"), [("a", True), ("b", True), ("c", False)])
def test_a_service_that_fails_at_the_site_halts_and_one_elsewhere_does_not(
    broken: str, halts: bool, district: District
) -> None:
    district.run()
    district.machines[broken].cron = False
    assert district.run(5 * MINUTE) == []
    assert district.rollouts == [("first", "ONE", "halted" if halts else "running")]
    if halts:
        assert f"WATCH-01 on {broken}" in district.last.rollouts[0].why


def test_what_was_out_of_line_before_does_not_halt_and_what_opens_on_a_changed_host_does(district: District) -> None:
    for machine in district.machines.values():
        machine.banner, machine.cron = "theirs", False
    assert district.run() == ["a"]
    assert district.run(2 * HOUR) == ["b"]
    district.machines["c"].banner = "ours"
    assert district.run(5 * MINUTE) == []
    assert district.rollouts == [("first", "SITE", "running")]
    district.machines["c"].banner = "theirs again"  # opens anew, on a host that no ring has changed
    assert district.run(5 * MINUTE) == []
    assert district.rollouts == [("first", "SITE", "running")]
    district.machines["b"].root = "yes"
    assert district.run(5 * MINUTE) == []
    assert district.rollouts == [("first", "SITE", "halted")]
    assert "P-01 on b" in district.last.rollouts[0].why


def test_a_host_that_goes_silent_after_its_change_halts_after_the_soak(district: District) -> None:
    def silences(_name: str, machine: Machine) -> None:
        machine.root, machine.silent = "no", "connection refused"

    district.does = silences
    assert district.run() == ["a"]
    assert district.rollouts == [("first", "ONE", "running")]
    assert district.run(2 * HOUR) == []
    assert district.rollouts == [("first", "ONE", "halted")]


def test_a_host_that_goes_silent_after_it_was_confirmed_counts_as_unconfirmed(district: District) -> None:
    district.run()
    district.machines["a"].silent = "no route to host"
    assert district.run(30 * MINUTE) == []
    assert district.rollouts == [("first", "ONE", "running")]
    assert district.run() == []
    assert district.rollouts == [("first", "ONE", "halted")]
    assert "could not be confirmed" in district.last.rollouts[0].why


def test_a_process_that_dies_while_it_writes_has_begun_its_rollout(district: District) -> None:
    def dies(_name: str, _machine: Machine) -> None:
        raise KilledError

    district.does = dies
    with pytest.raises(KilledError):
        district.run()
    assert district.rollouts == [("first", "ONE", "running")]
    district.does = lambda _name, machine: works(machine)
    touched = set()
    for _ in range(3):
        touched |= set(district.run(5 * MINUTE))
    assert touched <= {"a"}


def test_a_policy_edited_in_its_second_ring_begins_anew_and_the_old_rollout_stays(district: District) -> None:
    district.run()
    assert district.run(2 * HOUR) == ["b"]
    district.rule = replace(district.rule, digest="second")
    district.machines["a"].root = district.machines["b"].root = "yes"
    assert district.run() == ["a"]
    assert sorted(district.rollouts) == [("first", "SITE", "running"), ("second", "ONE", "running")]
    assert district.run(5 * MINUTE) == []
    (old,) = [r for r in district.ledger.rollouts.all() if r.digest == "first"]
    assert old.resource == "host/a"


def test_a_resumed_rollout_is_in_the_same_ring_and_looks_at_new_changes_alone(district: District) -> None:
    district.does = lambda _name, _machine: None
    district.run()
    (halted,) = district.ledger.rollouts.all()
    resumed = replace(halted, progress=Progress.RUNNING, began=None, changed=district.now, why="", by="director")
    district.ledger.rollouts.keep(resumed)
    district.does = lambda _name, machine: works(machine)
    assert district.run(5 * MINUTE) == []  # it failed once, so it waits its quarter of an hour
    assert district.run(15 * MINUTE) == ["a"]
    assert district.rollouts == [("first", "ONE", "running")]
    assert district.run(2 * HOUR) == ["b"]


def test_what_is_never_touched_keeps_no_ring_waiting(district: District) -> None:
    district.never = frozenset({"host/b"})
    assert district.run() == ["a"]
    assert district.run(2 * HOUR) == []  # the site has nothing to do, and soaks
    assert district.rollouts == [("first", "SITE", "running")]
    assert district.run(2 * HOUR) == ["c", "d"]


def test_a_ring_with_nothing_left_passes_after_its_soak_and_one_ring_a_run(district: District) -> None:
    district.run()
    for machine in district.machines.values():
        machine.root = "no"
    rings = []
    for _ in range(3):
        district.run(2 * HOUR)
        rings.append(district.rollouts[0][1:])
    assert rings == [("SITE", "running"), ("ALL", "running"), ("ALL", "passed")]


def test_an_approval_does_not_skip_a_ring(district: District) -> None:
    district.rule = rule(RINGS, mode=Mode.PROPOSE)
    assert district.run() == []
    (batch,) = district.last.plan.batches
    assert district.apply(batch.digest) == ["a"]
    assert district.rollouts == [("first", "ONE", "running")]
    assert district.apply(batch.digest) == []
    district.now += 2 * HOUR
    assert district.apply(batch.digest) == ["b"]


def test_the_trial_site_goes_first(district: District) -> None:
    district.rule = rule(Rings(soak=HOUR, site="west"))
    assert district.run() == ["c"]
    assert district.run(2 * HOUR) == ["d"]
    assert district.run(2 * HOUR) == ["a", "b"]


def test_a_clock_that_goes_back_lets_nothing_through(district: District) -> None:
    district.run()
    assert district.run(-HOUR) == []
    assert district.run(30 * MINUTE) == []
    assert district.rollouts[0][1] == "ONE"


def test_a_kind_that_nobody_shows_lets_no_ring_pass(district: District) -> None:
    district.run()
    blind = View((), {}, (), district.now + 5 * HOUR)
    known: Any = rolling.rolled(district.ledger, district.repository, blind, ())
    assert [r.ring for r in known.values()] == [Ring.ONE]


# Retries.


def test_retries_are_bounded_with_longer_and_longer_pauses_and_then_a_person(tmp_path: Path) -> None:
    with open_ledger(tmp_path / "ledger.db") as store:
        one = District(store, {"a": Machine("east")}, rule(), does=lambda _name, _machine: None)
        assert one.run() == ["a"]
        assert one.run(14 * MINUTE) == []
        assert "tried once" in one.held_by("retries")[0]
        assert one.run(2 * MINUTE) == ["a"]
        assert one.run(HOUR) == []
        assert one.run(HOUR) == ["a"]
        for _ in range(3):
            assert one.run(24 * HOUR) == []
        assert "tried 3 times" in one.held_by("retries")[0]
        (batch,) = one.last.plan.batches
        assert one.apply(batch.digest) == ["a"]


def test_what_failed_before_it_came_right_counts_no_more(tmp_path: Path) -> None:
    with open_ledger(tmp_path / "ledger.db") as store:
        one = District(store, {"a": Machine("east")}, rule(), does=lambda _name, _machine: None)
        assert one.run() == ["a"]
        one.machines["a"].root = "no"
        assert one.run() == []
        one.machines["a"].root = "yes"
        assert one.run(MINUTE) == ["a"]
        assert one.run(MINUTE) == []
        assert "tried once" in one.held_by("retries")[0]


# Claims.


def test_what_is_on_its_way_is_claimed_until_its_deadline(tmp_path: Path) -> None:
    def silences(_name: str, machine: Machine) -> None:
        machine.silent = "connection refused"

    with open_ledger(tmp_path / "ledger.db") as store:
        one = District(store, {"a": Machine("east")}, rule(), does=silences)
        assert one.run() == ["a"]
        ((key, claim),) = claiming.claims(store, CATALOG.verbs).items()
        assert key == ("host/a", "sshd.permitrootlogin")
        assert claim.until - claim.since == CATALOG.verbs["ansible.playbook"].deadline == HOUR
        one.machines["a"].silent = ""
        one.does = lambda _name, machine: works(machine)
        one.run(2 * HOUR)
        assert claiming.claims(store, CATALOG.verbs) == {}


# What keeps changing back.


@pytest.fixture
def flapping(tmp_path: Path) -> Iterator[District]:
    with open_ledger(tmp_path / "ledger.db") as store:
        yield District(store, {"a": Machine("east")}, rule())


def fixed_and_back(one: District, times: int, after: timedelta = HOUR) -> None:
    for _ in range(times):
        assert one.run(after) == ["a"]
        one.machines["a"].root = "yes"


def test_three_times_fixed_and_back_is_quarantined_and_asked_about_once(flapping: District) -> None:
    fixed_and_back(flapping, 3)
    assert flapping.asked == []
    for _ in range(3):
        assert flapping.run(24 * HOUR * 5) == []  # waiting alone ends nothing
    (said,) = flapping.held_by("quarantine")
    assert "put it right 3 times" in said
    assert "There: puppet is running there." in said
    assert flapping.asked == [("host/a", ("sshd.permitrootlogin",))]


def test_a_plan_says_it_too_and_asks_nobody(flapping: District) -> None:
    fixed_and_back(flapping, 3)
    planned = flapping.plan()
    assert [h.guard for h in planned.plan.holds] == ["quarantine"]
    assert flapping.asked == []


def test_a_persons_answer_ends_it_and_counting_begins_anew(flapping: District) -> None:
    fixed_and_back(flapping, 3)
    assert flapping.run() == []
    flapping.ledger.returns.answer("P-01", "director", flapping.now)
    fixed_and_back(flapping, 3)
    assert flapping.run() == []
    assert len(flapping.asked) == 2
    assert flapping.ledger.returns.answered()["P-01"][0] == "director"


def test_what_comes_back_now_and_then_is_no_pattern(flapping: District) -> None:
    fixed_and_back(flapping, 6, after=timedelta(days=3))


def test_fixed_after_days_of_being_open_counts_too(flapping: District) -> None:
    """What was open before it was fixed, and what was found and fixed in one run, are both fixed."""
    flapping.rule = rule(mode=Mode.AUDIT)
    assert flapping.run() == []
    flapping.rule = rule()
    fixed_and_back(flapping, 3)
    assert flapping.run() == []


# Which findings are about a service at a site.


@pytest.mark.parametrize(
    ("resource", "site", "field", "counts"),
    [
        ("service/web", "east", "up", True),
        ("service/web", "", "up", True),  # what belongs to no site serves all of them
        ("service/web", "west", "up", False),
        ("host/x", "east", "service.cron.running", True),
        ("host/x", "west", "service.cron.running", False),
        ("host/x", "", "service.cron.running", False),
        ("host/x", "east", "file./etc/service.mode", False),
        ("device/x", "east", "status", False),
    ],
)
def test_which_findings_are_of_a_service_at_the_rings_sites(resource: str, site: str, field: str, counts: bool) -> None:
    found = rolling._New(site, (Difference(field, "true", "false"),))
    assert rolling._serves(resource, found, {"east"}) is counts
