"""`driftbell init`."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from agent.cli import options
from agent.cli.output import say


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new or empty folder.")],
    name: Annotated[str | None, typer.Option(help="The district's name.")] = None,
    timezone: Annotated[str | None, typer.Option(help="Its time zone, such as America/Chicago.")] = None,
    director: Annotated[str | None, typer.Option(help="The mail address that reports go to.")] = None,
    state: options.State = None,
    config: options.Config = None,
) -> None:
    """Lay down a district that validates: policies, playbooks, an inventory. Everything starts in watch only."""
    from agent import bootstrap
    from agent.example import EXAMPLE_NAME, EXAMPLE_ZONE, Answers, lay_down

    answers = Answers(
        _asked("The district's name", name, EXAMPLE_NAME),
        _asked("Its time zone", timezone, EXAMPLE_ZONE),
        _asked("Mail address of the IT director (empty for none yet)", director, ""),
    )
    lay_down(folder, answers)
    bootstrap.write_schema(folder / "policies" / "driftbell.schema.json")
    bootstrap.load(options.settings(str(folder), state, config))
    if shutil.which("git") and not (folder / ".git").exists():
        subprocess.run(["git", "init", "-q", str(folder)], check=False)
    say(f"{folder} holds a district that validates. Next:")
    say(f"  edit {folder / 'policies' / 'district.yaml'} and {folder / 'inventory' / 'hosts.yml'}")
    say(f"  driftbell check --repo {folder}       what is out of line; nothing is changed")
    say(f"  git -C {folder} add . && git -C {folder} commit -m 'Our first policies'")


def _asked(question: str, given: str | None, default: str) -> str:
    """Give the answer of an option, of a person at a terminal, or the default where there is no terminal."""
    if given is not None:
        return given
    return typer.prompt(question, default=default) if sys.stdin.isatty() and sys.stdout.isatty() else default


COMMANDS = {"init": init}
