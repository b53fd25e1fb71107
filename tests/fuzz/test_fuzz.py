"""A few hundred of the documents of `make fuzz`, and that what it looks for would be found."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from agent.intake import structure
from tests.fuzz import __main__ as program
from tests.fuzz import harness
from tests.fuzz.harness import Harness, Tally
from tests.fuzz.mutations import dice, mutated

ROOT = Path(__file__).parents[2]
COUNT = 400


@pytest.fixture(autouse=True)
def _put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the harness puts in the place of the schema is for its own catalog alone."""
    for name in ("schema", "_digest"):
        monkeypatch.setattr(structure, name, getattr(structure, name))


def test_no_document_is_a_bug() -> None:
    """In a process of its own, as `make fuzz` does: one that has used polars cannot be forked."""
    words = [sys.executable, "-m", "tests.fuzz", "--seed", "1", "--count", str(COUNT), "--workers", "2"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert f"{COUNT:,} of {COUNT:,} documents" in done.stdout, done.stderr
    assert done.stdout.splitlines()[-1] == "0 bugs", done.stdout
    verdicts = {
        word: int(number) for number, word in re.findall(r"(\d+) (accepted|refused|laid out|not laid out)", done.stdout)
    }
    assert verdicts["accepted"] + verdicts["refused"] == COUNT
    assert verdicts["laid out"] + verdicts["not laid out"] == COUNT
    assert min(verdicts["accepted"], verdicts["laid out"]) > COUNT / 4
    different = re.search(r"(\d+) different sentences", done.stdout)
    assert different
    assert int(different[1]) > COUNT / 40


def test_a_document_is_the_same_each_time() -> None:
    first, again = (mutated(dice(7, 11)) for _ in range(2))
    assert first == again != mutated(dice(7, 12))


def test_a_traceback_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    word = "of_our_own"

    def broken(*_: object) -> str:
        raise KeyError(word)

    tally = Tally()
    monkeypatch.setattr(harness, "laid_out", broken)
    Harness(tmp_path).try_one(1, 5, tally)
    assert [number for number, why in tally.bugs if word in why] == [5]


def test_a_slow_document_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tally = Tally()
    monkeypatch.setattr(harness, "SLOWEST", 0.0)
    Harness(tmp_path).try_one(1, 5, tally)
    assert any("It took" in why for _, why in tally.bugs)


def test_memory_is_weighed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tally = Tally()
    monkeypatch.setattr(harness, "MEMORY", 1)
    Harness(tmp_path).try_one(1, 5, tally)
    assert any("The process grew" in why for _, why in tally.bugs)


def _stuck(_: int, numbers: range, pipe: object) -> None:
    pipe.send(numbers[0])  # type: ignore[attr-defined]
    if numbers[0] == 0:
        while True:
            time.monotonic()
    for number in numbers:
        pipe.send(number)  # type: ignore[attr-defined]
        pipe.send(Tally(verdicts=Counter(accepted=1)))  # type: ignore[attr-defined]


def test_a_document_that_hangs_is_found_and_the_others_are_still_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "work", _stuck)
    monkeypatch.setattr(program, "HANGS", 1.0)
    tally = program.fuzz(seed=1, count=10, workers=1)
    assert [number for number, why in tally.bugs if "It hung" in why] == [0]
    assert tally.verdicts["accepted"] == 9


def _gone(_: int, numbers: range, pipe: object) -> None:
    pipe.send(numbers[0])  # type: ignore[attr-defined]
    raise SystemExit(3)


def test_a_process_that_ends_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "work", _gone)
    assert len(program.fuzz(seed=1, count=3, workers=1).bugs) == 3
