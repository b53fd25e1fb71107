"""Sweeps: what one system showed of one kind at one time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, timedelta

    from agent.model.kind import FieldRef
    from agent.model.reading import Reading


class Table(Protocol):
    """Rows of resources and columns of fields, three-valued. Opaque outside decide, reads and the ledger."""

    @property
    def index(self) -> Mapping[str, int]:
        """Give the row of each resource."""

    def ids(self) -> tuple[str, ...]:
        """Give the resource ids, one a row."""

    def site(self, resource: str) -> str:
        """Give a resource's site, or an empty text."""

    def reading(self, resource: str, field: str) -> Reading:
        """Give one cell; unknown where the row or the column is not there."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of a system: only these fields, of these resources (None: of all)."""

    kind: str
    fields: tuple[FieldRef, ...]
    only: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Unseen:
    """A resource that is expected but showed nothing, and why."""

    resource: str
    why: str


@dataclass(frozen=True, slots=True)
class Sweep:
    """One look at one kind.

    Attributes:
        table: one row for each expected resource; the row of an unseen one is unknown throughout.
        proven: whether membership is proven complete; `membership` says how, or why not.
        as_of: the data's own time (for hosts the end of the look at each; the oldest of them).
        identities: resource id to the machine's own identity (/etc/machine-id), where it was read.
        fresh_for: how long the data may be relied on after `as_of`; None without a limit.
        trouble: why there is nothing to see, as a clause ("it was not imported yet"), or empty.
        doubt: why its list may not be whole although nothing in it says so, as a clause ("it shrank from ..."), or
            empty. What rests on absence is then unknown.
        vouched: a person said that the list is right as it is, whatever its size.
        notes: what the reading system has to say of its data, a sentence each: the encoding it found, the rows it
            set aside and why. Never a person's name.
        reread: the data's own time of resources that were read again since, after a change.
    """

    system: str
    kind: str
    table: Table
    expected: int
    seen: int
    proven: bool
    membership: str
    as_of: datetime
    unseen: tuple[Unseen, ...]
    identities: Mapping[str, str] = field(default_factory=dict)
    fresh_for: timedelta | None = None
    trouble: str = ""
    doubt: str = ""
    vouched: bool = False
    notes: tuple[str, ...] = ()
    reread: Mapping[str, datetime] = field(default_factory=dict)

    def read_at(self, resource: str) -> datetime:
        """Give the data's own time of what is known of a resource."""
        return self.reread.get(resource, self.as_of)

    @property
    def whole(self) -> bool:
        """Say whether what is not in the list is known not to be there."""
        return self.proven and not self.trouble and not self.doubt

    @property
    def gap(self) -> str:
        """Say, as a clause, why more may be there than the list shows; empty where it is whole."""
        if self.trouble:
            return f"the list of {self.kind}s ({self.system}): {self.trouble}"
        if self.doubt:
            return f"the list of {self.kind}s ({self.system}) {self.doubt} since the last good look"
        return "" if self.proven else f"it is not proven that every {self.kind} was listed"

    def stale(self, now: datetime) -> bool:
        """Say whether the data is older than it may be."""
        return self.fresh_for is not None and now - self.as_of > self.fresh_for
