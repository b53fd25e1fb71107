"""`driftbell promote`."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated

import typer

from agent.cli import complete, options
from agent.cli.output import print_json, say, width
from agent.errors import InputError


class Step(StrEnum):
    """How far a policy may go next."""

    PROPOSE = "propose"
    ENFORCE = "enforce"


def promote(
    policy: Annotated[str, typer.Argument(help="The policy's id, such as HOST-01.", autocompletion=complete.policies)],
    site: Annotated[
        list[str] | None,
        typer.Option(
            "--site",
            metavar="SITE",
            help="At this school alone, as often as you like. Default: everywhere.",
            autocompletion=complete.sites,
        ),
    ] = None,
    to: Annotated[
        Step | None, typer.Option("--to", help="The mode. Default: the next; one step at a time.", show_default=False)
    ] = None,
    early: Annotated[
        bool, typer.Option("--early", help="Go on before its two weeks are over; takes a --why, and warns.")
    ] = False,
    why: Annotated[str, typer.Option("--why", metavar="REASON", help="Why it goes on early.")] = "",
    repo: options.Repo = None,
    state: options.State = None,
    config: options.Config = None,
    as_json: options.Json = False,
) -> int:
    """Say what a policy would have done so far, and print the change that lets it go one step further as a patch.

    Raises:
        InputError: there is no such policy, site or step.
    """
    from agent.bootstrap.promoting import Wanted, promoted
    from agent.model.policy import Mode
    from agent.report.promotion import document, exit_code, lines

    if early != bool(why.strip()):
        msg = "Going on early takes both --early and --why REASON."
        raise InputError(msg)
    wanted = Wanted(policy, tuple(site or ()), Mode(to.value) if to else None, why.strip())
    told = promoted(options.settings(repo, state, config), wanted)
    if as_json:
        print_json(document(told))
        return exit_code(told)
    for line in lines(told, width()):
        say(line)
    if told.patch:
        say()
        sys.stdout.flush()
        sys.stdout.buffer.write(told.patch)  # byte by byte what `git apply` is to take
    return exit_code(told)


COMMANDS = {"promote": promote}
