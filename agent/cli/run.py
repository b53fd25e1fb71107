"""`driftbell run`."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import Annotated

import typer

from agent.cli import options
from agent.cli.output import note, show
from agent.cli.progress import shown


class MailWhen(StrEnum):
    """When a run mails its report."""

    ALWAYS = "always"
    NEVER = "never"


def run(
    repo: options.Repo = None,
    state: options.State = None,
    config: options.Config = None,
    all_findings: options.All = False,
    mail: Annotated[MailWhen, typer.Option("--mail", help="Whether to mail the report at the end.")] = MailWhen.ALWAYS,
    as_json: options.Json = False,
    verbose: options.Verbose = False,
) -> int:
    """Look, fix what may be fixed, look again, record it, and mail the report."""
    from agent import bootstrap, cycle

    settings = options.settings(repo, state, config)
    said: list[str] = []
    with bootstrap.exclusive(settings):
        with shown(verbose=verbose) as tell, bootstrap.opened(settings, progress=tell) as world:
            order = cycle.Order("run", None, all_findings)
            if mail is MailWhen.ALWAYS:
                order = replace(order, announce=bootstrap.announcer(settings, world, said))
            done = cycle.run(world.ports, world.repository, order)
        code = show(done, as_json=as_json, all_findings=all_findings)
        for sentence in (*said, *bootstrap.deliver_mail(settings)):
            note(sentence)
    return code


COMMANDS = {"run": run}
