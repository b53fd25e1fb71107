"""`driftbell plan`."""

from __future__ import annotations

from agent.cli import options
from agent.cli.output import show
from agent.cli.progress import shown


def plan(
    repo: options.Repo = None,
    state: options.State = None,
    config: options.Config = None,
    at: options.At = None,
    as_json: options.Json = False,
    verbose: options.Verbose = False,
) -> int:
    """Look, and say what would be changed, what holds it, and under which plan number. Nothing is changed."""
    from agent import bootstrap, cycle

    moment = options.moment(at)
    settings = options.settings(repo, state, config)
    with shown(verbose=verbose) as tell, bootstrap.opened(settings, progress=tell) as world:
        run = cycle.propose(world.ports, world.repository, cycle.Order("plan", moment))
    return show(run, as_json=as_json)


COMMANDS = {"plan": plan}
