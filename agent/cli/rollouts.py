"""`driftbell rollouts` and `driftbell abandon`: how far changes are, and giving one up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from agent import __version__
from agent.cli import options
from agent.cli.complete import policies
from agent.cli.output import print_json, say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.model.policy import Repository
    from agent.model.rollout import Rollout

WIDTH = 80


def rollouts(
    repo: options.Repo = None, state: options.State = None, config: options.Config = None, as_json: options.Json = False
) -> None:
    """List every rollout: which ring it is in, what it was halted for, and who said what of it."""
    from agent.bootstrap.rollouts import rollouts as found

    known = found(options.settings(repo, state, config))
    told = [*((r, True) for r in known.present), *((r, False) for r in known.past)]
    if as_json:
        head = {"driftbell": __version__, "schema": 1, "revision": known.repository.revision.id}
        print_json({**head, "rollouts": [_entry(r, now=now) for r, now in told]})
        return
    if not told:
        say("Nothing was rolled out in rings yet.")
    for rollout, now in told:
        for line in _lines(rollout, known.repository, now=now):
            say(line)


def _entry(rollout: Rollout, *, now: bool) -> dict[str, object]:
    times = {"started": rollout.started, "began": rollout.began, "changed": rollout.changed}
    return {
        "policy": rollout.policy,
        "digest": rollout.digest,
        "current": now,
        "verb": rollout.verb,
        "ring": rollout.ring.name.lower(),
        "progress": rollout.progress.value,
        "resource": rollout.resource,
        "site": rollout.site,
        **{name: at.isoformat() if at else None for name, at in times.items()},
        "why": rollout.why,
        "by": rollout.by,
    }


def _lines(rollout: Rollout, repository: Repository, *, now: bool) -> Iterator[str]:
    from zoneinfo import ZoneInfo

    from agent.report.plain import brief, plain

    zone = ZoneInfo(repository.district.timezone)
    site = repository.district.sites.get(rollout.site)
    where = (rollout.resource, site.name if site else rollout.site or "no site", "everywhere")[rollout.ring]
    since = rollout.changed or rollout.started
    state = rollout.progress.value if now else f"{rollout.progress.value}, of an earlier content"
    begun = (
        f"{rollout.policy}: {state}, ring {rollout.ring + 1} of 3 ({where}), {since.astimezone(zone):%Y-%m-%d %H:%M}"
    )
    yield brief(plain(begun), 20, 2 * WIDTH)
    if rollout.why:
        yield f"  {plain(rollout.why)}" + (f" ({plain(rollout.by)})" if rollout.by else "")
    elif rollout.by:
        yield f"  resumed by {plain(rollout.by)}"


def abandon(
    policy: Annotated[str, typer.Argument(help="The policy's id.", metavar="POLICY", autocompletion=policies)],
    why: Annotated[str, typer.Option("--why", help="The reason, which every report will say.")],
    repo: options.Repo = None,
    state: options.State = None,
    config: options.Config = None,
) -> None:
    """Roll what a policy now says out no further. What was changed stays; a changed policy begins anew."""
    from agent.bootstrap.rollouts import abandon as given_up

    for line in given_up(options.settings(repo, state, config), policy, why):
        say(line)


COMMANDS = {"rollouts": rollouts, "abandon": abandon}
