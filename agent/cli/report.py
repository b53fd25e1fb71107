"""`driftbell report`."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from agent.cli import options
from agent.cli.output import say
from agent.errors import UnseenError


class Form(StrEnum):
    """What a report can be."""

    TEXT = "text"
    HTML = "html"
    JSON = "json"
    CSV = "csv"


def report(
    form: Annotated[Form, typer.Option("--format", help="As text, as a page, or as data.")] = Form.TEXT,
    run: Annotated[str | None, typer.Option("--run", metavar="ID", help="Of which run. Default: the last one.")] = None,
    send: Annotated[bool, typer.Option("--send", help="Send the mails that wait in the spool, now.")] = False,
    output: Annotated[Path | None, typer.Option("--output", metavar="FILE", help="Write it to a file.")] = None,
    found_money: Annotated[
        bool,
        typer.Option("--found-money", help="Lay the lists side by side, now: what is paid for and not in use."),
    ] = False,
    repo: options.Repo = None,
    state: options.State = None,
    config: options.Config = None,
) -> None:
    """Print the drift report of a run, as it was mailed."""
    from agent import bootstrap
    from agent.report.document import stream

    settings = options.settings(repo, state, config)
    if send:
        for sentence in bootstrap.send_waiting(settings):
            say(sentence)
        return
    if found_money:
        _give(bootstrap.rendered_found_money(bootstrap.found_money(settings), form.value), output)
        return
    with bootstrap.ledger(settings, read_only=True) as store:
        record = store.last_run(run)
    if record is None:
        msg = f"There is no run {run}." if run else "There is no run yet; `driftbell run` makes one."
        raise UnseenError(msg)
    if form is Form.JSON and output is None:
        sys.stdout.writelines(stream(record, all_findings=True))
        return
    _give(bootstrap.rendered(record, form.value), output)


def _give(text: str, output: Path | None) -> None:
    """Print a report, or write it to a file."""
    from agent import bootstrap

    if output is None:
        say(text.rstrip("\n"))
    else:
        bootstrap.write_file(output, text)


COMMANDS = {"report": report}
