"""`driftbell explain`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from agent import __version__
from agent.cli import complete, options
from agent.cli.output import print_json, say
from agent.report.plain import plain
from agent.secrets import MASK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.decide.explain import Judgement
    from agent.explain import Explanation
    from agent.model.action import Outcome
    from agent.model.condition import Test
    from agent.model.finding import Difference
    from agent.model.kind import FieldRef


def explain(
    policy: Annotated[str, typer.Argument(help="The policy's id, such as HOST-01.", autocompletion=complete.policies)],
    resource: Annotated[
        str, typer.Argument(help="The resource, such as web1 or host/web1.", autocompletion=complete.hosts)
    ],
    fresh: Annotated[bool, typer.Option("--fresh", help="Look now instead of using the last recorded look.")] = False,
    repo: options.Repo = None,
    state: options.State = None,
    config: options.Config = None,
    as_json: options.Json = False,
) -> None:
    """Say why a resource is in or out of line: the rule, the readings, what was tried, what would happen next."""
    from agent import bootstrap
    from agent import explain as explaining

    with bootstrap.opened(options.settings(repo, state, config), read_only=True) as world:
        told = explaining.explain(world.ports, world.repository, policy, resource, fresh=fresh)
    if as_json:
        print_json(_document(told))
        return
    for line in _lines(told):
        say(line)


def _lines(told: Explanation) -> Iterator[str]:
    policy = told.policy
    yield f"{policy.id}: {policy.title}"
    yield f"  {policy.place} at {told.revision}; severity {policy.severity}, mode {policy.mode}"
    if policy.why:
        yield f"  Why: {policy.why}"
    yield f"{told.resource}: {_verdict(told)}" + (f", since {told.since:%Y-%m-%d %H:%M %Z}" if told.since else "")
    if told.where is not None:
        yield "It applies where"
        yield from _tree(told.where, 1)
    if told.expect is not None:
        yield "It must hold that"
        yield from _tree(told.expect, 1)
    if told.converge is not None and policy.converge is not None:
        yield f"{policy.converge.playbook} must find nothing to change; check mode says: {_converge(told)}"
    for system, as_of in ((told.system, told.as_of), *told.lists):
        yield f"Read from {plain(system)} at {as_of:%Y-%m-%d %H:%M:%S %Z}."
    for at, outcome in told.tried:
        yield f"Tried {at:%Y-%m-%d %H:%M %Z}: {_tried(outcome)}."
    yield "What would happen next:"
    for sentence in told.following:
        yield f"  {sentence}"


def _tried(outcome: Outcome) -> str:
    """Say what was tried and what both looks showed; what the system itself claimed stands in quotes."""
    before = "; ".join(f"{d.field} was {_observed(d)}" for d in outcome.before)
    after = "; ".join(f"{d.field} is {_observed(d)}" for d in outcome.after)
    parts = (f"{outcome.verb}, {outcome.result}", before, after, outcome.why, f"it said {outcome.said!r}")
    return plain("; ".join(p.rstrip(".") for p in parts if p))


def _observed(difference: Difference) -> str:
    return MASK if difference.sensitive else difference.observed


def _verdict(told: Explanation) -> str:
    return told.verdict.value.replace("_", " ") if told.verdict else "the policy does not apply"


def _tree(judgement: Judgement, depth: int) -> Iterator[str]:
    """Give a condition tree, a line each: its mark, the wish, and what was read."""
    from agent.decide.words import show_of, wish
    from agent.model.condition import AllOf, AnyOf, Test

    marks = {True: "yes", False: "NO ", None: "?  "}
    condition = judgement.condition
    if isinstance(condition, Test) and judgement.reading is not None:
        rule = plain(f"{condition.field.name}: wanted {wish(condition)}")
        read = plain(show_of(condition.field, judgement.reading))
        if judgement.other is not None:
            other = cast("FieldRef", condition.operand)
            read += f", and {plain(f'{other.name}: {show_of(other, judgement.other)}')}"
        yield f"{'  ' * depth}{marks[judgement.holds]} {rule}; read {read} ({condition.place})"
        return
    if isinstance(condition, AllOf):
        yield from (line for part in judgement.parts for line in _tree(part, depth))
        return
    word = "any of" if isinstance(condition, AnyOf) else "not"
    yield f"{'  ' * depth}{marks[judgement.holds]} {word}"
    yield from (line for part in judgement.parts for line in _tree(part, depth + 1))


def _converge(told: Explanation) -> str:
    from agent.decide.words import show

    return plain(show(told.converge)) if told.converge is not None else ""


def _document(told: Explanation) -> dict[str, Any]:
    return {
        "driftbell": __version__,
        "schema": 1,
        "policy": told.policy.id,
        "title": told.policy.title,
        "place": str(told.policy.place),
        "revision": told.revision,
        "resource": told.resource,
        "verdict": told.verdict.value if told.verdict else None,
        "since": told.since.isoformat() if told.since else None,
        "where": _json_tree(told.where),
        "expect": _json_tree(told.expect),
        "read": {"system": told.system, "as_of": told.as_of.isoformat()},
        "lists": [{"system": system, "as_of": as_of.isoformat()} for system, as_of in told.lists],
        "tried": [
            {"at": at.isoformat(), "verb": o.verb, "outcome": o.result.value, "why": o.why} for at, o in told.tried
        ],
        "next": list(told.following),
    }


def _json_tree(judgement: Judgement | None) -> dict[str, Any] | None:
    from agent.decide.words import rule, show_of, subject

    if judgement is None:
        return None
    tree: dict[str, Any] = {"rule": rule(judgement.condition), "holds": judgement.holds}
    if judgement.reading is not None:
        tree["reading"] = show_of(subject(judgement.condition), judgement.reading)
    if judgement.other is not None:
        tree["other"] = show_of(cast("FieldRef", cast("Test", judgement.condition).operand), judgement.other)
    if judgement.parts:
        tree["parts"] = [_json_tree(p) for p in judgement.parts]
    return tree


COMMANDS = {"explain": explain}
