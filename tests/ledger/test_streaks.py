"""What waits to be opened: kept with the findings in one transaction, in place of what waited before."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from agent.ledger import findings
from agent.ledger.store import open_ledger
from agent.ledger.tables import streak
from agent.model.finding import Streak
from tests.ledger.nouns import HOUR, NOTHING_FIXED, START, finding, judged
from tests.ledger.test_processes import DEADLINE, child

if TYPE_CHECKING:
    from pathlib import Path

    from agent.ledger.store import LedgerStore

ONE, TWO = Streak("P", "a", 1, START), Streak("P", "b", 3, START)


def record(ledger: LedgerStore, *streaks: Streak) -> None:
    ledger.record_findings("r1", START, [judged("P", finding("P", "z"))], NOTHING_FIXED, streaks)


def test_they_come_back_as_they_were_and_others_take_their_place(ledger: LedgerStore) -> None:
    assert ledger.streaks() == ()
    record(ledger, TWO, ONE)
    assert ledger.streaks() == (ONE, TWO)
    more = Streak("P", "a", 2, START + HOUR)
    record(ledger, more, Streak("Q", "a", 1, START))
    assert ledger.streaks() == (more, Streak("Q", "a", 1, START))
    record(ledger)
    assert ledger.streaks() == ()


def test_one_that_stays_is_not_written_again(ledger: LedgerStore) -> None:
    record(ledger, ONE, TWO)
    with ledger._database.reading() as connection:
        before = connection.exec_driver_sql("SELECT rowid, * FROM streak").fetchall()
    record(ledger, ONE, TWO)
    with ledger._database.reading() as connection:
        assert connection.exec_driver_sql("SELECT rowid, * FROM streak").fetchall() == before
        assert connection.execute(select(func.count()).select_from(streak)).scalar() == 2


def test_findings_that_cannot_be_recorded_leave_the_streaks_as_they_were(
    ledger: LedgerStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(ledger, ONE)

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(findings, "record", broken)
    with pytest.raises(ZeroDivisionError):
        record(ledger, TWO)
    assert ledger.streaks() == (ONE,)


@pytest.mark.parametrize("looks", [1, 3, 20])
def test_a_killed_run_has_counted_its_look_or_not_and_never_half_of_it(path: Path, looks: int) -> None:
    with open_ledger(path) as ledger:
        ledger.begin("r1", "run", "c0ffee", START)
    with child("count", path) as process:
        assert process.stdout is not None
        said = [process.stdout.readline().strip() for _ in range(looks)]
        process.send_signal(signal.SIGKILL)
        said += process.communicate(timeout=DEADLINE)[0].splitlines()
    counted = len([s for s in said if s.startswith("counted ")])
    with open_ledger(path) as ledger:
        streaks, opened = ledger.streaks(), ledger.open_findings()
        assert {s.looks for s in streaks} <= {counted, counted + 1}
        assert len({s.looks for s in streaks}) == 1, "both hosts were counted in one look"
        assert {o.differences[0].observed for o in opened} == {f"look {s.looks}" for s in streaks}
