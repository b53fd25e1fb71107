"""The book of approvals: a statement counts once, a yes is used up, a no is not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from agent.model.approval import Approval, Word
from tests.ledger.nouns import HOUR, START, action, batch, digest

if TYPE_CHECKING:
    from agent.ledger.store import LedgerStore


def login(word: Word = Word.APPROVE, hours: int = 0) -> Approval:
    at = START + hours * HOUR
    return Approval(digest(), "sam", word, at, at + 4 * HOUR)


def test_a_run_uses_up_every_yes_and_no_no(ledger: LedgerStore) -> None:
    ledger.begin("run-1", "run", "c0ffee", START)
    yes, no = login(), replace(login(Word.DENY), who="dora")
    for word in (yes, no):
        assert ledger.approvals.add(word)
    ledger.approvals.use(digest(), "run-1")
    assert [(w.word, w.used_by) for w in ledger.approvals.of(digest())] == [
        (Word.APPROVE, "run-1"),
        (Word.DENY, ""),
    ]
    assert list(ledger.approvals.standing()) == [no]


def test_a_login_that_repeats_itself_adds_nothing_and_one_that_changes_its_mind_does(ledger: LedgerStore) -> None:
    assert ledger.approvals.add(login())
    assert not ledger.approvals.add(login(hours=1))
    assert ledger.approvals.add(login(Word.DENY, hours=1))
    assert ledger.approvals.add(login(hours=2))
    assert ledger.approvals.add(login(hours=7)), "the one before has expired"
    assert len(ledger.approvals.of(digest())) == 4


def test_a_login_that_repeats_itself_after_some_of_it_was_begun_says_it_anew(ledger: LedgerStore) -> None:
    ledger.begin("run-1", "run", "c0ffee", START)
    assert ledger.approvals.add(login())
    ledger.intend("run-1", [(digest(), action("host/web1"))], START)
    assert [sorted(w.begun) for w in ledger.approvals.of(digest())] == [["host/web1"]]
    assert ledger.approvals.add(login(hours=1))
    assert [sorted(w.begun) for w in ledger.approvals.standing()] == [["host/web1"], []]
    assert not ledger.approvals.add(login(hours=2))


def test_a_word_may_come_used_up_already(ledger: LedgerStore) -> None:
    ledger.begin("run-1", "apply", "c0ffee", START)
    assert ledger.approvals.add(login())
    assert ledger.approvals.add(replace(login(), used_by="run-1"))
    assert [w.used_by for w in ledger.approvals.of(digest())] == ["", "run-1"]
    assert len(ledger.approvals.standing()) == 1


def test_the_newest_plans_are_what_a_word_can_be_about(ledger: LedgerStore) -> None:
    ledger.store_batches([batch("a")], START)
    ledger.store_batches([batch("b")], START + HOUR)
    assert list(ledger.approvals.askable()) == [digest("b"), digest("a")]
