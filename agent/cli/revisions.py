"""`driftbell revisions`: which revisions of the rules were run or refused, and accepting one out of order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from agent import __version__
from agent.cli import options
from agent.cli.output import print_json, say
from agent.decide.provenance import SHORT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from agent.bootstrap.accepting import Decided
    from agent.model.provenance import Belief


def show(
    ctx: typer.Context,
    repo: options.Repo = None,
    state: options.State = None,
    config: options.Config = None,
    as_json: options.Json = False,
) -> None:
    """Show which revisions of the rules were run or refused, and why."""
    if ctx.invoked_subcommand is not None:
        return
    from agent.bootstrap.accepting import decided

    found = decided(options.settings(repo, state, config))
    if as_json:
        head = {"driftbell": __version__, "schema": 1, "source": found.source, "signers": list(found.signers)}
        print_json({**head, "revisions": [_entry(b) for b in found.beliefs]})
        return
    for line in _lines(found):
        say(line)


def accept(
    commit: Annotated[str, typer.Argument(help="The commit, or a branch or tag of it.", metavar="REVISION")],
    why: Annotated[str, typer.Option("--why", help="The reason. It is kept.")],
    repo: options.Repo = None,
    state: options.State = None,
    config: options.Config = None,
) -> None:
    """Run a revision although it is older than the last one, or history was rewritten; it has to be signed as ever."""
    from agent.bootstrap.accepting import accept as accepted

    belief, unsaid = accepted(options.settings(repo, state, config), commit, why)
    say(f"{belief.commit[:SHORT]} is accepted by {belief.by}, and what comes after it may be run.")
    if unsaid:
        say(unsaid)


def _entry(belief: Belief) -> dict[str, object]:
    return {
        "commit": belief.commit,
        "accepted": not belief.why,
        "at": belief.at.isoformat(),
        "why": belief.why,
        "author": belief.author,
        "signed": belief.signed,
        "by": belief.by,
    }


def _lines(found: Decided) -> Iterator[str]:
    from agent.report.plain import plain

    asked = f"signed by {', '.join(found.signers)}" if found.signers else "signed or not (no `signers` are set)"
    yield plain(f"{found.source}: commits are run {asked}.")
    if not found.beliefs:
        yield "No revision was decided on yet."
    for belief in found.beliefs:
        what = f"refused: {belief.why}" if belief.why else "run"
        signed = f", signed by {belief.signed}" if belief.signed else ""
        by = f", accepted by {belief.by}" if belief.by else ""
        author = f", by {belief.author}" if belief.author else ""
        yield plain(f"{belief.at:%Y-%m-%d %H:%M %Z}  {belief.commit[:SHORT]}{author}{signed}: {what}{by}.")


COMMANDS: dict[str, Callable[..., int | None]] = {"accept": accept}
