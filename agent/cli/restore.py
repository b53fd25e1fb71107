"""`driftbell restore`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agent.cli import options
from agent.cli.output import say


def restore(
    copy: Annotated[Path | None, typer.Argument(help="The copy to take. Default: the newest that is whole.")] = None,
    state: options.State = None,
    config: options.Config = None,
    listed: Annotated[bool, typer.Option("--list", help="Show the copies there are, and change nothing.")] = False,
) -> int:
    """Put a copy of the ledger in its place; the one that is there is set aside, and everything is stopped.

    What was changed since the copy was made is not known any more, so nothing is changed until `driftbell resume`.
    """
    from agent import bootstrap
    from agent.bootstrap import housekeeping, restoring
    from agent.bootstrap.locking import locked

    settings = options.settings(None, state, config)
    if listed:
        for one in housekeeping.copies(settings):
            say(f"{one}  of {housekeeping.taken_at(one):%Y-%m-%d %H:%M} UTC, {one.stat().st_size / 1e6:,.1f} MB")
        return 0

    def taken(who: str) -> str:
        return f"The daemon ({who}) uses this ledger: end it first (`systemctl stop driftbell`)."

    with locked(settings.state / "daemon.lock", taken), bootstrap.exclusive(settings):
        for sentence in restoring.restore(settings, copy):
            say(sentence)
    return 0


COMMANDS = {"restore": restore}
