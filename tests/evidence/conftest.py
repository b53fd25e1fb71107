from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agent.ledger.store import LedgerStore, open_ledger
from tests.ledger.nouns import START

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new ledger, made once: each test takes a copy."""
    path = tmp_path_factory.mktemp("blank") / "ledger.db"
    open_ledger(path).close()
    return path


@pytest.fixture
def path(blank: Path, tmp_path: Path) -> Path:
    copy = tmp_path / "state" / "ledger.db"
    copy.parent.mkdir(mode=0o700)
    copy.write_bytes(blank.read_bytes())
    return copy


@pytest.fixture
def ledger(path: Path) -> Iterator[LedgerStore]:
    with open_ledger(path) as ledger:
        ledger.begin("r1", "run", "c0ffee", START)
        yield ledger
