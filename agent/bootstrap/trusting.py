"""Host keys: those that hosts show now, and trusting them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from agent.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agent.model.policy import Repository
    from agent.settings import Settings
    from agent.systems.host.trust import Offer


def offered_keys(settings: Settings, repository: Repository, host: str | None) -> tuple[Offer, ...]:
    """Fetch the SSH host keys that the inventory's hosts show now, of one host or of all.

    Raises:
        InputError: the inventory has no such host.
    """
    from agent.model.kind import nearest
    from agent.systems.host.trust import look

    hosts = [h for h in repository.hosts if host is None or h.name == host.removeprefix("host/")]
    if host is not None and not hosts:
        msg = f"The inventory has no host {host!r}{nearest(host, [h.name for h in repository.hosts]) or '.'}"
        raise InputError(msg)
    return look(hosts, settings.known_hosts, settings.hosts, Path(repository.root))


def trust(settings: Settings, offers: Sequence[Offer], *, replace: bool) -> None:
    """Trust the keys of these offers from now on."""
    from agent.systems.host.trust import add

    settings.state.mkdir(parents=True, exist_ok=True, mode=0o700)
    add(settings.known_hosts, offers, replace=replace)
