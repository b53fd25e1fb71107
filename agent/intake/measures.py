"""What a policy measures, how long it waits before it speaks, and how far it may go at each site."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from agent.intake.nodes import Node, flow, text_at
from agent.intake.values import EXPECTED, percent
from agent.intake.wording import problem, quote
from agent.model.condition import AllOf, Test
from agent.model.kind import FieldRef, FieldType, UnknownFieldError
from agent.model.policy import Measured, Mode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agent.errors import Problem
    from agent.model.kind import Catalog, Kind
    from agent.model.policy import Policy, Site

SITE = "site"
SHARE = FieldRef("share", "", "", "", FieldType.PERCENT)
COUNT = FieldRef("count", "", "", "", FieldType.NUMBER)
# The site at which a list puts a resource, for kinds without a field of their own for it: no family has its name.
LISTED_AT = FieldRef(SITE, "", "", "", FieldType.TEXT)
FEWEST = 2  # looks: after one a finding opens anyway
_SWEEPS = re.compile(r"([0-9]{1,4}) *[a-z]+\Z")


def measured(node: Node, kind: Kind, catalog: Catalog, problems: list[Problem]) -> Measured | None:
    """Give what a policy measures; None where it measures nothing, or nothing that has a meaning."""
    found = node.get("measure")
    if found is None or not isinstance(found.value, dict):
        return None
    for key in ("remedy", "converge"):
        if node.get(key) is not None:
            sentence = f"A policy with `measure` speaks of groups, which `{key}` cannot change: take one of the two out"
            problems.append(problem(node.key_place(key), sentence))
    by, fits = _by(found, kind, catalog, problems)
    share, count = found.get("share"), found.get("count")
    limits = share or count
    tests = _tests(limits, SHARE if share else COUNT, problems) if limits else ()
    if not tests or not fits or limits is None:
        return None
    return Measured(by, share is not None, tests[0] if len(tests) == 1 else AllOf(tests), flow(limits))


def _by(found: Node, kind: Kind, catalog: Catalog, problems: list[Problem]) -> tuple[FieldRef | None, bool]:
    """Give the field that makes the groups (None: there is one group), and whether it can."""
    node, name = found.get("by"), text_at(found, "by")
    if node is None:
        return None, True
    if name == SITE and not any(f.name == SITE for f in kind.fields):
        return LISTED_AT, True
    try:
        field = catalog.resolve(kind, name)
    except UnknownFieldError as error:
        problems.append(problem(node.place, str(error)))
        return None, False
    if field.sensitive:
        sentence = f"{quote(name)} is personal, and groups are named in reports: group by another field"
    elif field.type is not FieldType.TEXT:
        sentence = f"{quote(name)} is a {field.type.value.replace('_', ' ')} field: groups are made by a text field"
    else:
        return field, True
    problems.append(problem(node.place, sentence))
    return None, False


def _tests(limits: Node, number: FieldRef, problems: list[Problem]) -> tuple[Test, ...]:
    found = []
    for operator, node in limits.pairs():
        share = number is SHARE and re.search(EXPECTED[FieldType.PERCENT].pattern, node.text() or "")
        value = percent(node.raw) if share else node.value
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return ()  # the schema has said so
        if number is SHARE and node.text() is None and 0 < value < 1:
            sentence = f"{node.raw} is less than one percent here: write {value * 100:g}%, or {value:g}% if it is meant"
            problems.append(problem(node.place, sentence))
        if said := _decided(number, operator, float(value)):
            problems.append(
                problem(node.place, f"`{operator}: {node.raw}` {said}: take it out, or write another limit")
            )
        found.append(Test(number, operator, float(value), node.raw, node.place))
    return tuple(found)


def _decided(number: FieldRef, operator: str, value: float) -> str:
    """Say of a limit that no group can miss, or none can keep, that it is one."""
    most = 100.0 if number is SHARE else math.inf
    if (operator == "at_least" and value <= 0) or (operator == "at_most" and value >= most):
        return "always holds, so it measures nothing"
    if (operator == "above" and value < 0) or (operator == "below" and value > most):
        return "always holds, so it measures nothing"
    if (operator == "above" and value >= most) or (operator == "below" and value <= 0):
        return "never holds"
    return ""


def reach(found: Policy, node: Node, catalog: Catalog, sites: Mapping[str, Site], problems: list[Problem]) -> Policy:
    """Give a policy with the groups that it measures, the looks that it waits for, and its mode at each site."""
    return replace(
        found,
        modes=modes(node, found.mode, sites, problems),
        measure=measured(node, catalog.kinds[found.kind], catalog, problems),
        lasting=lasting(node, problems),
    )


def lasting(node: Node, problems: list[Problem]) -> int:
    """Give in how many looks in a row something must be out of line before a finding opens."""
    found = node.get("for")
    match = _SWEEPS.match(text_at(node, "for")) if found else None
    if found is None or match is None:
        return 1
    if int(match[1]) < FEWEST:
        sentence = f"After {match[1]} sweeps a finding opens in any case: take `for` out, or write 2 sweeps or more"
        problems.append(problem(found.place, sentence))
    return max(int(match[1]), 1)


def modes(node: Node, mode: Mode, sites: Mapping[str, Site], problems: list[Problem]) -> dict[str, Mode]:
    """Give the mode at each site where it is not `mode`: what the policy says, and never beyond the district's."""
    stated = {}
    for key, site in stated_modes(node):
        if key not in sites:
            place = (node.get("sites") or node).key_place(key)
            problems.append(problem(place, f"There is no site {quote(key)} in district.yaml", key, sites))
        stated[key] = site
    held = {key: min(stated.get(key, mode), site.mode, key=lambda m: m.rank) for key, site in sites.items()}
    return {key: at for key, at in held.items() if at is not mode}


def stated_modes(node: Node) -> list[tuple[str, Mode]]:
    """Give the sites that a policy names, with the mode it states there."""
    sites = node.get("sites")
    found = [(key, text_at(site, "mode")) for key, site in sites.pairs()] if sites else []
    return [(key, Mode(word)) for key, word in found if word in set(Mode)]


def beyond_watching(node: Node, mode: Mode) -> Node | None:
    """Give the first place where a policy says that it may do more than watch."""
    if mode is not Mode.AUDIT:
        return node.get("mode")
    first = next((key for key, at in stated_modes(node) if at is not Mode.AUDIT), "")
    site = (node.get("sites") or node).get(first) if first else None
    return site.get("mode") if site else None
