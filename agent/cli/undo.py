"""`driftbell undo`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from agent.cli import options
from agent.cli.output import note, show_undo
from agent.cli.progress import shown
from agent.errors import HeldError

if TYPE_CHECKING:
    from agent.model.run import Run


def undo(
    target: Annotated[
        str, typer.Argument(metavar="RUN|RUN/N", help="A run, or one action of it, as reports and `history` name them.")
    ],
    only: Annotated[
        list[str] | None,
        typer.Option(
            "--only",
            metavar="HOST",
            help="Only there, as often as you like.",
        ),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="With --only: put back over what somebody changed there since, too.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    plan: Annotated[bool, typer.Option("--plan", help="Only show what would be taken back.")] = False,
    repo: options.Repo = None,
    state: options.State = None,
    config: options.Config = None,
    as_json: options.Json = False,
    verbose: options.Verbose = False,
) -> int:
    """Take back what a run changed: files, services, kernel values. What is left is named; an undo can be undone."""
    from agent import bootstrap, cycle
    from agent.bootstrap.people import allowed
    from agent.undoing import backward

    settings, order = options.settings(repo, state, config), cycle.Order("undo")
    if plan or not yes:  # without the lock: a person may think about it for as long as it takes
        with shown(verbose=verbose) as tell, bootstrap.opened(settings, read_only=True, progress=tell) as world:
            by, remark = allowed(settings, world.repository.district, "approve", bootstrap.caller())
            back = backward(world.ports, world.repository, target, only or (), by, overwrite=overwrite)
            foreseen = cycle.foresee(world.ports, world.repository, order, back)
        if plan:
            return show_undo(foreseen, as_json=as_json, done=False)
        _agreed(foreseen, as_json=as_json)
    with (
        bootstrap.exclusive(settings),
        shown(verbose=verbose) as tell,
        bootstrap.opened(settings, progress=tell) as world,
    ):
        by, remark = allowed(settings, world.repository.district, "approve", bootstrap.caller())
        back = backward(world.ports, world.repository, target, only or (), by, overwrite=overwrite)
        run = cycle.undo(world.ports, world.repository, order, back)
    if remark:
        note(remark)
    return show_undo(run, as_json=as_json, done=True)


def _agreed(foreseen: Run, *, as_json: bool) -> None:
    """Show what would be taken back and ask.

    Raises:
        HeldError: the person says no, or nobody can be asked.
    """
    if not as_json:
        show_undo(foreseen, as_json=False, done=False)
    if as_json or not sys.stdin.isatty():
        msg = "Nothing was taken back: nobody can be asked here. Look at it with --plan, then say --yes."
        raise HeldError(msg)
    if not typer.confirm("Take this back?", default=False):
        msg = "Nothing was taken back: you said no."
        raise HeldError(msg)


COMMANDS = {"undo": undo}
