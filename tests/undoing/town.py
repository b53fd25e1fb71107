"""A town of hosts that have one file each, whose first line is what sshd reads; a writer that does what it is asked."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, cast

from agent import cycle
from agent.bootstrap import catalog
from agent.decide.reverting import takes_back
from agent.deliberate import Ports
from agent.enforce import Hands
from agent.eyes import Eyes
from agent.model.action import Written
from agent.model.capture import Capture, FileBefore, ServiceBefore
from agent.model.ports import Clearance
from agent.model.reading import Unknown
from agent.model.sweep import Sweep
from agent.undoing import backward, restoration
from tests.decide.build import ROOT, policy, repository, table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from agent.ledger.store import LedgerStore
    from agent.model.action import Action
    from agent.model.policy import Policy, Repository
    from agent.model.ports import Rehearser
    from agent.model.run import Run
    from agent.model.sweep import Request

PATH = "/etc/ssh/sshd_config.d/00.conf"
FORWARD = "net.ipv4.ip_forward"
START = datetime(2026, 10, 14, 15, tzinfo=UTC)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass
class Town:
    """`holds` is what each host's file says; `away` are hosts that nobody reaches."""

    ledger: LedgerStore
    holds: dict[str, str]
    policies: tuple[Policy, ...] = (policy(expect={ROOT: "no"}),)
    now: datetime = START
    stopped: str = ""
    away: set[str] = field(default_factory=set)
    left: tuple[str, ...] = ()  # what no capture can put back
    forgets: bool = False  # whether nothing is read after writing
    clumsy: bool = False  # whether it puts nothing back and says that it did
    runs: int = 0
    serving: bool = True  # whether the unit runs that the changes are told to
    forwards: str = "0"  # a value of the kernel that the changes set

    def clock(self) -> datetime:
        self.now += timedelta(milliseconds=10)
        return self.now

    def observe(self, _repository: Repository, request: Request) -> Sweep:
        hosts = [h for h in self.holds if request.only is None or f"host/{h}" in request.only]
        said = {h: {ROOT: Unknown("away") if h in self.away else self.holds[h]} for h in hosts}
        known = {f"host/{h}": f"machine of {h}" for h in hosts}
        return Sweep(
            "inventory", "host", table(said), len(hosts), len(hosts), True, "listed", self.clock(), (), known
        )  # fmt: skip

    def there(self, resource: str, *, content: bool = True) -> Capture | Unknown:
        host = resource.removeprefix("host/")
        if host in self.away:
            return Unknown("away")
        text = self.holds[host]
        held = text.encode() if content else None
        file = FileBefore(PATH, "file", "0644", "root", "root", held, digest=_digest(text))
        units, values = (ServiceBefore("ssh", "enabled", running=self.serving),), {FORWARD: self.forwards}
        return Capture(resource, self.now, files=(file,), left=self.left, services=units, sysctls=values)

    def capture(
        self, _repository: Repository, actions: Sequence[Action], _clearance: Clearance
    ) -> Mapping[str, Capture | Unknown]:
        return {a.resource: self.there(a.resource) for a in actions}

    def reread(
        self, _repository: Repository, kept: Mapping[str, Capture], _clearance: Clearance
    ) -> Mapping[str, Capture | Unknown]:
        if self.forgets:
            return {r: Unknown("nobody looked") for r in kept}
        return {r: self.there(r, content=False) for r in kept}

    def enforce(
        self, _repository: Repository, actions: Sequence[Action], started: Callable[[int], None], _c: Clearance
    ) -> Mapping[str, Written]:
        started(1)
        for action in actions:
            back = restoration(self.ledger, action) if takes_back(action) else None
            if isinstance(back, Unknown) or (back and self.clumsy):
                continue
            content = back.wanted.files[0].content if back else b"no"
            self.holds[action.resource.removeprefix("host/")] = (content or b"").decode()
        return {a.resource: Written(a.resource, "done", ran=True) for a in actions}

    @property
    def repository(self) -> Repository:
        return repository(*self.policies, hosts=tuple(self.holds))

    @property
    def ports(self) -> Ports:
        def wanted(action: Action) -> Capture | Unknown | None:
            one = restoration(self.ledger, action) if takes_back(action) else None
            return one if one is None or isinstance(one, Unknown) else one.wanted

        hands = Hands(
            {"ansible": self}, self.ledger, Clearance(lambda: self.stopped), self.clock, lambda _r: "",
            waits=(), restoring=wanted,
        )  # fmt: skip
        eyes = Eyes(catalog(), {"host": {"inventory": self}}, cast("Rehearser", None))
        return Ports(eyes, hands, self.clock, self._name, "machine of the server", lambda _run: 0)

    def _name(self) -> str:
        self.runs += 1
        return f"r{self.runs}"

    def run(self) -> Run:
        return cycle.run(self.ports, self.repository, cycle.Order("run"))

    def undo(self, target: str, *only: str, really: bool = True, overwrite: bool = False) -> Run:
        ports, order = self.ports, cycle.Order("undo")
        back = backward(ports, self.repository, target, only, "sam", overwrite=overwrite)
        do = partial(cycle.undo if really else cycle.foresee, ports, self.repository, order)
        return do(back)

    def edit(self, **changes: object) -> None:
        self.policies = tuple(replace(p, **changes) for p in self.policies)  # type: ignore[arg-type]
