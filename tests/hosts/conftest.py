"""What the tests of this room share: a repository of hosts, and a reader of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from agent.catalog.host import HOST
from agent.model.policy import Caps, District, Host, Repository, Revision
from agent.model.sweep import Request
from agent.settings import HostSettings
from agent.systems.host.read import HostReader

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from agent.model.reading import Reading
    from agent.model.sweep import Sweep

DISTRICT = District("Riverton Unified", "America/Chicago", {}, {}, (), Caps(), frozenset())
Observe = Callable[..., "Sweep"]


def a_host(name: str, **variables: Any) -> Host:
    return Host(name, ("all", "mail"), variables, "")


def a_repository(root: Path, *hosts: Host) -> Repository:
    return Repository(str(root), Revision("abc", "here"), DISTRICT, (), hosts, "")


def reading(sweep: Sweep, host: str, field: str) -> Reading:
    return sweep.table.reading(f"host/{host}", field)


def why(sweep: Sweep, host: str) -> str:
    """Give the reason why a host is silent; fail where it is not."""
    reasons = {unseen.resource: unseen.why for unseen in sweep.unseen}
    return reasons[f"host/{host}"]


@pytest.fixture
def observe(tmp_path: Path) -> Observe:
    """Give a function that looks at hosts once: `observe([host], ["os.name"], known=..., deadline=5)`."""

    def look(hosts: list[Host], fields: list[str], *, known: Path | None = None, **settings: float) -> Sweep:
        given = {"connect_timeout": 5.0, "deadline": 60.0} | settings
        reader = HostReader(known or tmp_path / "known_hosts", HostSettings(**given), lambda: datetime.now(UTC))  # type: ignore[arg-type]
        request = Request("host", tuple(HOST.resolve(name) for name in fields))
        return reader.observe(a_repository(tmp_path, *hosts), request)

    return look


@pytest.fixture
def quiet(capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    """Whatever fails in the test, it fails without a word on stderr: no traceback of a thread, no warning."""
    yield
    assert not capfd.readouterr().err
