"""`python -m tests.mutation`: every mutant has to make tests/guards fail; survivors are named, with 1."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING

from tests.mutation.mutants import FOLDER, Mutant, bent, taken_out

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).parents[2]
KEPT = ("agent", "tests/guards", "tests/cases", "pyproject.toml")
PATIENCE = 600.0  # seconds for the tests of one mutant, on a machine that has other things to do
EXAMPLES = "15"  # of each property

# It compares the names of the list, so that it fails whenever one is missing, and proves nothing of what a guard does.
NAMES = "tests/guards/test_guards.py::test_every_guard_is_in_the_list"

# What cannot be told from the original by any plan: by file and what was done, with the reason.
SAME: dict[tuple[str, str], str] = {}


def main() -> int:
    """Try every mutant, and say which the tests let live."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("--short", action="store_true", help="take each guard out, and bend nothing")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--only", default="", metavar="TEXT", help="those whose place or change has this text in it")
    asked = parser.parse_args()
    began = time.perf_counter()
    mutants = [*taken_out(ROOT), *(() if asked.short else bent(ROOT))]
    chosen = [m for m in mutants if asked.only in str(m)]
    survivors = surviving(chosen, asked.workers)
    print(f"{len(chosen)} mutants, {len(survivors)} survivors, {time.perf_counter() - began:.0f} s")
    for one in survivors:
        print(f"SURVIVED {one}")
    return 1 if survivors else 0


def surviving(mutants: Sequence[Mutant], workers: int) -> list[Mutant]:
    """Give the mutants that no test noticed.

    Raises:
        RuntimeError: the tests fail without a mutant, or do not try the copy.
    """
    copies: SimpleQueue[Path] = SimpleQueue()
    with tempfile.TemporaryDirectory() as folder:
        for number in range(workers):
            copies.put(_copied(Path(folder) / str(number)))
        first = copies.get()
        sound, said = _passes(first)
        if not sound:
            msg = f"tests/guards fails without any mutant:\n{said}"
            raise RuntimeError(msg)
        copies.put(first)

        def lives(mutant: Mutant) -> bool:
            at = copies.get()
            try:
                return _lives(at, mutant)
            finally:
                copies.put(at)

        with ThreadPoolExecutor(workers) as pool:
            return [m for m, alive in zip(mutants, pool.map(lives, mutants), strict=True) if alive]


def _copied(at: Path) -> Path:
    """Give a copy of what the tests of the guards need; nothing is ever changed in the checkout."""
    for name in KEPT:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, at / name, ignore=shutil.ignore_patterns("__pycache__", "example"))
        else:
            shutil.copy(source, at / name)
    (at / "tests/__init__.py").write_text("", encoding="utf-8")
    return at


def _lives(at: Path, mutant: Mutant) -> bool:
    path = at / mutant.file
    original = path.read_text(encoding="utf-8")
    path.write_text(mutant.text, encoding="utf-8")
    try:
        alive = _passes(at)[0] and (Path(mutant.file).name, mutant.what) not in SAME
    finally:
        path.write_text(original, encoding="utf-8")
    print(f"{'LIVES ' if alive else 'killed'} {mutant}", file=sys.stderr, flush=True)
    return alive


def _passes(at: Path) -> tuple[bool, str]:
    """Run the tests of a copy; they stop at the first that fails."""
    options = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", f"--deselect={NAMES}"]
    command = [sys.executable, "-B", "-m", "pytest", *options, *_tests(at)]
    env = {**os.environ, "PYTHONPATH": str(at), "DRIFTBELL_EXAMPLES": EXAMPLES, "PYTEST_ADDOPTS": "-o addopts="}
    try:
        done = subprocess.run(command, cwd=at, env=env, capture_output=True, text=True, timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired:
        return True, "it did not end"  # that is no failure of a test, whatever the machine had to do meanwhile
    return done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


def _tests(at: Path) -> list[str]:
    """Give the test files, tables first: most mutants fall to them, and properties take longer."""
    files = sorted((at / "tests/guards").glob("test_*.py"), key=lambda f: ("properties" in f.name, f.name))
    return [f.relative_to(at).as_posix() for f in files]


if __name__ == "__main__":
    if not (ROOT / FOLDER).is_dir():
        raise SystemExit(2)
    raise SystemExit(main())
