"""The registry of systems: what reads each type of source, what writes for each verb's system."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from agent.model.source import ExportSource, ProbeSource, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from agent.model.action import Action
    from agent.model.capture import Restoration
    from agent.model.kind import Catalog
    from agent.model.opinion import Examiner
    from agent.model.policy import Repository
    from agent.model.ports import Reader, Writer
    from agent.model.reading import Unknown
    from agent.settings import Settings
    from agent.systems.host.sessions import Sessions

    Restoring = Callable[[Action], Restoration | Unknown]


def now() -> datetime:
    """Give the time, in UTC."""
    return datetime.now(UTC)


def vault(settings: Settings) -> Path | None:
    """Give the file of the password that opens what the inventory holds encrypted."""
    return Path(settings.ansible.vault_password_file) if settings.ansible.vault_password_file else None


def exports(settings: Settings) -> Path:
    """Give the folder that imported exports stand in."""
    return settings.state / "exports"


def readers(
    settings: Settings, repository: Repository, catalog: Catalog, sessions: Sessions | None = None
) -> dict[str, dict[str, Reader]]:
    """Make a reader for every system of the repository, by kind and system; the inventory's hosts are always one.

    `sessions` keeps those with hosts from one look to the next.
    """
    from agent.systems.host.spec import KIND, SYSTEM

    found: dict[str, dict[str, Reader]] = {KIND: {SYSTEM: _hosts(settings, sessions)}}
    for source in repository.sources:
        make = READERS[source.type if isinstance(source, ExportSource) else PROBE]
        found.setdefault(source.kind, {})[source.name] = make(settings, source, catalog)
    return found


def _hosts(settings: Settings, sessions: Sessions | None) -> Reader:
    from agent.systems.host.read import HostReader

    return HostReader(settings.known_hosts, settings.hosts, now, sessions)


def _csv(settings: Settings, source: Source, catalog: Catalog) -> Reader:
    from agent.systems.csv.read import CsvReader

    if not isinstance(source, ExportSource):
        raise TypeError(source)
    return CsvReader(source, catalog.presets.get(source.preset), catalog.kinds[source.kind], exports(settings), now)


def _oneroster(settings: Settings, source: Source, catalog: Catalog) -> Reader:
    from agent.systems.oneroster.read import RosterReader

    if not isinstance(source, ExportSource):
        raise TypeError(source)
    return RosterReader(source, catalog.kinds[source.kind], exports(settings), now)


def _probe(_settings: Settings, source: Source, _catalog: Catalog) -> Reader:
    from agent.systems.probe.read import ProbeReader

    if not isinstance(source, ProbeSource):
        raise TypeError(source)
    return ProbeReader(source, now)


def _playbooks(settings: Settings, restoring: Restoring) -> Writer:
    from agent.systems.ansible.write import PlaybookWriter

    return PlaybookWriter(settings, vault=vault(settings), restoration=restoring)


def examiner(settings: Settings) -> Examiner:
    """Make what runs the district's own tests."""
    from agent.systems.testinfra.examine import ModuleExaminer

    return ModuleExaminer(settings)


PROBE = "probe"
READERS: dict[str, Callable[[Settings, Source, Catalog], Reader]] = {
    "csv": _csv,
    "oneroster": _oneroster,
    PROBE: _probe,
}
WRITERS: dict[str, Callable[[Settings, Restoring], Writer]] = {"ansible": _playbooks}


class Writers(Mapping[str, "Writer"]):
    """The writers by system, each made when something is to be written: in a district that only watches, none is."""

    def __init__(self, settings: Settings, restoring: Restoring) -> None:
        """Take what they are made of; nothing is read yet. `restoring` says what an undo is to put back."""
        self._settings, self._restoring = settings, restoring
        self._made: dict[str, Writer] = {}

    def __getitem__(self, system: str) -> Writer:
        """Give the writer of a system."""
        if system not in self._made:
            self._made[system] = WRITERS[system](self._settings, self._restoring)
        return self._made[system]

    def __iter__(self) -> Iterator[str]:
        """Give the systems that can be written to."""
        return iter(WRITERS)

    def __len__(self) -> int:
        """Count them."""
        return len(WRITERS)
