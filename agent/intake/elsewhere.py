"""What makes a playbook act elsewhere than on the host it was started for.

A remedy is approved, counted and capped by host: what reaches another one goes around all of that.
Sources: https://docs.ansible.com/ansible/latest/playbook_guide/playbooks_delegation.html and
https://docs.ansible.com/ansible/latest/reference_appendices/special_variables.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from agent.intake.entries import Act, action, name
from agent.intake.reach import word

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.intake.nodes import Node

_KEYWORDS = {
    "delegate_to": "sends this to another host",
    "delegate_facts": "gives another host its facts",
    "local_action": "acts on this machine in place of the host",
    "connection": "chooses how hosts are reached, which is for the inventory to do",
    "port": "chooses how hosts are reached, which is for the inventory to do",
    "remote_user": "chooses how hosts are reached, which is for the inventory to do",
    "vars_prompt": "asks a question that nobody is there to answer",
}
_MODULES = {
    "add_host": "makes up hosts that no policy was asked about",
    "group_by": "makes up groups that no policy was asked about",
}
_FREE = frozenset({
    "set_fact",
    "include_tasks",
    "import_tasks",
    "include_role",
    "import_role",
    "import_playbook",
})  # whose arguments may be variables, `name=value` on one line
_STEERING = re.compile(r"ansible_(?:host|connection|port|user|(?:ssh|paramiko)_\w+)")
_ASSIGNED = re.compile(rf"\b({_STEERING.pattern})\s*=")


def acts(entry: Node) -> Iterator[Act]:
    """Give what leads elsewhere in one entry, leaving the entries in it to themselves."""
    task = name(entry)
    yield from _keywords(entry, task)
    yield from steering(entry, task)  # a role's parameters are variables
    for key in ("action", "local_action"):
        module, rest, node = action(entry, key)
        if node is not None:
            yield from _module(entry, key, module, task)
            yield from _facts(node, rest, module, task)
    for key, value in entry.pairs():
        yield from _module(entry, key, word(key), task)
        yield from _facts(value, value.text() or "", word(key), task)
        apply = value.get("apply")  # of include_tasks and include_role: keywords for what they include
        if apply is not None:
            yield from _keywords(apply, task)
            yield from _variables(apply, task)
    yield from _variables(entry, task)


def steering(variables: Node, task: str = "") -> Iterator[Act]:
    """Give the variables of a mapping that decide which machine is reached, and how."""
    for key, _ in variables.pairs():
        if _STEERING.fullmatch(key):
            yield Act(variables.key_place(key), task, f"The variable `{key}` {_KEYWORDS['connection']}")


def _keywords(entry: Node, task: str) -> Iterator[Act]:
    for key, what in _KEYWORDS.items():
        if entry.get(key) is not None:
            yield Act(entry.key_place(key), task, f"`{key}` {what}")


def _module(entry: Node, key: str, module: str, task: str) -> Iterator[Act]:
    if module in _MODULES:
        yield Act(entry.key_place(key), task, f"`{module}` {_MODULES[module]}")


def _variables(entry: Node, task: str) -> Iterator[Act]:
    """Give the steering variables that an entry sets: its own, a loop's, a result's, and a fact's by default."""
    variables = entry.get("vars")
    for one in (variables, *variables.items()) if variables else ():
        yield from steering(one, task)
    looping = entry.get("loop_control")
    for holder, key in ((entry, "register"), (looping, "loop_var"), (looping, "index_var")):
        value = holder.get(key) if holder else None
        if value is not None and _STEERING.fullmatch(value.text() or ""):
            yield Act(value.place, task, f"The variable `{value.text()}` {_KEYWORDS['connection']}")
    defaults = entry.get("module_defaults")
    arguments = entry.get("args")
    if arguments is not None:
        yield from steering(arguments, task)
    for key, value in defaults.pairs() if defaults else ():
        yield from _facts(value, "", word(key), task)


def _facts(arguments: Node, line: str, module: str, task: str) -> Iterator[Act]:
    """Give the steering variables among a module's arguments, where those are variables."""
    if module not in _FREE:
        return
    yield from steering(arguments, task)
    for found in _ASSIGNED.finditer(line):
        yield Act(arguments.place, task, f"The variable `{found[1]}` {_KEYWORDS['connection']}")
    for key, _ in arguments.pairs():
        if module == "set_fact" and "{{" in key:
            what = "A fact whose name is not written out may choose how hosts are reached"
            yield Act(arguments.key_place(key), task, what)
