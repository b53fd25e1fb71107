"""From policies/tests/*.yaml to cases: every mistake of every file at once, with the nearest word.

Nothing but `validate` and `test` reads them: a mistake in a test is no reason to stop looking at the district.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from agent.errors import InputError, Place, Problem
from agent.intake import structure, yaml
from agent.intake.files import trial_documents
from agent.intake.nodes import Node, number_at, text_at
from agent.intake.trial_resources import Ground, merged, presented, strangers
from agent.intake.trial_settings import keeps, waivers, when
from agent.intake.wording import problem, quote
from agent.model.kind import nearest
from agent.model.policy import Mode
from agent.model.trial import Case, Expected, Presented, Trial, Wanted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from agent.model.kind import Catalog
    from agent.model.policy import Policy, Repository

SITE = "site"
GUARDS = (
    *("kill switch", "mode", "risk", "never touch", "freeze", "window", "complete data", "tripwire", "conflict"),
    *("retries", "per day"),
)
_LIKE_AN_ID = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}\Z")


@dataclass(frozen=True, slots=True)
class Found:
    """The files of tests that can be tried, what is wrong with the others, and by file the policies that each names."""

    trials: tuple[Trial, ...]
    problems: tuple[Problem, ...]
    about: Mapping[str, frozenset[str]]


def load_trials(repository: Repository, catalog: Catalog, cache: Path) -> tuple[Trial, ...]:
    """Read every file of policy tests.

    Raises:
        InputError: with every problem of every file.
    """
    found = find_trials(repository, catalog, cache)
    if found.problems:
        raise InputError(found.problems)
    return found.trials


def find_trials(repository: Repository, catalog: Catalog, cache: Path) -> Found:
    """Read every file of policy tests; a wrong one is no reason not to try the others."""
    read, problems = trial_documents(Path(repository.root))
    faults = _faults(read, catalog, cache / "tests")
    problems += faults
    misshapen = {fault.place.file for fault in faults}
    zone = ZoneInfo(repository.district.timezone)
    reader = _Reader(Ground(catalog, repository.district, zone, problems), {p.id: p for p in repository.policies})
    made = [reader.trial(d.node) for d in read if d.node.file not in misshapen]
    wrong = {problem.place.file for problem in problems}
    about = {d.node.file: frozenset(_named(d.node)) for d in read}
    return Found(tuple(t for t in made if t.file not in wrong), tuple(problems), about)


def _named(node: Node) -> Iterator[str]:
    """Give the policies that a file names, whatever its shape."""
    for one in (said, *said.items()) if (said := node.get("tests")) else ():
        yield one.raw
    for case in listed.items() if (listed := node.get("cases")) else ():
        yield from (key for key, _ in _pairs(case, "expect") if "/" not in key)


def read_trial(data: bytes, name: str, repository: Repository, catalog: Catalog) -> Trial:
    """Read one file of policy tests from its bytes.

    Raises:
        InputError: with every problem that can be told.
    """
    node = yaml.parse(data, name)
    problems = _faults([structure.Document(node, "tests", "")], catalog)
    if problems:
        raise InputError(problems)
    ground = Ground(catalog, repository.district, ZoneInfo(repository.district.timezone), problems)
    found = _Reader(ground, {p.id: p for p in repository.policies}).trial(node)
    if problems:
        raise InputError(problems)
    return found


def _faults(read: Sequence[structure.Document], catalog: Catalog, cache: Path | None = None) -> list[Problem]:
    """Give what is wrong with the shape of files; what is said in better words is not said twice."""
    found = {p.place: p for d in read for p in strangers(d.node, catalog)}
    for fault in structure.check(read, catalog, cache):
        found.setdefault(fault.place, fault)
    return list(found.values())


@dataclass(frozen=True, slots=True)
class _Head:
    """What a file says for all its cases."""

    node: Node
    about: str
    policies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads one file after the other; what is wrong goes to the problems of `ground`."""

    ground: Ground
    policies: Mapping[str, Policy]

    def _say(self, place: Place, sentence: str, word: str = "", words: Sequence[str] = ()) -> None:
        self.ground.problems.append(problem(place, sentence, word, words))

    def trial(self, node: Node) -> Trial:
        """Give the cases of a file."""
        head = _Head(node, *self._about(node))
        cases, names = [], dict[str, Place]()
        listed = node.get("cases")
        for item in listed.items() if listed else ():
            name = text_at(item, "case")
            first = names.setdefault(name, item.key_place("case"))
            if first != item.key_place("case"):
                sentence = f"A case {quote(name)} stands at {first} already: give it another name"
                self._say(item.key_place("case"), sentence)
            made = self._case(item, name, head)
            cases += [made] if made else []
        return Trial(node.file, head.about, head.policies, tuple(cases))

    def _about(self, node: Node) -> tuple[str, tuple[str, ...]]:
        said = node.get("tests") or node
        if said.items():
            for item in said.items():
                self._known(item.raw, item.place)
            return ", ".join(i.raw for i in said.items()), tuple(i.raw for i in said.items())
        if said.raw not in self.policies and not _LIKE_AN_ID.match(said.raw):  # a name has a blank in it
            return said.raw, ()
        self._known(said.raw, said.place)  # what the cases say, they say of that policy, be it there or not
        return said.raw, (said.raw,)

    def _known(self, policy: str, place: Place) -> bool:
        if policy not in self.policies:
            self._say(place, f"There is no policy {quote(policy)}", policy, list(self.policies))
        return policy in self.policies

    def _case(self, node: Node, name: str, head: _Head) -> Case | None:
        at = when(node.get("at") or head.node.get("at"), self.ground)
        if at is None:
            if not (node.get("at") or head.node.get("at")):
                self._say(node.place, "`at` is missing: say for what time this is, above `cases` or here")
            return None
        nodes = merged(head.node.get("resources"), node.get("given"), self.ground)
        shown = presented(nodes, self.ground)
        lists = dict.fromkeys(_texts(node, "incomplete"), False) | dict.fromkeys(_texts(node, "complete"), True)
        expect = tuple(self._expected(node, head))
        policies = tuple(dict.fromkeys([*head.policies, *(e.policy for e in expect)]))
        looks = number_at(node, "looks")
        case = Case(
            name=name,
            place=node.key_place("case"),
            at=at,
            policies=policies,
            resources=tuple(p for p in shown if p.kind != SITE),
            schools=tuple(p for p in shown if p.kind == SITE),
            expect=expect,
            lists=lists,
            as_of={k: t for k, v in _pairs(node, "as_of") if (t := when(v, self.ground))},
            keeps=keeps(head.node.get("calendar"), node.get("calendar"), self.ground, _schools(shown)),
            mode=Mode(text_at(node, "mode")) if node.get("mode") else None,
            waivers=waivers(node, policies, self.ground),
            actions=self._wanted(node, "actions", "verb", shown),
            holds=self._wanted(node, "holds", "guard", shown),
            looks=None if looks is None else int(looks),
        )
        self._check(case, shown)
        return case

    def _expected(self, node: Node, head: _Head) -> Iterator[Expected]:
        said = node.get("expect") or node
        for key, value in said.pairs():
            if "/" in key:
                if len(head.policies) == 1:
                    yield self._one(head.policies[0], key, value, said)
                else:
                    sentence = f"Which policy is to say this of {quote(key)}? Put it below an id: `ID: {{{key}: ...}}`"
                    self._say(said.key_place(key), sentence)
            elif self._known(key, said.key_place(key)):
                for resource, verdict in value.pairs():
                    yield self._one(key, resource, verdict, value)

    def _one(self, policy: str, resource: str, node: Node, parent: Node) -> Expected:
        whole = isinstance(node.value, dict)
        return Expected(
            policy=policy,
            resource=resource,
            stands=text_at(node, "verdict") if whole else node.raw,
            place=parent.key_place(resource),
            sentence=text_at(node, "sentence"),
            differences=self._differences(policy, node.get("differences")),
        )

    def _differences(self, policy: str, node: Node | None) -> dict[str, tuple[str | None, str | None]] | None:
        if node is None:
            return None
        places = {i.raw: i.place for i in node.items()} | {key: node.key_place(key) for key, _ in node.pairs()}
        of = self.policies.get(policy)
        if of and of.expect and not of.measure:
            from agent.decide.parts import fields_tested  # ruff: ignore[import-outside-top-level] - only where it is asked

            names = [f.name for f in fields_tested(of.expect)]
            for name, place in places.items():
                if name not in names:
                    self._say(place, f"{policy} expects nothing of {quote(name)}", name, names)
        texts = {key: (_raw(value, "expected"), _raw(value, "observed")) for key, value in node.pairs()}
        return {name: texts.get(name, (None, None)) for name in places}

    def _wanted(self, node: Node, key: str, word: str, shown: Sequence[Presented]) -> tuple[Wanted, ...] | None:
        listed = node.get(key)
        if listed is None:
            return None
        found = []
        for item in listed.items():
            what, resource = text_at(item, word), text_at(item, "resource")
            if word == "guard" and what not in GUARDS:
                self._say(item.place, f"There is no guard {quote(what)}; they are {', '.join(GUARDS)}", what, GUARDS)
            if resource and (where := item.get("resource")):
                self._there(resource, where.place, [p.id for p in shown])
            found.append(Wanted(what, resource, item.place))
        return tuple(found)

    def _check(self, case: Case, shown: Sequence[Presented]) -> None:
        """Make sure that what is expected is about something that is there."""
        ids = [p.id for p in shown]
        for one in case.expect:
            policy = self.policies.get(one.policy)
            if policy is None or policy.measure is not None:
                continue  # a measure speaks of groups, which come out of the readings
            kind = one.resource.partition("/")[0]
            if kind != policy.kind:
                self._say(one.place, f"{policy.id} is about {policy.kind}s, and {quote(one.resource)} is none")
            else:
                self._there(one.resource, one.place, [i for i in ids if i.startswith(f"{kind}/")])

    def _there(self, resource: str, place: Place, ids: Sequence[str]) -> None:
        if resource not in ids:
            hint = nearest(resource, list(ids))
            self._say(place, f"This case has no {quote(resource)}: give it under `resources` or `given`{hint}")


def _schools(shown: Sequence[Presented]) -> frozenset[str]:
    return frozenset(p.site for p in shown if p.kind == SITE)


def _raw(node: Node, key: str) -> str | None:
    found = node.get(key)
    return found.raw if found else None


def _texts(node: Node, key: str) -> tuple[str, ...]:
    found = node.get(key)
    return found.texts() if found else ()


def _pairs(node: Node, key: str) -> Iterator[tuple[str, Node]]:
    found = node.get(key)
    yield from found.pairs() if found else ()
