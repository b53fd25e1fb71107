"""The table of commands."""

from __future__ import annotations

import typer

from agent.cli import apply, check, demo, explain, hosts, init, plan, report, run, schema, stop, validate

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
        app.command(name)(command)
app.add_typer(hosts.app, name="hosts")
