"""The table of commands."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from inspect import getdoc
from typing import Any

import typer

from agent.cli import (
    apply,
    approve,
    calendar,
    check,
    coverage,
    daemon,
    demo,
    diff,
    doctor,
    evidence,
    explain,
    fmt,
    history,
    hosts,
    import_,
    init,
    install_service,
    man,
    plan,
    promote,
    report,
    restore,
    revisions,
    rollouts,
    run,
    schema,
    stop,
    test,
    undo,
    validate,
    waive,
    waivers,
    windows,
)

Command = Callable[..., int | None]
HIDDEN = frozenset({"man"})  # for whoever builds a package


def leaving(command: Command) -> Callable[..., None]:
    """Make a command leave with the exit code that it gives."""

    @wraps(command)
    def left(*arguments: Any, **options: Any) -> None:  # ruff: ignore[any-type] - whatever the command takes
        raise typer.Exit(command(*arguments, **options) or 0)

    return left


def said_of(command: Command) -> str:
    """Give what the help says of a command: its docstring, as far as it is meant for users."""
    return (getdoc(command) or "").partition("\n\nRaises:")[0]


app = typer.Typer(
    help="Keeps a school district's devices and servers the way its own committed rules say, in plain words.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.callback(invoke_without_command=True)(schema.version)
for module in (
    *(init, demo, doctor, import_, schema, validate, fmt, test, check, coverage, explain, install_service),
    *(
        history,
        diff,
        report,
        plan,
        promote,
        apply,
        approve,
        run,
        waive,
        waivers,
        rollouts,
        stop,
        undo,
        daemon,
        restore,
        man,
    ),
):
    for name, command in module.COMMANDS.items():
        app.command(name, help=said_of(command), hidden=name in HIDDEN)(leaving(command))
care = typer.Typer(help="The hosts of the inventory.", no_args_is_help=True, rich_markup_mode=None)
care.callback()(hosts.hosts)
for name, command in hosts.COMMANDS.items():
    care.command(name, help=said_of(command))(leaving(command))
app.add_typer(care, name="hosts")
bells = typer.Typer(help=said_of(calendar.show), cls=calendar.Group, rich_markup_mode=None)
bells.callback(invoke_without_command=True)(calendar.show)
for name, command in calendar.COMMANDS.items():
    bells.command(name, help=said_of(command))(leaving(command))
app.add_typer(bells, name="calendar")
gates = typer.Typer(help=said_of(windows.show), rich_markup_mode=None)
gates.callback(invoke_without_command=True)(windows.show)
for name, command in windows.COMMANDS.items():
    gates.command(name, help=said_of(command))(leaving(command))
app.add_typer(gates, name="windows")
past = typer.Typer(help=said_of(revisions.show), rich_markup_mode=None)
past.callback(invoke_without_command=True)(revisions.show)
for name, command in revisions.COMMANDS.items():
    past.command(name, help=said_of(command))(leaving(command))
app.add_typer(past, name="revisions")
proof = typer.Typer(help=said_of(evidence.evidence), no_args_is_help=True, rich_markup_mode=None)
proof.callback()(evidence.evidence)
for name, command in evidence.COMMANDS.items():
    proof.command(name, help=said_of(command))(leaving(command))
app.add_typer(proof, name="evidence")
