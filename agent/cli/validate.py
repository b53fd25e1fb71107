"""`driftbell validate`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent import __version__
from agent.cli import options
from agent.cli.output import print_json, say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.model.policy import Repository


def validate(
    repo: options.Repo = None, state: options.State = None, config: options.Config = None, as_json: options.Json = False
) -> None:
    """Read the policies, the inventory and the playbooks, and say every mistake at once."""
    from agent.bootstrap import load
    from agent.report.words import counted

    repository = load(options.settings(repo, state, config))
    warnings = [*repository.warnings, *_unshown(repository)]
    if as_json:
        counts = {"policies": len(repository.policies), "hosts": len(repository.hosts)}
        head = {"driftbell": __version__, "schema": 1, "revision": repository.revision.id}
        print_json({**head, "problems": [], "warnings": warnings, **counts})
        return
    for warning in warnings:
        say(f"warning: {warning}")
    policies, hosts = _policies(len(repository.policies)), counted(len(repository.hosts), "host")
    say(f"{policies} and {hosts} are valid ({repository.revision.id}).")


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
