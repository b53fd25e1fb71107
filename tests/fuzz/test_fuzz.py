"""A few hundred of the documents of `make fuzz`, and that what it looks for would be found."""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from agent.intake import structure
from tests.fuzz import __main__ as program
from tests.fuzz import harness
from tests.fuzz.harness import Harness, Tally
from tests.fuzz.mutations import dice, mutated

if TYPE_CHECKING:
    from pathlib import Path

COUNT = 400


@pytest.fixture(autouse=True)
def _put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the harness puts in the place of the schema is for its own catalog alone."""
    for name in ("schema", "_digest"):
        monkeypatch.setattr(structure, name, getattr(structure, name))


def test_no_document_is_a_bug() -> None:
    tally = program.fuzz(seed=1, count=COUNT, workers=2)
    assert tally.bugs == []
    assert tally.verdicts["accepted"] + tally.verdicts["refused"] == COUNT
    assert tally.verdicts["laid out"] + tally.verdicts["not laid out"] == COUNT
    assert min(tally.verdicts["accepted"], tally.verdicts["laid out"]) > COUNT / 4
    assert len(tally.sentences) > COUNT / 40
    assert 0 < tally.memory[0] < harness.MEMORY


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
