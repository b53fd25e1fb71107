"""What keeps changing back: what a resource told and who answered outlive the process, and the newest stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.ledger.store import open_ledger
from agent.model.books import Witness
from tests.ledger.nouns import HOUR, START

if TYPE_CHECKING:
    from pathlib import Path

    from agent.ledger.store import LedgerStore


def test_the_newest_testimony_and_answer_stand(ledger: LedgerStore, path: Path) -> None:
    assert (ledger.returns.testimonies(), ledger.returns.answered()) == ({}, {})
    ledger.returns.testify("P", "host/a", Witness(START, ("puppet is running there",)))
    ledger.returns.testify("P", "host/b", Witness(START, ()))
    ledger.returns.testify("P", "host/a", Witness(START + HOUR, ("amy ran sed", "cron \ufffd\n")))
    ledger.returns.answer("P", "director", START)
    ledger.returns.answer("Q", "director", START)
    ledger.returns.answer("P", "systems", START + HOUR)
    with open_ledger(path) as again:
        assert again.returns.testimonies() == {
            ("P", "host/a"): Witness(START + HOUR, ("amy ran sed", "cron \ufffd\n")),
            ("P", "host/b"): Witness(START, ()),
        }
        assert again.returns.answered() == {"P": ("systems", START + HOUR), "Q": ("director", START)}
