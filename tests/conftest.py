"""What every test shares: the lab, and a home that nobody lives in, so that no test finds this machine's own state."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytest_plugins = ["tests.lab.fixtures", "tests.cli.fixtures"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes minutes, so that no worker is left alone with it at the end; else the order stays."""
    items.sort(key=lambda item: "lab_pool" not in getattr(item, "fixturenames", ()) and "/bench/" not in item.nodeid)


@pytest.fixture(scope="session", autouse=True)
def nobody_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Point every default place at an empty home: a test that forgets --state fails there, not in a real one."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
            patch.setenv(name, str(home))
        for name in ("SSH_AUTH_SOCK", "ANSIBLE_CONFIG", "GIT_DIR"):
            patch.delenv(name, raising=False)
        yield home
