"""The number to hold, on the first days of the year that tests/bench/ledger_size.py lives through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.bench.ledger_size import LIMIT, a_year, simulate

if TYPE_CHECKING:
    from pathlib import Path


def test_a_year_of_a_large_district_stays_small(path: Path) -> None:
    sizes = simulate(path, 60)
    assert a_year(sizes) < LIMIT
