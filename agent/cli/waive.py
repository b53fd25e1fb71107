"""`driftbell waive`: an exception, written and committed for a technician who does not use git."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from agent.cli import complete, options
from agent.cli.output import say
from agent.cli.questions import Clerk
from agent.cli.waive_words import about, exposure, loss, meaning, people
from agent.errors import InputError
from agent.model.waiver import REASONS

if TYPE_CHECKING:
    from collections.abc import Callable

    from agent.bootstrap import World
    from agent.model.policy import Policy, Repository
    from agent.model.waiver import Waiver


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody gave of a waiver; None is asked for on a terminal."""

    policy: str | None
    resources: list[str]
    sites: list[str]
    reason: str | None
    until: str | None
    ticket: str | None
    owner: str | None


@dataclass(frozen=True, slots=True)
class Writing:
    """How a change is written: the bytes before and after, what it means, and what must be there afterwards."""

    before: bytes | None
    after: bytes
    sentences: tuple[str, ...]
    message: str
    prove: Callable[[Repository], bool]
    done: str
    private: bool = False  # it writes people's addresses down, which is agreed to and never the default


PolicyId = Annotated[
    str | None, typer.Argument(help="The policy's id, such as DEV-02.", autocompletion=complete.policies)
]
Resources = Annotated[
    list[str] | None, typer.Argument(help="The resources, by their ids or their names.", metavar="RESOURCE...")
]
Sites = Annotated[
    list[str] | None, typer.Option("--site", metavar="SITE", help="Everything at a school, in place of resources.")
]
Reason = Annotated[str | None, typer.Option("--reason", metavar="CODE", help=f"Why, as a code: {', '.join(REASONS)}.")]
Until = Annotated[str | None, typer.Option("--until", metavar="DATE", help="Its last day: 2027-01-31, or 30 days.")]
Ticket = Annotated[str | None, typer.Option("--ticket", metavar="N", help="The number of the ticket that says more.")]
Owner = Annotated[
    str | None,
    typer.Option("--owner", metavar="PERSON", help="Who answers for it, by the name in district.yaml. Default: you."),
]
End = Annotated[str | None, typer.Option("--end", metavar="WAIVER", help="End this waiver today, and no more.")]
Yes = Annotated[bool, typer.Option("--yes", help="Write and commit it without asking.")]
Commit = Annotated[bool, typer.Option("--commit/--no-commit", help="Whether to commit the file.")]


def waive(
    policy: PolicyId = None,
    resources: Resources = None,
    site: Sites = None,
    reason: Reason = None,
    until: Until = None,
    ticket: Ticket = None,
    owner: Owner = None,
    end: End = None,
    yes: Yes = False,
    commit: Commit = True,
    repo: options.Repo = None,
    state: options.State = None,
    config: options.Config = None,
) -> int:
    """Except resources from a policy until a day, or end such an exception; the file is written and committed."""
    from agent import bootstrap
    from agent.bootstrap import waivers as writing

    settings = options.settings(repo, state, config)
    mine = settings.people.get(bootstrap.caller()) if end is None else None
    wanted = Wanted(policy, resources or [], site or [], reason, until, ticket, owner or mine)
    root = writing.checkout(settings)
    if left := writing.recovered(root):
        say(_plain(left))
    branch = writing.branch(root) if commit else ""
    before = writing.written(root)  # before anything is loaded: who writes meanwhile is noticed
    with bootstrap.opened(settings, read_only=True) as world:
        change = _ended(world, before, wanted, end) if end is not None else _added(world, before, wanted)
    for sentence in change.sentences:
        say(_plain(sentence))
    if not _agreed(commit=commit, yes=yes, private=change.private):
        return 0
    made = writing.keep(settings, root, change.before, change.after, change.prove, change.message if commit else "")
    say(_plain(_closing(change, made, branch, hooks=commit and writing.hooks(root))))
    return 0


def _closing(change: Writing, made: str, branch: str, *, hooks: bool) -> str:
    from agent.intake.files import WAIVERS

    if not made:
        return f"{change.done} in {WAIVERS}. It is not committed."
    unrun = "; this repository's hooks were not run" if hooks else ""
    where = f"committed as {made[:10]} on {branch}{unrun}"
    return f"{change.done} in {WAIVERS}, {where}. Where others read it: `git push`."


def _agreed(*, commit: bool, yes: bool, private: bool) -> bool:
    if yes:
        return True
    if sys.stdin.isatty():
        return typer.confirm("Write and commit it?" if commit else "Write it?", default=not private)
    if private and not commit:
        msg = "Nothing was written: it names people, and there is no terminal to ask on. Add --yes."
        raise InputError(msg)
    if commit:
        msg = "Nothing was written: there is no terminal to ask on. Add --yes, or --no-commit to write the file alone."
        raise InputError(msg)
    return True


def _added(world: World, before: bytes | None, wanted: Wanted) -> Writing:
    from agent import waiving
    from agent.intake.waiver_text import appended

    waiver = _waiver(world, wanted)
    what = waiving.effect(world.ports, world.repository, waiver)
    kinds = world.ports.eyes.catalog.kinds
    named = people(kinds, waiver)

    def prove(repository: Repository) -> bool:
        return any(replace(w, place=waiver.place) == waiver for w in repository.waivers)

    return Writing(
        before,
        appended(before, waiver),
        (*meaning(world.repository, waiver, what), *exposure(named)),
        f"Waive {about(kinds, waiver)} until {waiver.until} ({waiver.reason}, ticket {waiver.ticket})",
        prove,
        f"{waiver.id} stands",
        private=bool(named),
    )


def _ended(world: World, before: bytes | None, wanted: Wanted, name: str) -> Writing:
    from agent import waiving
    from agent.intake.waiver_text import with_end
    from agent.model.kind import nearest

    if any((wanted.policy, wanted.resources, wanted.sites, wanted.reason, wanted.until, wanted.ticket, wanted.owner)):
        msg = "--end names the waiver alone: leave the policy and the other options out."
        raise InputError(msg)
    repository, today = world.repository, waiving.today_of(world.ports, world.repository)
    waiver = next((w for w in repository.waivers if w.id == name), None)
    if waiver is None or before is None:
        known = [w.id for w in repository.waivers]
        msg = f"There is no waiver {name!r}{nearest(name, known) or '. `driftbell waivers` lists them all.'}"
        raise InputError(msg)
    if waiver.until <= today:
        msg = (
            f"{name} {'ends today anyway' if waiver.until == today else f'ended on {waiver.until}'}: nothing to write."
        )
        raise InputError(msg)
    what = waiving.effect(world.ports, repository, waiver)
    again = waiving.uncovered(world.ports, repository, waiver, today) if what.findings else 0
    return Writing(
        before,
        with_end(before, name, today),
        (f"{name} ends with today, {today}, in place of {waiver.until}.", loss(what.findings, again)),
        f"End the waiver {name} on {today}",
        lambda loaded: any(w.id == name and w.until == today for w in loaded.waivers),
        f"{name} ends today",
    )


def _waiver(world: World, wanted: Wanted) -> Waiver:
    """Put a waiver together from what was given, asking for the rest where there is somebody to ask."""
    from agent import recall, waiving
    from agent.errors import Place
    from agent.intake.files import WAIVERS
    from agent.model.waiver import Waiver

    repository, clerk = world.repository, Clerk(sys.stdin.isatty())
    district, today = repository.district, waiving.today_of(world.ports, repository)
    _refuse_missing(clerk, wanted)
    if wanted.policy is None:
        msg = (
            "Name the policy, then the resources: driftbell waive DEV-02 5CD1234 --reason vendor --until '30 days' ..."
        )
        raise InputError(msg)
    policy = recall.policy_named(repository, wanted.policy)
    resources, sites = _targets(world, policy, wanted)

    def day(text: str) -> str:
        return waiving.last_day(text, today).isoformat()

    return Waiver(
        id=waiving.next_id(repository, today),
        policies=(policy.id,),
        resources=resources,
        sites=sites,
        owner=_given(clerk, wanted.owner, "Who answers for it", lambda t: waiving.person_named(district, t)),
        reason=_given(clerk, wanted.reason, "Why (a code)", waiving.reason_named),
        ticket=_given(clerk, wanted.ticket, "Number of the ticket", _ticket),
        until=date.fromisoformat(_given(clerk, wanted.until, "Until when", day)),
        place=Place(WAIVERS),
    )


def _refuse_missing(clerk: Clerk, wanted: Wanted) -> None:
    """Name everything that is missing at once, where nobody can be asked for it.

    Raises:
        InputError: something is.
    """
    given = {n: getattr(wanted, n) for n in ("reason", "until", "ticket", "owner")}
    missing = [f"--{name}" for name, value in given.items() if value is None]
    if wanted.policy is not None and missing and not clerk.asking:
        msg = f"A waiver also needs {', '.join(missing)}: `driftbell waive --help`."
        raise InputError(msg)


def _given(clerk: Clerk, given: str | None, question: str, check: Callable[[str], str]) -> str:
    """Take what an option gave, or ask for it at a terminal.

    Raises:
        InputError: it is wrong.
    """
    return clerk.text(given, question, "", check)


def _ticket(text: str) -> str:
    from agent.intake.waiver_schema import TICKET

    if not re.match(TICKET, text.strip()):
        msg = f"{text!r} is no ticket's number, such as 4711 or INC-4711: no blanks, at most 40 characters."
        raise InputError(msg)
    return text.strip()


def _targets(world: World, policy: Policy, wanted: Wanted) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give the resources or the sites, each known to be there."""
    from agent import waiving
    from agent.intake.waivers import prefix

    if bool(wanted.resources) == bool(wanted.sites):
        both = "not both" if wanted.sites else "such as `driftbell waive DEV-02 5CD1234` or `--site east`"
        msg = f"Name the resources of {policy.id}, or a --site, {both}."
        raise InputError(msg)
    if wanted.sites:
        district = world.repository.district
        return (), tuple(dict.fromkeys(waiving.site_named(district, s) for s in wanted.sites))
    known = waiving.known_resources(world.ports, world.repository, policy)
    return waiving.resources_named(known, prefix(policy), wanted.resources), ()


def _plain(text: str) -> str:
    from agent.report.plain import plain

    return plain(text)


COMMANDS = {"waive": waive}
