"""What the tests of this room share: a reader of checks, and what it read."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from agent.catalog.service import SERVICE
from agent.errors import Place
from agent.model.policy import Caps, District, Repository, Revision
from agent.model.source import Check, ProbeSource
from agent.model.sweep import Request
from agent.systems.probe.read import ProbeReader

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from agent.model.reading import Reading
    from agent.model.sweep import Sweep

DISTRICT = District("Riverton Unified", "America/Chicago", {}, {}, (), Caps(), frozenset())
EVERYTHING = tuple(field.name for field in SERVICE.fields)
Observe = Callable[..., "Seen"]


@dataclass(frozen=True, slots=True)
class Seen:
    """A sweep of checks, and how long it took."""

    sweep: Sweep
    seconds: float

    def __getitem__(self, place: tuple[str, str]) -> Reading:
        check, field = place
        return self.sweep.table.reading(f"service/{check}", field)


def a_check(ask: str, target: str, name: str = "it", site: str = "", **options: str) -> Check:
    return Check(name, site, ask, target, options)


def look(
    root: Path,
    checks: tuple[Check, ...],
    fields: tuple[str, ...] = EVERYTHING,
    only: tuple[str, ...] | None = None,
    **pace: float,
) -> Seen:
    """Look once, with one sample of 5 seconds unless told otherwise."""
    given = {"samples": 1, "timeout": 5.0, "pause": 0.0} | pace
    source = ProbeSource("services", "service", checks, Place("inventory/systems.yaml"), **given)  # type: ignore[arg-type]
    repository = Repository(str(root), Revision("abc", "here"), DISTRICT, (), (), "")
    reader = ProbeReader(source, lambda: datetime.now(UTC))
    begun = time.monotonic()
    sweep = reader.observe(repository, Request("service", tuple(map(SERVICE.resolve, fields)), only))
    return Seen(sweep, time.monotonic() - begun)


@pytest.fixture
def observe(tmp_path: Path) -> Observe:
    """Give a function that looks at checks once: `observe(check, check, fields=..., samples=3, timeout=1)`."""
    return lambda *checks, **how: look(tmp_path, checks, **how)


@pytest.fixture(autouse=True)
def quiet(capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    """Whatever fails in a look, it fails without a word on stderr: no traceback, no warning."""
    yield
    assert not capfd.readouterr().err
