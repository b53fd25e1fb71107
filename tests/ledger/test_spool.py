"""Letters wait until they are delivered, and are never spooled twice."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from agent.ledger.store import open_ledger
from tests.ledger.nouns import HOUR, START, letter

if TYPE_CHECKING:
    from pathlib import Path

    from agent.ledger.store import LedgerStore


def test_a_letter_waits_and_survives_a_restart(path: Path) -> None:
    with open_ledger(path) as ledger:
        assert ledger.spool.put(letter())
    with open_ledger(path) as ledger:
        assert ledger.spool.waiting() == ledger.spool.due(START) == (letter(),)


def test_the_same_letter_is_spooled_once_delivered_or_not(ledger: LedgerStore) -> None:
    assert ledger.spool.put(letter())
    assert not ledger.spool.put(letter(body=b"another"))
    ledger.spool.delivered(letter().message_id, START)
    assert not ledger.spool.put(letter())
    assert ledger.spool.waiting() == ()


def test_a_failed_attempt_delays_and_loses_nothing(ledger: LedgerStore) -> None:
    ledger.spool.put(letter())
    ledger.spool.postponed(letter().message_id, "421 try later", START + HOUR)
    ledger.spool.postponed(letter().message_id, "connection refused", START + 2 * HOUR)
    assert ledger.spool.due(START + HOUR) == ()
    late = replace(letter(), attempts=2, next_attempt=START + 2 * HOUR, last_error="connection refused")
    assert ledger.spool.due(START + 2 * HOUR) == ledger.spool.waiting() == (late,)


def test_what_was_delivered_stays_delivered_and_leaves_no_body(ledger: LedgerStore) -> None:
    body = b"a very secret body " * 500
    ledger.spool.put(letter(body=body))
    ledger.spool.delivered(letter().message_id, START)
    ledger.spool.postponed(letter().message_id, "timed out", START)
    assert ledger.spool.waiting() == ()
    with ledger._database.reading() as connection:
        row = connection.exec_driver_sql("SELECT body, delivered, last_error FROM letter").one()
    assert (row.body, row.last_error) == (None, "")


def test_letters_are_oldest_first(ledger: LedgerStore) -> None:
    for number, hours in enumerate((3, 1, 2)):
        ledger.spool.put(letter(f"<{number}@driftbell>", START + hours * HOUR))
    assert [one.message_id for one in ledger.spool.due(START)] == ["<1@driftbell>", "<2@driftbell>", "<0@driftbell>"]
