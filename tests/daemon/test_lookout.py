"""The lookout: a slow system delays no other, none is read twice at once, and what is old is not taken for new."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, cast

import pytest

from agent.bootstrap import catalog
from agent.daemon.lookout import Lookout
from agent.decide.columns import Row, build
from agent.errors import UnseenError
from agent.eyes import Eyes
from agent.model.sweep import Sweep
from agent.observe import look
from tests.decide.build import BANNER, policy, repository

if TYPE_CHECKING:
    from collections.abc import Callable

    from agent.model.policy import Repository
    from agent.model.ports import Rehearser
    from agent.model.sweep import Request

START = datetime(2026, 10, 14, 15, tzinfo=UTC)
DEADLINE = 20.0


@dataclass
class System:
    """A system that answers when it is told to, and counts how it is asked."""

    name: str
    go: threading.Event = field(default_factory=threading.Event)
    asked: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    looks: int = 0
    at_once: int = 0
    most_at_once: int = 0
    error: Exception | None = None

    def observe(self, _repository: Repository, request: Request) -> Sweep:
        self.looks += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.asked.release()
        try:
            assert self.go.wait(DEADLINE)
            if self.error:
                raise self.error
            rows = [Row("host/web1", "", {f.name: self.looks for f in request.fields})]
            return Sweep(
                self.name, "host", build(request.fields, rows), 1, 1, proven=True, membership="", as_of=START, unseen=()
            )
        finally:
            self.at_once -= 1


@dataclass
class Watch:
    """A clock, two systems, and the lookout over them."""

    quick: System
    slow: System
    now: datetime = START
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.lookout = Lookout(lambda: self.now, lambda name, _error: self.faults.append(name))
        self.repository = repository(policy("P-01", {BANNER: "x"}, check_every=timedelta(minutes=10)), hosts=("web1",))
        readers = {"host": {"quick": self.quick, "slow": self.slow}}
        self.eyes = Eyes(catalog(), readers, cast("Rehearser", None), lately=self.lookout)

    def gather(self, patience: float = DEADLINE) -> bool:
        sources = self.lookout.sources(self.eyes, self.repository)
        return self.lookout.gather(
            self.eyes, self.repository, self.lookout.due(sources, self.now), patience, lambda: False
        )

    def troubles(self) -> dict[str, str]:
        return {s.system: s.trouble for s in look(self.eyes, self.repository, self.now).sweeps}


@pytest.fixture
def watch() -> Watch:
    made = Watch(System("quick"), System("slow"))
    made.quick.go.set()
    return made


def until(true: Callable[[], bool]) -> None:
    """Wait for a condition."""
    wait = threading.Event()
    for _ in range(int(DEADLINE / 0.01)):
        if true():
            return
        wait.wait(0.01)
    pytest.fail("it did not come to that")


def test_a_slow_system_delays_no_other_and_is_not_read_twice(watch: Watch) -> None:
    assert watch.gather(0.5)
    assert watch.troubles() == {"quick": "", "slow": "it has not answered since 15:00 UTC, and is still being read"}
    watch.now += timedelta(minutes=30)
    assert watch.gather(0.5)
    assert (watch.quick.looks, watch.slow.looks) == (2, 1)
    watch.lookout.used(watch.lookout.mark())
    assert look(watch.eyes, watch.repository, watch.now).recalled == {("host", "quick"), ("host", "slow")}
    watch.slow.go.set()
    until(lambda: not watch.lookout.state()[1])
    assert watch.gather(0.0)
    assert look(watch.eyes, watch.repository, watch.now).recalled == {("host", "quick")}
    assert watch.troubles() == {"quick": "", "slow": ""}
    assert watch.slow.most_at_once == 1


def test_what_answered_is_known_until_it_is_due_again(watch: Watch) -> None:
    watch.slow.go.set()
    assert watch.gather()
    assert not watch.gather()
    assert look(watch.eyes, watch.repository, watch.now).recalled == frozenset()
    watch.lookout.used(watch.lookout.mark())
    view = look(watch.eyes, watch.repository, watch.now)
    assert view.recalled == {("host", "quick"), ("host", "slow")}
    assert (watch.quick.looks, watch.slow.looks) == (1, 1)
    watch.now += timedelta(minutes=10)
    assert watch.gather()
    assert (watch.quick.looks, watch.slow.looks) == (2, 2)


def test_what_answers_while_a_cycle_is_under_way_counts_for_the_next(watch: Watch) -> None:
    watch.gather(0.5)
    mark = watch.lookout.mark()
    watch.slow.go.set()
    until(lambda: not watch.lookout.state()[1])
    watch.lookout.used(mark)
    assert watch.gather(0.0)
    assert look(watch.eyes, watch.repository, watch.now).recalled == {("host", "quick")}


def test_what_a_new_rule_asks_is_read_at_once(watch: Watch) -> None:
    watch.slow.go.set()
    watch.gather()
    field_of = policy("P-02", {"sshd.permitrootlogin": "no"})
    watch.repository = repository(*watch.repository.policies, field_of, hosts=("web1",))
    assert watch.gather()
    assert watch.quick.looks == 2


def test_what_was_forgotten_is_read_again_and_only_once(watch: Watch) -> None:
    watch.slow.go.set()
    watch.gather()
    watch.lookout.forget({"host"})
    view = look(watch.eyes, watch.repository, watch.now)
    assert view.recalled == frozenset()
    assert not watch.gather()
    assert (watch.quick.looks, watch.slow.looks) == (2, 2)


def test_whoever_needs_it_anew_waits_for_a_look_that_is_under_way(watch: Watch) -> None:
    watch.gather(0.5)
    watch.lookout.forget({"host"})
    done = threading.Thread(target=watch.troubles)
    done.start()
    done.join(0.3)
    assert done.is_alive()  # it waits: nobody reads a system twice at once
    watch.slow.go.set()
    done.join(DEADLINE)
    assert not done.is_alive()
    assert watch.slow.most_at_once == 1


def test_an_answer_under_other_rules_does_not_count(watch: Watch) -> None:
    watch.gather(0.5)
    watch.lookout.begin_anew()
    watch.slow.go.set()
    until(lambda: watch.slow.at_once == 0)
    assert watch.lookout.state()[0] == {}
    assert watch.gather()
    assert watch.slow.looks == 2


@pytest.mark.parametrize(
    ("error", "said", "faults"),
    [
        (UnseenError("The list is locked."), "The list is locked", []),
        (ZeroDivisionError(), "Driftbell failed to read it (ZeroDivisionError)", ["look hosts (slow)"]),
    ],
)
def test_what_goes_wrong_in_one_system_is_said_and_blinds_no_other(
    watch: Watch, error: Exception, said: str, faults: list[str]
) -> None:
    watch.slow.error = error
    watch.slow.go.set()
    watch.gather()
    assert watch.troubles() == {"quick": "", "slow": said}
    assert watch.faults == faults


def test_whoever_ends_waits_for_nobody(watch: Watch) -> None:
    sources = watch.lookout.sources(watch.eyes, watch.repository)
    began = threading.Timer(DEADLINE, watch.slow.go.set)
    began.start()
    watch.lookout.gather(watch.eyes, watch.repository, sources, DEADLINE, lambda: True)
    assert not watch.slow.go.is_set()
    began.cancel()
    watch.slow.go.set()
