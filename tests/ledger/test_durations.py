"""The book of durations: the newest of each thing, each with how much was changed in that time."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from agent.model.books import Took
from tests.ledger.nouns import HOUR, START

if TYPE_CHECKING:
    from agent.ledger.store import LedgerStore


def test_the_newest_twenty_of_each_are_kept_with_how_much_they_changed(ledger: LedgerStore) -> None:
    ledger.durations.keep("playbooks/b.yml", START, Took(HOUR, 500))
    for n in range(25):
        ledger.durations.keep("playbooks/a.yml", START + n * HOUR, Took(timedelta(seconds=n, microseconds=1), n))
    kept = ledger.durations.all()
    assert kept["playbooks/b.yml"] == [Took(HOUR, 500)]
    assert kept["playbooks/a.yml"] == [Took(timedelta(seconds=n, microseconds=1), n) for n in range(24, 4, -1)]
