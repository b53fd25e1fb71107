"""The printers of one copy of the district, with what went wrong with them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from agent.example.riverton.district import SITES, Thing
from agent.example.riverton.items import add, unmanaged
from agent.example.riverton.records import Item, Printer

if TYPE_CHECKING:
    from agent.example.riverton.block import Block

PRINTERS = 60
COPIER = Thing("Printer", "Quillon P4", "Quillon", "QP4", "QP4", 0, 540)
_EMPTY, _DOWN, _UNLISTED, _RETIRED = range(6), range(6, 9), range(9, 14), range(14, 16)


def build(block: Block) -> None:
    """Make the printers and their lines in the asset list."""
    for n in range(PRINTERS):
        site = SITES[n % len(SITES)]
        asset = unmanaged(block, COPIER, site.id, n)
        number = block.number * PRINTERS + n + 1
        printer = Printer(
            f"PRN-{site.id.upper()}-{number:03d}", asset.serial, asset.tag, COPIER.name, site.id, asset.room,
            f"192.0.2.{100 + n}", block.random.randrange(12, 100), block.random.randrange(2_000, 260_000),
            block.ago(0.01, 0.4), "4.12.0",
        )  # fmt: skip
        block.printers.append(printer)
        if n not in _UNLISTED:
            add(block, "printers", Item(None, asset))
        _spoil(block, printer, n)


def _spoil(block: Block, printer: Printer, n: int) -> None:
    if n in _EMPTY:
        printer.toner = 9 - n
        block.truth.out(printer.resource, "PRN-01")
    elif n in _DOWN:
        printer.status = ("offline", "error")[n % 2]
        block.truth.out(printer.resource, "PRN-01")
    elif n in _UNLISTED:
        block.truth.out(printer.resource, "INV-02-PRINTER")
    elif n in _RETIRED:
        printer.status, printer.toner, printer.last_seen = "retired", 0, block.at - timedelta(days=200)
