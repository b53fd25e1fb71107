"""`driftbell waivers`: every exception, and how it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent import __version__
from agent.cli import options
from agent.cli.output import print_json, say

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from agent.model.waiver import WaiverNote

WIDTH = 80
MOST = (14, 10, 13, 10, 17, 40)  # characters of each column


def waivers(
    repo: options.Repo = None, state: options.State = None, config: options.Config = None, as_json: options.Json = False
) -> None:
    """List every waiver with its end, and say on the last look whether it is used."""
    from agent import bootstrap, waiving
    from agent.report.waivers import entry

    settings = options.settings(repo, state, config)
    with bootstrap.opened(settings, read_only=True) as world:
        found, excepted = waiving.standing(world.ports, world.repository)
        revision = world.repository.revision.id
    ordered = sorted(found, key=lambda n: (not n.running, abs(n.left), n.id))
    if as_json:
        head = {"driftbell": __version__, "schema": 1, "revision": revision}
        print_json({**head, "waivers": [entry(n) for n in ordered]})
        return
    for line in _lines(ordered, excepted):
        say(line)


def _lines(found: Sequence[WaiverNote], excepted: int) -> Iterator[str]:
    from agent.report.plain import brief, plain
    from agent.report.waivers import how
    from agent.report.words import counted

    if not found:
        yield "There are no waivers. `driftbell waive` writes one."
        return
    header = ("waiver", "until", "reason", "ticket", "state", "policies")
    rows = [(n.id, str(n.until), n.reason, n.ticket, how(n), ", ".join(n.policies)) for n in found]
    cut = [tuple(brief(plain(c), 20, m) for c, m in zip(row, MOST, strict=True)) for row in (header, *rows)]
    wide = [max(len(row[i]) for row in cut) for i in range(len(header))]
    for row in cut:
        yield "  ".join(c.ljust(w) for c, w in zip(row, wide, strict=True)).rstrip()[:WIDTH]
    yield ""
    running = sum(n.running for n in found)
    runs = "run, and except" if len(found) != 1 else "runs, and excepts"
    yield f"{running:,} of {len(found):,} {runs} {counted(excepted, 'finding')}."


COMMANDS = {"waivers": waivers}
