"""What a policy's time amounts to, and what holds its next step."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from agent.decide.promotion import bars, decided, next_mode, past, since
from agent.model.approval import Approval, Word
from agent.model.cause import Edition
from agent.model.finding import Closed
from agent.model.history import Episode
from agent.model.policy import Mode
from agent.model.ports import Opened
from agent.model.promotion import Decided, Past, Sight

if TYPE_CHECKING:
    from collections.abc import Sequence

CASES = yaml.safe_load((Path(__file__).parents[1] / "cases" / "guards" / "promotion.yaml").read_text("utf-8"))
ZONE = ZoneInfo("America/Chicago")
NOW = datetime(2026, 10, 21, 11, tzinfo=UTC).astimezone(ZONE)
BEGAN = NOW - timedelta(days=10)


@pytest.mark.parametrize("case", CASES, ids=itemgetter("name"))
def test_what_holds_a_step(case: dict[str, Any]) -> None:
    began = None if case["days"] is None else NOW - timedelta(days=case["days"])
    so_far = Past(began, days=case["days"] or 0, looks=99, look_days=case.get("looked", 14))
    said = Decided(case.get("approved", 0), case.get("denied", 0), ("not in exam week",))
    sight = Sight(case.get("judged", 20), case.get("unknown", 0), NOW, tuple(case.get("flaws", ())))
    found = bars(Mode(case["mode"]), so_far, said, sight)
    assert [b.name for b in found] == case["holds"]
    assert all(b.sentence.endswith((".", '".')) and b.lifted_by for b in found)
    assert {b.name for b in found if b.early} <= {"too soon", "too few looks"}, "a reason shortens a time, no more"


def test_figures_stand_in_the_sentence() -> None:
    (bar,) = bars(Mode.PROPOSE, Past(BEGAN, 20, 20, 20), Decided(3, 2, ("not in exam week",)), Sight(20, 0, NOW))
    assert "2 of 5 of its proposals (40%); the limit is 20%" in bar.sentence
    assert "not in exam week" in bar.sentence


def episode(
    resource: str, opened: float, closed: float | None = None, how: Closed = Closed.ITSELF, site: str = "east"
) -> Episode:
    """Give an opening, so many days after the beginning."""
    began = (BEGAN + timedelta(days=opened)).astimezone(UTC)  # as the ledger has it
    return Episode(
        Opened("P", f"host/{resource}", began, (), ""), None if closed is None else BEGAN + timedelta(days=closed),
        None if closed is None else how, (), site,
    )  # fmt: skip


def reckoned(episodes: Sequence[Episode], *sites: str) -> Past:
    looks = [BEGAN - timedelta(days=1), BEGAN, BEGAN + timedelta(hours=1), BEGAN + timedelta(days=3)]
    return past(episodes, looks, BEGAN, NOW, frozenset(sites))


def test_findings_are_counted_by_when_they_opened_and_how_they_ended() -> None:
    found = reckoned([
        episode("a", -5, -2), episode("b", -5, 2), episode("c", -5), episode("d", 0, 4, Closed.FIXED),
        episode("e", 0), episode("f", 3, 5, Closed.LEFT_SCOPE), episode("g", 3), episode("h", 3.1),
    ])  # fmt: skip
    assert (found.before, found.opened, found.open) == (2, 5, 4)
    assert dict(found.closed) == {Closed.ITSELF: 1, Closed.FIXED: 1, Closed.LEFT_SCOPE: 1}
    assert (found.days, found.looks, found.look_days) == (10, 3, 2), "what was looked at before does not count"
    assert found.by_run == (2, 2, 1)
    assert sorted(found.by_day.values()) == [2, 3]
    assert found.a_day * 10 == found.opened


def test_days_are_those_of_the_district() -> None:
    late = (BEGAN.replace(hour=23, minute=30) - BEGAN) / timedelta(days=1)
    found = reckoned([episode("a", late), episode("b", late + 1 / 24)])
    assert len(found.by_day) == 2, "half past eleven, and half past midnight"


def test_what_came_back_had_come_right_before() -> None:
    assert reckoned([episode("a", -9, -8), episode("a", 1)]).returned == 1
    assert reckoned([episode("a", 1, 2, Closed.FIXED), episode("a", 3, 4), episode("a", 5)]).returned == 2
    assert reckoned([episode("a", 1, 2, Closed.LEFT_SCOPE), episode("a", 3)]).returned == 0
    assert reckoned([episode("a", 1, 2), episode("b", 3)]).returned == 0


def test_at_some_sites_only_theirs_count() -> None:
    both = [episode("a", 1), episode("b", 1, site="west")]
    assert reckoned(both).opened == 2
    assert reckoned(both, "west").opened == 1


def test_what_no_run_judged_by_has_no_past() -> None:
    assert past([episode("a", 1)], [BEGAN], None, NOW, frozenset()) == Past(None)


def test_the_time_begins_with_the_content_as_it_is() -> None:
    first, second, third = (BEGAN + timedelta(days=n) for n in range(3))
    one, other, gone = Edition("P", "one", "p.yaml"), Edition("P", "other", "p.yaml"), Edition("P", "", "p.yaml")
    assert since([], "one") is None
    assert since([(first, one)], "one") == first
    assert since([(first, one), (second, other)], "one") is None, "it was so, and is not any more"
    assert since([(first, one), (second, other), (third, one)], "one") == third
    assert since([(first, one), (second, gone)], "one") is None


def word(batch: str, said: Word, why: str = "", who: str = "amy", hours: int = 0) -> Approval:
    return Approval(batch, who, said, NOW + timedelta(hours=hours), None, why)


def test_a_plan_number_is_decided_once_and_one_no_is_a_no() -> None:
    words = [
        word("1", Word.APPROVE), word("1", Word.APPROVE, who="ben"), word("2", Word.APPROVE),
        word("2", Word.DENY, "first", "ben"), word("3", Word.DENY, "last", hours=2), word("4", Word.DENY, "too soon"),
        word("4", Word.APPROVE, hours=1), word("9", Word.DENY, "of another policy"),
    ]  # fmt: skip
    assert decided(words, frozenset({"1", "2", "3", "4"})) == Decided(2, 2, ("last", "first")), "4 was taken back"
    assert decided([], frozenset()) == Decided()


def test_the_path_has_three_steps() -> None:
    assert [next_mode(m) for m in Mode] == [Mode.PROPOSE, Mode.ENFORCE, None]
