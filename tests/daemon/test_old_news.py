"""What was read some time ago is good enough to say how things are, and never to change anything by."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from agent import cycle
from agent.eyes import Anew
from agent.ledger.store import LedgerStore, open_ledger
from agent.model.policy import Mode
from agent.model.sweep import Request, Sweep
from agent.observe import reading
from tests.undoing.town import Town

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from agent.model.kind import FieldRef
    from agent.model.run import Run


class Old(Anew):
    """Knows one sweep, that a cycle judged by before, until it is to be forgotten."""

    def __init__(self, sweep: Sweep) -> None:
        self.sweep: Sweep | None = sweep
        self.forgotten: list[str] = []

    def recall(self, _kind: str, _system: str, _fields: Collection[FieldRef]) -> Sweep | None:
        return self.sweep

    def judged(self, _kind: str, _system: str) -> bool:
        return self.sweep is not None

    def forget(self, kinds: Collection[str]) -> None:
        self.sweep = None
        self.forgotten += kinds


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[LedgerStore]:
    with open_ledger(tmp_path / "ledger.db") as opened:
        yield opened


def run(town: Town, old: Old) -> Run:
    ports = town.ports
    return cycle.run(replace(ports, eyes=replace(ports.eyes, lately=old)), town.repository, cycle.Order("run"))


def shown(town: Town) -> Old:
    """Give what the town shows now, as something that is remembered."""
    fields = reading(town.ports.eyes.catalog, town.repository.policies)["host"]
    return Old(town.observe(town.repository, Request("host", tuple(sorted(fields)))))


def test_nothing_is_changed_that_somebody_put_right_meanwhile(ledger: LedgerStore) -> None:
    town = Town(ledger, {"web1": "yes"})
    old = shown(town)
    town.holds["web1"] = "no"
    done = run(town, old)
    assert old.forgotten == ["host"]
    assert done.outcomes == ()
    assert done.counts.out_of_line == 0
    assert ledger.deeds(resource="host/web1") == ()
    assert ledger.last_sweep("host") is not None


def test_what_is_still_so_is_put_right(ledger: LedgerStore) -> None:
    town = Town(ledger, {"web1": "yes"})
    old = shown(town)
    done = run(town, old)
    assert [o.resource for o in done.outcomes if o.confirmed] == ["host/web1"]
    assert town.holds == {"web1": "no"}


def test_who_only_watches_reads_nothing_twice_and_records_nothing_twice(ledger: LedgerStore) -> None:
    town = Town(ledger, {"web1": "yes"})
    town.edit(mode=Mode.AUDIT)
    old = shown(town)
    town.holds["web1"] = "no"
    done = run(town, old)
    assert old.forgotten == []
    assert done.counts.out_of_line == 1
    assert ledger.last_sweep("host") is None
