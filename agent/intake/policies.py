"""From a policy file to the Policy, with everything that only the district, the playbooks or the catalog can tell."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from agent.intake.conditions import Parser
from agent.intake.guards import caps, looser, rings, windows
from agent.intake.measures import beyond_watching, reach
from agent.intake.nodes import Node, content, text_at
from agent.intake.rehearsal import Use, check
from agent.intake.remedies import Grounds, converge, steps
from agent.intake.values import duration
from agent.intake.wording import problem, quote
from agent.model.policy import Mode, Policy, Severity

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta, tzinfo

    from agent.errors import Problem
    from agent.intake.composing import Compositions
    from agent.intake.playbooks import Playbooks
    from agent.intake.vocabulary import Vocabulary
    from agent.model.condition import Condition
    from agent.model.kind import Catalog, Kind
    from agent.model.policy import District

Word = TypeVar("Word", Mode, Severity)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What policies are read against."""

    catalog: Catalog
    playbooks: Playbooks
    zone: tzinfo
    district: District
    compositions: Compositions
    vocabulary: Vocabulary | None = None


def policy(node: Node, around: Surroundings, problems: list[Problem]) -> Policy | None:
    """Give the policy of a document, or None where it has no meaning; what is wrong with it goes to `problems`."""
    applies = node.get("applies_to")
    kind = around.catalog.kinds.get(text_at(applies, "kind")) if applies else None
    if applies is None or kind is None or node.get("policy") is None:
        return None
    composed = around.compositions.compose(node)
    if composed is None:
        return None
    node = composed.node
    applies = node.get("applies_to") or applies
    where = _conditions(applies, "where", kind, around, problems)
    expect = _conditions(node, "expect", kind, around, problems)
    converging, remedy = converge(node, kind, around.catalog, around.playbooks, problems)
    problems += _runnable(node, around)
    guard, land = node.get("guard"), around.district
    problems += looser(guard, land)
    remedy += steps(node, Grounds(kind, around.catalog, around.playbooks, where, expect), problems)
    found = Policy(
        id=text_at(node, "policy"),
        title=text_at(node, "title"),
        why=text_at(node, "why"),
        severity=_word(node, "severity", Severity.MEDIUM),
        owner=text_at(node, "owner"),
        frameworks=_frameworks(node),
        kind=kind.name,
        where=where,
        expect=expect,
        converge=converging,
        mode=_word(node, "mode", Mode.AUDIT),
        remedy=remedy,
        caps=caps(guard),
        windows=windows(guard) or land.windows,
        rings=rings(guard, land.sites, problems, land.rings) or land.rings,
        verify=_verify(node, around, problems),
        check_every=_check_every(node, problems),
        place=node.key_place("policy"),
        digest=digest(composed.meaning),
        values=composed.dates,
        defaults=composed.defaults,
    )
    problems += _without_remedy(node, found)
    return reach(found, node, around.catalog, land.sites, problems)


def digest(node: Node) -> str:
    """Give the sha256 of a document's content as canonical JSON: neither comments nor layout change it."""
    text = json.dumps(content(node), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def duplicates(policies: Sequence[Policy]) -> list[Problem]:
    """Say which ids two policies share."""
    first: dict[str, Policy] = {}
    problems = []
    for one in sorted(policies, key=lambda p: p.place):
        other = first.setdefault(one.id, one)
        if other is not one:
            sentence = f"The policy id {quote(one.id)} is taken: {other.place} has it already"
            problems.append(problem(one.place, sentence))
    return problems


def _conditions(node: Node, key: str, kind: Kind, around: Surroundings, problems: list[Problem]) -> Condition | None:
    fields = node.get(key)
    return Parser(kind, around.catalog, around.zone, problems, around.vocabulary).fields(fields) if fields else None


def _runnable(node: Node, around: Surroundings) -> list[Problem]:
    """Say what in the playbooks of a policy would act while it is only rehearsed, or elsewhere than on the host."""
    problems = []
    converging, remedy = node.get("converge"), node.get("remedy")
    uses = [(converging, converging.get("playbook"))] if converging else []
    for step in remedy.items() if remedy else ():
        verb, given = around.catalog.verbs.get(text_at(step, "do")), step.get("with")
        uses += [(step, given.get(a.name)) for a in verb.arguments if a.type == "playbook"] if verb and given else []
    for holder, playbook in uses:
        if playbook is not None and not around.playbooks.check(playbook):
            allow = holder.get("allow")
            use = Use(text_at(node, "policy"), allow.items() if allow else (), rehearsed=holder is converging)
            problems += check(around.playbooks, around.playbooks.root / playbook.raw, use)
    return problems


def _word(node: Node, key: str, default: Word) -> Word:
    word = text_at(node, key)
    return type(default)(word) if word in set(type(default)) else default


def _frameworks(node: Node) -> dict[str, tuple[str, ...]]:
    found = node.get("frameworks")
    return {key: value.texts() for key, value in found.pairs()} if found else {}


def _check_every(node: Node, problems: list[Problem]) -> timedelta | None:
    found = node.get("check_every")
    if found is None or found.text() is None:
        return None
    try:
        span = duration(found.raw)
    except ValueError as error:
        problems.append(problem(found.place, str(error)))
        return None
    if not span:
        problems.append(problem(found.place, "A policy is looked at from time to time, not every 0 seconds"))
    return span


def _verify(node: Node, around: Surroundings, problems: list[Problem]) -> tuple[str, ...]:
    """Give the modules of a second opinion, which must be files of the repository."""
    found, applies = node.get("verify"), node.get("applies_to")
    if found and applies and text_at(applies, "kind") != "host":
        problems.append(problem(found.place, "`verify` is for hosts: a test reaches nothing else"))
    for item in found.items() if found else ():
        path = around.playbooks.root / item.raw
        if path.is_symlink() or not path.is_file():
            problems.append(problem(item.place, f"There is no file {quote(item.raw)} in the repository"))
    return found.texts() if found else ()


def _without_remedy(node: Node, found: Policy) -> list[Problem]:
    mode = beyond_watching(node, found.mode)
    if mode is None or found.remedy or node.get("remedy") or node.get("converge"):
        return []
    if node.get("measure"):
        return [problem(mode.place, "A policy with `measure` speaks of groups and only watches: say audit")]
    return [problem(mode.place, f"This policy is to {mode.raw} but has no `remedy`: add one, or say audit")]
