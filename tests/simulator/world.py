"""The world's own truth: which device belongs to whom, where it should be, and what happens to it day by day."""

from __future__ import annotations

import operator
from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from tests.simulator import rules
from tests.simulator.chance import dice
from tests.simulator.mischief import Mishap, schedule

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator

ACTIVE, DISABLED = "active", "disabled"
LEGACY = "/Legacy"  # where a forgotten script puts some devices back every night
RETURNED = timedelta(days=6)  # until what a leaver took along is back
LATE = timedelta(hours=36)  # until a late change shows
LONGEST_STORY = 12
LIVELY = 3000  # devices: a smaller district has as much going on, or a short run would show little

# How often something happens on a day, a device.
TRANSFER, LEAVE, LOSE, BREAK, MEND, RETIRE, TINKER = 0.0008, 0.0003, 0.0002, 0.0004, 0.05, 0.00005, 0.0008


@dataclass(slots=True)
class Student:
    """Somebody who holds a device."""

    number: str
    school: str
    left: bool = False


@dataclass(slots=True)
class Device:
    """One device: what it is in truth, and what the simulated MDM shows of it."""

    id: str
    serial: str
    tag: str
    home: str  # the school where it is
    owner: Student | None
    ou: str
    status: str = ACTIVE
    kiosk: bool = False  # never to be touched by anything
    stubborn: bool = False  # says done to everything, and does nothing
    pulled: bool = False  # another program moves it back every night
    state: str = "in_use"  # what the asset list is to say of it
    shown: tuple[str, datetime] | None = None  # an older org unit that is still shown, and until when
    rights: list[tuple[datetime, dict[str, tuple[str, str]]]] = field(default_factory=list)
    story: list[str] = field(default_factory=list)

    def visible(self, at: datetime) -> str:
        """Give the org unit that the MDM shows."""
        return self.shown[0] if self.shown and at < self.shown[1] else self.ou

    def actual(self, name: str) -> str:
        """Give what a field really is."""
        return self.ou if name == "org_unit" else self.status

    def wants(self, at: datetime) -> dict[str, tuple[str, str]]:
        """Give what a correct administrator would want at an instant: by policy, a field and its value."""
        found = bisect_right(self.rights, at, key=operator.itemgetter(0))
        return self.rights[found - 1][1] if found else {}

    def wanted_lately(self, at: datetime, policy: str) -> set[tuple[str, str]]:
        """Give what was right at some time since the oldest list that a decision may rest on."""
        since = at - rules.FRESH
        first = max(0, bisect_right(self.rights, since, key=operator.itemgetter(0)) - 1)
        return {w[policy] for begun, w in self.rights[first:] if begun <= at and policy in w}

    def tell(self, at: datetime, what: str) -> None:
        """Note what happened to it."""
        self.story = [*self.story[-LONGEST_STORY:], f"{rules.local(at):%Y-%m-%d %H:%M} {what}"]


class World:
    """A district, and time going by in it."""

    def __init__(self, seed: int, devices: int, days: int, start: datetime = rules.START, only: str = "") -> None:
        """Make the district as it is on its first day."""
        self.seed, self.now, self.start = seed, start, start
        self.dice = dice(seed, "world")
        self.mishaps = schedule(seed, start, days, only)
        self.devices = {d.id: d for d in self._made(devices)}
        self.size = len(self.devices)
        self.stopped = False
        self.happened: set[str] = set()  # mishaps that come once, and have
        self.exported: dict[str, bool] = {}  # list to whether its last export is right and on time
        self.on_export: Callable[[str, datetime], None] = lambda _list, _at: None
        self._returns: list[tuple[datetime, Device]] = []
        for device in self.devices.values():
            self.judge_anew(device)

    def _made(self, number: int) -> Iterator[Device]:
        kiosks, spares = max(3, number // 250), max(4, number // 25)
        for index in range(number):
            school, unit = rules.SCHOOLS[index % len(rules.SCHOOLS)], ""
            kiosk, spare = index < kiosks, kiosks <= index < kiosks + spares
            owner = None if spare else Student(f"S{index:05d}", school)
            unit = "/Kiosk" if kiosk else "/Spares" if spare else rules.student_ou(school)
            name = f"KIOSK-{index:03d}" if kiosk else f"D{index:05d}"
            serial = "To be filled by O.E.M." if index % 400 == 399 else f"SN{index:06d}"
            made = Device(name, serial, f"T{index:05d}", school, owner, unit, kiosk=kiosk)
            made.stubborn = index % 1000 == 500 or index == kiosks + spares + 7
            made.pulled = index % 1000 == 600 or index == kiosks + spares + 8
            yield made

    def active(self, at: datetime | None = None) -> set[str]:
        """Give what goes wrong at an instant."""
        when = at or self.now
        return {m.what for m in self.mishaps if m.first <= when < m.until}

    def mishap(self, what: str) -> Mishap:
        """Give the mishap of a name that is going on."""
        return next(m for m in self.mishaps if m.what == what and m.first <= self.now < m.until)

    @property
    def data_good(self) -> bool:
        """Say whether every list is right, and so is the clock."""
        lists = ("devices:", "clock:")
        return all(self.exported.values()) and not any(w.startswith(lists) for w in self.active())

    def advance(self, to: datetime) -> None:
        """Let time go by, with everything that happens until then."""
        for at, what in sorted(self._hours(to), key=operator.itemgetter(0)):
            self.now = at
            what(dice(self.seed, at.isoformat(), what.__name__))
        self.now = to

    def _hours(self, to: datetime) -> Iterator[tuple[datetime, Callable[[random.Random], None]]]:
        times = ((1, self._rollover), (2, self._exports), (3, self._pull), (8, self._school), (10, self._tinker))
        day = rules.local(self.now).date()
        while day <= rules.local(to).date():
            for hour, what in times:
                at = datetime.combine(day, time(hour, 30), rules.ZONE).astimezone(UTC)
                if self.now < at <= to:
                    yield at, what
            day += timedelta(days=1)

    def judge_anew(self, device: Device) -> None:
        """Work out what should be with a device, and since when."""
        wants: dict[str, tuple[str, str]] = {}
        owner, lives = device.owner, device.status == ACTIVE
        if owner and not owner.left and lives and device.state != "repair":
            wants[rules.MOVE] = ("org_unit", rules.student_ou(owner.school))
        if not owner and lives and device.state == "repair" and device.serial.startswith("SN"):
            wants[rules.REPAIR] = ("org_unit", "/Repair")
        if device.state == "lost" and device.serial.startswith("SN"):
            wants[rules.LOST] = ("status", DISABLED)
        if owner and owner.left:
            wants[rules.LEAVERS] = ("status", DISABLED)
        if not device.rights or device.rights[-1][1] != wants:
            device.rights.append((self.now, wants))

    def set(self, device: Device, at: datetime, who: str, **values: str) -> None:
        """Change a device for real."""
        for name, value in values.items():
            setattr(device, name, value)
        device.shown = None
        device.tell(at, f"{who}: {', '.join(f'{k}={v}' for k, v in values.items())}")
        self.judge_anew(device)

    def _some(self, chance: random.Random, rate: float) -> list[Device]:
        number = rate * max(self.size, LIVELY)
        count = int(number) + (chance.random() < number % 1)
        return chance.sample(list(self.devices.values()), min(count, self.size))

    def _rollover(self, chance: random.Random) -> None:
        if rules.local(self.now).date() != rules.ROLLOVER:
            return
        for device in self.devices.values():
            if device.owner and not device.kiosk and chance.random() < 1 / 3:
                self._transfer(device, chance)

    def _transfer(self, device: Device, chance: random.Random) -> None:
        if device.owner is None or device.kiosk:
            return
        device.owner.school = chance.choice([s for s in rules.SCHOOLS if s != device.owner.school])
        device.home = device.owner.school
        device.tell(self.now, f"its student changed to {device.owner.school}")
        self.judge_anew(device)

    def _exports(self, _chance: random.Random) -> None:
        for one in ("roster", "assets"):
            self.on_export(one, self.now)

    def _pull(self, _chance: random.Random) -> None:
        for device in self.devices.values():
            if device.pulled and device.status == ACTIVE:
                self.set(device, self.now, "a forgotten script", ou=LEGACY)
        due = [(at, d) for at, d in self._returns if at <= self.now]
        self._returns = [r for r in self._returns if r[0] > self.now]
        for _, device in due:
            device.owner, device.state = None, "in_use"
            self.set(device, self.now, "a technician took it back", ou="/Spares", status=ACTIVE)

    def _school(self, chance: random.Random) -> None:
        if not rules.school_day(rules.local(self.now).date()):
            return
        for device in self._some(chance, TRANSFER):
            self._transfer(device, chance)
            if chance.random() < 0.5 and device.owner and not device.kiosk and device.status == ACTIVE:
                self.set(device, self.now, "a technician", ou=rules.student_ou(device.owner.school))
        self._leavers(chance)
        for rate, state in ((LOSE, "lost"), (BREAK, "repair"), (RETIRE, "retired")):
            for device in self._some(chance, rate):
                if device.state == "in_use" and not device.kiosk:
                    device.state = state
                    device.tell(self.now, f"it is {state} now")
                    self.judge_anew(device)
        for device in self.devices.values():
            if device.state == "repair" and chance.random() < MEND:
                device.state = "in_use"
                self.set(device, self.now, "the workshop", **({} if device.owner else {"ou": "/Spares"}))

    def _leavers(self, chance: random.Random) -> None:
        for device in self._some(chance, LEAVE):
            if device.owner and not device.kiosk and not device.owner.left:
                device.owner.left = True
                device.tell(self.now, "its student left")
                self._returns.append((self.now + RETURNED, device))
                self.judge_anew(device)

    def _tinker(self, chance: random.Random) -> None:
        for device in self._some(chance, TINKER):
            if not device.kiosk and device.status == ACTIVE and device.state == "in_use":
                self.set(device, self.now, "somebody by hand", ou=rules.student_ou(chance.choice(rules.SCHOOLS)))
        if chance.random() < 0.2:
            kiosk = chance.choice([d for d in self.devices.values() if d.kiosk])
            self.set(kiosk, self.now, "somebody by hand", ou=chance.choice((LEGACY, "/Kiosk")))


def day_of(at: datetime) -> date:
    """Give the district's day of an instant."""
    return rules.local(at).date()
