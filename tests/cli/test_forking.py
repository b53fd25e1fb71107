"""A start by a fork is a start: what it says, reads, writes and leaves with is what a process of its own does."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.cli import fixtures, forking
from tests.cli.fork_server import IDLE
from tests.lab.commands import wait_until

if TYPE_CHECKING:
    from tests.cli.fixtures import Driftbell, Said

WORDS = [
    ("check", "--json", "--at", "2026-11-02T12:00"),
    ("explain", "NONE-01", "host/x"),
    ("init", "."),
    ("plan", "no-such-option", "--json"),
]


def forked(driftbell: Driftbell, *words: str, timeout: float = 60, stdin: str | None = None) -> Said:
    """Start it by a fork, and be sure of it."""
    done = forking.started([*words], driftbell.environment(), driftbell.folder, timeout, stdin)
    assert done is not None
    return fixtures.Said(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize("words", WORDS, ids=" ".join)
def test_it_says_what_a_process_of_its_own_says(
    driftbell: Driftbell, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    assert driftbell("run").code == 0
    fork = forked(driftbell, *words)
    monkeypatch.setattr(fixtures, "started", lambda *_: None)
    process = driftbell(*words)
    assert (fork.code, without_run(fork.out), fork.err) == (process.code, without_run(process.out), process.err)
    assert fork.out + fork.err


def without_run(said: str) -> str:
    """Leave out the lines that no two runs share."""
    return "\n".join(line for line in said.splitlines() if '"run"' not in line)


def test_it_reads_what_it_is_given_and_nothing_else(driftbell: Driftbell) -> None:
    told = forked(driftbell, "fmt", "-", stdin="b: 1\na: é\n" * 20_000)
    assert told == driftbell("fmt", "-", stdin="b: 1\na: é\n" * 20_000)


def test_it_has_the_folder_the_mask_and_the_variables_of_the_call(
    driftbell: Driftbell, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = os.umask(0o027)
    try:
        assert forked(driftbell, "init", "new", "--yes", "--this-machine").code == 0
    finally:
        os.umask(before)
    made = driftbell.folder / "new" / "policies"
    assert (made.stat().st_mode & 0o777, made.owner()) == (0o750, Path("/proc/self").owner())
    monkeypatch.setenv("TMPDIR", str(driftbell.folder))
    assert driftbell.environment()["TMPDIR"] == str(driftbell.folder)
    assert forked(driftbell, "validate").code == 0


@pytest.mark.parametrize("name", ["LANG", "LC_ALL", "TZ", "COLUMNS", "PYTHONPATH", "PYTHONUTF8", "LD_PRELOAD", "ANY"])
def test_a_variable_that_may_count_at_a_start_asks_for_a_process_of_its_own(
    driftbell: Driftbell, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "C")
    assert forking.started(["--version"], driftbell.environment(), driftbell.folder, 60, None) is None


def test_what_takes_too_long_is_ended(driftbell: Driftbell, monkeypatch: pytest.MonkeyPatch) -> None:
    ended, kill = [], os.kill

    def noted(process: int, number: int) -> None:
        ended.append(process)
        kill(process, number)

    monkeypatch.setattr(os, "kill", noted)
    with pytest.raises(subprocess.TimeoutExpired):
        forked(driftbell, "run", timeout=0)
    (process,) = ended
    wait_until(lambda: not Path(f"/proc/{process}").exists(), 30, "its process is gone")


def test_imports_start_no_thread_that_a_command_needs(driftbell: Driftbell) -> None:
    server = forking.server(os.getpid())
    tasks = Path(f"/proc/{server.process.pid}/task")
    others = [task for task in tasks.iterdir() if task.name != str(server.process.pid)]
    assert {(task / "comm").read_text("utf-8").strip() for task in others} <= IDLE
    assert forked(driftbell, "--version").code == 0


def test_the_tests_start_it_so(driftbell: Driftbell, monkeypatch: pytest.MonkeyPatch) -> None:
    forking.server(os.getpid())
    monkeypatch.setattr(sys, "executable", "/nowhere")
    assert driftbell("--version").code == 0
