"""From policies/waivers.yaml to waivers: each names policies, things and people that are there, and an end."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from agent.intake.nodes import Node, text_at
from agent.intake.waiver_schema import TICKET
from agent.intake.wording import problem, quote
from agent.model.kind import nearest
from agent.model.waiver import FURTHEST, Waiver

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from agent.errors import Problem
    from agent.model.policy import District, Policy
    from agent.model.source import Source

MOST_POLICIES = 100  # of one waiver: what shields from more is no exception
# What shells, Ansible and git take for a pattern. A resource is called so by nobody who means one thing.
_PATTERN = re.compile(r"[*?]|\[[^\]]*[-:!^,][^\]]*\]|\{[^}]*[,.][^}]*\}")


@dataclass(frozen=True, slots=True)
class Ground:
    """What waivers are checked against: the ids of all policies, and those that could be read.

    `today` is the day in the district's zone.
    """

    named: frozenset[str]
    policies: Mapping[str, Policy]
    district: District
    sources: Sequence[Source]
    today: date


@dataclass(frozen=True, slots=True)
class _Reading:
    """One entry on its way to a waiver."""

    node: Node
    id: str
    until: date | None
    ground: Ground
    problems: list[Problem]
    warnings: list[str]

    @property
    def over(self) -> bool:
        return self.until is not None and self.until < self.ground.today

    def complain(self, node: Node, sentence: str, word: str = "", words: Sequence[str] = ()) -> None:
        self.problems.append(problem(node.place, sentence, word, words))


def waivers(node: Node, ground: Ground, problems: list[Problem], warnings: list[str]) -> tuple[Waiver, ...]:
    """Give the waivers of a document; what is wrong goes to `problems`, what shields nothing to `warnings`."""
    listed = node.get("waivers")
    first: dict[str, Node] = {}
    found: list[Waiver] = []
    for entry in listed.items() if listed else ():
        name = text_at(entry, "waiver")
        if name and name in first:
            taken = problem(
                _at(entry, "waiver").place, f"The waiver {quote(name)} is taken: {first[name].place} has it"
            )
            problems.append(taken)
        first.setdefault(name, _at(entry, "waiver"))
        reading = _Reading(entry, name, _until(entry, ground, problems), ground, problems, warnings)
        found += _waiver(reading)
    return tuple(found)


def _at(entry: Node, key: str) -> Node:
    return entry.get(key) or entry


def _waiver(reading: _Reading) -> Iterator[Waiver]:
    node = reading.node
    _check_targets(reading)
    policies = _policies(reading)
    _check_sites(reading)
    _check_resources(reading, policies)
    _check_owner(reading)
    ticket = _ticket(reading)
    if reading.until is not None:
        yield Waiver(
            id=reading.id,
            policies=_texts(node, "policies"),
            resources=_texts(node, "resources"),
            sites=_texts(node, "sites"),
            owner=text_at(node, "owner"),
            reason=text_at(node, "reason"),
            ticket=ticket,
            until=reading.until,
            place=node.place,
        )


def _texts(node: Node, key: str) -> tuple[str, ...]:
    found = node.get(key)
    return tuple(dict.fromkeys(found.texts())) if found else ()


def _until(entry: Node, ground: Ground, problems: list[Problem]) -> date | None:
    """Give the last day; one that is not on the calendar, or too far ahead, is a problem."""
    node = entry.get("until")
    text = node.text() if node else None
    if node is None or text is None:
        return None
    try:
        until = date.fromisoformat(text)
    except ValueError:
        problems.append(problem(node.place, f"{quote(text)} is not on the calendar: write a date, such as 2027-01-31"))
        return None
    furthest = ground.today + timedelta(days=FURTHEST)
    if until > furthest:
        sentence = (
            f"{until} is {(until - ground.today).days} days ahead, and a waiver ends within {FURTHEST}: "
            f"{furthest} at the latest; it can be renewed then"
        )
        problems.append(problem(node.place, sentence))
        return None
    return until


def _ticket(reading: _Reading) -> str:
    """Give the ticket as it was written: 0047 is no 47."""
    node = _at(reading.node, "ticket")
    if isinstance(node.value, int) and not re.match(TICKET, node.raw):
        reading.complain(node, f"{quote(node.raw)} is no ticket's number")
    return node.raw


def _check_targets(reading: _Reading) -> None:
    """Exactly one of `resources` and `sites`; nothing twice."""
    node = reading.node
    both = [key for key in ("resources", "sites") if node.get(key) is not None]
    if len(both) > 1:
        sentence = "A waiver has `resources` or `sites`, not both: make two of it"
        reading.problems.append(problem(node.key_place("sites"), sentence))
    elif not both:
        reading.complain(node, "This waiver names nothing: it needs `resources`, or `sites`")
    for key in ("policies", "resources", "sites"):
        seen: set[str] = set()
        for item in _at(node, key).items():
            text = item.text()
            if text in seen:
                reading.complain(item, f"{quote(text)} stands here twice")
            seen.add(text or "")


def _policies(reading: _Reading) -> list[Policy]:
    """Give the policies that are there. One that is not is a misspelling, or it was removed."""
    listed = _at(reading.node, "policies").items()
    if len(listed) > MOST_POLICIES:
        sentence = f"A waiver shields from at most {MOST_POLICIES} policies, not from {len(listed):,}"
        reading.complain(listed[MOST_POLICIES], sentence)
        return []
    known = reading.ground.policies
    for item in listed:
        name = item.text()
        if name is not None and name not in reading.ground.named:
            _missing(reading, item, name)
    return [known[name] for name in _texts(reading.node, "policies") if name in known]


def _missing(reading: _Reading, item: Node, name: str) -> None:
    """Complain of a policy that is not there where a near one is; a waiver for one that was removed only says so.

    Either way it shields nothing, so that what is out of line stays in sight.
    """
    near = nearest(name, sorted(reading.ground.named))
    if reading.over or not near:
        said = f"{item.place}: There is no policy {quote(name)} (any more), so the waiver {reading.id} shields nothing"
        reading.warnings.append(f"{said} of it: take it out.")
    else:
        advice = " If it was removed, take it out here too."
        reading.complain(item, f"There is no policy {quote(name)}{near}{advice}")


def _check_sites(reading: _Reading) -> None:
    sites = reading.ground.district.sites
    for item in _at(reading.node, "sites").items():
        name = item.text()
        if name is not None and name not in sites:
            reading.complain(item, f"There is no site {quote(name)} in district.yaml", name, tuple(sites))


def _check_owner(reading: _Reading) -> None:
    node, people = reading.node.get("owner"), reading.ground.district.people
    name = node.text() if node else None
    if node is not None and name is not None and name not in people:
        reading.complain(node, f"There is no {quote(name)} among `people` in district.yaml", name, tuple(people))


def _check_resources(reading: _Reading, policies: Sequence[Policy]) -> None:
    """Exact ids, each of something that one of the policies is about, and each policy about one of them."""
    listed = reading.node.get("resources")
    if listed is None:
        return
    about = {p.id: prefix(p) for p in policies}
    whole = bool(about) and len(about) == len(_texts(reading.node, "policies"))  # each could be read
    found: set[str] = set()
    for item in listed.items():
        text = item.text() or ""
        kind, _, name = text.partition("/")
        if _PATTERN.search(name):
            reading.complain(item, f"{quote(text)} is a pattern: a waiver names exact ids, or `sites`")
        elif text != text.strip() or not name.strip():
            reading.complain(item, f"{quote(text)} is not an exact id: write kind/name, such as device/5CD1234")
        elif whole and kind not in about.values():
            _other_kind(reading, item, kind, policies)
        else:
            found.add(kind)
            _check_system(reading, item, kind, name)
    for item in _at(reading.node, "policies").items():
        kind = about.get(item.text() or "", "")
        if kind and found and kind not in found:
            reading.complain(item, f"{item.text()} is about {kind}/NAME, of which `resources` names none")


def prefix(policy: Policy) -> str:
    """Give what stands before the / in the ids that a policy has findings of: its kind, or what it measures by."""
    if policy.measure is None:
        return policy.kind
    return policy.measure.by.name if policy.measure.by else "district"


def _other_kind(reading: _Reading, item: Node, kind: str, policies: Sequence[Policy]) -> None:
    kinds = sorted({prefix(p) for p in policies})
    named = ", ".join(p.id for p in policies)
    are = "is" if len(policies) == 1 else "are"
    sentence = f"{quote(item.text())} is not what {named} {are} about: {' or '.join(f'{k}/NAME' for k in kinds)}"
    reading.complain(item, sentence, kind, kinds)


def _check_system(reading: _Reading, item: Node, kind: str, name: str) -> None:
    """Say where an id has a system's name behind it and none of its kind has, or the other way round."""
    systems = [s.name for s in reading.ground.sources if s.kind == kind]
    behind = next((s for s in systems if name.endswith(f"@{s}")), "")
    text = item.text() or ""
    if len(systems) > 1 and not behind:
        each = " or ".join(f"{text}@{s}" for s in systems)
        hint = f"several systems list {kind}s, so write {each}"
    elif len(systems) == 1 and behind:
        hint = f"only {behind} lists {kind}s, so write {text.removesuffix(f'@{behind}')}"
    else:
        return
    reading.warnings.append(f"{item.place}: The waiver {reading.id} shields nothing of {quote(text)}: {hint}.")
