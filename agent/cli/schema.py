"""`driftbell schema` and `driftbell --version`."""

from __future__ import annotations

from typing import Annotated

import typer

from agent import __version__
from agent.cli.output import print_json, say


def version(
    show: Annotated[bool, typer.Option("--version", help="Print the version and leave.", is_eager=True)] = False,
) -> None:
    """Print the version, where it is asked for."""
    if show:
        say(f"driftbell {__version__}")
        raise typer.Exit


def schema(
    fields: Annotated[
        bool, typer.Option("--fields", help="Print every kind, field, operator and verb as Markdown instead.")
    ] = False,
) -> None:
    """Print the JSON Schema of policy files, for editors: driftbell schema > policies/driftbell.schema.json."""
    from agent.bootstrap import catalog
    from agent.intake.reference import reference
    from agent.intake.schema import schema as make_schema

    if fields:
        say(reference(catalog()).removesuffix("\n"))
    else:
        print_json(make_schema(catalog()))


COMMANDS = {"schema": schema}
