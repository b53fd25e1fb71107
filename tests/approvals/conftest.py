from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.approvals.ground import KINDS, Ground, ground, key

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with everybody's keys."""
    folder = tmp_path_factory.mktemp("keys")
    for name in ("sam", "dora", "lost", "stranger"):
        key(folder, name)
    for kind in KINDS:
        key(folder, f"sam-{kind}", kind)
    return folder


@pytest.fixture
def server(tmp_path: Path, keys: Path) -> Iterator[Ground]:
    made = ground(tmp_path, keys)
    with made.ledger:
        yield made
