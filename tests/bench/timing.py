"""Timing whole commands in turn, so that a ratio holds although the machine's speed drifts."""

from __future__ import annotations

import statistics
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Command:
    """One command to time: its words, its environment, the exit codes that mean it did its work."""

    name: str
    words: Sequence[str]
    environment: Mapping[str, str]
    folder: Path
    fine: frozenset[int] = frozenset({0})

    def seconds(self) -> float:
        """Run it once as a new process; give its wall time."""
        began = time.perf_counter()
        done = subprocess.run(
            self.words, env=dict(self.environment), cwd=self.folder, capture_output=True, text=True, check=False
        )
        took = time.perf_counter() - began
        if done.returncode not in self.fine:
            msg = f"{self.name} failed ({done.returncode}): {(done.stdout + done.stderr)[-2000:]}"
            raise RuntimeError(msg)
        return took


def medians(
    commands: Sequence[Command], rounds: int, before: Callable[[], None] = lambda: None, *, warm: int = 1
) -> dict[str, float]:
    """Time commands in turn (A B C, A B C, ...), after warm-up rounds; give each one's median seconds."""
    times: dict[str, list[float]] = {c.name: [] for c in commands}
    for number in range(warm + rounds):
        for command in commands:
            before()
            took = command.seconds()
            if number >= warm:
                times[command.name].append(took)
    return {name: statistics.median(all_of) for name, all_of in times.items()}


def table(title: str, figures: Mapping[str, float], ours: str) -> str:
    """Give the figures as Markdown, each peer with how many times longer it took than ours."""
    lines = [f"### {title}", "", "| command | median s | times ours |", "|---|---|---|"]
    lines += [f"| {name} | {took:.2f} | {took / figures[ours]:.1f} |" for name, took in figures.items()]
    return "\n".join(lines)
