"""Fixtures of this room."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.ansible import district

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def place(tmp_path: Path) -> Iterator[district.Place]:
    """Give an empty repository; whatever a test did with it, no run may leave a thing behind."""
    made = district.new(tmp_path)
    yield made
    if (made.state / "runs").exists():
        assert made.left() == []
