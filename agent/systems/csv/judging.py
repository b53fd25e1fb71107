"""Whether a file may take the place of the one that is there, or a person has to say so first."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from agent.systems.csv import age
from agent.systems.csv.layout import folded, layout
from agent.systems.csv.saying import counted
from agent.systems.csv.spec import PRESETS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from agent.model.source import ColumnMap, ExportSource, Preset
    from agent.systems.csv.understanding import Understanding

KEPT = 90  # percent of the rows of the last file; with fewer a person has to look
CLEARLY = 3  # fields more that a preset must have a column for, to fit clearly better
PLAIN = "generic_"  # presets that name more columns than a list ever has
YEAR = 365


@dataclass(frozen=True, slots=True)
class Taking:
    """A file that is to be taken in, beside what is known of the one that is there.

    Attributes:
        known: since when its data is as it is.
        last: what is known of the file that is there; None where there is none, or it is the same.
    """

    source: ExportSource
    preset: Preset | None
    understood: Understanding
    known: age.Age
    last: age.Sidecar | None

    def refused(self, zone: ZoneInfo) -> tuple[str, ...]:
        """Say why a person has to vouch for the file before it takes the place of the last one."""
        return tuple(self._worse(self.last, zone)) if self.last else ()

    def _worse(self, last: age.Sidecar, zone: ZoneInfo) -> Iterator[str]:
        if self.understood.rows * 100 < last.rows * KEPT:
            yield f"It has {counted(self.understood.rows, 'row')}, and the file that was there had {last.rows:,}."
        if older := self._older(last):
            mine, theirs = (f"{t.astimezone(zone):%Y-%m-%d}" for t in older)
            yield f"It is older ({mine}) than the file that was there ({theirs})."
        yield from self._misfit()
        lost = last.fields - self.understood.fields
        if lost and (missing := self._missing()):
            yield missing

    def _older(self, last: age.Sidecar) -> tuple[datetime, datetime] | None:
        """Give two times that show that this file is older than the last; None where nothing shows it.

        Dates are compared with dates, and newest times with newest times. When a file was written shows only that it
        is not newer than that.
        """
        mine, theirs, newest = self.known, last.age, self.understood.newest
        told = mine.known and not mine.least
        if told and theirs.known and not theirs.least:
            pair = mine.at, theirs.at
        elif newest and last.newest:
            pair = newest, last.newest
        elif not mine.known:
            pair = mine.at, theirs.at
        else:
            return None
        return pair if pair[0] < pair[1] else None

    def warnings(self, now: datetime, zone: ZoneInfo) -> Iterator[str]:
        """Give what a person should read before anything rests on the file."""
        understood, known = self.understood, self.known
        if not understood.proven:
            yield f"It may not be whole: {understood.membership}."
        yield from self.refused(zone) if self.last else self._at_first()
        if warned := age.contradicted(known, understood.newest, zone) if known is not understood.told else "":
            yield warned
        if known.least:
            yield f"Nothing says how old it is, but {known.how}. --dated TIME says it better."
        if not known.known:
            yield "Nothing says how old it is, and when it was written is no date; --dated TIME says it."
        if (now - known.at).days >= YEAR:
            yield f"It is from {known.at.astimezone(zone):%Y-%m-%d}, more than a year ago."

    def _at_first(self) -> Iterator[str]:
        yield from self._misfit()
        if self.preset and not self.preset.name.startswith(PLAIN) and (missing := self._missing()):
            yield missing

    def _misfit(self) -> Iterator[str]:
        maps = layout(self.source, self.preset).maps.values() if self.preset else ()
        if self.preset and (better := fitting(self.understood.header, chain(*maps), self.preset.name)):
            yield f"This looks like {better}: say --as {better}{', or --yes' if self.last else ''}."

    def _missing(self) -> str:
        """Say that most of what the preset reads is not there; empty where it is."""
        if self.preset is None:
            return ""
        maps = layout(self.source, self.preset).maps
        found = len(maps.keys() & self.understood.fields)
        if found * 2 >= len(maps):
            return ""
        return f"It has columns for {found} of the {len(maps)} fields that {self.preset.name} reads."


def fitting(header: Collection[str], wanted: Iterable[ColumnMap], named: str) -> str:
    """Give the preset that a header fits clearly better than what is wanted; empty where none does."""
    there = {folded(name) for name in header}
    others = {name: _fields(preset.columns, there) for name, preset in PRESETS.items() if name != named}
    best = max(others, key=lambda name: others[name])
    return best if others[best] >= _fields(wanted, there) + CLEARLY else ""


def _fields(maps: Iterable[ColumnMap], there: Collection[str]) -> int:
    """Count the fields that have a column."""
    return len({m.field for m in maps if any(folded(column) in there for column in m.columns)})
