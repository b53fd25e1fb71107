"""`driftbell check`."""

from __future__ import annotations

from typing import Annotated

import typer

from agent.cli import complete, options
from agent.cli.output import show
from agent.cli.progress import shown


def check(
    policies: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[POLICY]...",
            help="Look only at what these policies need. Default: all.",
            autocompletion=complete.policies,
            show_default=False,
        ),
    ] = None,
    repo: options.Repo = None,
    state: options.State = None,
    config: options.Config = None,
    at: options.At = None,
    all_findings: options.All = False,
    as_json: options.Json = False,
    verbose: options.Verbose = False,
) -> int:
    """Look, and say what is out of line. Nothing is changed and nothing is recorded."""
    from agent import bootstrap, cycle
    from agent.waiving import narrowed

    moment = options.moment(at)
    settings = options.settings(repo, state, config)
    with shown(verbose=verbose) as tell, bootstrap.opened(settings, read_only=True, progress=tell) as world:
        repository = narrowed(world.repository, policies or ())
        run = cycle.check(world.ports, repository, cycle.Order("check", moment, all_findings))
    return show(run, as_json=as_json, all_findings=all_findings)


COMMANDS = {"check": check}
