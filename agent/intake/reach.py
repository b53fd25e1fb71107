"""Which files a playbook can reach: its roles and theirs, what it includes, its variables and its templates.

A name that is only known when it runs reaches everything it could be.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from agent.intake.nodes import Node, within
from agent.intake.wording import problem, quote

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from agent.errors import Problem
    from agent.intake.playbooks import Playbooks

_PREFIXES = ("ansible.builtin.", "ansible.legacy.")
_ROLES = frozenset({"import_role", "include_role"})
_TASKS = frozenset({"import_tasks", "include_tasks"})
_VARIABLE_FILES = frozenset({"vars_files", "include_vars"})
_ROLE_FOLDERS = {"tasks": "tasks", "handlers": "tasks", "defaults": "data", "vars": "data", "meta": "data"}
_YAML = frozenset({"", ".yml", ".yaml", ".json"})  # what Ansible takes for YAML
_VARIABLES = ("group_vars", "host_vars")


class Sort(Enum):
    """How a file is to be read."""

    TASKS = "tasks"
    DATA = "data"
    TEXT = "text"


@dataclass(slots=True)
class Reach:
    """What is reached so far. `base` is the folder of the playbook; `problems` are references that lead nowhere.

    `homes` are the folders beside which Ansible looks for modules and plugins: of each playbook and of each role.
    """

    playbooks: Playbooks
    base: Path
    files: dict[Path, Sort] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    waiting: list[tuple[Path, Path | None]] = field(default_factory=list)
    homes: set[Path] = field(default_factory=set)


def reach(playbooks: Playbooks, playbook: Path) -> Reach:
    """Follow a playbook to everything it can reach."""
    found = Reach(playbooks, playbook.parent)
    found.homes.add(playbook.parent)
    _add(found, playbook, Sort.TASKS, None)
    for folder in (found.base, playbooks.root / "inventory"):
        for name in _VARIABLES:
            _add_all(found, folder / name, Sort.DATA, None)
    _add(found, playbooks.root / "inventory" / "hosts.yml", Sort.DATA, None)
    for template in sorted(playbooks.folder.rglob("*.j2")):
        if "roles" not in template.relative_to(playbooks.folder).parts:
            _add(found, template, Sort.TEXT, None)
    while found.waiting:
        file, role = found.waiting.pop()
        node, _ = playbooks.read(file)
        if node is not None:
            _follow(found, file, node, role)
    return found


def word(key: str) -> str:
    """Give a keyword or a module's name without Ansible's own prefix."""
    return next((key.removeprefix(p) for p in _PREFIXES if key.startswith(p)), key)


def _add(found: Reach, path: Path, sort: Sort, role: Path | None) -> None:
    """Add a file once; one that was taken for data and may be tasks as well is looked at as tasks."""
    before = found.files.get(path)
    if path.is_file() and (before is None or (before is Sort.DATA and sort is Sort.TASKS)):
        found.files[path] = sort
        if sort is not Sort.TEXT:
            found.waiting.append((path, role))


def _add_all(found: Reach, folder: Path, sort: Sort, role: Path | None) -> None:
    for path in sorted(folder.rglob("*")):
        if sort is Sort.TEXT or path.suffix in _YAML:
            _add(found, path, sort, role)


def _follow(found: Reach, file: Path, node: Node, role: Path | None) -> None:
    if found.files[file] is Sort.DATA:
        _roles(found, node.get("dependencies") if file.parent.name == "meta" else None)
        return
    _home(found, file, node)
    for mapping in within(node):
        if mapping.get("hosts"):
            _roles(found, mapping.get("roles"))
        for key, value in mapping.pairs():
            name = word(key)
            if name in _ROLES:
                _role(found, value)
            elif name in _TASKS:
                _file(found, _argument(value, "file"), Sort.TASKS, file, role)
            elif name == "import_playbook":
                _file(found, value, Sort.TASKS, file, None)
            elif name in _VARIABLE_FILES:
                for item in value.items() or (value,):
                    _file(found, _argument(item, "file", "dir"), Sort.DATA, file, role)


def _home(found: Reach, file: Path, node: Node) -> None:
    if any(play.get("hosts") for play in node.items()):
        found.homes.add(file.parent)


def _roles(found: Reach, roles: Node | None) -> None:
    for item in roles.items() if roles else ():
        _role(found, item)


def _argument(value: Node, *keys: str) -> Node:
    """Give the part of an include that names the thing."""
    return next((found for key in keys if (found := value.get(key)) is not None), value)


def _role(found: Reach, item: Node) -> None:
    named = _argument(item, "role", "name")
    name = (named.text() or "").strip()
    if not isinstance(item.value, dict) and "name=" in name:  # The old form: include_role: name=web
        name = name.partition("name=")[2].split()[0]
    homes = (found.playbooks.folder / "roles", found.base / "roles", found.base)
    if "{{" in name or not name:
        for home in homes[:2]:
            for folder in sorted(home.glob("*")):
                _whole_role(found, folder)
        return
    for home in homes:
        folder = home / name
        if folder.is_dir() and folder.resolve().is_relative_to(found.playbooks.folder.resolve()):
            _whole_role(found, folder)
            return
    sentence = f"The role {quote(name)} is not under playbooks/roles/, so nobody can say what it does"
    found.problems.append(problem(named.place, sentence))


def _whole_role(found: Reach, folder: Path) -> None:
    if folder.is_dir():
        found.homes.add(folder)
    for name, sort in _ROLE_FOLDERS.items():
        _add_all(found, folder / name, Sort(sort), folder)
    _add_all(found, folder / "templates", Sort.TEXT, folder)


def _file(found: Reach, named: Node, sort: Sort, file: Path, role: Path | None) -> None:
    name = (named.text() or "").partition(" ")[0]
    folders = [file.parent, *_folders(role, sort), *_folders(found.base, sort), found.base]
    if "{{" in (named.text() or "{{"):
        for folder in {file.parent, role or file.parent}:
            _add_all(found, folder, sort, role)
        return
    for folder in folders:
        path = folder / name
        if found.playbooks.holds(path):
            _add(found, path, sort, role)
            return
        if sort is Sort.DATA and path.is_dir() and path.resolve().is_relative_to(found.playbooks.folder.resolve()):
            _add_all(found, path, sort, role)
            return
    sentence = f"There is no {quote(name)} under playbooks/, so nobody can say what it does"
    found.problems.append(problem(named.place, sentence))


def _folders(base: Path | None, sort: Sort) -> Iterable[Path]:
    if base is None:
        return ()
    return (base / ("vars" if sort is Sort.DATA else "tasks"), base)
