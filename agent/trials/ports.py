"""The ports of a case: a ledger that remembers nothing, no system to read, and the clock of the case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, cast

from agent.deliberate import Ports
from agent.enforce import Hands
from agent.eyes import Eyes
from agent.model.ports import Clearance

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from agent.model.action import Outcome
    from agent.model.books import Took
    from agent.model.finding import Streak
    from agent.model.kind import Catalog
    from agent.model.ports import Begun, Intent, Ledger, Opened, Rehearser


class Blank:
    """Every book of a ledger on that day: there is nothing in it."""

    def all(self) -> tuple[object, ...]:
        """Give nothing."""
        return ()

    def standing(self) -> tuple[object, ...]:
        """Nobody said anything."""
        return ()

    def of(self, _digest: str) -> tuple[object, ...]:
        """Nobody said anything of it."""
        return ()

    def answered(self) -> Mapping[str, tuple[str, datetime]]:
        """Nobody was ever asked."""
        return {}


class Timeless:
    """The book of how long things took: nothing ever took any time."""

    def all(self) -> Mapping[str, tuple[Took, ...]]:
        """Give nothing."""
        return {}


BLANK, TIMELESS = Blank(), Timeless()


@dataclass(frozen=True, slots=True)
class Fresh:
    """What is asked of a ledger, on the first day of a district: nothing was ever done. `looks` are its streaks."""

    looks: tuple[Streak, ...] = ()
    approvals: Blank = BLANK
    rollouts: Blank = BLANK
    reversals: Blank = BLANK
    returns: Blank = BLANK
    overrides: Blank = BLANK
    durations: Timeless = TIMELESS

    def streaks(self) -> tuple[Streak, ...]:
        """Give what was out of line in the looks before."""
        return self.looks

    def open_findings(self, policy: str | None = None, resource: str | None = None) -> tuple[Opened, ...]:  # ruff: ignore[unused-method-argument]
        """Nothing is open."""
        return ()

    def begun(self, since: datetime) -> tuple[Begun, ...]:  # ruff: ignore[unused-method-argument]
        """Nothing was begun."""
        return ()

    def unfinished(self, since: datetime | None = None) -> tuple[Intent, ...]:  # ruff: ignore[unused-method-argument]
        """Nothing is on its way."""
        return ()

    def outcomes(self, policy: str, resource: str, limit: int = 10) -> tuple[tuple[datetime, Outcome], ...]:  # ruff: ignore[unused-method-argument]
        """Nothing was tried."""
        return ()

    def identities(self) -> Mapping[str, str]:
        """No machine is known."""
        return {}

    def population(self, kind: str) -> int | None:  # ruff: ignore[unused-method-argument]
        """There was no look before this one."""
        return None


def ports(catalog: Catalog, now: datetime) -> Ports:
    """Give the ports that a case's plan and guards ask."""
    ledger, clock = cast("Ledger", Fresh()), now.astimezone(UTC)
    return Ports(
        eyes=Eyes(catalog, {}, cast("Rehearser", None)),
        hands=Hands({}, ledger, Clearance(lambda: ""), lambda: clock, lambda _repository: ""),
        clock=lambda: clock,
        new_id=lambda: "case",
        own_identity="",
        exit_code=lambda _run: 0,
    )
