"""Several processes, and processes that die: nothing that was acknowledged is lost, nobody waits in vain."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from agent.errors import UnseenError
from agent.ledger import database, trouble
from agent.ledger.store import LedgerStore, open_ledger
from tests.ledger.nouns import NOTHING_FIXED, START, action, digest, finding, judged, said, spent

if TYPE_CHECKING:
    from collections.abc import Generator

PROJECT = Path(__file__).parents[2]
DEADLINE = 120


@contextmanager
def child(verb: str, path: Path, *more: object) -> Generator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.ledger.children", verb, str(path), *map(str, more)]
    process = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate(timeout=DEADLINE)


def _line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, process.communicate(timeout=DEADLINE)[1]
    return line.strip()


def _ids(lines: list[str], word: str) -> set[int]:
    return {int(number) for said, _, number in (line.partition(" ") for line in lines) if said == word}


def _in_use(path: Path) -> None:
    with open_ledger(path) as ledger:
        ledger.begin("r1", "run", "c0ffee", START)
        ledger.record_findings("r1", START, [judged("P", finding("P", "a"))], NOTHING_FIXED)


def _is_whole(ledger: LedgerStore) -> bool:
    with ledger._database.reading() as connection:
        return connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"


@pytest.mark.parametrize("lines", [1, 2, 7, 50])
def test_what_was_intended_outlives_kill_9(path: Path, lines: int) -> None:
    _in_use(path)
    with child("journal", path) as process:
        said = [_line(process) for _ in range(lines)]
        process.send_signal(signal.SIGKILL)
        said += process.communicate(timeout=DEADLINE)[0].splitlines()
    assert process.returncode == -signal.SIGKILL
    with open_ledger(path) as ledger:
        left = {i.id: i for i in ledger.unfinished()}
        assert _is_whole(ledger)
        assert left.keys() >= _ids(said, "intended") - _ids(said, "settled") - {max(_ids(said, "intended"))}
        assert not left.keys() & _ids(said, "settled")
        assert spent(ledger, "HOST-01", START) >= len(_ids(said, "intended"))
        acknowledged = left.keys() & _ids(said, "intended")
        assert {left[i].group for i in acknowledged} <= {4711}
        first = min(_ids(said, "intended"))
        assert ledger.asked(first) == action("host/0")


def test_half_a_transaction_is_none_and_holds_nobody_up(path: Path) -> None:
    _in_use(path)
    with open_ledger(path) as ledger:
        ledger.intend("r1", [(digest(), action())], START)
    with child("half", path) as process:
        assert _line(process) == "half way"
        process.send_signal(signal.SIGKILL)
        process.wait(DEADLINE)
        with open_ledger(path) as ledger:
            assert [i.group for i in ledger.unfinished()] == [0]
            assert len(ledger.open_findings()) == 1
            ledger.approvals.add(said(digest(), "director", START))


def test_reading_works_while_another_process_writes(path: Path) -> None:
    _in_use(path)
    with child("half", path) as process:
        assert _line(process) == "half way"
        for read_only in (True, False):
            began = time.monotonic()
            with open_ledger(path, read_only=read_only) as ledger:
                assert len(ledger.open_findings()) == 1
            assert time.monotonic() - began < trouble.PATIENCE / 3
        assert process.poll() is None


def test_a_writer_that_never_ends_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _in_use(path)
    monkeypatch.setattr(database, "PATIENCE", 0.5)
    with child("half", path) as process:
        assert _line(process) == "half way"
        with open_ledger(path) as ledger, pytest.raises(UnseenError, match="held by another program"):
            ledger.approvals.add(said(digest(), "director", START))


def test_several_processes_write_at_once_and_none_is_locked_out(path: Path) -> None:
    _in_use(path)
    names, times = ("one", "two", "three"), 60
    with ExitStack() as stack:
        writers = [stack.enter_context(child("write", path, name, times)) for name in names]
        for process in writers:
            output, errors = process.communicate(timeout=DEADLINE)
            assert (output, process.returncode) == ("done\n", 0), errors
    with open_ledger(path) as ledger:
        assert spent(ledger, "HOST-01", START) == len(names) * times
        assert len(ledger.open_findings()) == 1
        assert _is_whole(ledger)


def test_several_processes_make_the_same_ledger(tmp_path: Path) -> None:
    path = tmp_path / "state" / "ledger.db"
    with child("open", path) as one, child("open", path) as two, child("open", path) as three:
        for process in (one, two, three):
            output, errors = process.communicate(timeout=DEADLINE)
            assert (output, process.returncode) == ("()\n", 0), errors


@pytest.mark.parametrize("torn", [0, 1, 100, 5000])
def test_what_was_intended_outlives_a_power_cut(path: Path, tmp_path: Path, torn: int) -> None:
    """A power cut keeps what was synced: the database and its log, as they are at that instant."""
    _in_use(path)
    after = tmp_path / "after" / "ledger.db"
    after.parent.mkdir()
    with open_ledger(path) as ledger:
        ids = list(ledger.intend("r1", [(digest(), action())], START))
        safe = Path(f"{path}-wal").stat().st_size
        ids += ledger.intend("r1", [(digest(), action(f"host/{n}")) for n in range(30)], START)
        shutil.copy(path, after)
        shutil.copy(f"{path}-wal", f"{after}-wal")
    log = Path(f"{after}-wal")
    assert log.stat().st_size > safe
    os.truncate(log, max(safe, log.stat().st_size - torn))
    with open_ledger(after) as ledger:
        left = [i.id for i in ledger.unfinished()]
        assert _is_whole(ledger)
    assert left == (ids if not torn else ids[:1])


def test_every_commit_is_synced(path: Path) -> None:
    with open_ledger(path) as ledger, ledger._database.writing() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2  # FULL
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
