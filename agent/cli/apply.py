"""`driftbell apply`."""

from __future__ import annotations

from typing import Annotated

import typer

from agent.cli import complete, options
from agent.cli.output import note, show
from agent.cli.progress import shown


def apply(
    digest: Annotated[
        str,
        typer.Option(
            "--plan",
            metavar="DIGEST",
            help="The plan number that `driftbell plan` showed.",
            autocompletion=complete.digests,
        ),
    ],
    repo: options.Repo = None,
    state: options.State = None,
    config: options.Config = None,
    as_json: options.Json = False,
    verbose: options.Verbose = False,
) -> int:
    """Carry out one planned batch; your name is recorded as its approval. What has changed since stays out."""
    from agent import bootstrap, cycle
    from agent.bootstrap.people import allowed
    from agent.decide.deputies import DUTY

    settings = options.settings(repo, state, config)
    with (
        bootstrap.exclusive(settings),
        shown(verbose=verbose) as tell,
        bootstrap.opened(settings, progress=tell) as world,
    ):
        who, owned = allowed(settings, world.repository.district, DUTY, bootstrap.caller())
        run = cycle.apply(world.ports, world.repository, cycle.Order("apply"), digest, who)
    if owned:
        note(owned)
    return show(run, as_json=as_json)


COMMANDS = {"apply": apply}
