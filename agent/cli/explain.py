"""`driftbell explain`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from agent import __version__
from agent.cli import complete, options, tree
from agent.cli.output import print_json, say, width
from agent.report.fitting import fitted
from agent.report.plain import plain
from agent.secrets import MASK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.explain import Explanation, Grouped
    from agent.model.action import Outcome
    from agent.model.finding import Difference

MOST_NAMED = 10  # members of a group


def explain(
    policy: Annotated[str, typer.Argument(help="The policy's id, such as HOST-01.", autocompletion=complete.policies)],
    resource: Annotated[
        str, typer.Argument(help="The resource, such as web1 or host/web1.", autocompletion=complete.hosts)
    ],
    fresh: Annotated[bool, typer.Option("--fresh", help="Look now instead of using the last recorded look.")] = False,
    repo: options.Repo = None,
    state: options.State = None,
    config: options.Config = None,
    at: options.At = None,
    as_json: options.Json = False,
) -> None:
    """Say why a resource is in or out of line: the rule, the readings, what was tried, what would happen next."""
    from agent import bootstrap
    from agent import explain as explaining

    moment = options.moment(at)
    with bootstrap.opened(options.settings(repo, state, config), read_only=True) as world:
        told = explaining.explain(world.ports, world.repository, policy, resource, fresh=fresh, at=moment)
        around = tree.Around(told.at or world.ports.clock(), bootstrap.condition_sets(world.repository))
    if as_json:
        print_json(_document(told, around))
        return
    for line in _lines(told, around):
        for part in fitted(line, width(), 4):
            say(part)


def _lines(told: Explanation, around: tree.Around) -> Iterator[str]:
    policy = told.policy
    yield f"{policy.id}: {policy.title}"
    yield f"  {policy.place} at {told.revision}; severity {policy.severity}, mode {_mode(told)}"
    if policy.why:
        yield f"  Why: {policy.why}"
    yield f"{plain(told.resource)}: {_verdict(told)}{_since(told, around)}"
    if told.streak is not None:
        yield f"  Out of line in {told.streak.looks} of {policy.lasting} looks: no finding yet."
    if told.group is not None:
        yield from _group(told.group)
    if told.where is not None:
        yield "It applies where"
        yield from tree.lines(told.where, around)
    if told.expect is not None:
        yield "It must hold that"
        yield from tree.lines(told.expect, around)
    if told.converge is not None and policy.converge is not None:
        yield f"{policy.converge.playbook} must find nothing to change; check mode says: {_converge(told)}"
    for system, as_of in ((told.system, told.as_of), *told.lists):
        yield f"Read from {plain(system)} at {as_of.astimezone(around.now.tzinfo):%Y-%m-%d %H:%M:%S %Z}."
    for at, outcome in told.tried:
        yield f"Tried {at.astimezone(around.now.tzinfo):%Y-%m-%d %H:%M %Z}: {_tried(outcome)}."
    yield "What would happen next:"
    for sentence in told.following:
        yield f"  {sentence}"


def _mode(told: Explanation) -> str:
    """Give the mode at the resource's site, and that of the others where it is another."""
    policy = told.policy
    if not policy.modes:
        return str(policy.mode)
    others = ", ".join(f"{mode} at {plain(site)}" for site, mode in sorted(policy.modes.items()))
    return f"{told.mode} here ({others}; {policy.mode} elsewhere)"


def _group(told: Grouped) -> Iterator[str]:
    """Say what is counted in a group, and name a few of those that are not as they should be."""
    group = told.group
    yield f"It asks that {plain(told.rule)}."
    yield f"{plain(group.name)}: {plain(told.said)}."
    for what, ids in (("yes", told.members.right), ("NO ", told.members.wrong), ("?  ", told.members.unknown)):
        named = f" ({plain(', '.join(ids[:MOST_NAMED]))}{' ...' if len(ids) > MOST_NAMED else ''})" if ids else ""
        yield f"  {what} {len(ids):,}{'' if what == 'yes' or told.people else named}"
    if group.strays:
        yield f"  ?   {group.strays:,} of which it could not be read where they belong, so that they may be here too"


def _tried(outcome: Outcome) -> str:
    """Say what was tried and what both looks showed; what the system itself claimed stands in quotes."""
    before = "; ".join(f"{d.field} was {_observed(d)}" for d in outcome.before)
    after = "; ".join(f"{d.field} is {_observed(d)}" for d in outcome.after)
    parts = (f"{outcome.verb}, {outcome.result}", before, after, outcome.why, f"it said {outcome.said!r}")
    return plain("; ".join(p.rstrip(".") for p in parts if p))


def _observed(difference: Difference) -> str:
    return MASK if difference.sensitive else difference.observed


def _since(told: Explanation, around: tree.Around) -> str:
    """Say since when the finding is open; one that is open still, and would no longer be, closes at the next look."""
    if told.since is None:
        return ""
    when = f"{told.since.astimezone(around.now.tzinfo):%Y-%m-%d %H:%M %Z}"
    if told.verdict is not None and told.verdict.value == "unknown":
        return f"; its finding is open since {when}"
    ends = told.verdict is None or told.verdict.value == "in_line"
    return f"; the finding that is open since {when} closes at the next run" if ends else f", since {when}"


def _verdict(told: Explanation) -> str:
    if told.verdict is None:
        return "left out: the policy does not apply to it"
    said = told.verdict.value.replace("_", " ")
    if told.waiver is not None:
        return f"{said} by the waiver {plain(told.waiver.id)} until {told.waiver.until}"
    return f"{said}: {plain(told.why)}" if told.why else said


def _converge(told: Explanation) -> str:
    from agent.decide.words import show

    return plain(show(told.converge)) if told.converge is not None else ""


def _document(told: Explanation, around: tree.Around) -> dict[str, Any]:
    return {
        "driftbell": __version__,
        "schema": 1,
        "policy": told.policy.id,
        "title": told.policy.title,
        "place": str(told.policy.place),
        "revision": told.revision,
        "resource": told.resource,
        "verdict": told.verdict.value if told.verdict else None,
        "at": told.at.isoformat() if told.at else None,
        "why": told.why,
        "waiver": {"id": told.waiver.id, "until": told.waiver.until.isoformat()} if told.waiver else None,
        "since": told.since.isoformat() if told.since else None,
        "where": tree.document(told.where, around),
        "expect": tree.document(told.expect, around),
        "read": {"system": told.system, "as_of": told.as_of.isoformat()},
        "lists": [{"system": system, "as_of": as_of.isoformat()} for system, as_of in told.lists],
        "tried": [
            {"at": at.isoformat(), "verb": o.verb, "outcome": o.result.value, "why": o.why} for at, o in told.tried
        ],
        "next": list(told.following),
        "mode": told.mode.value,
        "looks": {"out_of_line": told.streak.looks, "needed": told.policy.lasting} if told.streak else None,
        "group": _json_group(told.group) if told.group else None,
    }


def _json_group(told: Grouped) -> dict[str, Any]:
    group, members = told.group, told.members
    return {
        "name": group.name,
        "site": group.site,
        "rule": told.rule,
        "in_line": len(members.right),
        "out_of_line": len(members.wrong),
        "unknown": len(members.unknown),
        "may_belong": group.strays,
        "lowest": group.low,
        "highest": group.high,
        "members": {
            "in_line": list(members.right),
            "out_of_line": list(members.wrong),
            "unknown": list(members.unknown),
        },
    }


COMMANDS = {"explain": explain}
