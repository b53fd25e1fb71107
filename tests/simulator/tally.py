"""What a year came to: how long drift stood, what was missed, what was held for nothing. All by the world's truth."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from agent.model.finding import Verdict
from tests.simulator import rules
from tests.simulator.world import ACTIVE, day_of

if TYPE_CHECKING:
    from datetime import datetime

    from agent.model.run import Run
    from tests.simulator.judge import Judge
    from tests.simulator.world import Device, World

Key = tuple[str, str]  # policy, device
A_DAY = timedelta(days=1)
TOO_LONG = timedelta(days=3)  # for a change that nothing speaks against
JUDGED = (rules.MOVE, rules.REPAIR, rules.LOST, rules.LEAVERS)


@dataclass(slots=True)
class Tally:
    """The figures of a year."""

    world: World
    judge: Judge
    cycles: int = 0
    deaths: int = 0
    approvals: int = 0
    denials: int = 0
    ended: int = 0
    stood: timedelta = timedelta()
    missed: list[str] = field(default_factory=list)
    false: list[str] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    _since: dict[Key, datetime] = field(default_factory=dict)
    _seen: set[Key] = field(default_factory=set)
    _clear: dict[Key, timedelta] = field(default_factory=dict)
    _wanted: dict[str, int] = field(default_factory=dict)
    _last: datetime | None = None

    def look(self, run: Run, at: datetime) -> None:
        """Compare one run with the truth."""
        said = {
            (f.policy, f.resource.partition("/")[2])
            for f in run.findings
            if f.verdict in {Verdict.OUT_OF_LINE, Verdict.EXCEPTED}
        }
        self._seen |= said
        if self.world.data_good:
            self._false(said, at)
        drifting = self._drifting(at)
        self._wanted = {p: sum(k[0] == p for k in drifting) for p in JUDGED}
        for key in [k for k in self._since if k not in drifting]:
            self.ended, self.stood = self.ended + 1, self.stood + (at - self._since.pop(key))
            self._seen.discard(key)
            self._clear.pop(key, None)
        step = at - self._last if self._last else timedelta()
        for key, device in drifting.items():
            self._stands(key, device, at, step)
        self._last = at

    @property
    def open(self) -> int:
        """Give how much drift stands at the end."""
        return len(self._since)

    @property
    def hours(self) -> float:
        """Give how long drift stood on average, in hours."""
        return self.stood / timedelta(hours=1) / self.ended if self.ended else 0.0

    def _drifting(self, at: datetime) -> dict[Key, Device]:
        return {
            (policy, d.id): d
            for d in self.world.devices.values()
            if not d.kiosk
            for policy, (name, value) in d.wants(at).items()
            if d.actual(name) != value
        }

    def _stands(self, key: Key, device: Device, at: datetime, step: timedelta) -> None:
        since = self._since.setdefault(key, at)
        good = self.world.data_good
        if at - since > A_DAY and good and key not in self._seen:
            self._seen.add(key)
            self.missed.append(self._story(key, device, at))
        against = not good or self._against(key, device, at)
        self._clear[key] = self._clear.get(key, timedelta()) + (timedelta() if against else step)
        if self._clear[key] > TOO_LONG:
            self._clear[key] = timedelta(days=-3650)  # said once
            self.held.append(self._story(key, device, at))

    def _against(self, key: Key, device: Device, at: datetime) -> bool:
        """Say whether something speaks against a change by truth: then it may wait."""
        policy, caps = key[0], rules.caps(self.world.size, day_of(at))
        asks = policy in rules.PROPOSED or device.home == rules.ASKS_FIRST
        waits = asks or self._wanted.get(policy, 0) > caps.run  # for a person, who has weekends
        odd = device.stubborn or device.pulled or device.shown is not None or self.judge.begun(device, at)
        full = self.judge.spent(policy, at) >= caps.day
        return (
            self.world.stopped
            or waits
            or odd
            or full
            or not rules.in_window(policy, at)
            or rules.frozen(device.home, day_of(at))
        )

    def _false(self, said: set[Key], at: datetime) -> None:
        for policy, name in said:
            device = self.world.devices.get(name)
            if policy not in JUDGED or device is None or device.kiosk or device.shown is not None:
                continue
            settled = at - device.rights[-1][0] > rules.FRESH
            want = device.wants(at).get(policy)
            contested = device.owner is not None and device.state == "repair"
            if settled and not contested and (want is None or device.actual(want[0]) == want[1]):
                if want is None and policy == rules.MOVE and device.status != ACTIVE:
                    continue
                self.false.append(self._story((policy, name), device, at))

    def _story(self, key: Key, device: Device, at: datetime) -> str:
        head = f"{rules.local(at):%Y-%m-%d %H:%M} {key[0]} {key[1]} wants {device.wants(at)}"
        return "\n    ".join([head, *device.story, *sorted(self.world.active())])
