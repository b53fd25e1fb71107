"""`driftbell demo`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent.cli.output import say
from agent.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.example.demo import Demo
    from agent.model.run import Run


def demo(folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new folder, or an earlier demo's.")]) -> int:
    """Show Driftbell on an invented district: found money, drift, a real repair, the report. All of it stays in DIR.

    Raises:
        InputError: the folder is not the demo's own.
    """
    from agent.bootstrap import catalog
    from agent.example.demo import lay_down_demo

    made = lay_down_demo(folder, datetime.now(UTC).date(), catalog())
    settings = Settings(repository=str(made.district), state=made.state)
    _tell("Riverton Unified is an invented district. Its lists are written as its products would export them ...")
    _say_counts(made)
    _tell("What may be found at once in lists like these, before any rule is agreed on:")
    _found_money(settings, made)
    _tell("A first run: every list is read, every rule is judged, and one file in DIR/scratch is really repaired ...")
    first = _cycle(settings)
    for line in _first(first):
        say(f"  {line}")
    _tell("A second run, which should find that file in line and change nothing ...")
    second = _cycle(settings)
    say(f"  {_second(second)}")
    _tell("The report that the IT director is mailed:")
    _report(first, made)
    return 0 if _repaired(first, second) else 70


def _tell(line: str) -> None:
    say()
    say(line)


def _say_counts(made: Demo) -> None:
    from agent.example.riverton import generate

    counts = generate(made.exports, at=datetime.now(UTC)).counts
    say(f"  {', '.join(f'{counts[kind]:,} {many}' for kind, many in _MANY.items())}: {made.exports}")


_MANY = {"device": "devices", "asset": "items", "person": "people", "ticket": "tickets", "printer": "printers"}


def _found_money(settings: Settings, made: Demo) -> None:
    from agent import bootstrap
    from agent.bootstrap.letters import rendered_found_money

    found = bootstrap.found_money(settings)
    for line in rendered_found_money(found, "text").splitlines():
        say(f"  {line}".rstrip())
    bootstrap.write_file(made.pages / "found-money.html", rendered_found_money(found, "html"))


def _report(run: Run, made: Demo) -> None:
    from agent import bootstrap
    from agent.bootstrap.letters import rendered

    say()
    say(rendered(run, "text").rstrip("\n"))
    bootstrap.write_file(made.pages / "report.html", rendered(run, "html"))
    say()
    say("The same as pages, to open in a browser:")
    say(f"{made.pages / 'found-money.html'}")
    say(f"{made.pages / 'report.html'}")


def _cycle(settings: Settings) -> Run:
    from agent import bootstrap, cycle
    from agent.cli.progress import shown

    with shown() as progress, bootstrap.exclusive(settings), bootstrap.opened(settings, progress=progress) as world:
        return cycle.run(world.ports, world.repository, cycle.Order("run"))


def _first(run: Run) -> Iterator[str]:
    """Say in figures what a run found, and in words what it repaired."""
    rules = len({f.policy for f in run.findings})
    yield f"{run.counts.in_line:,} checks in line, {run.counts.out_of_line:,} out of line under {rules} rules."
    yield from (o.why or f"{o.policy} on {o.resource}: {o.result}." for o in run.outcomes)


def _second(run: Run) -> str:
    left = [f for f in run.findings if f.policy == "DEMO-01"]
    if left:
        return f"It is not as it should be: {left[0].sentence}"
    return f"In line: DEMO-01 on scratch-folder. {len(run.outcomes)} changes were made."


def _repaired(first: Run, second: Run) -> bool:
    confirmed = [o for o in first.outcomes if o.result == "confirmed"]
    return len(confirmed) == 1 and not second.outcomes and not any(f.policy == "DEMO-01" for f in second.findings)


COMMANDS = {"demo": demo}
