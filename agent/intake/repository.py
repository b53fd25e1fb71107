"""The whole policy repository of one revision: everything typed, or every mistake of every file at once."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from agent.decide.deputies import unreachable
from agent.errors import InputError, Problem
from agent.intake import inventory, playbooks
from agent.intake.calendars import Told, timetable
from agent.intake.changes import declared
from agent.intake.composing import compositions
from agent.intake.conditions import Parser
from agent.intake.district import UNNAMED, district, idle_ceilings, is_example, unlimited
from agent.intake.exports import tracked
from agent.intake.files import documents
from agent.intake.frameworks import check_maps, frameworks
from agent.intake.guards import unknown_seasons
from agent.intake.inventory_files import check_sites
from agent.intake.nodes import text_at
from agent.intake.opening import idle_windows
from agent.intake.policies import Surroundings, duplicates, policy
from agent.intake.structure import Document, check
from agent.intake.systems_file import Bounds, sources
from agent.intake.texts import texts
from agent.intake.vocabulary import Vocabulary, mapped_words
from agent.intake.waivers import Ground, waivers
from agent.model.policy import Caps, District, Host, Policy, Repository

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from agent.intake.git_program import Checkout
    from agent.model.kind import Catalog
    from agent.model.source import Source
    from agent.model.waiver import Waiver


def load(checkout: Checkout, catalog: Catalog, cache: Path, changes: Path | None = None) -> Repository:
    """Read everything. `cache` keeps what was worked out from files that have not changed.

    `changes` is the server's own file of closures and delays, which lie over the calendars.

    Raises:
        InputError: with every problem of every file.
    """
    with inventory.asked(checkout.root, cache) as answer:
        return _load(checkout, catalog, cache, changes, answer)


def _load(
    checkout: Checkout, catalog: Catalog, cache: Path, changes: Path | None, asked: Callable[[], tuple[Host, ...]]
) -> Repository:
    found = _Found()
    read, problems = documents(checkout.root)
    found.problems += problems
    read += declared(changes, found.problems)
    found.problems += check(read, catalog, cache)
    times = timetable(read, checkout.root, cache, Told(found.problems, found.warnings))
    land = _district(read, catalog, found)
    hosts = _hosts(checkout.root, asked, land, found)
    digest, problems = playbooks.digest(checkout.root)
    found.problems += problems
    sources = _sources(read, checkout, catalog, land, found)
    words = Vocabulary(catalog, land.sites if land else None, mapped_words(sources), found.warnings)
    policies = _policies(read, checkout.root, words, land, found)
    exceptions = _waivers(read, policies, land, sources, found)
    known = frameworks((d.node for d in read if d.shape == "framework"), found.problems)
    found.problems += check_maps((d.node for d in read if d.shape == "policy"), known)
    if land is not None and not found.problems:
        found.problems += unknown_seasons(land, times)
    if land is None or found.problems:
        raise InputError(_one_a_place(found.problems))
    now = datetime.now(ZoneInfo(land.timezone))
    found.warnings += idle_windows(policies, hosts, times, now)
    found.warnings += unreachable(land, now.date())
    return Repository(
        root=str(checkout.root),
        revision=checkout.revision,
        district=land,
        policies=policies,
        hosts=hosts,
        playbooks_digest=digest,
        sources=sources,
        warnings=(*checkout.warnings, *found.warnings),
        waivers=exceptions,
        frameworks=known,
        timetable=times,
        modules=modules(checkout.root, policies),
        texts=texts(checkout.root, read, policies),
    )


@dataclass(slots=True)
class _Found:
    """What is wrong and what is odd, as it comes up. A problem of the schema comes before what follows from it."""

    problems: list[Problem] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def modules(root: Path, policies: Sequence[Policy]) -> dict[str, str]:
    """Give the sha256 of each test module that policies name, as it is now; one that is gone has none."""
    named = sorted({name for policy in policies for name in policy.verify})
    return {n: hashlib.sha256((root / n).read_bytes()).hexdigest() for n in named if (root / n).is_file()}


def _one_a_place(problems: Sequence[Problem]) -> list[Problem]:
    """Keep the first problem of each place: what comes later there is the same mistake in other words."""
    first: dict[object, Problem] = {}
    for one in problems:
        first.setdefault(one.place if one.place.line else one, one)
    return list(first.values())


def _district(read: Sequence[Document], catalog: Catalog, found: _Found) -> District | None:
    document = next((d for d in read if d.shape == "district"), None)
    if document is None:
        return None
    warning = unlimited(document.node)
    found.warnings += [warning] if warning else []
    found.warnings += idle_ceilings(document.node)
    return district(document.node, catalog.kinds, found.problems)


def _hosts(root: Path, asked: Callable[[], tuple[Host, ...]], land: District | None, found: _Found) -> tuple[Host, ...]:
    if not (root / inventory.SOURCE).exists():
        found.warnings.append(_no_inventory(root))
    try:
        hosts = asked()
    except InputError as error:
        if not error.problems:
            raise
        found.problems += error.problems
        return ()
    if land is not None:
        found.problems += check_sites(root, hosts, land)
    return hosts


def _sources(
    read: Sequence[Document], checkout: Checkout, catalog: Catalog, land: District | None, found: _Found
) -> tuple[Source, ...]:
    document = next((d for d in read if d.shape == "systems"), None)
    if document is None:
        return ()
    made = sources(document.node, Bounds(catalog, land.sites if land else {}), found.problems)
    example = any(d.shape == "district" and is_example(d.node) for d in read)
    if not example:
        found.problems += tracked(checkout, made, catalog)
    return made


def _waivers(
    read: Sequence[Document],
    policies: Sequence[Policy],
    land: District | None,
    sources: Sequence[Source],
    found: _Found,
) -> tuple[Waiver, ...]:
    document = next((d for d in read if d.shape == "waivers"), None)
    if document is None or land is None:
        return ()
    named = frozenset(text_at(d.node, "policy") for d in read if d.shape == "policy")
    today = datetime.now(ZoneInfo(land.timezone)).date()
    ground = Ground(named, {p.id: p for p in policies}, land, sources, today)
    return waivers(document.node, ground, found.problems, found.warnings)


def _no_inventory(root: Path) -> str:
    other = next((n for n in ("hosts.yaml", "hosts.ini", "hosts") if (root / "inventory" / n).is_file()), "")
    hint = f" (inventory/{other} is not read)" if other else ""
    return f"There is no {inventory.SOURCE}{hint}, so no hosts are looked at."


def _policies(
    read: Sequence[Document], root: Path, words: Vocabulary, land: District | None, found: _Found
) -> tuple[Policy, ...]:
    around = Surroundings(
        catalog=words.catalog,
        playbooks=playbooks.Playbooks(root),
        zone=ZoneInfo(land.timezone if land else UNNAMED),
        district=land or District("", UNNAMED, {}, {}, (), Caps(), frozenset()),
        compositions=compositions(read, words.catalog, found.problems),
        vocabulary=words,
    )
    _check_sets(around, found)
    good = []
    for document in (d for d in read if d.shape == "policy"):
        one = policy(document.node, around, found.problems)
        _check_agreement(document, one, found)
        good += [one] if one else []
    found.problems += duplicates(good)
    found.warnings += around.compositions.warnings()
    return tuple(sorted(good, key=lambda p: p.id))


def _check_sets(around: Surroundings, found: _Found) -> None:
    """Say what is wrong with condition sets where they stand, whether or not a policy uses them."""
    for kind, fields in around.compositions.sets.own():
        if kind in around.catalog.kinds:
            parser = Parser(around.catalog.kinds[kind], around.catalog, around.zone, found.problems, around.vocabulary)
            parser.fields(fields)


def _check_agreement(document: Document, made: Policy | None, found: _Found) -> None:
    """Make sure that what the schema let through was understood to the last word.

    A condition that got lost without a word would widen a policy, so this is a bug that stops everything.
    """
    node = document.node
    if found.problems:  # Perhaps in a condition set or a values file that it uses.
        return
    applies, remedy = node.get("applies_to"), node.get("remedy")
    whole = (
        made is not None
        and (made.where is not None) == bool(applies and applies.get("where"))
        and (made.expect is not None) == bool(node.get("expect"))
        and (made.converge is not None) == bool(node.get("converge"))
        and (made.measure is not None) == bool(node.get("measure"))
        and len(made.remedy) == (1 if made.converge else len(remedy.items()) if remedy else 0)
    )
    if not whole:
        msg = f"{node.file} passed the schema, but was not understood"
        raise AssertionError(msg)
