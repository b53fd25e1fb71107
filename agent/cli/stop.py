"""`driftbell stop` and `driftbell resume`: the kill switch, and a policy that waits for a person."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from agent.cli import options
from agent.cli.complete import policies
from agent.cli.door import ask_daemon, kept_out
from agent.cli.output import say
from agent.settings import Settings


def stop(
    why: Annotated[str, typer.Option("--why", help="The reason, which every report will say.")],
    state: options.State = None,
    config: options.Config = None,
) -> int:
    """Stop every change at once: running playbooks are ended, none is started. Looking goes on."""
    from agent.bootstrap import switching

    # With --state the switch works even where the settings are broken: it must not hang on anything.
    settings = Settings("", state) if state else options.settings(None, None, config)
    if kept_out(settings):
        ask_daemon(settings, {"do": "stop", "why": why})
        return 0
    for line in switching.throw(settings, why, datetime.now(UTC)):
        say(line)
    return 0 if switching.in_use(settings) else 3


def resume(
    policy: Annotated[
        str | None,
        typer.Argument(
            help="A policy that waits for a person: halted, taken back, or changed back again and again.",
            metavar="POLICY",
            autocompletion=policies,
        ),
    ] = None,
    repo: options.Repo = None,
    state: options.State = None,
    config: options.Config = None,
) -> None:
    """Allow changes again: all of them after `stop`, or those of one policy that waits for a person."""
    from agent.bootstrap import rollouts, switching

    settings = options.settings(repo, state, config)
    for line in rollouts.resume(settings, policy) if policy is not None else switching.release(settings):
        say(line)


COMMANDS = {"stop": stop, "resume": resume}
