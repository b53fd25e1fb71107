"""Hosts at two schools, a writer that may break things, a real ledger, and a clock that nobody waits for."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, cast

from agent import cycle
from agent.bootstrap import catalog
from agent.catalog.host import HOST
from agent.decide.columns import Row, build
from agent.deliberate import Ports
from agent.enforce import Hands
from agent.eyes import Eyes
from agent.model.action import Written
from agent.model.condition import Test
from agent.model.policy import Mode
from agent.model.ports import Clearance
from agent.model.reading import Unknown
from agent.model.sweep import Sweep, Unseen
from tests.decide.build import BANNER, PLACE, ROOT, policy, repository
from tests.paper import OnPaper

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from agent.ledger.store import LedgerStore
    from agent.model.action import Action
    from agent.model.opinion import Examiner
    from agent.model.policy import Policy, Repository
    from agent.model.ports import Rehearser
    from agent.model.rollout import Rings
    from agent.model.run import Run
    from agent.model.sweep import Request

CATALOG = catalog()
CRON = "service.cron.running"
START = datetime(2026, 10, 14, 15, tzinfo=UTC)
HOUR = timedelta(hours=1)


class KilledError(BaseException):
    """The process is gone, between two of its steps."""


@dataclass
class Machine:
    """One host: what root may do there, what its banner is, and whether cron runs."""

    site: str
    root: str = "yes"
    banner: str = "ours"
    cron: bool = True
    silent: str = ""

    def readings(self) -> dict[str, object]:
        return {ROOT: self.root, BANNER: self.banner, CRON: self.cron}


@dataclass
class District(OnPaper):
    """`does` is what a change does to a machine; by default it works."""

    ledger: LedgerStore
    machines: dict[str, Machine]
    rule: Policy
    does: Callable[[str, Machine], None] = field(default=lambda _name, machine: setattr(machine, "root", "no"))
    now: datetime = START
    never: frozenset[str] = frozenset()
    playbooks: str = "as they were"
    examiner: Examiner | None = None
    written: list[str] = field(default_factory=list)
    asked: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    ids: Iterator[int] = field(default_factory=count)

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def observe(self, _repository: Repository, request: Request) -> Sweep:
        seen = {n: m for n, m in self.machines.items() if request.only is None or f"host/{n}" in request.only}
        rows = []
        for name, machine in seen.items():
            told = machine.readings()
            fields = {f.name: Unknown(machine.silent) if machine.silent else told[f.name] for f in request.fields}
            rows.append(Row(f"host/{name}", machine.site, fields))  # type: ignore[arg-type]
        silent = tuple(Unseen(f"host/{n}", m.silent) for n, m in seen.items() if m.silent)
        return Sweep(
            "inventory", "host", build(request.fields, rows), len(seen), len(seen) - len(silent), True,
            "the inventory lists them", self.clock(), silent, {f"host/{n}": n for n in seen},
        )  # fmt: skip

    def enforce(
        self, _repository: Repository, actions: Sequence[Action], started: Callable[[int], None], _c: Clearance
    ) -> Mapping[str, Written]:
        started(4711)
        for action in actions:
            name = action.resource.removeprefix("host/")
            self.written.append(name)
            self.does(name, self.machines[name])
        return {a.resource: Written(a.resource, "changed 1 task", ran=True) for a in actions}

    def witnesses(self, _repository: Repository, resource: str, fields: Sequence[str]) -> tuple[str, ...]:
        self.asked.append((resource, tuple(fields)))
        return ("puppet is running there",)

    @property
    def repository(self) -> Repository:
        watch = policy("WATCH-01", mode=Mode.AUDIT, remedy=())
        watch = replace(watch, expect=Test(HOST.resolve(CRON), "equals", True, "true", PLACE))
        banner = policy("BANNER-01", expect={BANNER: "ours"}, mode=Mode.AUDIT, remedy=())
        found = repository(self.rule, watch, banner, hosts=tuple(self.machines))
        district = replace(found.district, never_touch=self.never)
        return replace(found, district=district, playbooks_digest=self.playbooks)

    @property
    def ports(self) -> Ports:
        return Ports(
            eyes=Eyes(CATALOG, {"host": {"inventory": self}}, cast("Rehearser", None)),
            hands=Hands(
                {"ansible": self}, self.ledger, Clearance(lambda: ""), self.clock, lambda _: "", sleep=self.sleep
            ),
            clock=self.clock,
            new_id=lambda: f"run {next(self.ids)}",
            own_identity="the server",
            exit_code=lambda _run: 0,
            witnesses=self.witnesses,
            examiner=self.examiner,
        )

    def run(self, after: timedelta = HOUR) -> list[str]:
        """Let time go by, run once, and give what was written to."""
        self.now += after
        self.written.clear()
        self.last = cycle.run(self.ports, self.repository, cycle.Order("run"))
        return sorted(self.written)

    def plan(self) -> Run:
        return cycle.propose(self.ports, self.repository, cycle.Order("plan"))

    def apply(self, digest: str) -> list[str]:
        self.written.clear()
        self.last = cycle.apply(self.ports, self.repository, cycle.Order("apply"), digest, "director")
        return sorted(self.written)

    def held_by(self, guard: str) -> list[str]:
        return [h.sentence for h in self.last.plan.holds if h.guard == guard]

    @property
    def rollouts(self) -> list[tuple[str, str, str]]:
        """Each rollout's content, ring and progress."""
        return [(r.digest, r.ring.name, r.progress.value) for r in self.ledger.rollouts.all()]


def rule(rings: Rings | None = None, **changes: object) -> Policy:
    return policy("P-01", expect={ROOT: "no"}, rings=rings, digest="first", **changes)


def schools() -> dict[str, Machine]:
    return {"a": Machine("east"), "b": Machine("east"), "c": Machine("west"), "d": Machine("west")}
