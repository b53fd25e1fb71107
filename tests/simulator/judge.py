"""Judges each write at the moment it reaches the simulated MDM, by the world's truth and the district's rules."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from tests.simulator import rules
from tests.simulator.land import DEADLINE
from tests.simulator.world import day_of

if TYPE_CHECKING:
    from datetime import date, datetime

    from agent.model.action import Action
    from tests.simulator.world import Device, World

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Wrong:
    """A write that should not have been."""

    why: str
    at: datetime
    policy: str
    resource: str
    value: str
    story: tuple[str, ...]

    def __str__(self) -> str:
        """Tell the story of it."""
        head = f"{rules.local(self.at):%Y-%m-%d %H:%M} {self.policy} {self.resource} -> {self.value}: {self.why}"
        return "\n    ".join([head, *self.story])


class Judge:
    """Keeps count of what was written, and of what was wrong."""

    def __init__(self, world: World) -> None:
        """Begin with nothing written."""
        self.world, self.writes, self.wrong = world, 0, list[Wrong]()
        self.approved: dict[tuple[str, str], datetime] = {}  # (policy, resource) to until when
        self._days: dict[date, Counter[tuple[str, str]]] = defaultdict(Counter)
        self._first: dict[str, tuple[Device, datetime]] = {}
        self._last: dict[str, datetime] = {}
        self._run: dict[str, set[str]] = defaultdict(set)
        self._vain: Counter[tuple[str, str]] = Counter()
        self._to: dict[tuple[str, str], deque[datetime]] = defaultdict(deque)

    def run_begins(self) -> None:
        """Note that another run begins."""
        self._run.clear()

    def forget(self, device: Device) -> None:
        """A person looked after a device: what was tried in vain before counts no more."""
        for key in [k for k in self._vain if k[0] == device.id]:
            del self._vain[key]

    def begun(self, device: Device, at: datetime) -> bool:
        """Say whether a change of a device may still be on its way."""
        last = self._last.get(device.id)
        return last is not None and at - last < DEADLINE + timedelta(hours=12)

    def spent(self, policy: str, at: datetime) -> int:
        """Give how much a policy wrote on a day."""
        return self._days[day_of(at)]["policy", policy]

    def arrived(
        self, action: Action, device: Device | None, what: tuple[str, str], at: datetime, *, effect: bool
    ) -> None:
        """Count one write, and find what is wrong with it, before it takes effect."""
        self.writes += 1
        faults = self._faults(action, device, what, at)
        story = (*(device.story if device else ()), *sorted(self.world.active()))
        self.wrong += [Wrong(f, at, action.policy, action.resource, what[1], story) for f in faults]
        self._count(action, device, what, at, effect=effect)

    def _faults(self, action: Action, device: Device | None, what: tuple[str, str], at: datetime) -> list[str]:
        if device is None:
            return ["there is no such device"]
        found = ["everything is stopped"] if self.world.stopped else []
        if device.kiosk:
            found.append("it is never to be touched")
        elif what not in device.wanted_lately(at, action.policy):
            wants = device.wants(at).get(action.policy)
            found.append(f"wrong value or target: {wants[1] if wants else 'nothing'} would be right")
        found += self._by_rule(action, device, at)
        if device.shown and at < device.shown[1] and device.actual(what[0]) == what[1]:
            found.append("twice: the first is on its way")
        if self._vain[device.id, what[1]] >= rules.TRIES:
            found.append(f"again, after {rules.TRIES} that came to nothing")
        lately = self._to[device.id, what[1]]
        while lately and at - lately[0] > WEEK:
            lately.popleft()
        if len(lately) >= rules.RETURNS:
            found.append(f"a quarrel: {len(lately)} times within a week")
        return found

    def _by_rule(self, action: Action, device: Device, at: datetime) -> list[str]:
        day, caps = day_of(at), rules.caps(self.world.size, day_of(at))
        done, found = self._days[day], []
        if rules.frozen(device.home, day):
            found.append(f"{device.home} is frozen")
        if action.verb == "sim.wipe":
            found.append("destructive changes are off")
        if not rules.in_window(action.policy, at):
            found.append("outside its window")
        found += self._by_rings(action, device, at)
        asks = action.policy in rules.PROPOSED or device.home == rules.ASKS_FIRST
        many = len(self._run[action.policy] | {device.id}) > caps.run
        until = self.approved.get((action.policy, device.id))
        if (asks or many) and (until is None or at > until):
            found.append("nobody approved it" if asks else f"above {caps.run} in one run, and nobody approved it")
        for name, key, cap in (
            ("the day", ("policy", action.policy), caps.day),
            (f"the day at {device.home}", ("site", device.home), caps.site),
            ("the day by this credential", ("credential", ""), caps.credential),
        ):
            if done[key] >= cap:
                found.append(f"above {cap} for {name}")
        return found

    def _by_rings(self, action: Action, device: Device, at: datetime) -> list[str]:
        if action.policy not in rules.RINGED:
            return []
        first, begun = self._first.setdefault(action.policy, (device, at))
        early = at - begun < rules.SOAK and device.id != first.id
        far = at - begun < 2 * rules.SOAK and device.home != first.home
        return ["out of its ring"] if early or far else []

    def _count(
        self, action: Action, device: Device | None, what: tuple[str, str], at: datetime, *, effect: bool
    ) -> None:
        if device is None:
            return
        done = self._days[day_of(at)]
        done.update([("policy", action.policy), ("site", device.home), ("credential", "")])
        self._run[action.policy].add(device.id)
        self._last[device.id] = at
        self._to[device.id, what[1]].append(at)
        key = (device.id, what[1])
        self._vain[key] = 0 if effect else self._vain[key] + 1
