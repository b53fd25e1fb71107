"""Where `driftbell waive` is killed between two of its steps: the next one finds its leftover and goes on by itself."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.cli.printers import FILE, HEAD, OPTIONS, TODAY, committed, entries, git, head, waive

if TYPE_CHECKING:
    from tests.cli.fixtures import Driftbell

# The command as it is, which kills itself before or after one of its steps.
KILLED = """
import importlib, os, signal, sys
module, name, when = sys.argv[1:4]
where = importlib.import_module(module)
real = getattr(where, name)
def step(*given, **named):
    done = real(*given, **named) if when == "after" else None
    os.kill(os.getpid(), signal.SIGKILL)
    return done
setattr(where, name, step)
from agent.__main__ import main
sys.argv[1:] = sys.argv[4:]
main()
"""
WRITING, COMMITTING = "agent.bootstrap.waivers", "agent.intake.git_commit"
BACK, STANDS = "was cut off before its commit, and is taken back", "was cut off behind its commit, which stands"
STEPS = {
    "before the file": (WRITING, "_replace", "before", ""),
    "behind the file": (WRITING, "_replace", "after", BACK),
    "behind the proof": (WRITING, "_prove", "after", BACK),
    "behind the index": (COMMITTING, "_stage", "after", BACK),
    "behind the commit": (COMMITTING, "commit", "after", STANDS),
}


@pytest.fixture
def district(driftbell: Driftbell) -> Driftbell:
    """Give the printers' district, committed."""
    return committed(driftbell)


def killed(district: Driftbell, module: str, name: str, when: str) -> None:
    """Run `waive` for P-1 until it kills itself."""
    words = district.arguments("waive", "PRN-01", "P-1", *OPTIONS, "--yes")[3:]
    done = subprocess.run(
        [sys.executable, "-c", KILLED, module, name, when, *words], env=district.environment(), cwd=district.folder,
        check=False, stdin=subprocess.DEVNULL, capture_output=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL, done.stderr


@pytest.mark.parametrize("there", [False, True])
@pytest.mark.parametrize("step", STEPS)
def test_the_next_one_takes_it_back_or_goes_on_from_it(district: Driftbell, step: str, *, there: bool) -> None:
    if there:
        district.write(FILE, HEAD)
        git(district.repo, "add", FILE)
        git(district.repo, "commit", "-q", "-m", "Waivers")
    *how, sentence = STEPS[step]
    killed(district, *how)
    said = waive(district, "PRN-01", "P-3", *OPTIONS)
    assert (said.code, said.err) == (0, "")
    first = said.out.splitlines()[0]
    assert sentence in first if sentence else first.startswith(f"W-{TODAY.year}-001: ")
    ours = [["printer/P-1"]] if sentence is STANDS else []
    assert [e["resources"] for e in entries(district)] == [*ours, ["printer/P-3"]]
    assert (district.repo / FILE).read_text(encoding="utf-8").startswith(HEAD if there else "")
    assert not git(district.repo, "status", "--porcelain")
    assert not list((district.repo / ".git").glob("driftbell*"))


def test_it_is_taken_back_before_anything_else_is_asked_or_refused(district: Driftbell) -> None:
    killed(district, WRITING, "_replace", "after")
    assert entries(district)
    said = waive(district, "PRN-01", "nobody", *OPTIONS)
    assert (said.code, BACK in said.out) == (2, True)
    assert not (district.repo / FILE).exists()


def test_what_somebody_wrote_on_top_of_it_is_theirs(district: Driftbell) -> None:
    killed(district, WRITING, "_replace", "after")
    path = district.repo / FILE
    theirs = path.read_text(encoding="utf-8") + "# mine\n"
    path.write_text(theirs, encoding="utf-8")
    before = head(district)
    said = waive(district, "PRN-01", "P-3", *OPTIONS)
    assert (said.code, "has changes that are not committed yet" in said.err) == (2, True)
    assert (path.read_text(encoding="utf-8"), head(district)) == (theirs, before)


def test_a_note_that_was_cut_off_itself_says_nothing(district: Driftbell) -> None:
    killed(district, WRITING, "_replace", "before")
    (note,) = (district.repo / ".git").glob("driftbell*")
    note.write_text(note.read_text(encoding="ascii")[:20], encoding="ascii")
    assert waive(district, "PRN-01", "P-3", *OPTIONS).code == 0
    assert not note.exists()
