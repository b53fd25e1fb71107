"""What went wrong with the asset list, with accounts, and with things that nobody gave back."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from agent.example.riverton.district import NEWEST, STUDENT_MAIL
from agent.example.riverton.items import add, managed
from agent.example.riverton.records import Item
from agent.example.riverton.stories import SECOND, scattered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from agent.example.riverton.block import Block
    from agent.example.riverton.records import Asset

DAYS_DORMANT, DAYS_ENROLLED = 45, 60  # as INV-06-DORMANT and INV-02-SEEN have them
FACTORY = "To be filled by O.E.M."
PLACES = ("cedar", "maple", "mill", "prairie", "lakeside")
_GONE = 900_000  # student numbers of those whose accounts were deleted


def tell(block: Block) -> None:
    """Let every story happen to this copy of the district."""
    for story in STORIES:
        story(block)


def _missing(block: Block) -> None:
    """A delivery that was handed out in August before anybody wrote it down."""
    delivery = block.take("students/maple", 58)
    for item in [*delivery, *scattered(block, 12)]:
        block.truth.out(item.both[0].resource, "INV-02")
        item.asset = None
    block.truth.causes["a delivery not on the list"] += len(delivery)


def _wrong_school(block: Block) -> None:
    """Eighth grade took its devices along to high school; the list still has them in middle school."""
    _list_at(block, block.take("students/east", 61), ("south",), "one school's list not brought up to date")
    _list_at(block, block.take("students/east", 15), PLACES, "scattered")


def _list_at(block: Block, items: Iterable[Item], sites: tuple[str, ...], cause: str) -> None:
    for n, item in enumerate(items):
        asset = item.both[1]
        asset.site = sites[n % len(sites)]
        block.truth.out(asset.resource, "INV-02-SITE")
        block.truth.causes[cause] += 1


def _wrong_holder(block: Block) -> None:
    """Pairs that swapped, and one import in which every line slipped by one."""
    swapped = block.take("students/east", 22)
    for first, second in zip(swapped[::2], swapped[1::2], strict=True):
        _slip(block, [first, second], "swapped")
    _slip(block, block.take("students/cedar", 25), "an import that slipped by one line")


def _slip(block: Block, items: list[Item], cause: str) -> None:
    assets = [item.both[1] for item in items]
    holders = [asset.holder for asset in assets]
    for asset, holder in zip(assets, holders[-1:] + holders[:-1], strict=True):
        asset.holder = holder
        block.truth.out(asset.resource, "INV-02-HOLDER")
        block.truth.causes[cause] += 1


def _no_serial(block: Block) -> None:
    """Serials that were never typed in, or that a factory left unfilled."""
    for item in block.take("students/lakeside", 5):
        device, asset = item.both
        asset.serial = ""
        block.truth.out(device.resource, "INV-02")
        block.truth.out(asset.resource, "INV-01", "INV-02-SEEN")
    bad = [*_things(block, "Media PC", 2)[:13], *_things(block, "Projector", 1)[:6]]
    for n, asset in enumerate(bad):
        asset.serial = "" if asset.category == "Projector" else (FACTORY if n % 3 else "0")
        block.truth.out(asset.resource, "INV-01")
        block.truth.causes["serials that are none"] += 1


def _no_place(block: Block) -> None:
    """Things in no school, and things in no room."""
    for asset in _things(block, "Document Camera", 1)[:5]:
        asset.site = ""
        block.truth.out(asset.resource, "INV-01")
    for asset in [*_things(block, "Document Camera", 1), *_things(block, "Projector", 1)][:13]:
        asset.room = ""
        block.truth.out(asset.resource, "INV-01-PLACE")


def _things(block: Block, category: str, each: int) -> list[Asset]:
    """Give so many of a category from each school."""
    pools = sorted(name for name in block.spare if name.startswith(f"things/{category}/"))
    return [item.asset for pool in pools for item in block.take(pool, each) if item.asset]


def _funded(block: Block) -> None:
    """The register of what federal money paid for: one wing without rooms, one school that nobody walked through."""
    for item in block.take("things/Access Point/prairie", 12):
        if item.asset:
            item.asset.room = ""
            block.truth.out(item.asset.resource, "INV-04", "INV-01-PLACE")
            block.truth.causes["one wing without rooms"] += 1
    for n, item in enumerate(block.take("things/Switch/lakeside", 9)):
        if item.asset:
            item.asset.audited = (block.at - timedelta(days=500)).date() if n % 3 else None
            block.truth.out(item.asset.resource, "INV-04")
            block.truth.causes["one school not walked through"] += 1


def _never_enrolled(block: Block) -> None:
    """Paid for and never seen: one delivery in a cupboard; and some that came only just now."""
    today = block.at.date()
    ages = [420] * 24 + [20] * 8 + [DAYS_ENROLLED, DAYS_ENROLLED + 1]
    for age in ages:
        item = managed(block, NEWEST, "", "east", room="Storage B")
        asset = item.both[1]
        asset.status, asset.purchased, asset.order = "storage", today - timedelta(days=age), f"PO {4_000 + age}"
        add(block, "never", Item(None, asset))
        if age > DAYS_ENROLLED:
            block.truth.out(asset.resource, "INV-02-SEEN")
            block.truth.causes["bought and never enrolled"] += 1


def _leavers(block: Block) -> None:
    """People who left: some with a device, some with an account that still works, some not even in the directory."""
    leavers = block.persons["leavers"]
    items = block.take("students/east", 11) + block.take("students/maple", 6)
    for person, item in zip(leavers, items, strict=False):
        _hold(item, person.email)
        block.truth.out(item.both[1].resource, "INV-03")
        block.truth.causes["devices with people who left"] += 1
    for person in leavers[len(items) : len(items) + 23]:
        person.status, person.last_login = "active", block.ago(1, 40)
        block.truth.out(person.resource, "INV-06")
        block.truth.causes["accounts of people who left"] += 1
    for n, item in enumerate(scattered(block, 8)):
        _hold(item, f"s{_GONE + block.number * 8 + n}@{STUDENT_MAIL}")
        block.truth.out(item.both[1].resource, "INV-03-GONE")


def _hold(item: Item, email: str) -> None:
    device, asset = item.both
    device.user = asset.holder = email


def _staff(block: Block) -> None:
    """One school never set up its second lock; some accounts sleep; a vendor's is looser than agreed."""
    north = iter(block.persons["staff/north"])
    next(north).last_login = block.midnight(DAYS_DORMANT)  # just in time
    edge = block.midnight(DAYS_DORMANT) - SECOND
    for asleep in (edge, None, None, None, *(block.ago(70, 200) for _ in range(9))):
        person = next(north)
        person.last_login = asleep
        block.truth.out(person.resource, "INV-06-DORMANT")
    for person in block.persons["staff/prairie"][:18] + block.persons["staff/east"][:13]:
        person.enrolled_second = person.enforced_second = False
        block.truth.out(person.resource, "NET-08")
        block.truth.causes["staff without a second lock"] += 1
    vendors = block.persons["vendors"]
    for person in vendors[:2]:
        person.enforced_second = False
        block.truth.out(person.resource, "VEN-03")
    vendors[2].last_login = block.ago(80, 100)
    block.truth.out(vendors[2].resource, "VEN-03")


STORIES: tuple[Callable[[Block], None], ...] = (
    _missing, _wrong_school, _wrong_holder, _no_serial, _no_place, _funded, _never_enrolled, _leavers, _staff,
)  # fmt: skip
