"""`driftbell validate`."""

from __future__ import annotations

from agent import __version__
from agent.cli import options
from agent.cli.output import print_json, say


def validate(
    repo: options.Repo = None, state: options.State = None, config: options.Config = None, as_json: options.Json = False
) -> None:
    """Read the policies, the inventory and the playbooks, and say every mistake at once."""
    from agent.bootstrap import load

    repository = load(options.settings(repo, state, config))
    if as_json:
        counts = {"policies": len(repository.policies), "hosts": len(repository.hosts)}
        head = {"driftbell": __version__, "schema": 1, "revision": repository.revision.id}
        print_json({**head, "problems": [], "warnings": list(repository.warnings), **counts})
        return
    for warning in repository.warnings:
        say(f"warning: {warning}")
    hosts = f"{len(repository.hosts)} host{'' if len(repository.hosts) == 1 else 's'}"
    say(f"{len(repository.policies)} policies and {hosts} are valid ({repository.revision.id}).")


COMMANDS = {"validate": validate}
