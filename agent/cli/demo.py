"""`driftbell demo`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent.cli.output import say, show
from agent.settings import Settings

if TYPE_CHECKING:
    from agent.model.run import Run


def demo(folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new folder, or an earlier demo's.")]) -> int:
    """Show Driftbell on this machine: it only watches the machine, and really repairs one file in DIR/scratch.

    Raises:
        InputError: the folder is not the demo's own.
    """
    from agent import bootstrap
    from agent.example.demo import lay_down_demo

    made = lay_down_demo(folder)
    settings = Settings(repository=str(made.district), state=made.state)
    say("Looking at this machine by the example's policies, and at one folder that may be mended ...")
    say()
    first = _cycle(settings)
    show(first, as_json=False)
    say()
    say("A second look, which should find the file in line and change nothing ...")
    second = _cycle(settings)
    say(_second(second))
    say()
    say("The report that the IT director is mailed:")
    say()
    say(bootstrap.rendered(first, "text").rstrip("\n"))
    bootstrap.write_file(made.report, bootstrap.rendered(first, "html"))
    say()
    say("The same as a page, to open in a browser:")
    say(str(made.report))
    return 0 if _repaired(first, second) else 70


def _cycle(settings: Settings) -> Run:
    from agent import bootstrap, cycle

    with bootstrap.exclusive(settings), bootstrap.opened(settings) as world:
        return cycle.run(world.ports, world.repository, cycle.Order("run"))


def _second(run: Run) -> str:
    left = [f for f in run.findings if f.policy == "DEMO-01"]
    if left:
        return f"It is not as it should be: {left[0].sentence}"
    return f"In line: DEMO-01 on scratch-folder. {len(run.outcomes)} changes were made."


def _repaired(first: Run, second: Run) -> bool:
    confirmed = [o for o in first.outcomes if o.result == "confirmed"]
    return len(confirmed) == 1 and not second.outcomes and not any(f.policy == "DEMO-01" for f in second.findings)


COMMANDS = {"demo": demo}
