"""What rehearsing and writing have in common: a job from the settings and the repository."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from agent.systems.ansible.cleaning import known, secret_values
from agent.systems.ansible.job import Job

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agent.model.policy import Repository
    from agent.settings import Settings


def job_for(
    settings: Settings,
    inventory: tuple[str, ...],
    repository: Repository,
    playbook: str,
    variables: Mapping[str, object],
) -> Job:
    """Give a job without hosts; its secrets are those that the inventory and the variables name as such."""
    secrets = secret_values(variables)
    for host in repository.hosts:
        secrets |= secret_values(host.variables)
    return Job(
        root=Path(repository.root),
        inventory=inventory,
        playbook=playbook,
        hosts=(),
        check=True,
        known_hosts=settings.known_hosts,
        work=settings.state / "runs",
        variables=variables,
        groups=frozenset(group for host in repository.hosts for group in host.groups),
        forks=settings.ansible.forks,
        limit=settings.ansible.timeout,
        secrets=known(secrets),
    )
