"""Batches by digest, approvals, intents and outcomes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from agent.errors import HeldError, InputError
from agent.model.action import Result
from tests.ledger.nouns import HOUR, START, action, approved, batch, digest, outcome, said, spent

if TYPE_CHECKING:
    from agent.ledger.store import LedgerStore


def test_a_batch_is_found_by_its_digest_and_by_a_beginning(ledger: LedgerStore) -> None:
    ledger.store_batches([batch("a"), batch("b")], START)
    for name in (digest("a"), "a" * 64, "a" * 12, "sha256:" + "A" * 12, f" {'a' * 20}\n"):
        assert ledger.batch(name) == batch("a")
    assert ledger.batch("c" * 12) is None
    assert ledger.batch("a" * 63 + "b") is None


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("a" * 11, "is too short: give at least 12"),
        ("sha256:" + "a" * 11, "is too short: give at least 12"),
        ("sha256:", "is no plan number"),
        ("", "is no plan number"),
        ("%" * 12, "is no plan number"),
        ("'; DROP TABLE batch; --", "is no plan number"),
        ("a" * 12 + "\x00", "is no plan number"),
        ("a" * 12 + "\ud800", "is no plan number"),
    ],
)
def test_what_is_no_digest_is_told(ledger: LedgerStore, name: str, sentence: str) -> None:
    ledger.store_batches([batch("a")], START)
    with pytest.raises(InputError, match=sentence):
        ledger.batch(name)
    assert ledger.batch(digest("a")) == batch("a")


def test_a_beginning_of_two_batches_is_ambiguous(ledger: LedgerStore) -> None:
    one, two = (replace(batch(), digest="sha256:" + "a" * 62 + end) for end in ("0f", "ff"))
    ledger.store_batches([one, two], START)
    with pytest.raises(InputError, match="fits more than one plan"):
        ledger.batch("a" * 20)
    assert ledger.batch("a" * 62 + "f") == two


def test_batches_that_nobody_plans_any_more_are_dropped_unless_approved(ledger: LedgerStore) -> None:
    ledger.store_batches([batch("a"), batch("b"), batch("c")], START)
    ledger.approvals.add(said(digest("b"), "director", START))
    ledger.store_batches([batch("c")], START + timedelta(days=20))
    ledger.store_batches([batch("d")], START + timedelta(days=31))
    assert [ledger.batch(digest(x)) is not None for x in "abcd"] == [False, True, True, True]


def test_an_approval_is_recorded_and_used_once(ledger: LedgerStore) -> None:
    ledger.approvals.add(said(digest("a"), "director", START))
    ledger.approvals.add(said(digest("a"), "director", START + HOUR))  # the same word again
    ledger.approvals.add(said(digest("a"), "systems", START + HOUR))
    ledger.approvals.add(said(digest("b"), "director", START))
    assert approved(ledger) == {digest("a"), digest("b")}

    ledger.approvals.use(digest("a"), "r1")
    assert approved(ledger) == {digest("b")}
    ledger.begin("r2", "run", "c0ffee", START)
    ledger.approvals.use(digest("a"), "r2")  # nothing left to use: a batch may need no approval
    assert ledger.approvals.of(digest("a")) == (
        replace(said(digest("a"), "director", START), used_by="r1"),
        replace(said(digest("a"), "systems", START + HOUR), used_by="r1"),
    )

    ledger.approvals.add(said(digest("a"), "director", START + 2 * HOUR))
    assert approved(ledger) == {digest("a"), digest("b")}


@pytest.mark.parametrize("group", [0, -1])
def test_what_carries_intents_out_has_a_process_group(ledger: LedgerStore, group: int) -> None:
    ids = ledger.intend("r1", [(digest(), action("host/web1"))], START)
    with pytest.raises(ValueError, match="no process group"):
        ledger.started(ids, group)


def test_intents_come_back_until_they_are_settled(ledger: LedgerStore) -> None:
    actions = [action("host/web1"), action("host/web2"), action("host/web1", policy="HOST-02")]
    ids = ledger.intend("r1", [(digest(), a) for a in actions], START)
    assert len(set(ids)) == 3
    ledger.started(ids[:2], 4711)

    left = ledger.unfinished()
    assert [(i.id, i.policy, i.resource, i.group) for i in left] == [
        (ids[0], "HOST-01", "host/web1", 4711),
        (ids[1], "HOST-01", "host/web2", 4711),
        (ids[2], "HOST-02", "host/web1", 0),
    ]
    assert {(i.run, i.batch, i.verb, i.at) for i in left} == {("r1", digest(), "ansible.playbook", START)}
    assert [ledger.asked(i) for i in ids] == actions
    assert ledger.asked(99) is None

    ledger.settle([ids[1]], [outcome(actions[1])], START + HOUR)
    assert [i.id for i in ledger.unfinished()] == [ids[0], ids[2]]


def test_an_intent_is_settled_once(ledger: LedgerStore) -> None:
    (first, second) = ledger.intend("r1", [(digest(), action("host/a")), (digest(), action("host/b"))], START)
    ledger.settle([first], [outcome(action("host/a"))], START + HOUR)
    both = [outcome(action("host/b")), outcome(action("host/a"), Result.FAILED)]
    with pytest.raises(HeldError, match=r"host/a for HOST-01 is recorded already \(confirmed\)"):
        ledger.settle([second, first], both, START + 2 * HOUR)
    assert [i.id for i in ledger.unfinished()] == [second]  # one transaction: neither was written
    assert ledger.outcomes("HOST-01", "host/a") == ((START + HOUR, outcome(action("host/a"))),)


def test_pending_is_not_the_last_word(ledger: LedgerStore) -> None:
    ids = ledger.intend("r1", [(digest(), action())], START)
    for hours in (1, 2):
        ledger.settle(ids, [outcome(action(), Result.PENDING)], START + hours * HOUR)
        assert [i.id for i in ledger.unfinished()] == list(ids)
        assert ledger.outcomes("HOST-01", "host/web1") == ((START + hours * HOUR, outcome(action(), Result.PENDING)),)
    ledger.settle(ids, [outcome(action(), Result.FAILED)], START + 3 * HOUR)
    assert ledger.unfinished() == ()
    with pytest.raises(HeldError):
        ledger.settle(ids, [outcome(action())], START + 4 * HOUR)


def test_an_outcome_of_something_else_is_a_bug(ledger: LedgerStore) -> None:
    ids = ledger.intend("r1", [(digest(), action("host/a")), (digest(), action("host/b"))], START)
    swapped = [outcome(action("host/b")), outcome(action("host/a"))]
    for outcomes in (swapped, swapped[:1]):
        with pytest.raises(ValueError, match=r"is not about|shorter"):
            ledger.settle(ids, outcomes, START)
    assert len(ledger.unfinished()) == 2


def test_outcomes_are_newest_first(ledger: LedgerStore) -> None:
    for hours in range(12):
        ids = ledger.intend("r1", [(digest(), action())], START + hours * HOUR)
        ledger.settle(ids, [outcome(action(), said=f"try {hours}")], START + hours * HOUR)
    tried = ledger.outcomes("HOST-01", "host/web1")
    assert [o.said for _, o in tried] == [f"try {n}" for n in range(11, 1, -1)]
    assert tried[0] == (START + 11 * HOUR, outcome(action(), said="try 11"))
    assert len(ledger.outcomes("HOST-01", "host/web1", limit=3)) == 3
    assert ledger.outcomes("HOST-01", "host/other") == ()


def test_spent_counts_every_intent_whatever_came_of_it(ledger: LedgerStore) -> None:
    early = ledger.intend("r1", [(digest(), action("host/early"))], START)
    ledger.intend("r1", [(digest(), action(f"host/{n}")) for n in (1, 2, 1)], START + HOUR)
    ledger.intend("r1", [(digest(), action("host/3", policy="HOST-02"))], START + HOUR)
    ledger.settle(early, [outcome(action("host/early"), Result.FAILED)], START + HOUR)
    assert spent(ledger, "HOST-01", START) == 4
    assert spent(ledger, "HOST-01", START + HOUR) == 3
    assert spent(ledger, "HOST-01", START + 2 * HOUR) == 0
    assert spent(ledger, "HOST-02", START) == 1
