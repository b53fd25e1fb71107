"""`driftbell hosts trust`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from agent.cli import complete, options
from agent.cli.output import say
from agent.report.plain import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agent.systems.host.trust import Offer

ROUNDS = 5  # a jump host behind a jump host shows itself only when the first one is trusted


def hosts() -> None:
    """Care for the hosts of the inventory."""


def trust(
    host: Annotated[
        str | None, typer.Argument(help="One host of the inventory. Default: all.", autocompletion=complete.hosts)
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Add the keys without asking.")] = False,
    replace: Annotated[bool, typer.Option("--replace", help="Also replace keys that have changed.")] = False,
    repo: options.Repo = None,
    state: options.State = None,
    config: options.Config = None,
) -> int:
    """Show the hosts' key fingerprints, and trust them from now on, for looking and for Ansible."""
    from agent import bootstrap
    from agent.bootstrap import trusting

    settings = options.settings(repo, state, config)
    repository = bootstrap.load(settings)
    told: set[str] = set()
    offers: Sequence[Offer] = ()
    for _ in range(ROUNDS):
        offers = trusting.offered_keys(settings, repository, host)
        _tell(offers, told)
        new = [o for o in offers if o.standing == "new" or (replace and o.standing == "changed")]
        if not new or not (yes or _agreed(len(new))):
            break
        trusting.trust(settings, new, replace=replace)
        say(f"Trusted {len(new)} {'key' if len(new) == 1 else 'keys'} in {settings.known_hosts}.")
    return _closing(offers)


def _tell(offers: Sequence[Offer], told: set[str]) -> None:
    for offer in offers:
        if offer.standing == "silent" or offer.host in told:
            continue
        told.add(offer.host)
        was = f" (was {', '.join(map(str, offer.trusted))})" if offer.standing == "changed" else ""
        say(plain(f"{offer.standing.upper() if was else offer.standing:8} {offer.host}  {offer.key}{was}"))


def _closing(offers: Sequence[Offer]) -> int:
    """Say what is left: silent hosts, and keys that have changed."""
    for offer in offers:
        if offer.standing == "silent":
            say(plain(f"silent   {offer.host}: {offer.why}"))
    changed = [o.host for o in offers if o.standing == "changed"]
    if changed:
        say(plain(f"The keys of {', '.join(changed)} have changed and were not trusted. If those machines were "))
        say("installed anew, say so with --replace; if not, another machine answers in their place.")
    if not offers:
        say("The inventory has no host that is reached over SSH.")
    silent = any(o.standing == "silent" for o in offers)
    return 3 if silent or changed else 0


def _agreed(number: int) -> bool:
    if not sys.stdin.isatty():
        say("Nothing was added: there is no terminal to ask on. Add --yes once you have compared the fingerprints.")
        return False
    return typer.confirm(f"Trust {'this key' if number == 1 else f'these {number} keys'}?")


COMMANDS = {"trust": trust}
