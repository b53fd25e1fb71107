"""The doctor's checks are independent: none hides another, and together they give one exit code."""

from __future__ import annotations

import threading

import pytest

from agent.doctor.word import Check, State, Word, broken, examine, exit_code, look, ok, unknown


def test_a_check_that_fails_or_hangs_hides_no_other() -> None:
    gate = threading.Event()

    def hang() -> list[Word]:
        gate.wait(60)
        return ok("hanging", "done")

    def fail() -> list[Word]:
        msg = "the roof is gone"
        raise RuntimeError(msg)

    checks = [Check("hanging", hang), Check("failing", fail), Check("fine", lambda: ok("fine", "It is there."))]
    said = examine(checks, patience=0.5)
    gate.set()
    assert [w.state for w in said] == [State.UNKNOWN, State.UNKNOWN, State.OK]
    assert "the roof is gone" in said[1].said


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (ok("a", "x"), 0),
        ([*ok("a", "x"), *look("b", "x", "y")], 1),
        ([*broken("a", "x", "y"), *ok("b", "x")], 1),
        ([*broken("a", "x", "y"), *unknown("b", "x")], 3),
    ],
)
def test_the_exit_code_is_that_of_the_worst_word(said: list[Word], code: int) -> None:
    assert exit_code(said) == code
