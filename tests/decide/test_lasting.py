"""Patience: how looks are counted, what begins anew, and what outlives a look that could not tell."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.decide.lasting import Judgements, Waiting, waiting
from agent.model.finding import Streak
from tests.decide.build import NOW, policy

if TYPE_CHECKING:
    from collections.abc import Sequence

DAY = timedelta(days=1)
WEB = "host/web1"


def look(
    kept: Sequence[Streak],
    *,
    at: int,
    wrong: tuple[str, ...] = (),
    unknown: tuple[str, ...] = (),
    known: tuple[str, ...] = (WEB,),
    proven: bool = True,
    already: tuple[str, ...] = (),
    needed: int = 3,
) -> Waiting:
    """Look on a day: what the list of that day says."""
    said = Judgements(wrong, unknown, known, proven)
    before = {s.resource: s for s in kept}
    return waiting(policy(lasting=needed), said, before, already, lambda _resource: NOW + at * DAY)


def test_it_opens_after_so_many_looks_in_a_row_and_leaves_no_streak_behind() -> None:
    first = look((), at=1, wrong=(WEB,))
    assert (first.resources, [s.looks for s in first.streaks]) == ({WEB}, [1])
    second = look(first.streaks, at=2, wrong=(WEB,))
    assert (second.resources, [s.looks for s in second.streaks]) == ({WEB}, [2])
    third = look(second.streaks, at=3, wrong=(WEB,))
    assert (third.resources, third.streaks) == (frozenset(), ())


@pytest.mark.parametrize("again", [1, 0])
def test_the_same_list_read_again_or_an_older_one_is_no_new_look(again: int) -> None:
    first = look((), at=1, wrong=(WEB,))
    assert look(first.streaks, at=again, wrong=(WEB,)) == first


def test_in_line_or_out_of_scope_begins_anew() -> None:
    first = look((), at=1, wrong=(WEB,))
    assert look(first.streaks, at=2) == Waiting(frozenset(), ())
    assert [s.looks for s in look((), at=3, wrong=(WEB,)).streaks] == [1]


def test_a_look_that_could_not_tell_neither_counts_nor_begins_anew() -> None:
    first = look((), at=1, wrong=(WEB,))
    dark = look(first.streaks, at=2, unknown=(WEB,))
    assert (dark.resources, dark.streaks) == (frozenset(), first.streaks)
    assert [s.looks for s in look(dark.streaks, at=3, wrong=(WEB,)).streaks] == [2]


@pytest.mark.parametrize(("proven", "kept"), [(True, 0), (False, 1)])
def test_what_is_not_listed_is_forgotten_only_if_the_list_is_whole(proven: bool, kept: int) -> None:
    first = look((), at=1, wrong=(WEB,))
    assert len(look(first.streaks, at=2, known=(), proven=proven).streaks) == kept


def test_what_is_open_stays_open_whatever_the_policy_waits_for() -> None:
    assert look((), at=1, wrong=(WEB,), already=(WEB,)) == Waiting(frozenset(), ())
    kept = (Streak("P-01", WEB, 1, NOW),)
    assert look(kept, at=1, wrong=(WEB,), already=(WEB,)) == Waiting(frozenset(), ())


def test_a_policy_that_waits_for_less_opens_at_once() -> None:
    second = look(look((), at=1, wrong=(WEB,)).streaks, at=2, wrong=(WEB,))
    assert look(second.streaks, at=2, wrong=(WEB,), needed=2) == Waiting(frozenset(), ())


@given(st.lists(st.sampled_from(["out", "in", "dark", "same"]), max_size=12), st.integers(2, 4))
def test_any_row_of_looks_opens_where_so_many_of_its_new_ones_were_out(looks: list[str], needed: int) -> None:
    streaks: tuple[Streak, ...] = ()
    row, day, last = 0, 0, ""
    for said in looks:
        kind = last if said == "same" else said
        day += said != "same"
        row = 0 if kind == "in" else row + (kind == "out" and said != "same")
        last = kind
        found = look(streaks, at=day, wrong=(WEB,) * (kind == "out"), unknown=(WEB,) * (kind == "dark"), needed=needed)
        opened = kind == "out" and row >= needed
        assert found.resources == ({WEB} if kind == "out" and not opened else frozenset())
        streaks = found.streaks
        assert sum(s.looks for s in streaks) == (0 if opened else row)
        if opened:
            return
