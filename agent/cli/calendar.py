"""`driftbell calendar`: a month, why a school is open or closed, and snow days."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer
from typer.core import TyperGroup

from agent.cli import complete, options
from agent.cli.calendar_view import View, list_changes, role_named, second_named, tell
from agent.cli.output import say
from agent.model.calendar import Kept

Sites = Annotated[
    list[str],
    typer.Option(
        "--site", help="A site of district.yaml, or all. As often as you like.", autocompletion=complete.sites
    ),
]
Date = Annotated[str, typer.Option("--date", metavar="DAY", help="today, tomorrow or a date such as 2026-12-01.")]
Last = Annotated[str, typer.Option("--last", metavar="DAY", help="The last day, where it is more than one.")]
Why = Annotated[
    str, typer.Option("--why", help="The reason, in a word or two: snow. It is written down, and shown to everybody.")
]
Roles = Annotated[
    list[str], typer.Option("--role", help="Whose hours: school, staff or desk. Default: the school's alone.")
]
SCHOOL = ["school"]


class Group(TyperGroup):
    """Takes a site in the place of a command: `driftbell calendar east` beside `driftbell calendar close`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # ruff: ignore[any-type] - typer keeps its type private
        """Put an empty site before the name of a command, so that the name is not taken for a site."""
        named = bool(args) and args[0] in self.commands
        ctx.allow_interspersed_args = not named
        return super().parse_args(ctx, ["", *args] if named else args)


class _Where(NamedTuple):
    """Where a command works, and how it answers."""

    repo: str | None
    state: Path | None
    config: Path | None
    json: bool


class _What(NamedTuple):
    """What a command declares."""

    kept: Kept
    sites: list[str]
    day: str
    last: str
    why: str
    roles: list[str]
    clock: tuple[str, str] | None = None  # the option and its value


def show(
    ctx: typer.Context,
    site: Annotated[
        str,
        typer.Argument(help="A site of district.yaml. Default: each of them, today.", autocompletion=complete.sites),
    ] = "",
    month: Annotated[str, typer.Option("--month", metavar="MONTH", help="Show this month, such as 2026-12.")] = "",
    at: Annotated[
        str,
        typer.Option("--at", metavar="TIME", help="Say it for this time on the school's clock: 2026-12-09T10:00."),
    ] = "",
    role: Annotated[str, typer.Option("--role", help="Whose hours: school, staff or desk.")] = "school",
    json: options.Json = False,
    repo: options.Repo = None,
    state: options.State = None,
    config: options.Config = None,
) -> None:
    """Show when a school is open: a month, and why it is open or closed at a time. Declare and undo snow days."""
    if ctx.invoked_subcommand is not None:
        return
    from agent import bootstrap

    repository = bootstrap.load(options.settings(repo, state, config))
    view = View(repository, role_named(role), at, month, datetime.now(UTC))
    if site:
        view.one(site, as_json=json)
    else:
        view.every(as_json=json)


def close(
    site: Sites,
    why: Why,
    day: Date = "today",
    last: Last = "",
    role: Roles = SCHOOL,
    json: options.Json = False,
    repo: options.Repo = None,
    state: options.State = None,
    config: options.Config = None,
) -> int:
    """Close schools for a day or several, at once: a snow day."""
    return _declare(_What(Kept.CLOSED, site, day, last, why, role), _Where(repo, state, config, json))


def delay(
    site: Sites,
    begins: Annotated[str, typer.Option("--from", metavar="HH:MM", help="When school begins that day.")],
    why: Why,
    day: Date = "today",
    last: Last = "",
    role: Roles = SCHOOL,
    json: options.Json = False,
    repo: options.Repo = None,
    state: options.State = None,
    config: options.Config = None,
) -> int:
    """Let schools begin later on a day, at once."""
    what = _What(Kept.DELAY, site, day, last, why, role, ("--from", begins))
    return _declare(what, _Where(repo, state, config, json))


def early(
    site: Sites,
    ends: Annotated[str, typer.Option("--until", metavar="HH:MM", help="When school ends that day.")],
    why: Why,
    day: Date = "today",
    last: Last = "",
    role: Roles = SCHOOL,
    json: options.Json = False,
    repo: options.Repo = None,
    state: options.State = None,
    config: options.Config = None,
) -> int:
    """Let schools end earlier on a day, at once."""
    what = _What(Kept.EARLY_RELEASE, site, day, last, why, role, ("--until", ends))
    return _declare(what, _Where(repo, state, config, json))


def undo(
    number: Annotated[str, typer.Argument(metavar="ID", help="Its number, as `driftbell calendar changes` lists it.")],
    json: options.Json = False,
    repo: options.Repo = None,
    state: options.State = None,
    config: options.Config = None,
) -> int:
    """Take a closure, a delay or an early release back, also where it was committed."""
    from agent.bootstrap import calendar

    tell(calendar.undo(options.settings(repo, state, config), number, datetime.now(UTC)), as_json=json)
    return 0


def changes(
    yaml: Annotated[bool, typer.Option("--yaml", help="Print policies/calendars/changes.yaml, to commit it.")] = False,
    json: options.Json = False,
    repo: options.Repo = None,
    state: options.State = None,
    config: options.Config = None,
) -> int:
    """List what was declared: snow days, delays, early releases, and what was taken back."""
    from agent import bootstrap
    from agent.bootstrap import calendar

    settings = options.settings(repo, state, config)
    if yaml:
        for line in calendar.to_commit(settings).splitlines():
            say(line)
        return 0
    repository = bootstrap.load(settings)
    list_changes(repository, calendar.uncommitted(repository), as_json=json)
    return 0


def _declare(what: _What, where: _Where) -> int:
    from agent.bootstrap import calendar

    settings = options.settings(where.repo, where.state, where.config)
    order = calendar.Order(
        what=what.kept,
        why=what.why,
        first=what.day,
        last=what.last,
        second=second_named(*what.clock) if what.clock else None,
        sites=tuple(what.sites),
        roles=tuple(dict.fromkeys(role_named(role) for role in what.roles)),
    )
    tell(calendar.declare(settings, order, datetime.now(UTC)), as_json=where.json)
    return 0


COMMANDS: dict[str, Callable[..., int | None]] = {
    "close": close,
    "delay": delay,
    "early": early,
    "undo": undo,
    "changes": changes,
}
