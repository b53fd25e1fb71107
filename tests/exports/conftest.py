"""What the tests of exports share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.exports.build import Place_

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def place(tmp_path: Path) -> Place_:
    return Place_.at(tmp_path)
