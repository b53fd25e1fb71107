"""The lab's own tests run alone, too: its fixtures are loaded here unless the top-level conftest did so."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Load the fixtures once, whoever asks first."""
    config.pluginmanager.import_plugin("tests.lab.fixtures")
