"""The files of the inventory as YAML: what is wrong with them at which line, before Ansible is asked about them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from agent.errors import InputError, Place, Problem
from agent.intake import yaml
from agent.intake.nodes import Node, within
from agent.intake.wording import printable, problem, quote

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from agent.model.policy import District, Host

_GROUP = ("hosts", "vars", "children")
_READ_BY_ANSIBLE = frozenset({"", ".yml", ".yaml", ".json"})
_VAULT = b"$ANSIBLE_VAULT;"
SHOWN = 3  # hosts that a sentence names


def is_dynamic(source: Path) -> bool:
    """Say whether hosts.yml is a program, or names a plugin that asks elsewhere."""
    if os.access(source, os.X_OK):
        return True
    try:
        return yaml.read(source, source.name, foreign=True).get("plugin") is not None
    except InputError:
        return False


def check(root: Path) -> None:
    """Find what is wrong with the inventory's files.

    Raises:
        InputError: with every problem.
    """
    problems: list[Problem] = []
    for path in _files(root):
        node, wrong = _read(root, path)
        problems += wrong
        if node is not None and path.name == "hosts.yml" and path.parent.name == "inventory":
            problems += _groups(node)
    if problems:
        raise InputError(problems)


def check_sites(root: Path, hosts: Sequence[Host], district: District) -> list[Problem]:
    """Say which hosts stand in a school that the district does not have, at the line that puts them there."""
    strangers: dict[str, list[str]] = {}
    for host in hosts:
        if host.site and host.site not in district.sites:
            strangers.setdefault(host.site, []).append(host.name)
    return [_stranger(root, site, names, district) for site, names in strangers.items()]


def _stranger(root: Path, site: str, names: list[str], district: District) -> Problem:
    places = [p for path in _files(root) for p in _site_lines(root, path, site)]
    shown = ", ".join(quote(name) for name in names[:SHOWN])
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    sentence = f"There is no site {quote(site)} in policies/district.yaml, where {shown}{more} should be"
    return problem(places[0] if places else Place("inventory/hosts.yml"), sentence, site, district.sites)


def host_place(root: Path, name: str) -> Place:
    """Give where hosts.yml lists a host."""
    source = root / "inventory" / "hosts.yml"
    node, _ = _read(root, source)
    for one in within(node) if node else ():
        hosts = one.get("hosts")
        if hosts is not None and hosts.get(name) is not None:
            return hosts.key_place(name)
    return Place("inventory/hosts.yml")


def _site_lines(root: Path, path: Path, site: str) -> Iterator[Place]:
    node, _ = _read(root, path)
    for one in within(node) if node else ():
        value = one.get("site")
        if value is not None and value.raw == site:
            yield value.place


def _files(root: Path) -> Iterator[Path]:
    """Give hosts.yml and the files of variables that Ansible reads beside it."""
    folder = root / "inventory"
    source = folder / "hosts.yml"
    if source.is_file() and not os.access(source, os.X_OK):
        yield source
    for name in ("group_vars", "host_vars"):
        for path in sorted((folder / name).rglob("*")):
            if path.is_file() and path.suffix in _READ_BY_ANSIBLE and not path.name.startswith("."):
                yield path


def _read(root: Path, path: Path) -> tuple[Node | None, list[Problem]]:
    name = path.relative_to(root).as_posix()
    if not path.resolve().is_relative_to(root.resolve()):
        return None, [Problem(Place(printable(name)), "This link leads out of the repository.")]
    try:
        data = yaml.contents(path, name)
        if data.startswith(_VAULT):
            sentence = "This whole file is encrypted: encrypt the single values (`ansible-vault encrypt_string`)."
            return None, [Problem(Place(printable(name)), sentence)]
        return yaml.parse(data, name, foreign=True), []
    except InputError as error:
        return None, [p for p in error.problems if p.sentence != yaml.EMPTY]


def _groups(node: Node) -> Iterator[Problem]:
    """Say which keys of a group Ansible would pass over, and with them every host below."""
    if node.get("plugin"):
        return
    if not isinstance(node.value, dict):
        yield problem(node.place, "An inventory is a mapping of groups, such as `all:` with `hosts:` below it")
    waiting = [group for _, group in node.pairs()]
    while waiting:
        group = waiting.pop()
        for key, value in group.pairs():
            if key not in _GROUP:
                sentence = f"The word {quote(key)} does not stand in a group, which has hosts, vars and children"
                yield problem(group.key_place(key), sentence, key, _GROUP)
            elif key == "children":
                waiting += [child for _, child in value.pairs()]
