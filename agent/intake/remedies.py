"""The remedy of a policy: its steps, what each sets, and the `converge` playbook that is a remedy by itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from agent.decide.parts import fields_compared, fields_tested
from agent.decide.plan import PLACEHOLDER
from agent.intake.nodes import Node, plain, text_at, within
from agent.intake.schema import CONVERGE_VERB
from agent.intake.values import duration
from agent.intake.wording import problem, quote, worded
from agent.model.kind import Effect, FieldRef, FieldType, Risk, UnknownFieldError
from agent.model.policy import Converge, Remedy

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from agent.errors import Problem
    from agent.intake.playbooks import Playbooks
    from agent.model.condition import Condition
    from agent.model.kind import Catalog, Kind, Verb

CONVERGED = FieldRef("converge", "converge", "", "", FieldType.LIST)
_LEADING_ZERO = re.compile(r"[-+]?0[0-9o]")


def placeholders(arguments: object, kind: Kind, catalog: Catalog) -> tuple[FieldRef, ...]:
    """Give the fields that `<field>` stands for in a verb's arguments, which must be read before it can run.

    Raises:
        UnknownFieldError: the kind has no such field.
    """
    names = dict.fromkeys(name for text in _texts(arguments) for name in PLACEHOLDER.findall(text))
    fields = []
    for name in names:
        try:
            fields.append(catalog.resolve(kind, name))
        except UnknownFieldError as error:
            msg = f"`<{worded(name)}>` stands for a field of the resource here: {error}"
            raise UnknownFieldError(msg) from error
    return tuple(fields)


def _texts(arguments: object) -> Iterator[str]:
    """Give every text in plain arguments; names of variables are not values and stand for nothing."""
    if isinstance(arguments, str):
        yield arguments
    elif isinstance(arguments, dict):
        for value in arguments.values():
            yield from _texts(value)
    elif isinstance(arguments, list):
        for value in arguments:
            yield from _texts(value)


@dataclass(frozen=True, slots=True)
class Grounds:
    """What the steps of one policy are read against."""

    kind: Kind
    catalog: Catalog
    playbooks: Playbooks
    where: Condition | None
    expect: Condition | None


def steps(node: Node, on: Grounds, problems: list[Problem]) -> tuple[Remedy, ...]:
    """Give the steps of a policy."""
    remedy = node.get("remedy")
    found = []
    for step in remedy.items() if remedy else ():
        verb = on.catalog.verbs.get(text_at(step, "do"))
        if verb is not None:
            found.append(_step(step, verb, on, problems))
            problems += _check_step(step, verb, on)
            problems += _check_claim(step, found[-1], on.where)
    return tuple(found)


def _step(step: Node, verb: Verb, on: Grounds, problems: list[Problem]) -> Remedy:
    arguments = _plain_mapping(step.get("with"))
    return Remedy(
        verb=verb.name,
        arguments=arguments,
        sets=_sets(step, verb, on, problems),
        risk=_risk(step, verb.risk),
        place=step.place,
        reads=_reads(arguments, on),
        after=_after(step, problems),
    )


def _after(step: Node, problems: list[Problem]) -> timedelta:
    """Give how long a finding must have been open before a step comes."""
    found = step.get("after")
    if found is None or found.text() is None:
        return timedelta()
    try:
        return duration(found.raw)
    except ValueError as error:
        problems.append(problem(found.place, str(error)))
        return timedelta()


def _reads(arguments: object, on: Grounds) -> tuple[FieldRef, ...]:
    try:
        return placeholders(arguments, on.kind, on.catalog)
    except UnknownFieldError:
        return ()  # Said where it stands.


def _plain_mapping(node: Node | None) -> Mapping[str, object]:
    found = plain(node) if node else {}
    return found if isinstance(found, dict) else {}


def _risk(node: Node, default: Risk) -> Risk:
    word = text_at(node, "risk")
    return Risk(word) if word in set(Risk) else default


def _sets(step: Node, verb: Verb, on: Grounds, problems: list[Problem]) -> tuple[FieldRef, ...]:
    if verb.effect is not Effect.SETS:
        return ()
    named = step.get("sets")
    if named is None or not verb.declares:
        return fields_tested(on.expect)
    fields = []
    for item in named.items():
        try:
            fields.append(on.kind.resolve(item.text() or ""))
        except UnknownFieldError as error:
            problems.append(problem(item.place, str(error)))
    return tuple(fields)


def _check_step(step: Node, verb: Verb, on: Grounds) -> Iterator[Problem]:
    do = step.get("do") or step
    if on.kind.name not in verb.kinds:
        yield problem(do.place, f"The verb {verb.name} does nothing to the kind {on.kind.name}")
    given = step.get("with")
    for argument in verb.arguments:
        value = given.get(argument.name) if given else None
        if value is None:
            continue
        if argument.type == "playbook" and value.text():
            yield from on.playbooks.check(value)
        if argument.type == "variables":
            yield from _check_variables(value)
        yield from _check_placeholders(value, on)


def _check_placeholders(value: Node, on: Grounds) -> Iterator[Problem]:
    for one in within(value):
        try:
            secret = next((f.name for f in placeholders(one.value, on.kind, on.catalog) if f.sensitive), "")
        except UnknownFieldError as error:
            yield problem(one.place, str(error))
            continue
        if secret:  # What is put in here is kept with the plan and shown to who approves it.
            sentence = f"`<{secret}>` is a secret, which no plan may hold: let the playbook use the variable itself"
            yield problem(one.place, sentence)


def _check_variables(variables: Node) -> Iterator[Problem]:
    """Refuse what would send a playbook elsewhere than to the resource, and numbers that mean something else."""
    for key, _ in variables.pairs():
        if key.startswith("ansible_"):
            sentence = f"{quote(key)} steers Ansible itself, which is for the inventory to do: take it out"
            yield problem(variables.key_place(key), sentence)
    for one in within(variables):
        if isinstance(one.value, int) and _LEADING_ZERO.match(one.raw):
            yield problem(one.place, f'{one.raw} is read as the number {one.value}: quote it, "{one.raw}"')


def _check_claim(step: Node, remedy: Remedy, where: Condition | None) -> Iterator[Problem]:
    """Refuse a step that would change what decides whether the policy applies."""
    named = step.get("sets")
    items = {item.text(): item for item in named.items()} if named else {}
    for field in sorted(set(fields_compared(where)) & set(remedy.sets)):
        place = (items.get(field.name) or step.get("do") or step).place
        yield problem(place, f"This remedy sets {quote(field.name)}, which the policy's own `where` reads")


def converge(
    node: Node, kind: Kind, catalog: Catalog, playbooks: Playbooks, problems: list[Problem]
) -> tuple[Converge | None, tuple[Remedy, ...]]:
    """Give the `converge` of a policy and the one remedy that it is."""
    found = node.get("converge")
    verb = catalog.verbs.get(CONVERGE_VERB)
    playbook = found.get("playbook") if found else None
    if found is None or playbook is None or verb is None or not playbook.text():
        return None, ()
    if kind.name not in verb.kinds:
        problems.append(problem(node.key_place("converge"), f"The kind {kind.name} cannot be converged by a playbook"))
    problems += playbooks.check(playbook)
    variables = found.get("vars")
    if variables is not None:
        problems += _check_variables(variables)
        problems += _check_no_placeholders(variables)
    allow = found.get("allow")
    given = _plain_mapping(variables)
    name = playbook.text() or ""
    step = Remedy(
        verb=verb.name,
        arguments={"playbook": name} | ({"vars": given} if given else {}),
        sets=(CONVERGED,),
        risk=_risk(found, verb.risk),
        place=found.place,
    )
    return Converge(name, given, allow.texts() if allow else (), CONVERGED, found.place), (step,)


def _check_no_placeholders(variables: Node) -> Iterator[Problem]:
    for one in within(variables):
        name = PLACEHOLDER.search(one.value) if isinstance(one.value, str) else None
        if name:
            sentence = (
                f"`{name[0]}` stands for a resource's value in a remedy only; `converge` runs one playbook for all"
            )
            yield problem(one.place, sentence)
