"""Who may act by their login: those who may approve, and a deputy on the days that they stand in for somebody."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from agent.bootstrap.people import allowed
from agent.decide.deputies import DUTY
from agent.errors import HeldError
from agent.model.policy import Caps, District, Person
from agent.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

AWAY = ((date(2026, 10, 19), date(2026, 10, 21)),)
PEOPLE = (
    Person("dora", "Dora Example", "", frozenset({DUTY}), "paul", AWAY),
    Person("sam", "Sam Example", "", frozenset({DUTY})),
    Person("paul", "Paul Example", ""),
    Person("ann", "Ann Example", "", frozenset({"calendar"}), "sam"),
)


def asked(folder: Path, who: str, at: datetime, duty: str = DUTY) -> str:
    """Give the name that an act is recorded under, or why it is refused."""
    land = District("Riverton", "America/Chicago", {}, {p.id: p for p in PEOPLE}, (), Caps(), frozenset())
    settings = Settings("", folder, people={f"{p.id}-login": p.id for p in PEOPLE})
    try:
        return allowed(settings, land, duty, f"{who}-login", at)[0]
    except HeldError as error:
        return str(error)


def noon(day: int, hour: int = 17) -> datetime:
    return datetime(2026, 10, day, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    ("who", "at", "said"),
    [
        ("dora", noon(14), "dora"),
        ("dora", noon(20), "dora"),
        ("paul", noon(20), "paul"),
        ("paul", noon(19, 5), "paul"),  # midnight in Chicago
        ("paul", noon(22, 4), "paul"),  # still the 21st there
    ],
)
def test_an_approver_may_always_and_a_deputy_while_the_principal_is_away(
    who: str, at: datetime, said: str, tmp_path: Path
) -> None:
    assert asked(tmp_path, who, at) == said


@pytest.mark.parametrize("at", [noon(14), noon(19, 4), noon(22, 5)])
def test_a_deputy_may_nothing_while_the_principal_is_here(at: datetime, tmp_path: Path) -> None:
    assert asked(tmp_path, "paul", at) == (
        "Paul Example (paul) stands in for Dora Example only while Dora Example is away; dora, sam may today."
    )


def test_whoever_may_not_is_told_who_may_today(tmp_path: Path) -> None:
    assert asked(tmp_path, "ann", noon(20)) == (
        "Ann Example (ann) may not: `may: [approve]` is missing in policies/district.yaml; dora, sam, paul may today."
    )


def test_a_deputy_stands_in_for_that_duty_alone(tmp_path: Path) -> None:
    assert "stands in for Ann Example only while" in asked(tmp_path, "sam", noon(20), "calendar")
    assert "`may: [calendar]` is missing" in asked(tmp_path, "paul", noon(20), "calendar")
