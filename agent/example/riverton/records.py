"""What the generator makes before it is written: people, devices, assets, tickets, printers. Times carry a zone.

These are drafts and therefore not frozen: a story changes what the clean district had, in place. Status words are the
catalog's; each export writes them in its product's own. `resource` is the id that Driftbell gives the row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime

    from agent.example.riverton.district import Model


@dataclass(slots=True)
class Person:
    """An account in the directory."""

    email: str
    number: str
    given: str
    family: str
    employee_type: str  # `Student`, `Teacher`, `Staff` or `Vendor`, as the directory has it
    org_unit: str
    site: str
    grade: str
    last_login: datetime | None
    status: str = "active"
    enrolled_second: bool = False
    enforced_second: bool = False

    @property
    def resource(self) -> str:
        """Its id."""
        return f"person/{self.email}"


@dataclass(slots=True)
class Device:
    """What a management system lists."""

    id: str  # the system's own
    serial: str
    tag: str
    model: Model
    os_version: str
    org_unit: str
    site: str
    location: str
    user: str
    enrolled: datetime
    last_sync: datetime | None
    support_end: date
    mac: str
    status: str = "active"
    boot_mode: str = "verified"

    @property
    def resource(self) -> str:
        """Its id. Two systems show devices, so each one's id says which: as they are called in systems.yaml."""
        return f"device/{self.serial}@{'google' if self.model.platform == 'chromeos' else 'intune'}"


@dataclass(slots=True)
class Asset:
    """A line of the asset list."""

    id: int  # the list's own
    tag: str
    serial: str
    name: str
    maker: str
    number: str
    category: str
    site: str
    room: str
    holder: str
    purchased: date
    cost: int
    warranty_end: date
    audited: date | None
    status: str = "in_use"
    checked_out: datetime | None = None
    funding: str = ""
    order: str = ""

    @property
    def resource(self) -> str:
        """Its id."""
        return f"asset/{self.tag}"


@dataclass(slots=True)
class Item:
    """A thing in the world: what manages it and what the list says of it, either of which may be missing."""

    device: Device | None
    asset: Asset | None

    @property
    def both(self) -> tuple[Device, Asset]:
        """Its two sides, of a thing that has them."""
        if self.device is None or self.asset is None:
            msg = "this thing has one side only"
            raise AssertionError(msg)
        return self.device, self.asset


@dataclass(slots=True)
class Ticket:
    """A request to the help desk."""

    number: int
    status: str
    priority: str
    category: str
    site: str
    room: str
    subject: str
    requester: str
    assignee: str
    team: str
    created: datetime
    updated: datetime
    due: datetime
    first_response: datetime | None = None
    resolved: datetime | None = None
    tag: str = ""
    serial: str = ""
    loaner: str = ""

    @property
    def resource(self) -> str:
        """Its id."""
        return f"ticket/{self.number}"


@dataclass(slots=True)
class Printer:
    """A printer on the print server."""

    name: str
    serial: str
    tag: str
    model: str
    site: str
    room: str
    address: str
    toner: int
    pages: int
    last_seen: datetime
    firmware: str
    status: str = "ready"

    @property
    def resource(self) -> str:
        """Its id."""
        return f"printer/{self.name}"
