"""What a list of last week says of silence, it says of last week; a date of support is judged today."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from agent.catalog import KINDS
from agent.decide.columns import Row, build
from agent.decide.evaluate import evaluate
from agent.model.condition import Test
from tests.decide.build import PLACE, ago, moment, policy

if TYPE_CHECKING:
    from agent.model.condition import Condition

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LIST = NOW - timedelta(days=40)
DEVICE, TICKET = KINDS["device"], KINDS["ticket"]


def wrong(expect: Condition, field: str, at: datetime, *, listed: datetime, kind: str = "device") -> bool:
    known = KINDS[kind]
    table = build([known.resolve(field)], [Row(f"{kind}/x", "", {field: at})])
    one = replace(policy(kind=kind), expect=expect, remedy=())
    return bool(evaluate(one, replace(table, as_of={field: listed}), NOW).findings)


@pytest.mark.parametrize(("silent", "out"), [(2, False), (20, False), (25, True)])
def test_silence_is_counted_from_the_lists_own_time(silent: int, out: bool) -> None:
    heard = Test(DEVICE.resolve("last_sync"), "within", ago("21 days", UTC), "21 days", PLACE)
    assert wrong(heard, "last_sync", LIST - timedelta(days=silent), listed=LIST) is out
    assert wrong(heard, "last_sync", LIST - timedelta(days=silent), listed=NOW), "a fresh list says it is silent"


def test_a_promise_is_judged_at_the_lists_own_time() -> None:
    kept = Test(TICKET.resolve("due"), "after", moment("now", UTC), "now", PLACE)
    assert not wrong(kept, "due", LIST + timedelta(days=1), listed=LIST, kind="ticket"), "it may be answered by now"
    assert wrong(kept, "due", LIST - timedelta(hours=1), listed=LIST, kind="ticket")


def test_a_date_of_support_is_judged_today() -> None:
    supported = Test(DEVICE.resolve("support_end"), "after", moment("today", UTC), "today", PLACE)
    assert wrong(supported, "support_end", LIST + timedelta(days=1), listed=LIST)


def test_a_list_from_the_future_moves_nothing() -> None:
    heard = Test(DEVICE.resolve("last_sync"), "within", ago("21 days", UTC), "21 days", PLACE)
    assert wrong(heard, "last_sync", NOW - timedelta(days=25), listed=NOW + timedelta(days=9))
