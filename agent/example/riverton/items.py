"""The devices and assets of one copy of the district, as they would be without any drift."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from agent.example.riverton.district import (
    CURRENT,
    LAPTOP,
    OFFICE,
    OLD,
    SCHOOLS,
    SITES,
    STAFF,
    STUDENT_MODELS,
    TABLET,
    TESTING_CART,
    THINGS,
    Model,
    School,
    Thing,
)  # fmt: skip
from agent.example.riverton.records import Asset, Device, Item

if TYPE_CHECKING:
    from datetime import date

    from agent.example.riverton.block import Block
    from agent.example.riverton.records import Person

VERSIONS = ("154.0.8033.64", "154.0.8033.64", "154.0.8033.64", "153.0.7983.112", "152.0.7933.101")
MOBILE_VERSIONS = {"ipados": "26.3", "windows": "10.0.26200.4652"}
TABLETS = 140
DEPROVISIONED = 100
GONE = 380  # retired and disposed of, and in no management system any more
FRESH, RARELY = 2.8, 9.0  # days since the last sync of most, and of some
_CART = ("in_use",) * 12 + ("storage",) * 5 + ("repair",) * 3  # what becomes of twenty that are nobody's
_LAPTOPS = (2, 7)  # two of seven members of staff have a laptop
_TAG = "R{:06d}"
_CATEGORY = {"chromeos": "Chromebook", "ipados": "Tablet", "windows": "Laptop"}


def build(block: Block) -> None:
    """Make everything that is managed, listed, or both."""
    for school in SCHOOLS:
        _students(block, school)
        _testing(block, school)
    _staff(block)
    for site in SITES:
        _carts(block, site)
    _tablets(block)
    _past(block)
    for school in SCHOOLS:
        for thing in THINGS:
            for n in range(thing.each):
                add(block, f"things/{thing.category}/{school.id}", Item(None, unmanaged(block, thing, school.id, n)))
    for pool in block.spare.values():
        block.random.shuffle(pool)


def add(block: Block, where: str, item: Item) -> None:
    """Put a thing into the district."""
    block.items.append(item)
    block.spare[where].append(item)


def _students(block: Block, school: School) -> None:
    models = STUDENT_MODELS[school.id]
    for n, person in enumerate(block.persons[f"students/{school.id}"]):
        model = models[n % len(models)]
        item = managed(block, model, person.org_unit, school.id, person)
        add(block, f"students/{school.id}", item)


def _testing(block: Block, school: School) -> None:
    for n in range(TESTING_CART):
        item = managed(block, CURRENT, f"/Testing/{school.folder}", school.id, room=f"Testing cart, place {n + 1}")
        item.both[0].last_sync = block.ago(0.05, 2.9)
        add(block, f"testing/{school.id}", item)


def _staff(block: Block) -> None:
    staff = [person for site in SITES for person in block.persons[f"staff/{site.id}"]]
    for n, person in enumerate(staff):
        if n % _LAPTOPS[1] < _LAPTOPS[0]:
            _mobile(block, LAPTOP, person, person.site)
        else:
            add(block, "staff", managed(block, STAFF, person.org_unit, person.site, person))


def _carts(block: Block, site: School) -> None:
    """Chromebooks of nobody's: in carts, in the cupboard to be lent, and in repair."""
    for n in range(site.chargers):
        item = managed(block, CURRENT, _unit(site), site.id, room=f"Cart {n // 30 + 1}")
        device, asset = item.both
        asset.status = _CART[n % len(_CART)]
        if asset.status == "in_use":
            add(block, f"carts/{site.id}", item)
        else:  # Long silent, and rightly so.
            asset.room, device.last_sync = "Technician's room", block.ago(35, 160)
            block.items.append(item)


def _unit(site: School) -> str:
    return f"/{'Staff' if site is OFFICE else 'Students'}/{site.folder}"


def _tablets(block: Block) -> None:
    schools = [school for school in SCHOOLS if "KG" in school.grades]
    for n in range(TABLETS):
        _mobile(block, TABLET, None, schools[n % len(schools)].id)


def _mobile(block: Block, model: Model, person: Person | None, site: str) -> None:
    item = managed(block, model, "", site, person, room="" if person else "Tablet cart")
    device, _ = item.both
    device.os_version = MOBILE_VERSIONS[model.platform]
    block.mobile.append(device)
    add(block, f"mobile/{model.platform}/{site}", item)


def _past(block: Block) -> None:
    """What was given up as it should be: out of management first, and then out of the list."""
    for n in range(DEPROVISIONED + GONE):
        site = SITES[n % len(SITES)]
        item = managed(block, OLD, _unit(site), site.id)
        device, asset = item.both
        asset.status = "retired" if n % 3 else "disposed"
        device.status, device.last_sync = "deprovisioned", block.ago(100, 600)
        item.device = device if n < DEPROVISIONED else None
        block.items.append(item)


def managed(block: Block, model: Model, org_unit: str, site: str, person: Person | None = None, room: str = "") -> Item:
    """Give a device and its line in the list, which agree."""
    device = _device(block, model, org_unit, site, person, room)
    bought = (block.at + model.bought).date()
    asset = Asset(
        block.count(), device.tag, device.serial, model.name, model.maker, model.number, _CATEGORY[model.platform],
        site, room, device.user, bought, model.cost, bought + timedelta(days=3 * 365), audited(block),
    )  # fmt: skip
    if person:
        asset.checked_out = block.ago(50, 400)
    return Item(device, asset)


def _device(block: Block, model: Model, org_unit: str, site: str, person: Person | None, room: str) -> Device:
    number = block.count()
    key = f"{block.random.getrandbits(128):032x}"
    return Device(
        id=f"{key[:8]}-{key[8:12]}-{key[12:16]}-{key[16:20]}-{key[20:]}",
        serial=block.serial(model.prefix),
        tag=_TAG.format(number),
        model=model,
        os_version=VERSIONS[number % len(VERSIONS)],
        org_unit=org_unit,
        site=site,
        location=room,
        user=person.email if person else "",
        enrolled=block.at + model.bought + timedelta(days=40, seconds=number),
        last_sync=block.ago(0.02, RARELY if number % 5 == 0 else FRESH),
        support_end=(block.at + model.support_end).date(),
        mac=f"02{number:010x}",
    )


def unmanaged(block: Block, thing: Thing, site: str, n: int) -> Asset:
    """Give a thing that is on the list alone."""
    bought = (block.at - timedelta(days=500)).date()
    number = block.count()
    asset = Asset(
        number, _TAG.format(number), block.serial(thing.prefix), thing.name, thing.maker, thing.number, thing.category,
        site, f"Room {101 + n}", "", bought, thing.cost, bought + timedelta(days=5 * 365), audited(block),
    )  # fmt: skip
    if thing.funded:
        asset.funding, asset.order = f"E-Rate FY{bought.year}", f"FRN {bought.year % 100}990{site_number(site):05d}"
    return asset


def site_number(site: str) -> int:
    """Give a number for a school, as forms ask for."""
    return 410 + next(n for n, each in enumerate(SITES) if each.id == site)


def audited(block: Block) -> date:
    """Give the day on which somebody last saw a thing: within the last eleven months."""
    return block.ago(10, 330).date()
