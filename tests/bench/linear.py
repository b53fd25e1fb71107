"""How the time to judge every example policy on exports grows with the number of devices; and a plot of it."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import starmap
from pathlib import Path
from typing import TYPE_CHECKING

from agent.bootstrap import catalog, load
from agent.bootstrap.registry import readers
from agent.example.riverton.generate import generate
from agent.eyes import Eyes
from agent.observe import look
from agent.settings import Settings
from tests.bench.scale import lay_down

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agent.model.policy import Repository
    from agent.model.ports import Reader
    from agent.model.sweep import Request, Sweep

PLOT = Path(__file__).parent.parent.parent / "docs" / "images" / "linear.svg"
SCALES = (2, 6, 20, 60, 200)  # times 5,000 devices
WIDTH, HEIGHT, EDGE = 560, 320, 56


@dataclass(slots=True)
class Timed:
    """A reader that adds up how long reading took, so that judging can be told apart."""

    reader: Reader
    clock: list[float]

    def observe(self, repository: Repository, request: Request) -> Sweep:
        """Read, and note how long it took."""
        began = time.perf_counter()
        sweep = self.reader.observe(repository, request)
        self.clock.append(time.perf_counter() - began)
        return sweep


def main(scales: Sequence[int] = SCALES) -> str:
    """Give the figures as Markdown; draw the plot when all of the scales were asked for."""
    points = [_once(scale) for scale in scales]
    if tuple(scales) == SCALES:
        PLOT.write_text(plot([(devices, judged) for devices, _, judged, _ in points]))
    lines = ["### Judging, as the district grows", ""]
    lines += ["| devices | read all exports, s | references and policies, s | findings | microseconds a device |"]
    lines += ["|---|---|---|---|---|"]
    lines += [
        f"| {devices:,} | {read:.1f} | {judged:.2f} | {findings:,} | {judged / devices * 1e6:.1f} |"
        for devices, read, judged, findings in points
    ]
    return "\n".join(lines)


def _once(scale: int) -> tuple[int, float, float, int]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        now = datetime.now(UTC)
        truth = generate(folder / "state" / "exports", at=now, scale=scale)
        lay_down(folder)
        settings = Settings(str(folder / "district"), folder / "state")
        repository, known = load(settings), catalog()
        clock: list[float] = []
        timed = {
            kind: {system: Timed(reader, clock) for system, reader in systems.items()}
            for kind, systems in readers(settings, repository, known).items()
        }
        began = time.perf_counter()
        view = look(Eyes(known, timed, _Nobody()), repository, now)
        took = time.perf_counter() - began
        return truth.counts["device"], sum(clock), took - sum(clock), sum(len(a.findings) for a in view.assessments)


class _Nobody:
    """Rehearses nothing: no policy on exports converges."""

    def rehearse(self, *_: object) -> dict[str, object]:
        """Give nothing."""
        return {}


def plot(points: Sequence[tuple[int, float]]) -> str:
    """Draw seconds over devices, both axes from zero, as SVG: what is linear is a straight line."""
    most, longest = max(d for d, _ in points), max(s for _, s in points)

    def at(devices: float, seconds: float) -> tuple[float, float]:
        x = EDGE + devices / most * (WIDTH - 2 * EDGE)
        return x, HEIGHT - EDGE - seconds / longest * (HEIGHT - 2 * EDGE)

    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in starmap(at, points))
    dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="#1d5fa8"/>' for x, y in starmap(at, points))
    (x0, y0), (x1, y1) = at(0, 0), at(most, longest)
    labels = (
        f'<text x="{x1:.0f}" y="{y0 + 20:.0f}" text-anchor="end">{most:,} devices</text>'
        f'<text x="{x0:.0f}" y="{y1 - 10:.0f}">{longest:.1f} s for references and policies</text>'
        f'<text x="{x0:.0f}" y="{y0 + 20:.0f}">0</text>'
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
        f'font-size="13"><rect width="100%" height="100%" fill="#fff"/>'
        f'<path d="M{x0},{y1} V{y0} H{x1}" fill="none" stroke="#888"/>'
        f'<path d="M{x0},{y0} L{x1},{y1}" stroke="#bbb" stroke-dasharray="4 4"/>'
        f'<polyline points="{line}" fill="none" stroke="#1d5fa8" stroke-width="2"/>{dots}{labels}</svg>\n'
    )
