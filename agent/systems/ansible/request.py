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
    vault: Path | None = None,
) -> Job:
    """Give a job without hosts; its secrets are those that the inventory and the variables name as such, or encrypt."""
    secrets = secret_values(variables)
    for host in repository.hosts:
        secrets |= secret_values(host.variables)
    if vault:
        secrets |= _encrypted(repository, vault)
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
        vault=vault,
    )


def _encrypted(repository: Repository, vault: Path) -> set[str]:
    from agent.systems.ansible.vault import decrypted  # ruff: ignore[import-outside-top-level]  seldom needed

    try:
        password = vault.read_bytes().strip()
    except OSError:  # Ansible will say so, in the result of each host
        return set()
    return decrypted([host.variables for host in repository.hosts], password)
