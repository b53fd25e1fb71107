"""One copy of the district, in the making. A larger district is made of several, one after the other."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from agent.example.riverton.district import CALENDARS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from random import Random

    from agent.example.riverton.hours import Hours
    from agent.example.riverton.records import Device, Item, Person, Printer, Ticket
    from agent.example.riverton.truth import Truth

_THINGS = 20_000  # more than one copy has of anything, so that numbers of two copies never meet
_SCATTER = 2_654_435_761  # odd, so that it sends each number below 2**32 to one of its own


@dataclass(slots=True)
class Block:
    """What one copy holds.

    Attributes:
        number: 0 for the first copy.
        at: the time of the look, in the district's zone.
        items: everything that is managed or listed.
        spare: what no story has touched yet, by where it is ("students/east").
        mobile: the tablets and laptops among the devices, which Google does not manage.
        calendars: when schools and offices are open, by the name of each.
    """

    number: int
    at: datetime
    random: Random
    truth: Truth
    people: list[Person] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    mobile: list[Device] = field(default_factory=list)
    tickets: list[Ticket] = field(default_factory=list)
    printers: list[Printer] = field(default_factory=list)
    spare: dict[str, list[Item]] = field(default_factory=lambda: defaultdict(list))
    persons: dict[str, list[Person]] = field(default_factory=lambda: defaultdict(list))
    made: int = 0
    calendars: Mapping[str, Hours] = field(default_factory=dict)

    def count(self) -> int:
        """Give a number that no other thing of any copy has."""
        self.made += 1
        return self.number * _THINGS + self.made

    def serial(self, prefix: str) -> str:
        """Give a serial that no other thing has."""
        return f"{prefix}{self.count() * _SCATTER % 2**32:08X}"

    def midnight(self, days: int) -> datetime:
        """Give 00:00 of the district so many days before today, which is where `within: N days` begins."""
        return datetime.combine(self.at.date() - timedelta(days=days), time.min, self.at.tzinfo)

    def school_midnight(self, site: str, days: int) -> datetime:
        """Give 00:00 of the Nth day of school before today, which is where `within: N school days` begins there."""
        day = self.calendars[CALENDARS[site]].school_day(self.at.date(), days)
        return datetime.combine(day, time.min, self.at.tzinfo)

    def days_since(self, then: datetime) -> float:
        """Give how many days ago a moment was."""
        return (self.at - then) / timedelta(days=1)

    def ago(self, least: float, most: float) -> datetime:
        """Give a moment so many days ago, by chance between the two."""
        span = timedelta(seconds=int(self.random.uniform(least, most) * 86_400))
        return (self.at.astimezone(UTC) - span).astimezone(self.at.tzinfo)  # a spring night has no 02:30

    def take(self, where: str, many: int) -> list[Item]:
        """Take things that no story has touched; whoever takes them says what comes of it."""
        pool = self.spare[where]
        if len(pool) < many:
            msg = f"only {len(pool)} of {many} are left of {where}"
            raise AssertionError(msg)
        taken, pool[:] = pool[:many], pool[many:]
        return taken
