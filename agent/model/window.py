"""When something may be changed: windows, freezes, and what was said against a freeze. Arithmetic: decide/windows."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime


class Window(StrEnum):
    """A time of the day or of the year at which a policy may act, reckoned from each site's school calendar."""

    AFTER_SCHOOL = "after-school"  # school is out there, until an hour before the next first bell
    OVERNIGHT = "overnight"  # from 20:00 to 05:00
    NO_SCHOOL_DAYS = "no-school-days"  # whole days without school
    BREAKS = "breaks"  # five and more days without school in a row


@dataclass(frozen=True, slots=True)
class Freeze:
    """Whole local days, both ends included, on which nothing may be changed at a site, "" being what belongs to none.

    `everywhere` ones hold in the whole district, and have no site. `source` is where it is written.
    """

    site: str
    name: str
    first: date
    last: date
    source: str = ""
    everywhere: bool = False


@dataclass(frozen=True, slots=True)
class Override:
    """What somebody said against a freeze: for these sites ("" for what belongs to none), until an instant."""

    id: str
    sites: tuple[str, ...]
    by: str
    why: str
    at: datetime
    until: datetime
    ended_by: str = ""  # who took it back before its end
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Gate:
    """What the calendar says of one site at one instant.

    Attributes:
        site: its id, "" for what belongs to none.
        name: what people call it.
        open: the windows that are open now, and until when.
        next: the windows that are closed now, and when each opens again; one that never does is missing.
        frozen: the freezes of now, the one that ends last first.
        thaws: when nothing is frozen there any more; None where nothing is frozen now.
        freezes: when the next freeze begins, or an override ends within one; None where none is known.
        override: what lifts every freeze for now.
        trouble: why windows cannot be told there, as a clause, or empty.
        only: the windows of the site itself, one of which must be open beside the policy's own.
    """

    site: str
    name: str = ""
    open: Mapping[Window, datetime] = field(default_factory=dict)
    next: Mapping[Window, datetime] = field(default_factory=dict)
    frozen: tuple[Freeze, ...] = ()
    thaws: datetime | None = None
    freezes: datetime | None = None
    override: Override | None = None
    trouble: str = ""
    only: tuple[Window, ...] = ()
