"""Runs the product in the simulated world, cycle by cycle: real intake, ledger, calendars, guards and kill switch."""

from __future__ import annotations

import itertools
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, cast

import pytest

from agent import cycle, switch
from agent.decide import guards
from agent.deliberate import Ports
from agent.enforce import Hands
from agent.errors import DriftbellError
from agent.eyes import Eyes
from agent.ledger.store import open_ledger
from agent.model.approval import Approval, Word
from agent.model.ports import Clearance
from agent.model.source import ExportSource
from agent.report.document import exit_code
from agent.systems.csv.read import CsvReader
from tests.simulator import land, rules
from tests.simulator.chance import dice
from tests.simulator.judge import Judge
from tests.simulator.lists import Exports
from tests.simulator.mdm import KilledError, Mdm
from tests.simulator.tally import Tally
from tests.simulator.world import World, day_of

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

    from agent.model.action import Batch, Plan
    from agent.model.policy import Repository
    from agent.model.ports import Reader, Rehearser
    from agent.model.run import Run

TICK = timedelta(milliseconds=50)  # what time goes by whenever somebody asks for it
RESTART = timedelta(minutes=5)
PERSON, HASTY = "director", "systems"
LIFTABLE = frozenset({"mode", "tripwire"})  # holds that the administrator answers
FOUND_OUT = 0.05  # on a day, of what keeps changing back
FEW = 4  # batches that somebody looks through on a day


@dataclass(frozen=True, slots=True)
class Form:
    """How big a simulation is, and when it begins.

    `without` names a guard that is taken out, or is empty; `only` the sorts of mishaps there are to be.
    """

    days: int = 365
    devices: int = 5000
    seed: int = 1
    hours: float = 12.0
    without: str = ""
    start: datetime = rules.START
    only: str = ""


class Soak:
    """One district, one world, one year."""

    def __init__(self, form: Form, folder: Path) -> None:
        """Lay everything down."""
        self.form, self.folder = form, folder
        self.world = World(form.seed, form.devices, form.days, form.start, form.only)
        self.judge = Judge(self.world)
        self.tally = Tally(self.world, self.judge)
        self.stop_file = folder / "STOP"
        self._ticks, self._ids = itertools.count(), itertools.count(1)
        Exports(self.world, folder / "exports")
        self.mdm = Mdm(self.world, self.judge, self.true_now)
        self.mdm.throw = self._throw
        land.write(folder / "repo", form.devices)
        self.repository = self._loaded("first")
        self.store = open_ledger(folder / "ledger.db")
        self.ports = self._ports()
        self._looked: object = None
        self.dice = dice(form.seed, "hours")

    def true_now(self) -> datetime:
        """Give the true time, which goes by as it is asked for."""
        return self.world.now + TICK * next(self._ticks)

    def product_now(self) -> datetime:
        """Give the time that the product's machine shows."""
        active = self.world.active()
        back = timedelta(hours=1) if "clock: an hour back" in active else timedelta()
        ahead = timedelta(days=1) if "clock: a day ahead" in active else timedelta()
        return self.true_now() - back + ahead

    def run(self, progress: Callable[[str], None] = lambda _line: None) -> Tally:
        """Go through the whole time."""
        end, at = self.world.start + timedelta(days=self.form.days), self.world.start
        with without(self.form.without):
            while at < end:
                self._cycle(at + timedelta(hours=self.dice.uniform(0, self.form.hours / 2)))
                if self.tally.cycles % 50 == 0:
                    wrong = len(self.judge.wrong)
                    progress(f"{rules.local(at):%Y-%m-%d} {self.judge.writes:,} writes, {wrong} wrong")
                at += timedelta(hours=self.form.hours)
        self.store.close()
        return self.tally

    def _cycle(self, at: datetime) -> None:
        self._to(at)
        done = self._live(lambda: cycle.run(self.ports, self.repository, cycle.Order("run")))
        self.tally.cycles += 1
        self.tally.look(done, self.world.now)
        today = day_of(self.world.now)
        if today.weekday() < 5 and self._looked != today and not self.world.stopped:
            self._looked = today
            self._administrate(done)

    def _to(self, at: datetime) -> None:
        self.world.advance(at)
        self._ticks = itertools.count()
        active = self.world.active()
        if "stopped" in active and not self.world.stopped:
            self._throw()
        if self.world.stopped and not active & {"stopped", "stopped while it writes"}:
            switch.release(self.stop_file)
            self.world.stopped = False
        if day_of(at) >= rules.SNOW and self.repository.revision.id == "first":
            land.write(self.folder / "repo", self.form.devices, snow=True)
            self.repository = self._loaded("snow")

    def _throw(self) -> None:
        switch.throw(self.stop_file, "director", "the simulator says so", self.true_now())
        self.world.stopped = True

    def _live(self, work: Callable[[], Run]) -> Run:
        """Do what a process does; one that is killed is started again, and knows what its ledger knows."""
        while True:
            self.judge.run_begins()
            try:
                return work()
            except KilledError:
                self.tally.deaths += 1
                self.store.close()
                self.store = open_ledger(self.folder / "ledger.db")
                self.ports = self._ports()
                self.world.advance(self.world.now + RESTART)
                self._ticks = itertools.count()
                work = lambda: cycle.run(self.ports, self.repository, cycle.Order("run"))  # ruff: ignore[lambda-assignment] - another go

    def _administrate(self, run: Run) -> None:
        """Answer what waits for an answer, as a correct administrator would: yes to what is right, no word else."""
        self._repair(run.plan)
        waiting = [b for b in run.plan.batches if self._asks(run.plan, b)]
        for batch in waiting[:FEW]:
            held = self._beyond(run.plan, batch)
            wanted = [a for a in batch.actions if a.resource not in held]
            if not all(self._right(a.resource, batch.policy, a.arguments.get("org_unit")) for a in wanted):
                self.tally.denials += 1
                self._deny(batch)
                continue
            self.tally.approvals += 1
            until = self.world.now + timedelta(days=3)
            self.judge.approved |= {(batch.policy, a.resource.partition("/")[2]): until for a in wanted}
            self._apply(batch, PERSON)
        self._settle_quarrels(run.plan)

    def _deny(self, batch: Batch) -> None:
        """Say no; and somebody else, who did not look, says yes a moment later."""
        said = Approval(batch.digest, PERSON, Word.DENY, self.product_now(), None, "these are not right")
        self.store.approvals.add(said)
        self._apply(batch, HASTY)

    def _apply(self, batch: Batch, who: str) -> None:
        """Approve a batch and carry it out; what moved on since it was planned is an error, and nothing more."""
        order = cycle.Order("apply", by=who)
        with suppress(DriftbellError):
            self._live(lambda: cycle.apply(self.ports, self.repository, order, batch.digest, who))

    def _asks(self, plan: Plan, batch: Batch) -> bool:
        mine = [h for h in plan.holds if h.batch == batch.digest]
        whole = {h.guard for h in mine if not h.resources or len(h.resources) == len(batch.actions)}
        asked = any(h.guard in LIFTABLE and h.approvable for h in mine)
        return asked and whole <= LIFTABLE

    @staticmethod
    def _beyond(plan: Plan, batch: Batch) -> set[str]:
        """Give what an approval would not lift."""
        mine = (h for h in plan.holds if h.batch == batch.digest and h.guard not in LIFTABLE)
        return {r for h in mine for r in h.resources}

    def _right(self, resource: str, policy: str, value: object) -> bool:
        device = self.world.devices.get(resource.partition("/")[2])
        want = device.wants(self.world.now).get(policy) if device else None
        return want is not None and (value is None or want[1] == value)

    def _repair(self, plan: Plan) -> None:
        """See to what was tried in vain: somebody goes there and does it by hand."""
        for name in {r for h in plan.holds if h.guard == "retries" for r in h.resources}:
            device = self.world.devices[name.partition("/")[2]]
            for field, value in device.wants(self.world.now).values():
                self.world.set(device, self.world.now, "a technician", **{_attribute(field): value})
            device.stubborn = False
            self.judge.forget(device)

    def _settle_quarrels(self, plan: Plan) -> None:
        """Answer the question who else writes there: somebody finds the forgotten script, and ends it."""
        quarrels = {(h.batch, r) for h in plan.holds if h.guard == "quarantine" for r in h.resources}
        if not quarrels or self.dice.random() > FOUND_OUT:
            return
        for digest, name in quarrels:
            self.world.devices[name.partition("/")[2]].pulled = False
            policy = next(b.policy for b in plan.batches if b.digest == digest)
            self.store.returns.answer(policy, PERSON, self.product_now())

    def _loaded(self, commit: str) -> Repository:
        return land.loaded(self.folder / "repo", self.folder / "cache", commit)

    def _ports(self) -> Ports:
        catalog = land.catalog()
        readers: dict[str, dict[str, Reader]] = {"device": {land.SYSTEM: self.mdm}}
        for source in self.repository.sources:
            if isinstance(source, ExportSource):
                kind = catalog.kinds[source.kind]
                reader = CsvReader(source, None, kind, self.folder / "exports", self.product_now)
                readers.setdefault(source.kind, {})[source.name] = reader
        clearance = Clearance(self._stopped)
        return Ports(
            eyes=Eyes(catalog, readers, cast("Rehearser", None), self.store.population),
            hands=Hands(
                {land.SYSTEM: self.mdm}, self.store, clearance, self.product_now, lambda _repository: "", waits=()
            ),
            clock=self.product_now,
            new_id=lambda: f"run-{next(self._ids):05d}",
            own_identity="simulator",
            exit_code=exit_code,
        )

    def _stopped(self) -> str:
        if self.form.without == "kill_switch":
            return ""
        return switch.reason(self.stop_file, self.repository.district)


def _attribute(field: str) -> str:
    return "ou" if field == "org_unit" else field


@contextmanager
def without(name: str) -> Generator[None]:
    """Take one guard out for as long as it takes, to see that the simulator notices."""
    if not name:
        yield
        return
    left = tuple(g for g in guards.GUARDS if g.__name__ != name)
    if len(left) == len(guards.GUARDS) and name != "budgets":
        msg = f"There is no guard {name!r}; there are {', '.join(g.__name__ for g in guards.GUARDS)} and budgets."
        raise ValueError(msg)
    patches = pytest.MonkeyPatch()
    patches.setattr("agent.deliberate.guard", partial(guards.guard, checks=left))
    if name == "budgets":
        patches.setattr("agent.decide.guards.budgets", lambda _plan, _context: iter(()))
    try:
        yield
    finally:
        patches.undo()
