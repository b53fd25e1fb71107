"""What would act for real while a playbook is only rehearsed, and so may not stand in a `converge` policy.

What leads elsewhere than to the host may stand in no policy's playbook at all, remedies included.

In check mode Ansible still runs a task that says `check_mode: false`, and lookups run on this machine whenever a
template is rendered: `pipe` and `lines` run a command, `password` writes a file.
Source: https://docs.ansible.com/ansible/latest/playbook_guide/playbooks_checkmode.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.errors import InputError, Place, Problem
from agent.intake import elsewhere, yaml
from agent.intake.entries import KEYS, Act, entries, name
from agent.intake.modules import foreign, plugins
from agent.intake.nodes import Node, within
from agent.intake.reach import Sort, reach, word
from agent.intake.wording import ended, problem, quote

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from agent.intake.playbooks import Playbooks

_ACTING = {"pipe": "runs a command", "lines": "runs a command", "password": "writes a file"}
_TRUE = frozenset({"true", "yes", "on", "1"})
_CALL = re.compile(r"\b(?:lookup|query|q)\s*\(\s*([^,)]*)")
_LITERAL = re.compile(r"\\?(['\"])([\w.]+)\\?\1\s*\Z")
_VAULT = b"$ANSIBLE_VAULT;"


@dataclass(frozen=True, slots=True)
class _Looked:
    """What one file holds: what acts, and the names that its entries have."""

    acts: Sequence[Act] = ()
    names: frozenset[str] = frozenset()
    problems: Sequence[Problem] = ()


@dataclass(frozen=True, slots=True)
class Use:
    """How a policy uses a playbook: to find drift with it as well, or only as a remedy."""

    policy: str
    allowed: Sequence[Node]
    rehearsed: bool


def check(playbooks: Playbooks, playbook: Path, use: Use) -> list[Problem]:
    """Give what keeps a policy from using a playbook: each thing that would act, unless its task is allowed."""
    found = playbooks.reached.get(playbook) or reach(playbooks, playbook)
    playbooks.reached[playbook] = found
    names = {node.text() for node in use.allowed}
    problems = [*found.problems, *(plugins(found, use.policy) if use.rehearsed else ())]
    named: set[str] = set()
    for file, sort in found.files.items():
        looked = _look(playbooks, file, sort, rehearsed=use.rehearsed)
        named |= looked.names
        problems += looked.problems
        problems += [_refusal(act, use) for act in looked.acts if not act.task or act.task not in names]
    problems += [
        problem(node.place, f"No task of this playbook has the name {quote(node.text())}", node.text() or "", named)
        for node in use.allowed
        if node.text() not in named
    ]
    return problems


def _refusal(act: Act, use: Use) -> Problem:
    mend = "take it out"
    if act.task:
        mend += f", or name the task {quote(act.task)} under `allow` in the policy"
    uses = "only rehearses this playbook" if use.rehearsed else "runs this playbook for single hosts"
    return Problem(act.place, ended(f"{act.what}, and the policy {use.policy} {uses}: {mend}"))


def _look(playbooks: Playbooks, file: Path, sort: Sort, *, rehearsed: bool) -> _Looked:
    if sort is Sort.TEXT:
        return _in_text(file, playbooks.name(file)) if rehearsed else _Looked()
    if _is_vaulted(file):
        hidden = Act(Place(playbooks.name(file), 1, 1), "", "Nobody can say what these encrypted tasks do")
        return _Looked([hidden] if sort is Sort.TASKS else ())
    node, problems = playbooks.read(file)
    if node is None:
        return _Looked(problems=[p for p in problems if p.sentence != yaml.EMPTY])
    found = list(entries(node))
    acts = [act for entry in found for act in elsewhere.acts(entry)]
    if not file.is_relative_to(playbooks.root / "inventory"):  # where hosts get their addresses
        acts += elsewhere.steering(node)
    if rehearsed:
        acts += foreign(node)
        acts += [act for entry in found for act in _acts(entry)]
    if rehearsed and (sort is Sort.DATA or not node.items()):
        acts += [act for one in within(node) for act in _lookups(one, "")]
    return _Looked(acts, frozenset(map(name, found)) - {""})


def _is_vaulted(file: Path) -> bool:
    with file.open("rb") as content:
        return content.read(len(_VAULT)) == _VAULT


def _in_text(file: Path, shown: str) -> _Looked:
    try:
        lines = yaml.contents(file, shown).decode(errors="replace").split("\n")
    except InputError as error:
        return _Looked(problems=error.problems)
    acts = [
        Act(Place(shown, number, column + 1), "", what)
        for number, line in enumerate(lines, start=1)
        for column, what in _calls(line)
    ]
    return _Looked(acts)


def _acts(entry: Node) -> Iterator[Act]:
    """Give what acts in one entry, leaving the entries in it to themselves."""
    task = name(entry)
    yield from _check_mode(entry, task)
    yield from _loops(entry, task)
    for key, value in entry.pairs():
        if key in KEYS:
            continue
        for one in within(value):
            yield from _lookups(one, task)
            if key != "vars":
                yield from _check_mode(one, task)


def _check_mode(node: Node, task: str) -> Iterator[Act]:
    value = node.get("check_mode")
    if value is not None and value.raw.lower() not in _TRUE:
        yield Act(node.key_place("check_mode"), task, f"`check_mode: {value.raw[:40]}` acts even in check mode")


def _loops(entry: Node, task: str) -> Iterator[Act]:
    for key, _ in entry.pairs():
        plugin = word(key.removeprefix("with_")) if key.startswith("with_") else ""
        if plugin in _ACTING:
            yield Act(entry.key_place(key), task, f"`{key}` {_ACTING[plugin]} even in check mode")


def _lookups(node: Node, task: str) -> Iterator[Act]:
    """Give the lookups in a scalar, and in the keys of a mapping."""
    for _, what in _calls(node.raw):
        yield Act(node.place, task, what)
    for key, _ in node.pairs():
        for _, what in _calls(key):
            yield Act(node.key_place(key), task, what)


def _calls(text: str) -> Iterator[tuple[int, str]]:
    for call in _CALL.finditer(text):
        literal = _LITERAL.match(call[1])
        plugin = word(literal[2]) if literal else ""
        if plugin in _ACTING:
            yield call.start(), f"The lookup `{plugin}` {_ACTING[plugin]} on this machine even in check mode"
        elif not literal:
            yield call.start(), "A lookup whose name is not written out may run a command even in check mode"
