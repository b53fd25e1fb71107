"""What goes wrong, and when: a seeded schedule of the failures that FACTS.md tells of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.simulator.chance import dice

# Lists that are not what they should be, by the list.
DEVICES = (
    "devices: 402 of 6,152, and the count says so", "devices: 402 of 6,152, and the count agrees", "devices: half",
    "devices: empty", "devices: no answer", "devices: of the day before yesterday", "devices: blank ids",
    "devices: blank cells", "devices: listed twice", "devices: another tenant's among them",
)  # fmt: skip
ROSTER = (
    "roster: of last week", "roster: schools mixed up", "roster: 340 students lost", "roster: half", "roster: empty",
    "roster: breaks off", "roster: blank ids", "roster: blank cells", "roster: listed twice", "roster: grown",
)  # fmt: skip
ASSETS = ("assets: of last week", "assets: half", "assets: blank cells", "assets: listed twice")
WRITER = ("writes: said, not done", "writes: shown a day and a half later", "writes: half of them fail")
DEATHS = ("killed before it writes", "killed before it looks again")
CLOCK = ("clock: an hour back", "clock: a day ahead")
STOPS = ("stopped", "stopped while it writes")
EVERY = (*ROSTER, *STOPS, *WRITER, *DEVICES, *DEATHS, *CLOCK, *ASSETS)

HOURS = {"writes": (48, 96), "killed": (12, 24), "clock": (10, 20), "stopped": (24, 60)}
STALE = (72, 120)
LIST = (12, 36)
GAP = timedelta(hours=36)  # between the beginnings of two


@dataclass(frozen=True, slots=True)
class Mishap:
    """One thing that goes wrong from an instant until another."""

    what: str
    first: datetime
    until: datetime


def schedule(seed: int, start: datetime, days: int, only: str = "") -> tuple[Mishap, ...]:
    """Give everything that will go wrong: each sort in turn, in another order every time round.

    `only` are the beginnings of the sorts there are to be, with commas between them; empty for all.
    """
    sorts = [what for what in EVERY if what.startswith(tuple(only.split(",")))]
    chance, found, at = dice(seed, "mishaps"), [], start + timedelta(days=1)
    while at < start + timedelta(days=days):
        for what in chance.sample(sorts, len(sorts)):
            found.append(Mishap(what, at, at + timedelta(hours=chance.uniform(*_hours(what)))))
            at += GAP * chance.uniform(0.6, 1.4)
    return tuple(m for m in found if m.first < start + timedelta(days=days))


def _hours(what: str) -> tuple[float, float]:
    return STALE if what.endswith("of last week") else HOURS.get(what.partition(":")[0].partition(" ")[0], LIST)
