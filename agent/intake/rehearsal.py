"""What would act for real while a playbook is only rehearsed, and so may not stand in a `converge` policy.

In check mode Ansible still runs a task that says `check_mode: false`, and lookups run on this machine whenever a
template is rendered: `pipe` and `lines` run a command, `password` writes a file.
Source: https://docs.ansible.com/ansible/latest/playbook_guide/playbooks_checkmode.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.errors import InputError, Place, Problem
from agent.intake import yaml
from agent.intake.nodes import Node, within
from agent.intake.reach import Sort, reach, word
from agent.intake.wording import ended, problem, quote

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from agent.intake.playbooks import Playbooks

_ENTRIES = frozenset({
    "tasks",
    "pre_tasks",
    "post_tasks",
    "handlers",
    "block",
    "rescue",
    "always",
    "roles",
    "dependencies",
})
_ACTING = {"pipe": "runs a command", "lines": "runs a command", "password": "writes a file"}
_TRUE = frozenset({"true", "yes", "on", "1"})
_CALL = re.compile(r"\b(?:lookup|query|q)\s*\(\s*([^,)]*)")
_LITERAL = re.compile(r"\\?(['\"])([\w.]+)\\?\1\s*\Z")
_VAULT = b"$ANSIBLE_VAULT;"


@dataclass(frozen=True, slots=True)
class _Act:
    """One thing that acts. `task` is the name of the task it stands in, empty where there is none."""

    place: Place
    task: str
    what: str


def check(playbooks: Playbooks, policy: str, playbook: Path, allowed: Sequence[Node]) -> list[Problem]:
    """Give what keeps a playbook from being rehearsed: each thing that would act, unless its task is allowed."""
    found = reach(playbooks, playbook)
    names = {node.text() for node in allowed}
    problems = list(found.problems)
    tasks: set[str] = set()
    for file, sort in found.files.items():
        acts, named, wrong = _look(playbooks, file, sort)
        tasks |= named
        problems += wrong
        problems += [_refusal(act, policy) for act in acts if not act.task or act.task not in names]
    problems += [
        problem(node.place, f"No task of this playbook has the name {quote(node.text())}", node.text() or "", tasks)
        for node in allowed
        if node.text() not in tasks
    ]
    return problems


def _refusal(act: _Act, policy: str) -> Problem:
    mend = "take it out"
    if act.task:
        mend += f", or name the task {quote(act.task)} under `allow` in the policy"
    return Problem(act.place, ended(f"{act.what}, and the policy {policy} only rehearses this playbook: {mend}"))


def _look(playbooks: Playbooks, file: Path, sort: Sort) -> tuple[list[_Act], set[str], list[Problem]]:
    if sort is Sort.TEXT:
        return (*_in_text(file, playbooks.name(file)),)
    if _is_vaulted(file):
        return [], set(), []
    node, problems = playbooks.read(file)
    if node is None:
        return [], set(), [p for p in problems if p.sentence != yaml.EMPTY]
    if sort is Sort.DATA:
        return [act for one in within(node) for act in _lookups(one, "")], set(), []
    entries = list(_entries(node))
    return [act for entry in entries for act in _acts(entry)], {_name(e) for e in entries} - {""}, []


def _is_vaulted(file: Path) -> bool:
    with file.open("rb") as content:
        return content.read(len(_VAULT)) == _VAULT


def _in_text(file: Path, name: str) -> tuple[list[_Act], set[str], list[Problem]]:
    try:
        lines = yaml.contents(file, name).decode(errors="replace").split("\n")
    except InputError as error:
        return [], set(), list(error.problems)
    acts = [
        _Act(Place(name, number, column + 1), "", what)
        for number, line in enumerate(lines, start=1)
        for column, what in _calls(line)
    ]
    return acts, set(), []


def _entries(node: Node) -> Iterator[Node]:
    """Give the plays, roles, blocks and tasks of a file, each of which may have a name and a `check_mode`."""
    waiting = list(node.items())
    while waiting:
        entry = waiting.pop()
        yield entry
        waiting += [item for key, value in entry.pairs() if key in _ENTRIES for item in value.items()]


def _name(entry: Node) -> str:
    name = entry.get("name")
    return (name.text() or "") if name else ""


def _acts(entry: Node) -> Iterator[_Act]:
    """Give what acts in one entry, leaving the entries in it to themselves."""
    task = _name(entry)
    yield from _check_mode(entry, task)
    yield from _loops(entry, task)
    for key, value in entry.pairs():
        if key in _ENTRIES:
            continue
        for one in within(value):
            yield from _lookups(one, task)
            if key != "vars":
                yield from _check_mode(one, task)


def _check_mode(node: Node, task: str) -> Iterator[_Act]:
    value = node.get("check_mode")
    if value is not None and value.raw.lower() not in _TRUE:
        yield _Act(node.key_place("check_mode"), task, f"`check_mode: {value.raw[:40]}` acts even in check mode")


def _loops(entry: Node, task: str) -> Iterator[_Act]:
    for key, _ in entry.pairs():
        plugin = word(key.removeprefix("with_")) if key.startswith("with_") else ""
        if plugin in _ACTING:
            yield _Act(entry.key_place(key), task, f"`{key}` {_ACTING[plugin]} even in check mode")


def _lookups(node: Node, task: str) -> Iterator[_Act]:
    """Give the lookups in a scalar, and in the keys of a mapping."""
    for _, what in _calls(node.raw):
        yield _Act(node.place, task, what)
    for key, _ in node.pairs():
        for _, what in _calls(key):
            yield _Act(node.key_place(key), task, what)


def _calls(text: str) -> Iterator[tuple[int, str]]:
    for call in _CALL.finditer(text):
        literal = _LITERAL.match(call[1])
        plugin = word(literal[2]) if literal else ""
        if plugin in _ACTING:
            yield call.start(), f"The lookup `{plugin}` {_ACTING[plugin]} on this machine even in check mode"
        elif not literal:
            yield call.start(), "A lookup whose name is not written out may run a command even in check mode"
