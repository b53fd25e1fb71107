"""From a seed to a folder of exports, copy by copy, so that a district of any size needs the memory of one copy."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import datetime
from random import Random
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from agent.example import root
from agent.example.riverton import groups, hours, items, list_stories, people, printers, stories, tickets
from agent.example.riverton.block import Block
from agent.example.riverton.district import ZONE
from agent.example.riverton.exports import Exports
from agent.example.riverton.roster import Roster
from agent.example.riverton.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from agent.example.riverton.tickets import Times

SEED = 1
DEFAULT_AT = datetime(2026, 10, 13, 6, 30, tzinfo=ZoneInfo(ZONE))  # a Tuesday, when the mail is read
CALENDARS = ("primary", "secondary", "office")


def generate(folder: Path, seed: int = SEED, at: datetime = DEFAULT_AT, *, scale: int = 1) -> Truth:
    """Write the exports of a district, and truth.json, which says what is out of line in them.

    Args:
        folder: where the files go; it is made if need be, and files of the same name are replaced.
        seed: the same seed, time and scale give the same bytes.
        at: the time of the look: all dates are counted from it. Must have a zone.
        scale: how many copies of the district's people and things there are; the schools stay the same nine sites.
    """
    folder.mkdir(parents=True, exist_ok=True)
    at = at.astimezone(ZoneInfo(ZONE)).replace(microsecond=0)
    truth = Truth(seed, scale, at)
    calendars = {name: hours.read(root() / "policies" / "calendars" / f"{name}.yaml") for name in CALENDARS}
    when = tickets.times(at, calendars)
    with ExitStack() as stack:
        writers = (stack.enter_context(Exports(folder, at)), stack.enter_context(Roster(folder, at)))
        for number in range(scale):
            dice = Random(f"riverton/{seed}/{number}")  # ruff: ignore[suspicious-non-cryptographic-random-usage] - dice for an example
            block = Block(number, at, dice, truth, calendars=calendars)
            make(block, when)
            for writer in writers:
                writer.write(block)
    groups.judge(truth)
    truth.write(folder / "truth.json")
    return truth


def make(block: Block, when: Times) -> None:
    """Fill one copy: first the district as it should be, then what happened to it."""
    people.build(block)
    items.build(block)
    stories.tell(block)
    list_stories.tell(block)
    printers.build(block)
    tickets.build(block, when)
    count(block)


def count(block: Block) -> None:
    """Count what there is, by kind."""
    found: Mapping[str, int] = {
        "person": len(block.people),
        "device": sum(item.device is not None for item in block.items),
        "asset": sum(item.asset is not None for item in block.items),
        "ticket": len(block.tickets),
        "printer": len(block.printers),
    }
    block.truth.counts.update(found)
    groups.count(block)
