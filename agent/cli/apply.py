"""`driftbell apply`."""

from __future__ import annotations

from typing import Annotated

import typer

from agent.cli import options
from agent.cli.output import show
from agent.cli.progress import shown


def apply(
    digest: Annotated[
        str, typer.Option("--plan", metavar="DIGEST", help="The plan number that `driftbell plan` showed.")
    ],
    repo: options.Repo = None,
    state: options.State = None,
    config: options.Config = None,
    as_json: options.Json = False,
    verbose: options.Verbose = False,
) -> int:
    """Carry out one planned batch; your name is recorded as its approval. What has changed since stays out."""
    from agent import bootstrap, cycle

    settings = options.settings(repo, state, config)
    with (
        bootstrap.exclusive(settings),
        shown(verbose=verbose) as tell,
        bootstrap.opened(settings, progress=tell) as world,
    ):
        run = cycle.apply(world.ports, world.repository, cycle.Order("apply"), digest, bootstrap.caller())
    return show(run, as_json=as_json)


COMMANDS = {"apply": apply}
