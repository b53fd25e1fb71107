"""A large file is read a piece at a time: the memory it takes is measured in a process of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.bench.big_export import measure, write

if TYPE_CHECKING:
    from pathlib import Path

SMALL, LARGE = 4_000_000, 34_000_000  # bytes of the files


def test_memory_grows_by_what_is_asked_for_and_not_by_every_cell(tmp_path: Path) -> None:
    """Every cell as a Python text would take several times the file."""
    found = {}
    for size in (SMALL, LARGE):
        path = tmp_path / f"{size}.csv"
        rows = write(path, size=size)
        found[size] = measure(path, "--read")
        assert found[size]["rows"] == rows
    assert found[LARGE]["bytes"] - found[SMALL]["bytes"] < 2.5 * (LARGE - SMALL), found
