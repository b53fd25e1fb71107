"""`driftbell history`."""

from __future__ import annotations

from typing import Annotated

import typer

from agent.cli import complete, options
from agent.cli.output import print_json, say, width


def history(
    first: Annotated[
        str,
        typer.Argument(
            metavar="RESOURCE_OR_POLICY", help="Such as web1, host/web1 or HOST-01.", autocompletion=complete.either
        ),
    ],
    second: Annotated[
        str,
        typer.Argument(
            metavar="[POLICY_OR_RESOURCE]",
            help="The other of the two, to see one finding alone.",
            show_default=False,
            autocompletion=complete.either,
        ),
    ] = "",
    since: Annotated[
        str | None, typer.Option("--since", metavar="DATE", help="Only what changed since, such as 2026-10-01.")
    ] = None,
    repo: options.Repo = None,
    state: options.State = None,
    config: options.Config = None,
    as_json: options.Json = False,
) -> None:
    """Tell each change of verdict and its cause: reality changed, the policy changed, a waiver ended, we fixed it."""
    from agent.bootstrap.story import story
    from agent.report.history import document, lines

    words = [word for word in (first, second) if word]
    told = story(options.settings(repo, state, config), words, options.moment(since, "--since"))
    if as_json:
        print_json(document(told))
        return
    for line in lines(told, width(), whole=since is not None):
        say(line)


COMMANDS = {"history": history}
