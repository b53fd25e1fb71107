"""Which files of a policy repository are read, as what, and which stand where nothing reads them."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from agent.errors import InputError, Place, Problem
from agent.intake import yaml
from agent.intake.structure import Document
from agent.intake.wording import printable, problem, quote

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

TESTS = "tests"
FOLDERS = ("hosts", "devices", "network", "tickets", "inventory", "vendors")
SHAPES = {  # what else stands in a folder of policies/, by folder
    "calendars": "calendar",
    "conditions": "conditions",
    "frameworks": "framework",
    "tests": TESTS,
    "values": "values",
}
DISTRICT = "policies/district.yaml"
WAIVERS = "policies/waivers.yaml"
CHANGES = "policies/calendars/changes.yaml"
SYSTEMS = "inventory/systems.yaml"
_ALONE = {DISTRICT: "district", WAIVERS: "waivers", CHANGES: "calendar_changes", SYSTEMS: "systems"}
_SUFFIXES = frozenset({".yaml", ".yml"})


def documents(root: Path) -> tuple[list[Document], list[Problem]]:
    """Read every document that a person writes for Driftbell; and give what is wrong with the files as such.

    Raises:
        InputError: this is no policy repository at all.
    """
    if not (root / "policies").is_dir():
        sentence = "There is no folder policies/ here: `driftbell init DIR` lays down a district to start from."
        raise InputError([Problem(Place(printable(str(root))), sentence)])
    problems = list(_strangers(root))
    found, faults = _read(root, ((path, shape) for path, shape in readable(root) if shape != TESTS))
    problems += faults
    if not (root / DISTRICT).is_file():
        sentence = "This file is missing: it names the district, its time zone, its sites and its people."
        problems.append(Problem(Place(DISTRICT), sentence))
    return found, problems


def trial_documents(root: Path) -> tuple[list[Document], list[Problem]]:
    """Read the policy tests, which nothing but `validate` and `test` needs; and give what is wrong with the files."""
    return _read(root, ((path, shape) for path, shape in readable(root) if shape == TESTS))


def _read(root: Path, files: Iterable[tuple[Path, str]]) -> tuple[list[Document], list[Problem]]:
    found: list[Document] = []
    problems: list[Problem] = []
    for path, shape in files:
        try:
            found.append(_document(root, path, shape))
        except InputError as error:
            problems += error.problems
    return found, problems


def _document(root: Path, path: Path, shape: str) -> Document:
    name = path.relative_to(root).as_posix()
    if not path.resolve().is_relative_to(root.resolve()):
        raise InputError([Problem(Place(printable(name)), "This link leads out of the repository.")])
    data = yaml.contents(path, name)
    return Document(yaml.parse(data, name), shape, hashlib.sha256(data).hexdigest())


def readable(root: Path) -> Iterator[tuple[Path, str]]:
    """Give every file of a repository that is read, with the shape that it must fit."""
    for name, shape in _ALONE.items():
        if (root / name).is_file():
            yield root / name, shape
    for folder, shape in {**dict.fromkeys(FOLDERS, "policy"), **SHAPES}.items():
        for path in yaml_files(root / "policies" / folder):
            if path != root / CHANGES:
                yield path, shape


def yaml_files(folder: Path) -> Iterator[Path]:
    """Give the YAML files of a folder and below it, in order; a hidden one is nobody's policy."""
    for path in sorted(folder.rglob("*")):
        if path.suffix in _SUFFIXES and not path.name.startswith(".") and (path.is_file() or path.is_symlink()):
            yield path


def _strangers(root: Path) -> Iterator[Problem]:
    """Say which YAML files under policies/ would otherwise be passed over in silence."""
    policies = root / "policies"
    for path in sorted(policies.rglob("*")):
        if path.is_symlink() and path.is_dir():
            place = Place(printable(path.relative_to(root).as_posix()))
            yield Problem(place, "This folder is a link, behind which no policies are read.")
    for path in yaml_files(policies):
        below = path.relative_to(policies).parts
        name = path.relative_to(root).as_posix()
        place = Place(printable(name))
        if name in _ALONE or (below[0] in {*FOLDERS, *SHAPES} and len(below) > 1):
            continue
        if (right := name.removesuffix(".yml") + ".yaml") in _ALONE:
            yield Problem(place, f"This file has to be called {right}.")
        elif len(below) == 1:
            yield Problem(place, f"A policy stands in a folder of policies/: {', '.join(FOLDERS)}.")
        else:
            sentence = f"The folder policies/{quote(below[0])[1:-1]}/ is not one that policies stand in"
            yield problem(place, sentence, below[0], (*FOLDERS, *SHAPES))
