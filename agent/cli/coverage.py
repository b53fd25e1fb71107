"""`driftbell coverage`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from agent import __version__
from agent.cli import options
from agent.cli.output import print_json, say
from agent.errors import InputError
from agent.model.kind import nearest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agent.model.framework import Framework
    from agent.model.policy import Repository


def coverage(
    framework: Annotated[
        str | None, typer.Option("--framework", metavar="NAME", help="Only this one, such as cis_v8.")
    ] = None,
    as_markdown: Annotated[bool, typer.Option("--markdown", help="As tables, for a folder of evidence.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="Name what nothing serves by its title too.")] = False,
    repo: options.Repo = None,
    state: options.State = None,
    config: options.Config = None,
    at: options.At = None,
    as_json: options.Json = False,
) -> None:
    """Say which safeguard of which framework is served by which policy, how far it goes, and at which sites.

    Raises:
        InputError: there is no such framework.
    """
    from agent import bootstrap
    from agent.bootstrap.exports import waiting_kinds
    from agent.bootstrap.registry import now
    from agent.decide.coverage import coverage as served
    from agent.report import coverage as said

    moment = options.moment(at) or now()
    settings = options.settings(repo, state, config)
    repository = bootstrap.load(settings)
    here = moment.astimezone(ZoneInfo(repository.district.timezone))
    waits = waiting_kinds(settings, repository, bootstrap.catalog())
    found = [served(repository, one, waits, here) for one in _chosen(repository, framework)]
    sites = {site.id: site.name for site in repository.district.sites.values()}
    if as_json:
        head = {"driftbell": __version__, "schema": 1, "revision": repository.revision.id, "at": here.isoformat()}
        print_json({**head, "frameworks": said.document(found), "says": said.FAIR})
        return
    for line in said.markdown(found, sites) if as_markdown else said.text(found, sites, everything=everything):
        say(line)


def _chosen(repository: Repository, name: str | None) -> Sequence[Framework]:
    known = repository.frameworks
    if not known:
        msg = "There is no framework in policies/frameworks/, so there is nothing to cover; `init` lays some down."
        raise InputError(msg)
    if name is None:
        return known
    keys = [f.key for f in known]
    if name not in keys:
        hint = nearest(name, keys) or f"; there are {', '.join(keys)}."
        msg = f"There is no framework {name!r}{hint}"
        raise InputError(msg)
    return [f for f in known if f.key == name]


COMMANDS = {"coverage": coverage}
