"""`driftbell validate`."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from agent import __version__
from agent.cli import options
from agent.cli.output import print_json, say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.model.policy import Repository


def validate(
    repo: options.Repo = None, state: options.State = None, config: options.Config = None, as_json: options.Json = False
) -> None:
    """Read the policies, their tests, the inventory and the playbooks, and say every mistake at once."""
    from agent.bootstrap.registry import now
    from agent.bootstrap.trials import with_trials
    from agent.decide.expiry import expiring
    from agent.report.words import counted

    repository, _ = with_trials(options.settings(repo, state, config))
    dated = expiring(repository.policies, now().astimezone(ZoneInfo(repository.district.timezone)))
    warnings = [*repository.warnings, *_unshown(repository), *dated]
    if as_json:
        counts = {"policies": len(repository.policies), "hosts": len(repository.hosts)}
        head = {"driftbell": __version__, "schema": 1, "revision": repository.revision.id}
        given = {"defaults": _defaults(repository)}
        print_json({**head, "problems": [], "warnings": warnings, **counts, **given})
        return
    for warning in warnings:
        say(f"warning: {warning}")
    policies, hosts = _policies(len(repository.policies)), counted(len(repository.hosts), "host")
    say(f"{policies} and {hosts} are valid ({repository.revision.id}).")


def _defaults(repository: Repository) -> dict[str, dict[str, str]]:
    """Give what each policy has from the district's defaults, and where that stands."""
    return {p.id: {key: str(place) for key, place in p.defaults.items()} for p in repository.policies if p.defaults}


def _unshown(repository: Repository) -> Iterator[str]:
    """Say which policies wait for a system that shows what they are about."""
    waiting: dict[str, list[str]] = {}
    for policy in repository.policies:
        if policy.kind not in {"host", "site", *(s.kind for s in repository.sources)}:
            waiting.setdefault(policy.kind, []).append(policy.id)
    for kind, policies in waiting.items():
        number = _policies(len(policies))
        yield f"No system in inventory/systems.yaml shows {kind}s, so {number} about them wait: {', '.join(policies)}."


def _policies(number: int) -> str:
    from agent.report.words import counted

    return counted(number, "policy", "policies")


COMMANDS = {"validate": validate}
