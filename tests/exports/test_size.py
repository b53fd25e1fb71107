"""A large file is read a piece at a time: the memory it takes is measured in a process of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.bench.big_export import measure, write

if TYPE_CHECKING:
    from pathlib import Path

BASE = 170_000_000  # bytes that Python, polars and our own modules take


def test_memory_is_bounded_by_what_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "devices.csv"
    rows = write(path, size=30_000_000)
    found = measure(path, "--read")
    assert found["rows"] == rows
    assert found["bytes"] < BASE + path.stat().st_size * 1.5
