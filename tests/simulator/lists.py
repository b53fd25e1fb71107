"""The nightly exports of the roster and the asset list, as files for the real readers, with what goes wrong in them."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from tests.simulator import rules
from tests.simulator.chance import dice

if TYPE_CHECKING:
    import random
    from datetime import datetime
    from pathlib import Path

    from tests.simulator.world import Device, World

Row = list[str]
LOST = 0.07  # 340 of 5,000 students


class Exports:
    """Writes both files every night; a mishap keeps it from it, or spoils what it writes."""

    def __init__(self, world: World, folder: Path) -> None:
        """Write the first ones."""
        self.world, self.folder = world, folder
        folder.mkdir(parents=True, exist_ok=True)
        world.on_export = self.export
        for name in ("roster", "assets"):
            self.export(name, world.now)

    def export(self, name: str, at: datetime) -> None:
        """Write one of the two."""
        wrong = next((w for w in self.world.active(at) if w.startswith(name)), "")
        self.world.exported[name] = not wrong
        if wrong.endswith("of last week"):
            return  # the job died: yesterday's file stays
        stamp = f"{rules.local(at):%Y-%m-%d %H:%M}"
        head, rows = self._roster(stamp) if name == "roster" else self._assets(stamp)
        text = _csv(head, _spoiled(rows, wrong.partition(": ")[2], dice(self.world.seed, at, name)))
        if wrong.endswith("breaks off"):
            text = text[: int(len(text) * 0.97)]
        (self.folder / f"{name}.csv").write_text(text, encoding="utf-8")

    def _roster(self, stamp: str) -> tuple[Row, list[Row]]:
        students = [d.owner for d in self.world.devices.values() if d.owner and not d.owner.left]
        rows = [[s.number, f"{s.number}@sim.example", s.school, "active", stamp] for s in students]
        return ["Number", "Email", "School", "Status", "Exported"], rows

    def _assets(self, stamp: str) -> tuple[Row, list[Row]]:
        rows = [[d.tag, d.serial, d.state, stamp] for d in self.world.devices.values()]
        return ["Tag", "Serial", "State", "Exported"], rows


def _csv(head: Row, rows: list[Row]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([head, *rows])
    return out.getvalue()


def _spoiled(rows: list[Row], how: str, chance: random.Random) -> list[Row]:
    """Give rows as a bad export has them."""
    few = set(chance.sample(range(len(rows)), max(1, len(rows) // 30)))
    match how:
        case "half":
            return rows[::2]
        case "empty":
            rows = []
        case "340 students lost":
            gone = set(chance.sample(range(len(rows)), int(len(rows) * LOST)))
            return [r for i, r in enumerate(rows) if i not in gone]
        case "schools mixed up":
            return [[*r[:2], {"east": "north", "north": "south"}.get(r[2], r[2]), *r[3:]] for r in rows]
        case "blank ids":
            rows = [["", *r[1:]] if i in few else r for i, r in enumerate(rows)]
        case "blank cells":
            return [[*r[:2], "", *r[3:]] if i in few else r for i, r in enumerate(rows)]
        case "listed twice":
            again = [[*rows[i][:2], rows[i - 1][2], *rows[i][3:]] for i in sorted(few)]
            return [*rows, *again]
        case "grown":
            return [
                *rows,
                *([f"X{i}", f"x{i}@other.example", *r[2:]] for i, r in enumerate(rows[: len(rows) * 8 // 10])),
            ]
    return rows


def holder(device: Device) -> str:
    """Give the mail address that the MDM has for a device's user."""
    return f"{device.owner.number}@sim.example" if device.owner else ""
