"""`driftbell diff`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from agent.cli import complete, options
from agent.cli.output import print_json, say, width
from agent.cli.progress import shown
from agent.errors import InputError


def diff(
    older: Annotated[
        str,
        typer.Argument(
            metavar="REV1",
            help="A branch, a tag, a commit or HEAD~1; REV1..REV2 names both.",
            autocompletion=complete.revisions,
        ),
    ],
    newer: Annotated[
        str,
        typer.Argument(
            metavar="[REV2]",
            help="Default: the working tree, or of a git URL the branch that is read.",
            show_default=False,
            autocompletion=complete.revisions,
        ),
    ] = "",
    fresh: Annotated[bool, typer.Option("--fresh", help="Look now, reading what both revisions ask for.")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print Markdown for a pull request.")] = False,
    repo: options.Repo = None,
    state: options.State = None,
    config: options.Config = None,
    at: options.At = None,
    as_json: options.Json = False,
    verbose: options.Verbose = False,
) -> int:
    """Say what a change of the policies means: which findings close and open, and what would be done then.

    Raises:
        InputError: there is no such revision, or the newer one does not load.
    """
    from agent.bootstrap.revisions import Wanted, compared
    from agent.report.comparison import exit_code, lines
    from agent.report.comparison_document import document
    from agent.report.comparison_markdown import markdown as as_markdown

    if as_json and markdown:
        msg = "Choose one of --json and --markdown."
        raise InputError(msg)
    older, dots, second = older.partition("..")
    if not older:
        msg = "Name the older revision first: REV1, REV1..REV2, or REV1 REV2."
        raise InputError(msg)
    wanted = Wanted(older, second.lstrip(".") if dots and not newer else newer, options.moment(at), fresh)
    with shown(verbose=verbose) as tell:
        told = compared(options.settings(repo, state, config), wanted, tell)
    if as_json:
        print_json(document(told))
    elif markdown:
        sys.stdout.write(as_markdown(told))
    else:
        for line in lines(told, width()):
            say(line)
    return exit_code(told)


COMMANDS = {"diff": diff}
