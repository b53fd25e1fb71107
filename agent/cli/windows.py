"""`driftbell windows`: when policies may change something at each site, what is frozen, and lifting a freeze."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from agent import __version__
from agent.cli import complete, options
from agent.cli.output import print_json, say
from agent.errors import InputError

if TYPE_CHECKING:
    from agent.bootstrap.windows import Done, Looked


def show(
    ctx: typer.Context,
    site: Annotated[
        str, typer.Option("--site", help="A site of district.yaml. Default: each.", autocompletion=complete.sites)
    ] = "",
    at: Annotated[
        str,
        typer.Option("--at", metavar="TIME", help="Say it for this time on the district's clock: 2026-12-09T20:00."),
    ] = "",
    json: options.Json = False,
    repo: options.Repo = None,
    state: options.State = None,
    config: options.Config = None,
) -> None:
    """Show when something may be changed at each school: windows, freezes, what lifts them, and season limits."""
    if ctx.invoked_subcommand is not None:
        return
    from agent.bootstrap import windows

    looked = windows.look(options.settings(repo, state, config), site, at, datetime.now(UTC))
    if json:
        print_json(_document(looked))
    else:
        _print(looked)


def override(
    until: Annotated[
        str,
        typer.Option(
            "--until", metavar="TIME", help="When it ends: 18:00 today, or '2026-12-01 06:00'; 7 days at most."
        ),
    ],
    why: Annotated[str, typer.Option("--why", help="The reason. It is kept, and every report says it.")],
    site: Annotated[
        list[str] | None,
        typer.Option(
            "--site",
            help="A site of district.yaml. As often as you like.",
            autocompletion=complete.sites,
            show_default=False,
        ),
    ] = None,
    no_site: Annotated[bool, typer.Option("--no-site", help="What belongs to no site.")] = False,
    everywhere: Annotated[bool, typer.Option("--all", help="Every site, and what belongs to none.")] = False,
    json: options.Json = False,
    repo: options.Repo = None,
    state: options.State = None,
    config: options.Config = None,
) -> int:
    """Lift the freezes of schools for a while. Whoever may approve may; it is kept in the ledger."""
    from agent.bootstrap import windows

    if everywhere == bool(site or no_site):
        msg = "Name the sites with --site or --no-site, or every one with --all; not both."
        raise InputError(msg)
    order = windows.Order((*(site or ()), *([""] if no_site else [])), everywhere, until, why)
    if any(not name for name in site or ()):
        msg = "--site takes a site of district.yaml; --no-site is what belongs to none."
        raise InputError(msg)
    _tell(windows.override(options.settings(repo, state, config), order, datetime.now(UTC)), as_json=json)
    return 0


def restore(
    number: Annotated[str, typer.Argument(metavar="ID", help="Its number, as `driftbell windows` shows it.")],
    json: options.Json = False,
    repo: options.Repo = None,
    state: options.State = None,
    config: options.Config = None,
) -> int:
    """End an override before its time: the freezes hold again."""
    from agent.bootstrap import windows

    _tell(windows.restore(options.settings(repo, state, config), number, datetime.now(UTC)), as_json=json)
    return 0


def _print(looked: Looked) -> None:
    from textwrap import wrap

    from agent.report.plain import plain
    from agent.report.windows import WIDTH, lines

    say(f"{looked.now:%a %Y-%m-%d %H:%M %Z}")
    for notice in looked.notices:
        for line in wrap(plain(notice), WIDTH, break_on_hyphens=False):
            say(line)
    say()
    for line in lines(looked.gates, looked.ahead, looked.now):
        say(line)


def _document(looked: Looked) -> dict[str, object]:
    from agent.report.windows import freeze_json, override_json, site_json

    return {
        "driftbell": __version__,
        "schema": 1,
        "at": looked.now.isoformat(),
        "sites": [site_json(gate) for gate in looked.gates],
        "freezes": [freeze_json(freeze) for freeze in looked.ahead],
        "overrides": [override_json(one) for one in looked.overrides],
        "seasons": [
            {"season": s.limits.season, "approved_by": s.limits.approved_by, "first": str(s.first), "last": str(s.last)}
            for s in looked.seasons
        ],
        "notices": list(looked.notices),
    }


def _tell(done: Done, *, as_json: bool) -> None:
    """Say what came of an override."""
    from agent.report.windows import override_json

    if as_json:
        said = {"override": override_json(done.override), "says": list(done.lines)}
        print_json({"driftbell": __version__, "schema": 1, **said})
        return
    for line in done.lines:
        say(line)


COMMANDS: dict[str, Callable[..., int | None]] = {"override": override, "restore": restore}
