"""The simulated MDM: it lists devices, moves and disables them, and misbehaves by the schedule.

It reaches the product through `model.ports.Reader` and `Writer` alone.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, cast

from agent.decide.columns import Column, assemble
from agent.model.action import Written
from agent.model.capture import Capture
from agent.model.sweep import Sweep
from tests.simulator.chance import dice
from tests.simulator.land import SYSTEM
from tests.simulator.lists import holder
from tests.simulator.world import DISABLED, LATE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from agent.model.action import Action
    from agent.model.kind import FieldRef
    from agent.model.policy import Repository
    from agent.model.ports import Clearance
    from agent.model.sweep import Request
    from tests.simulator.judge import Judge
    from tests.simulator.world import Device, World

Line = dict[str, str | None]  # one row by field; None is unknown, "" is none
CHUNK = 50  # devices in one call, as `moveDevicesToOu` takes them
USUAL = 0.01  # of all writes go wrong on a good day


class KilledError(BaseException):
    """The agent's process was killed; nothing may catch this but the simulator."""


class Mdm:
    """The system itself, its reader and its writer in one."""

    def __init__(self, world: World, judge: Judge, clock: Callable[[], datetime]) -> None:
        """Take the world, who judges each write as it arrives, and the true time."""
        self.world, self.judge, self.clock = world, judge, clock
        self.throw: Callable[[], None] = lambda: None  # throws the kill switch
        self.dice = dice(world.seed, "mdm")
        self._old: dict[str, tuple[datetime, list[tuple[str, Line]]]] = {}

    def observe(self, _repository: Repository, request: Request) -> Sweep:
        """List every device, or some, as well as this day allows."""
        now = self.clock()
        wrong = next((w for w in sorted(self.world.active()) if w.startswith("devices:")), "").partition(": ")[2]
        if wrong == "no answer":
            return self._sweep(request, [], now, counted=0, trouble="its server did not answer (503)")
        rows, as_of = self._lines(wrong, now)
        counted, rows = self._spoiled(rows, wrong)
        usable = [(name, line) for name, line in rows if name]  # a row without an id names nothing
        if request.only is not None:
            wanted = set(request.only)
            usable = [(name, line) for name, line in usable if f"device/{name}" in wanted]
            counted = len(usable)
        return self._sweep(request, usable, as_of, counted)

    def _lines(self, wrong: str, now: datetime) -> tuple[list[tuple[str, Line]], datetime]:
        if wrong != "of the day before yesterday":
            return [(d.id, self._line(d, now)) for d in self.world.devices.values()], now
        first = self.world.mishap(f"devices: {wrong}").first
        if wrong not in self._old or self._old[wrong][0] != first:
            self._old[wrong] = first, [(d.id, self._line(d, now)) for d in self.world.devices.values()]
        return self._old[wrong][1], first - timedelta(hours=48)

    @staticmethod
    def _line(device: Device, now: datetime) -> Line:
        return {
            "serial": device.serial, "org_unit": device.visible(now), "assigned_user": holder(device),
            "status": device.status, "platform": "chromeos", "model": "Example 11", "site": device.home,
        }  # fmt: skip

    def _spoiled(self, rows: list[tuple[str, Line]], wrong: str) -> tuple[int, list[tuple[str, Line]]]:
        """Give how many there are, as the MDM counts them, and the rows that it lists."""
        everything, few = len(rows), max(1, len(rows) // 40)
        match wrong:
            case "402 of 6,152, and the count says so":
                return everything, self.dice.sample(rows, everything * 402 // 6152)
            case "402 of 6,152, and the count agrees":
                return everything * 402 // 6152, self.dice.sample(rows, everything * 402 // 6152)
            case "half":
                return everything // 2, rows[: everything // 2]
            case "empty":
                everything, rows = 0, []
            case "blank ids":
                return everything, [("" if i % few == 3 else name, line) for i, (name, line) in enumerate(rows)]
            case "blank cells":
                blank: Line = {"org_unit": None, "status": None}
                return everything, [(n, line | blank if i % few == 3 else line) for i, (n, line) in enumerate(rows)]
            case "listed twice":  # two devices with one serial
                return everything, [
                    (n, line | {"serial": rows[i - 1][1]["serial"]} if i % few == 3 else line)
                    for i, (n, line) in enumerate(rows)
                ]
            case "another tenant's among them":
                return everything * 18 // 10 + 1, [
                    *rows,
                    *((f"X{n}", line) for n, line in rows[: everything * 8 // 10]),
                ]
        return everything, rows

    def _sweep(
        self, request: Request, rows: list[tuple[str, Line]], as_of: datetime, counted: int, trouble: str = ""
    ) -> Sweep:
        ids = [f"device/{name}" for name, _ in rows]
        columns = [_column(f, [line for _, line in rows]) for f in request.fields]
        table = assemble(ids, [line["site"] or "" for _, line in rows], columns, {})
        said = f"{len(rows):,} listed, {counted:,} counted"
        return Sweep(
            SYSTEM, "device", table, max(counted, len(rows)), len(rows), proven=len(rows) >= counted and not trouble,
            membership=said, as_of=as_of, unseen=(), fresh_for=timedelta(hours=2), trouble=trouble,
        )  # fmt: skip

    def capture(self, _repository: Repository, actions: Sequence[Action], _c: Clearance) -> Mapping[str, Capture]:
        return {a.resource: Capture(a.resource, datetime.now(UTC)) for a in actions}

    def reread(self, _repository: Repository, kept: Mapping[str, Capture], _c: Clearance) -> Mapping[str, Capture]:
        return kept

    def enforce(
        self,
        _repository: Repository,
        actions: Sequence[Action],
        started: Callable[[int], None],
        clearance: Clearance,
    ) -> Mapping[str, Written]:
        """Do what is asked, in calls of fifty; before each the kill switch is asked."""
        started(os.getpgrp())
        said: dict[str, Written] = {}
        if self._once("killed before it writes"):
            raise KilledError
        for chunk in _chunks(actions):
            if clearance.stopped():
                said |= {a.resource: Written(a.resource, "stopped", ran=False) for a in chunk}
                continue
            for action in chunk:
                said[action.resource] = Written(action.resource, self._write(action), ran=True)
            if self._once("stopped while it writes"):
                self.throw()
        if self._once("killed before it looks again"):
            raise KilledError
        return said

    def _once(self, what: str) -> bool:
        """Say whether something that comes once is due now, and note that it came."""
        if what not in self.world.active():
            return False
        key = f"{what} {self.world.mishap(what).first}"
        due = key not in self.world.happened
        self.world.happened.add(key)
        return due

    def _write(self, action: Action) -> str:
        now, device = self.clock(), self.world.devices.get(action.resource.partition("/")[2])
        field, value = _meaning(action)
        how = self._mood(device)
        self.judge.arrived(action, device, (field, value), now, effect=how in {"done", "late"})
        if device is None:
            return "404"
        device.tell(now, f"{action.policy}: {action.verb} {value} ({how})")
        if how == "fails":
            return "503"
        if how in {"done", "late"}:
            before = device.visible(now)
            setattr(device, "ou" if field == "org_unit" else "status", value)
            device.shown = (before, now + LATE) if how == "late" and field == "org_unit" else None
            self.world.judge_anew(device)
        return "done"

    def _mood(self, device: Device | None) -> str:
        moods = {"said, not done": "silent", "shown a day and a half later": "late", "half of them fail": "fails"}
        going = [moods[w.partition(": ")[2]] for w in self.world.active() if w.startswith("writes:")]
        if device is not None and device.stubborn:
            return "silent"
        if going and self.dice.random() < 0.5:
            return going[0]
        return self.dice.choice(("silent", "late", "fails")) if self.dice.random() < USUAL else "done"


def _meaning(action: Action) -> tuple[str, str]:
    match action.verb:
        case "sim.move_to_ou":
            return "org_unit", str(action.arguments["org_unit"])
        case "sim.disable":
            return "status", DISABLED
        case _:
            return "status", "wiped"


def _chunks(actions: Sequence[Action]) -> Iterator[Sequence[Action]]:
    for at in range(0, len(actions), CHUNK):
        yield actions[at : at + CHUNK]


def _column(field: FieldRef, lines: list[Line]) -> Column:
    cells = [line.get(field.name) for line in lines]
    return Column(field, cast("list[object]", [c or None for c in cells]), [c is not None and not c for c in cells])  # type: ignore[arg-type]
