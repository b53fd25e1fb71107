"""What went wrong with devices: each story takes things that none has touched, and says what has to be found of them.

Most are one cause with many things, as in life; the rest is scattered. Some stand just on the right side of a rule.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from agent.example.riverton.district import ENDING, OLD, SCHOOLS
from agent.example.riverton.items import add

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from agent.example.riverton.block import Block
    from agent.example.riverton.district import Model
    from agent.example.riverton.records import Item

PINNED, LONG_TERM, JUST_OLD, JUST_NEW = "141.0.7390.122", "144.0.7559.97", "149.0.7800.99", "150.0.7820.0"
BELOW_TESTING, OLD_TABLET = "151.0.7900.88", "18.6"
DAYS_SILENT, DAYS_TESTING = 21, 3  # days of school, as DEV-01 and DEV-09 have them
DAYS_LOST = 90  # plain days, as INV-05 has them
SECOND = timedelta(seconds=1)


def scattered(block: Block, many: int) -> Iterator[Item]:
    """Give things of students, from one school after the other."""
    for n in range(many):
        yield from block.take(f"students/{SCHOOLS[n % len(SCHOOLS)].id}", 1)


def tell(block: Block) -> None:
    """Let every story happen to this copy of the district."""
    for story in STORIES:
        story(block)


def _old_model(block: Block) -> None:
    """One purchase for two schools that its maker has stopped supporting; those in carts are no child's."""
    for item in block.take("students/lakeside", 118) + block.take("students/prairie", 94):
        _remodel(block, item, OLD)
        block.truth.out(item.both[0].resource, "DEV-03")
        block.truth.causes["a model past support"] += 1
    for item in block.take("carts/cedar", 20) + block.take("carts/mill", 20):
        _remodel(block, item, OLD)


def _ending_model(block: Block) -> None:
    for item in block.take("students/south", 240):
        _remodel(block, item, ENDING)
        block.truth.out(item.both[0].resource, "DEV-03-NEXT")
        block.truth.causes["a model whose support ends soon"] += 1


def _remodel(block: Block, item: Item, model: Model) -> None:
    device, asset = item.both
    device.model, device.enrolled = model, block.at + model.bought + timedelta(days=30)
    device.support_end = (block.at + model.support_end).date()
    device.serial = asset.serial = block.serial(model.prefix)
    asset.name, asset.number, asset.cost = model.name, model.number, model.cost
    asset.purchased = (block.at + model.bought).date()
    asset.warranty_end = asset.purchased + timedelta(days=3 * 365)


def _moved_cart(block: Block) -> None:
    """A classroom that changed schools in summer: the list was put right, the org unit was forgotten."""
    _misplace(block, block.take("students/cedar", 34), "prairie", "a classroom in its old org unit")
    _misplace(block, block.take("students/south", 5), "north", "scattered")
    _misplace(block, block.take("students/north", 4), "south", "scattered")


def _misplace(block: Block, items: list[Item], school: str, cause: str) -> None:
    for item in items:
        device, asset = item.both
        device.org_unit, device.site = f"/Students/{school.capitalize()}", school
        block.truth.out(device.resource, "DEV-04")
        block.truth.out(asset.resource, "INV-02-SITE")  # the list is right, and disagrees
        block.truth.causes[cause] += 1


def _silent(block: Block) -> None:
    """Not heard of since the summer, or never; and those that are just in time, or just too late, by one second."""
    for item in scattered(block, 71):
        device, asset = item.both
        device.last_sync = min(block.ago(112, 140), block.school_midnight(device.site, DAYS_SILENT) - SECOND)
        block.truth.out(device.resource, "DEV-01")
        block.truth.out(asset.resource, "INV-05")
        block.truth.causes["silent since the summer"] += 1
    for item in scattered(block, 6):
        device, asset = item.both
        device.last_sync, device.os_version, device.boot_mode = None, "", ""
        block.truth.out(device.resource, "DEV-01")
        block.truth.out(asset.resource, "INV-05")
    for late, item in enumerate(scattered(block, 6)):
        device, asset = item.both
        device.last_sync = block.school_midnight(device.site, DAYS_SILENT) - SECOND * (late % 2)
        if late % 2:
            block.truth.out(device.resource, "DEV-01")
        if device.last_sync < block.midnight(DAYS_LOST):  # a summer lies between
            block.truth.out(asset.resource, "INV-05")
    for late, item in enumerate(scattered(block, 6)):
        device, asset = item.both
        device.last_sync = block.midnight(DAYS_LOST) - SECOND * (late % 2)
        if device.last_sync < block.school_midnight(device.site, DAYS_SILENT):
            block.truth.out(device.resource, "DEV-01")
        if late % 2:
            block.truth.out(asset.resource, "INV-05")


def _outage(block: Block) -> None:
    """One afternoon a floor of one building lost its way to Google, and these were not switched on again."""
    for item in block.take("students/north", 44):
        device = item.both[0]
        afternoon = block.school_midnight(device.site, DAYS_SILENT + 4) + timedelta(hours=14)
        device.last_sync = afternoon + timedelta(seconds=block.random.randrange(900))
        block.truth.out(device.resource, "DEV-01")
        block.truth.causes["an outage at one school"] += 1


def _versions(block: Block) -> None:
    """One school's updates were stopped for last spring's tests and never let go; some others hang."""
    for item in block.take("students/mill", 46):
        item.both[0].os_version = PINNED
        block.truth.out(item.both[0].resource, "DEV-02")
        block.truth.causes["updates stopped at one school"] += 1
    for item in scattered(block, 11):
        item.both[0].os_version = JUST_OLD
        block.truth.out(item.both[0].resource, "DEV-02")
    for item in scattered(block, 5):
        item.both[0].os_version = JUST_NEW
    for item in block.take("students/cedar", 30):
        item.both[0].os_version = LONG_TERM


def _tablets(block: Block) -> None:
    """One school's tablets are too full to take the update."""
    for item in block.take("mobile/ipados/lakeside", 12):
        item.both[0].os_version = OLD_TABLET
        block.truth.out(item.both[0].resource, "DEV-02-TABLETS")
        block.truth.causes["tablets that cannot update"] += 1


def _developer_mode(block: Block) -> None:
    for item in block.take("students/east", 7):
        item.both[0].boot_mode = "developer"
        block.truth.out(item.both[0].resource, "DEV-07")
        block.truth.causes["developer mode at one school"] += 1


def _lost(block: Block) -> None:
    """Reported lost: some are locked, as they should be; some still work for whoever has them."""
    for n, item in enumerate(scattered(block, 12)):
        item.both[1].status = "lost" if n % 3 else "stolen"
        block.truth.out(item.both[0].resource, "DEV-05")
        block.truth.causes["lost and still working"] += 1
    for item in scattered(block, 15):
        item.both[1].status, item.both[0].status = "lost", "disabled"


def _retired(block: Block) -> None:
    """One cart was written off and never taken out of management."""
    for item in block.take("carts/east", 14):
        item.both[1].status = "retired"
        block.truth.out(item.both[1].resource, "DEV-06")
        block.truth.causes["a cart written off and still managed"] += 1


def _testing(block: Block) -> None:
    """One school's testing cart stands in a locked cupboard; another's missed an update."""
    last = block.school_midnight("north", DAYS_TESTING + 5)
    for item in block.take("testing/north", 27):
        item.both[0].last_sync = last + timedelta(seconds=block.random.randrange(86_400))
        block.truth.out(item.both[0].resource, "DEV-09")
        block.truth.causes["a testing cart in a cupboard"] += 1
    for item in block.take("testing/lakeside", 5):
        item.both[0].os_version = BELOW_TESTING
        block.truth.out(item.both[0].resource, "DEV-09")
    in_time, late = (item.both[0] for item in block.take("testing/east", 2))
    in_time.last_sync = block.school_midnight("east", DAYS_TESTING)
    late.last_sync = in_time.last_sync - SECOND
    block.truth.out(late.resource, "DEV-09")


def _listed_twice(block: Block) -> None:
    """A new number was stuck on and the old line kept: which line is the device's, nobody can tell."""
    for item in scattered(block, 3):
        device, asset = item.both
        number = block.count()
        again = replace(asset, id=number, tag=f"R{number:06d}")
        add(block, "twice", type(item)(None, again))
        for line in (asset, again):
            block.truth.out(line.resource, "INV-01")  # two lines with one serial
        block.truth.dark(device.resource, "DEV-01", "DEV-05", "INV-02")
        block.truth.causes["two lines for one device"] += 1


STORIES: tuple[Callable[[Block], None], ...] = (
    _old_model, _ending_model, _moved_cart, _silent, _outage, _versions, _tablets, _developer_mode, _lost, _retired,
    _testing, _listed_twice,
)  # fmt: skip
