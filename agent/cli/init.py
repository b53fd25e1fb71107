"""`driftbell init`."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent.cli import complete, options
from agent.cli.output import say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.cli.questions import Clerk
    from agent.example import Laid
    from agent.example.answers import Answers
    from agent.model.kind import Catalog


SCHOOLS = "Its schools, such as: East High=/Students/East, North Middle (Enter: add them later)"

LISTS = "Lists that you can export, with commas between (Enter: none yet)"


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new or empty folder.")],
    name: Annotated[str | None, typer.Option(metavar="NAME", help="The district's name.")] = None,
    timezone: Annotated[
        str | None,
        typer.Option(metavar="ZONE", help="Its time zone. Default: this machine's.", autocompletion=complete.zones),
    ] = None,
    director: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="The mail address that reports go to.")
    ] = None,
    school: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME[=/ORG/UNIT]", help="A school, and its students' org unit; once for each school."),
    ] = None,
    lists: Annotated[
        list[str] | None,
        typer.Option(
            "--list",
            metavar="LIST",
            help="A list that you can export, such as google_devices; once for each list.",
            autocompletion=complete.lists,
        ),
    ] = None,
    this_machine: Annotated[
        bool | None, typer.Option("--this-machine/--no-this-machine", help="Whether to look at this machine, too.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing; what is not given has its default.")] = False,
    state: options.State = None,
    config: options.Config = None,
) -> None:
    """Lay down a district that validates, in watch only. On a terminal it asks for what is not given."""
    from agent import bootstrap, example
    from agent.cli.questions import Clerk

    example.refuse_taken(folder)
    catalog = bootstrap.catalog()
    ask = Clerk(asking=not yes and sys.stdin.isatty() and sys.stdout.isatty())
    answers = _answers(ask, _Given(name, timezone, director, school, lists, this_machine), catalog)
    laid = example.lay_down(folder, answers, catalog)
    bootstrap.write_schema(folder / "policies" / "driftbell.schema.json")
    bootstrap.load(options.settings(str(folder), state, config))
    if shutil.which("git") and not (folder / ".git").exists():
        subprocess.run(["git", "init", "-q", str(folder)], check=False)
    for line in _closing(folder, answers, laid, zone_given=timezone is not None or ask.asking):
        say(line)


@dataclass(frozen=True, slots=True)
class _Given:
    """The options, None where they were not given."""

    name: str | None
    timezone: str | None
    director: str | None
    schools: list[str] | None
    lists: list[str] | None
    this_machine: bool | None


def _answers(ask: Clerk, given: _Given, catalog: Catalog) -> Answers:
    from agent.cli.questions import machine_zone
    from agent.example import answers, choosing

    name = ask.text(given.name, "The district's name", "Our District", answers.name)
    zone = ask.text(given.timezone, "Its time zone", machine_zone(), answers.timezone)
    mail = ask.text(given.director, "Mail address of the IT director (Enter: none yet)", "", answers.director)
    schools = ask.several(given.schools, SCHOOLS, answers.schools)
    if ask.asking and not given.lists:
        _offer(catalog)
    lists = ask.several(given.lists, LISTS, lambda said: choosing.chosen(said, catalog))
    here = ask.agrees("Look at this machine itself, too, as a server?", given=given.this_machine, default=not lists)
    return answers.Answers(name, zone, mail, schools, lists, here)


def _offer(catalog: Catalog) -> None:
    from agent.example.choosing import lists

    known = lists(catalog)
    width = max(map(len, known), default=0)
    say("Lists, by the names that go into the next answer, with commas between:")
    for one in known.values():
        say(f"  {one.name:{width}}  {one.description.partition('. ')[0].rstrip('.')}.")


def _closing(folder: Path, answers: Answers, laid: Laid, *, zone_given: bool) -> Iterator[str]:
    """Say what is there, what was left for later, and what to do next."""
    rules = "1 policy" if laid.policies == 1 else f"{laid.policies} policies"
    yield f"{folder} holds a district that validates: {rules}, all watch only."
    if not zone_given:
        yield f"Its time zone is this machine's, {answers.timezone}; policies/district.yaml is where to change it."
    if laid.later:
        number = "1 more waits" if len(laid.later) == 1 else f"{len(laid.later)} more wait"
        yield f"{number} in {folder / 'later'}:"
        for why in dict.fromkeys(laid.later.values()):
            names = [Path(p).stem for p, w in laid.later.items() if w == why]
            yield f"  {', '.join(names)}: {why}"
        yield "Once that is there, move the policy into policies/, and it is looked at."
    yield "Next:"
    yield from (f"  {command}" for command in _next(folder, answers))


def _next(folder: Path, answers: Answers) -> list[str]:
    """Give the commands that come next, to be pasted as they stand."""
    there = shlex.quote(str(folder))
    imports = [f"driftbell import FILE --as {name}" for name in answers.lists]
    return [
        f"cd {there}",
        *imports,
        "driftbell check        # what is out of line; nothing is changed or recorded",
        "driftbell run          # the same, recorded, so that there is a report",
        "driftbell report --format html --output report.html",
        "git add . && git commit -m 'Our first policies'",
    ]


COMMANDS = {"init": init}
