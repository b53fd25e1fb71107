"""Sizes, percents and times as people write them, where they are shown; what is compared stays as it was."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from agent.catalog import KINDS
from agent.decide.amounts import size, spoken
from agent.decide.columns import Row, build
from agent.decide.evaluate import evaluate
from agent.decide.words import wish
from agent.model.condition import AllOf, Condition, Moment, Not, Test
from tests.decide.build import PLACE, policy

if TYPE_CHECKING:
    from agent.model.kind import FieldRef
    from agent.model.reading import Reading

NOW = datetime(2026, 11, 22, 18, 0, tzinfo=ZoneInfo("America/Chicago"))


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1000, "1 KB"),
        (4_000_000_000, "4 GB"),
        (10_000_000_000.0, "10 GB"),
        (2_500_000_000, "2.5 GB"),
        (3_912_345_678, "3.9 GB (3,912,345,678 bytes)"),
        (4_294_967_296, "4.3 GB (4,294,967,296 bytes)"),
        (999_999_999, "1.0 GB (999,999,999 bytes)"),
        (64_000_000_000_000, "64 TB"),
    ],
)
def test_a_size_is_short_and_never_less_than_exact(number: float, said: str) -> None:
    assert size(number) == said


def ref(kind: str, name: str) -> FieldRef:
    return KINDS[kind].resolve(name)


def finding(kind: str, condition: Condition, field: FieldRef, value: Reading) -> tuple[str, str, str]:
    table = build([field], [Row(f"{kind}/A", "", {field.name: value})])
    (found,) = evaluate(replace(policy(kind=kind), expect=condition), table, NOW).findings
    return found.sentence, found.differences[0].expected, found.differences[0].observed


def test_a_sentence_has_units_and_a_difference_has_numbers() -> None:
    free = ref("device", "storage_free")
    said = finding("device", Test(free, "at_least", 4_000_000_000, "4 GB", PLACE), free, 3_912_345_678)
    assert said == (
        "A: storage_free is 3.9 GB (3,912,345,678 bytes) and should be at least 4 GB.",
        "at least 4000000000",
        "3912345678",
    )
    toner = ref("printer", "toner")
    said = finding("printer", Test(toner, "between", (10.0, 90.0), "", PLACE), toner, 9.9)
    assert said == ("A: toner is 9.9% and should be between 10% and 90%.", "between 10.0 and 90.0", "9.9")


def test_what_must_not_be_before_a_day_says_the_day() -> None:
    sync = ref("device", "last_sync")
    moment = Moment("today - 7 days", timedelta(days=-7), day=True)
    both = AllOf((Test(sync, "exists", True, "true", PLACE), Not(Test(sync, "before", moment, moment.text, PLACE))))
    sentence, expected, _ = finding("device", both, sync, datetime(2026, 11, 1, 16, 3, tzinfo=UTC))
    assert expected == "there and not before today - 7 days"
    assert sentence == f"A: last_sync is 2026-11-01 10:03 and should be {expected} (2026-11-15)."


def test_a_time_is_on_the_clock_of_the_district() -> None:
    at = datetime(2026, 11, 20, 16, 3, 7, tzinfo=UTC)
    assert spoken(ref("device", "last_sync"), at, NOW) == "2026-11-20 10:03:07"
    assert wish(Test(ref("device", "storage_free"), "at_least", 4_000_000_000, "4 GB", PLACE)) == "at least 4000000000"
