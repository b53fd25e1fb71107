"""The ledger that the stories of this folder are written into."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agent.ledger.store import LedgerStore, open_ledger

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[LedgerStore]:
    with open_ledger(tmp_path / "ledger.db") as opened:
        yield opened
