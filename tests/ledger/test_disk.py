"""A full disk, on a small file system of our own: a sentence, and everything that was written stays readable."""

from __future__ import annotations

import os
import subprocess
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from agent.errors import UnseenError
from agent.ledger.store import open_ledger
from tests.ledger.nouns import HOUR, NOTHING_FIXED, START, action, digest, finding, judged, run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NO_SPACE = r"The ledger .*/ledger\.db cannot be written: no space left on its disk"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """Give a file system of 2 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place)], check=False, capture_output=True, text=True
    )
    if mounted.returncode:
        if os.environ.get("CI") == "true":
            pytest.fail(f"CI must run this, and a tmpfs cannot be mounted: {mounted.stderr}")
        pytest.skip(f"a tmpfs cannot be mounted here (it takes root): {mounted.stderr.strip()}")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def _fill(disk: Path) -> None:
    with (disk / "ballast").open("wb", buffering=0) as ballast, suppress(OSError):
        while os.statvfs(disk).f_bavail:
            ballast.write(b"x" * 4096)
    assert os.statvfs(disk).f_bavail == 0


def test_a_full_disk_is_told_and_the_ledger_stays_readable(disk: Path) -> None:
    path = disk / "state" / "ledger.db"
    with open_ledger(path) as ledger:
        ledger.begin("r1", "run", "c0ffee", START)
        ledger.record_findings("r1", START, [judged("P", finding("P", "a"))], NOTHING_FIXED)
        ledger.finish(run("r1"), 1)
        kept = ledger.open_findings()
        _fill(disk)
        many = [finding("P", f"host/{n}", "x" * 500 + str(n)) for n in range(2000)]
        with pytest.raises(UnseenError, match=NO_SPACE):
            ledger.record_findings("r1", START + HOUR, [judged("P", *many)], NOTHING_FIXED)
        actions = [(digest(), action(f"host/{n}")) for n in range(2000)]
        with pytest.raises(UnseenError, match=NO_SPACE):
            ledger.intend("r1", actions, START)
        assert ledger.open_findings() == kept
        assert ledger.unfinished() == ()
        with open_ledger(path, read_only=True) as other:
            assert other.open_findings() == kept
            assert other.last_run() == run("r1")
        (disk / "ballast").unlink()
        assert len(ledger.intend("r1", actions, START)) == 2000


def test_a_ledger_on_a_full_disk_can_be_looked_at(disk: Path) -> None:
    path = _in_use(disk)
    _fill(disk)
    with open_ledger(path, read_only=True) as ledger:
        assert len(ledger.open_findings()) == 1
    with pytest.raises(UnseenError, match=NO_SPACE):
        open_ledger(path)


def test_a_ledger_on_a_read_only_disk_can_be_looked_at(disk: Path) -> None:
    path = _in_use(disk)
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    with open_ledger(path, read_only=True) as ledger:
        assert len(ledger.open_findings()) == 1
    with pytest.raises(UnseenError, match=r"ledger\.db cannot be (written|opened)"):
        open_ledger(path)


def _in_use(disk: Path) -> Path:
    path = disk / "ledger.db"
    with open_ledger(path) as ledger:
        ledger.begin("r1", "run", "c0ffee", START)
        ledger.record_findings("r1", START, [judged("P", finding("P", "a"))], NOTHING_FIXED)
    assert {p.name for p in disk.iterdir()} == {"ledger.db", "ledger.db.lock"}
    return path


def test_no_room_for_a_new_ledger_is_told(disk: Path) -> None:
    _fill(disk)
    with pytest.raises(UnseenError, match=r"(?i)no space left"):
        open_ledger(disk / "state" / "ledger.db")
