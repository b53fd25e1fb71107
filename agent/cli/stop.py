"""`driftbell stop` and `driftbell resume`: the kill switch, and a policy that waits for a person."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from agent.cli import options
from agent.cli.complete import policies
from agent.cli.output import say
from agent.settings import Settings


def stop(
    why: Annotated[str, typer.Option("--why", help="The reason, which every report will say.")],
    state: options.State = None,
    config: options.Config = None,
) -> int:
    """Stop every change at once: running playbooks are ended, none is started. Looking goes on."""
    from agent import bootstrap

    # With --state the switch works even where the settings are broken: it must not hang on anything.
    settings = Settings("", state) if state else options.settings(None, None, config)
    at = datetime.now(UTC)
    bootstrap.throw_switch(settings, why, at)
    say(f"Stopped: nothing is written to any system while {settings.stop_file} exists.")
    if not bootstrap.in_use(settings):
        say(f"But no driftbell has worked in {settings.state} yet. Is that the state directory of the one to stop?")
        return 3
    for line in bootstrap.in_flight(settings, at):
        say(line)
    return 0


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
    from agent import bootstrap

    if policy is not None:
        from agent.bootstrap.rollouts import resume as go_on

        for line in go_on(options.settings(repo, state, config), policy):
            say(line)
        return
    settings = options.settings(None, state, config)
    said = "Changes are allowed again" if bootstrap.release_switch(settings) else "Nothing was stopped here"
    say(f"{said}. What `stop:` in policies/district.yaml says still holds.")


COMMANDS = {"stop": stop, "resume": resume}
