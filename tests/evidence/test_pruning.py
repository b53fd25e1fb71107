"""What is too old is forgotten, and the chain still verifies."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from agent.model.evidence import KEEP, YEAR
from agent.model.provenance import Belief
from tests.evidence.deeds import bodies, by_hand, change, looked, sentences
from tests.ledger.nouns import START

if TYPE_CHECKING:
    from pathlib import Path

    from agent.ledger.store import LedgerStore

DAY = timedelta(days=1)


@pytest.fixture
def old(ledger: LedgerStore) -> LedgerStore:
    """Give a ledger with a change, a refusal, and another change ten years later."""
    change(ledger, START)
    ledger.beliefs.keep(Belief("c1", "x", START, why="it is not signed"))
    change(ledger, START + 10 * YEAR)
    ledger.evidence.seal(START + 10 * YEAR)
    return ledger


def test_nothing_is_pruned_before_its_time(ledger: LedgerStore) -> None:
    change(ledger, START)
    ledger.beliefs.keep(Belief("c1", "x", START, why="it is not signed"))
    assert ledger.evidence.prune(KEEP, START + YEAR) == 0
    assert ledger.evidence.prune(KEEP, START + YEAR + DAY) == 1  # the refusal
    assert ledger.evidence.prune(KEEP, START + 10 * YEAR) == 0
    assert ledger.evidence.prune(KEEP, START + 10 * YEAR + DAY) == 2  # intent and outcome; the text a year later
    assert ledger.evidence.prune(KEEP, START + 11 * YEAR + DAY) == 1


def test_what_was_pruned_verifies_and_its_content_is_gone(old: LedgerStore, path: Path) -> None:
    at = START + 10 * YEAR + DAY
    assert old.evidence.prune(KEEP, at) == 3
    assert sentences(path) == []
    told = looked(path)
    assert (told.pruned, told.unsealed) == (3, 2)
    old.evidence.seal(at)
    assert looked(path).proven == ((1, told.records),)
    assert len([b for b in bodies(old, "intended") if b]) == 1
    said = bodies(old, "pruned")
    assert {(b["class"], b["records"]) for b in said} == {("changes", 2), ("refusals", 1)}
    assert old.evidence.prune(KEEP, at) == 0, "a second time says nothing"
    change(old, at)
    old.evidence.seal(at)
    assert sentences(path) == []


def test_what_is_taken_away_beside_the_pruning_is_found(old: LedgerStore, path: Path) -> None:
    old.evidence.prune(KEEP, START + 10 * YEAR + DAY)
    late = "at = (SELECT max(at) FROM evidence WHERE what = 'outcome')"
    by_hand(path, f"UPDATE evidence SET body = NULL WHERE kept = 'changes' AND {late}")  # ruff: ignore[hardcoded-sql-expression] - a test's own
    assert ["nothing says that it was too old" in s for s in sentences(path)] == [True] * 3  # the text, too


def test_the_record_of_a_pruning_cannot_be_pruned(old: LedgerStore, path: Path) -> None:
    old.evidence.prune(KEEP, START + 10 * YEAR + DAY)
    assert old.evidence.prune({"chain": DAY}, START + 50 * YEAR) == 0
    by_hand(path, "UPDATE evidence SET body = NULL WHERE what IN ('pruned', 'begun')")
    assert any("records of this kind are kept for ever" in s for s in sentences(path))


def test_a_span_beyond_the_calendar_keeps_everything(old: LedgerStore) -> None:
    assert old.evidence.prune({"changes": timedelta(days=36_600), "refusals": timedelta.max}, START + 20 * YEAR) == 0
