"""The command line: one small module a command. Nothing here decides; heavy imports happen inside commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import typer


def command(arguments: list[str]) -> int:
    """Run one command and give its exit code. Errors of the domain pass through."""
    import click

    try:
        code = _app()(arguments, standalone_mode=False, prog_name="driftbell")
    except click.exceptions.Abort:
        raise KeyboardInterrupt from None
    except click.ClickException as error:
        error.show()
        return 2
    except click.exceptions.Exit as stop:
        return int(stop.exit_code)
    return code if isinstance(code, int) else 0


def _app() -> typer.Typer:
    from agent.cli.app import app

    return app
