"""The options that commands share, and how they become settings."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent.errors import InputError

if TYPE_CHECKING:
    from agent.settings import Settings

Repo = Annotated[
    str | None,
    typer.Option(
        "--repo",
        metavar="PATH_OR_GIT_URL",
        help="The policy repository: a directory or a git URL. Default: here, if this directory holds policies/.",
    ),
]
State = Annotated[
    Path | None,
    typer.Option(
        "--state", metavar="DIR", help="Where the ledger, lists, checkouts, waiting mail and known hosts are kept."
    ),
]
Config = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE", help="The server's settings. Default: /etc/driftbell/driftbell.yaml."),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")]
At = Annotated[
    str | None,
    typer.Option("--at", metavar="TIME", help="Judge as if it were this time, such as 2026-11-22T08:00."),
]
Verbose = Annotated[bool, typer.Option("--verbose", help="Say on the standard error what is being looked at.")]
All = Annotated[bool, typer.Option("--all", help="List every finding, and what is in line.")]


def settings(repo: str | None, state: Path | None, config: Path | None) -> Settings:
    """Read the settings and put the command's own choices over them."""
    from agent.bootstrap import read_settings

    return read_settings(config).at(repo, state)


def moment(text: str | None, option: str = "--at") -> datetime | None:
    """Read `--at` or another option; a time without a zone is this machine's local time.

    Raises:
        InputError: it is no time.
    """
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text).astimezone()
    except ValueError:
        msg = f"{option} {text!r} is not a time; write it like 2026-11-22T08:00 or 2026-11-22T08:00-06:00."
        raise InputError(msg) from None
