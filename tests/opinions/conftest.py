"""Fixtures of this room."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.opinions.server import Server

if TYPE_CHECKING:
    from pathlib import Path

    from tests.lab.fixtures import Boot
    from tests.lab.host import Host
    from tests.lab.lab import Lab


@pytest.fixture
def place(tmp_path: Path, lab_pool: Lab) -> Server:
    return Server(tmp_path, lab_pool)


@pytest.fixture(scope="module")
def web(lab_module_hosts: Boot) -> list[Host]:
    return lab_module_hosts(["web1", "web2"])
