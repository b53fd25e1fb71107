"""The table of commands."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import typer

from agent.cli import apply, check, demo, explain, hosts, init, plan, report, run, schema, stop, validate

Command = Callable[..., int | None]


def leaving(command: Command) -> Callable[..., None]:
    """Make a command leave with the exit code that it gives."""

    @wraps(command)
    def left(*arguments: Any, **options: Any) -> None:  # ruff: ignore[any-type] - whatever the command takes
        raise typer.Exit(command(*arguments, **options) or 0)

    return left


app = typer.Typer(
    help="Keeps a school district's hosts the way its own committed rules say, and says what it sees in plain words.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.callback(invoke_without_command=True)(schema.version)
for module in (init, demo, schema, validate, check, explain, report, plan, apply, run, stop):
    for name, command in module.COMMANDS.items():
        app.command(name)(leaving(command))
care = typer.Typer(help="The hosts of the inventory.", no_args_is_help=True, rich_markup_mode=None)
care.callback()(hosts.hosts)
for name, command in hosts.COMMANDS.items():
    care.command(name)(leaving(command))
app.add_typer(care, name="hosts")
