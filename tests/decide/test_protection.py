"""What the deliberation says of names that protect nothing, and of lists that are ahead of this server's clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from agent.decide.columns import assemble
from agent.deliberate import _flaw, covering_nothing
from agent.model.sweep import Sweep
from agent.observe import View
from tests.decide.build import NOW, repository

SWEEP = Sweep(
    "mdm", "device", assemble(["device/KIOSK-1"], [""], [], {}), 1, 1, proven=True, membership="counted", as_of=NOW,
    unseen=(), fresh_for=timedelta(hours=2),
)  # fmt: skip


@pytest.mark.parametrize(
    ("behind", "said"),
    [(timedelta(minutes=5), ""), (timedelta(minutes=6), "clock has not reached"), (timedelta(hours=1), "clock")],
)
def test_nothing_rests_on_a_list_that_is_newer_than_now(behind: timedelta, said: str) -> None:
    """The clock of this server jumped back: windows, freezes and budgets are reckoned by it."""
    assert bool(_flaw(SWEEP, NOW - behind)) is bool(said)
    assert said in _flaw(SWEEP, NOW - behind)


def test_a_day_ahead_every_list_is_old() -> None:
    assert "24 hours old" in _flaw(SWEEP, NOW + timedelta(days=1))


def test_a_name_that_covers_nothing_that_was_seen_is_a_warning() -> None:
    land = repository()
    never = frozenset({"device/KIOSK-*", "host/web*", "device/KIOKS-*", "host/mail1"})
    land = replace(land, district=replace(land.district, never_touch=never))
    (warning,) = covering_nothing(land, View((SWEEP,), {"device": SWEEP.table}, (), NOW))  # type: ignore[dict-item]
    assert "device/KIOKS-*" in warning
    assert "protects nothing" in warning
