"""Hosts that answer what a script says, a writer that claims all, a real ledger, and a clock that nobody waits for."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, cast

from agent.bootstrap import catalog
from agent.enforce import Hands, enforce
from agent.eyes import Eyes
from agent.model.action import Plan, Written
from agent.model.ports import Clearance
from agent.model.reading import Unknown
from agent.model.sweep import Sweep, Unseen
from agent.observe import View, look
from agent.verifying import settle_leftovers, verify
from tests.decide.build import ROOT, policy, repository, table
from tests.ledger import nouns
from tests.paper import OnPaper

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from agent.ledger.store import LedgerStore
    from agent.model.action import Action, Outcome
    from agent.model.policy import Repository
    from agent.model.ports import Rehearser
    from agent.model.reading import Reading
    from agent.model.sweep import Request

CATALOG = catalog()
START = datetime(2026, 10, 14, 15, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def _unmoved(_repository: Repository) -> str:
    return ""


@dataclass
class World(OnPaper):
    """`says` holds each host's answers in turn, the last one for ever; what is no text is why it is silent."""

    ledger: LedgerStore
    says: Mapping[str, Sequence[Reading]]
    now: datetime = START
    lag: timedelta = timedelta()  # how old the data is that is read
    stopped: str = ""
    when_writing: str = ""  # why all changes are stopped in the middle of it
    ran: bool = True
    moved: Callable[[Repository], str] = _unmoved
    takes: timedelta = 90 * SECOND  # for a playbook
    when_asleep: Callable[[World], None] | None = None
    slept: list[float] = field(default_factory=list)
    asked: list[tuple[str, ...]] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += timedelta(seconds=seconds)
        if self.when_asleep:
            self.when_asleep(self)

    def observe(self, _repository: Repository, request: Request) -> Sweep:
        hosts = [h for h in self.says if request.only is None or f"host/{h}" in request.only]
        self.asked.append(tuple(hosts))
        looks = {h: sum(h in asked for asked in self.asked) - 1 for h in hosts}
        readings = {h: self.says[h][min(looks[h], len(self.says[h]) - 1)] for h in hosts}
        silent = tuple(Unseen(f"host/{h}", r.why) for h, r in readings.items() if isinstance(r, Unknown))
        return Sweep(
            "inventory", "host", table({h: {ROOT: r} for h, r in readings.items()}), len(hosts),
            len(hosts) - len(silent), True, "the inventory lists them", self.clock() - self.lag, silent,
        )  # fmt: skip

    def enforce(
        self, _repository: Repository, actions: Sequence[Action], started: Callable[[int], None], _c: Clearance
    ) -> Mapping[str, Written]:
        started(4711)
        self.now += self.takes
        self.stopped = self.stopped or self.when_writing
        return {a.resource: Written(a.resource, "changed 1 task", self.ran) for a in actions}

    @property
    def eyes(self) -> Eyes:
        return Eyes(CATALOG, {"host": {"inventory": self}}, cast("Rehearser", None))

    @property
    def hands(self) -> Hands:
        clearance = Clearance(lambda: self.stopped)
        return Hands({"ansible": self}, self.ledger, clearance, self.clock, self.moved, sleep=self.sleep)

    @property
    def repository(self) -> Repository:
        return repository(policy(expect={ROOT: "no"}), hosts=tuple(self.says))

    def look(self) -> View:
        return look(self.eyes, self.repository, self.clock())

    def repair(self, *hosts: str) -> dict[str, Outcome]:
        """Find these hosts out of line, write to them and verify."""
        view = self.look()
        return {o.resource.removeprefix("host/"): o for o in self.repaired(view, *hosts)}

    def repaired(self, view: View, *hosts: str) -> tuple[Outcome, ...]:
        self.ledger.begin(f"run {len(self.asked)}", "run", "abc", self.clock())
        attempts = enforce(self.hands, self.repository, f"run {len(self.asked)}", plan(*(hosts or self.says)))
        return verify(self.eyes, self.hands, self.repository, view, attempts)[1]

    def settle(self, view: View | None = None) -> tuple[Outcome, ...]:
        """Look once more, and judge what is open."""
        now_seen = view or self.look()
        return settle_leftovers(self.ledger, self.repository, now_seen, self.clock(), CATALOG.verbs)


def plan(*hosts: str) -> Plan:
    actions = tuple(replace(nouns.action(f"host/{h}", "P-01"), differences=(nouns.difference(),)) for h in hosts)
    return Plan((replace(nouns.batch("a", *actions), policy="P-01"),))
