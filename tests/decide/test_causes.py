"""Why a verdict changed: every way in which policy and readings can have changed, and what is said of it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from agent.decide.causes import EITHER, TOGETHER, UNTOLD, Evidence, Said, cause, plain_cause
from agent.model.cause import Because, Moved, Turn
from agent.model.comparison import Stand
from agent.model.finding import Closed, Difference
from agent.model.ports import Opened

AT = datetime(2026, 10, 14, 6, 30, tzinfo=UTC)
WRONG = (Difference("os_version", "at least 126", "125.0"),)
OUT, IN = Said(Stand.OUT_OF_LINE), Said(Stand.IN_LINE)
VERSION = {"os_version": Moved("os_version", "128.0", "125.0")}


def opened(suspended: str = "", waiver: str = "", differences: tuple[Difference, ...] = WRONG) -> Opened:
    return Opened("DEV-02", "device/A1", AT, differences, suspended, waiver)


def turn(before: Opened | None, after: Opened | None, how: Closed | None = None) -> Turn:
    return Turn("DEV-02", "device/A1", before, after, how)


def evidence(**known: object) -> Evidence:
    base: dict[str, object] = {"now": OUT, "was": IN, "replayed": IN, "rerun": None, "edited": False, "moved": VERSION}
    return Evidence(**{**base, **known})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("replayed", "rerun", "because", "detail"),
    [
        (OUT, IN, Because.POLICY, ""),
        (IN, OUT, Because.REALITY, ""),
        (OUT, OUT, Because.BOTH, EITHER),
        (IN, IN, Because.BOTH, TOGETHER),
        (OUT, None, Because.BOTH, UNTOLD),
        (None, OUT, Because.BOTH, UNTOLD),
    ],
)
def test_where_both_changed_each_is_tried_alone(
    replayed: Said | None, rerun: Said | None, because: Because, detail: str
) -> None:
    told = cause(turn(None, opened()), evidence(edited=True, replayed=replayed, rerun=rerun))
    assert (told.because, told.detail) == (because, detail)


def test_where_one_changed_it_is_that_one() -> None:
    assert cause(turn(None, opened()), evidence()).because is Because.REALITY
    assert cause(turn(None, opened()), evidence(edited=True, moved={}, rerun=OUT)).because is Because.POLICY
    assert cause(turn(None, opened()), evidence(moved={})).because is Because.TIME


def test_an_edit_that_says_the_same_is_not_what_changed_a_reading() -> None:
    """Out of line before and after, with another reading: a new title of the policy has nothing to do with it."""
    was, now = (Difference("os_version", "at least 126", v) for v in ("125.0", "124.0"))
    stood, stands = Said(Stand.OUT_OF_LINE, (was,)), Said(Stand.OUT_OF_LINE, (now,))
    told = cause(
        turn(opened(differences=(was,)), opened(differences=(now,))),
        evidence(edited=True, now=stands, was=stood, replayed=stood, rerun=stands),
    )
    assert told.because is Because.REALITY


def test_the_readings_that_count_are_those_of_the_selection_where_it_is_about_that() -> None:
    moved = {**VERSION, "status": Moved("status", "retired", "active"), "model": Moved("model", "a", "b")}
    entered = evidence(moved=moved, was=Said(Stand.OUT_OF_SCOPE), scope=frozenset({"status"}))
    assert [m.field for m in cause(turn(None, opened()), entered).moved] == ["status"]
    within = evidence(moved=moved, scope=frozenset({"status"}))
    assert [m.field for m in cause(turn(None, opened()), within).moved] == ["os_version"]


def test_newcomers_patience_and_sight() -> None:
    came = evidence(replayed=Said(Stand.NOT_THERE), was=Said(Stand.NOT_THERE))
    assert cause(turn(None, opened()), came).because is Because.CAME
    assert cause(turn(None, opened()), evidence(lasting=3)).because is Because.LASTED
    back = evidence(was=Said(Stand.UNKNOWN), replayed=Said(Stand.UNKNOWN))
    assert cause(turn(None, opened()), back).because is Because.BACK


@pytest.mark.parametrize(
    ("change", "because", "detail"),
    [
        (turn(opened(), None, Closed.FIXED), Because.FIXED, "a deed"),
        (turn(opened(), None, Closed.GONE), Because.GONE, ""),
        (turn(opened(), None, Closed.POLICY_REMOVED), Because.REMOVED, ""),
        (turn(opened(), opened("timed out")), Because.LOST, "timed out"),
        (turn(opened("timed out"), opened()), Because.BACK, "timed out"),
        (turn(opened(), opened("the values chromeos expired on 2027-01-31")), Because.EXPIRED, "the values chromeos"),
        (turn(opened(), opened(waiver="W-1")), Because.WAIVED, "W-1"),
        (turn(opened(waiver="W-1"), opened()), Because.WAIVER_ENDED, "W-1"),
        (turn(opened(waiver="W-1"), opened(waiver="W-2")), Because.WAIVED, "W-2"),
    ],
)
def test_what_a_turn_itself_tells(change: Turn, because: Because, detail: str) -> None:
    told = plain_cause(change, "a deed", edited=False)
    assert told is not None
    assert told.because is because
    assert told.detail.startswith(detail)


def test_sight_that_a_new_policy_asks_for_is_looked_for_elsewhere() -> None:
    assert plain_cause(turn(opened(), opened("not read")), edited=True) is None
    assert plain_cause(turn(opened(), None, Closed.ITSELF), edited=False) is None
    assert plain_cause(turn(None, opened()), edited=False) is None
