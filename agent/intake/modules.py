"""Whose modules and plugins a rehearsed playbook runs: only Ansible's own are known to keep still in check mode.

The names are those of ansible-core 2.17 to 2.19. Any other short name is one that Ansible would send on to a
collection, as it does with `ansible.builtin.ufw`.
Source: https://docs.ansible.com/ansible/latest/collections/ansible/builtin/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.errors import Place, Problem
from agent.intake.entries import BLOCKS, Act, action, entries, name, tasks
from agent.intake.playbooks import LEFT_OUT
from agent.intake.reach import word
from agent.intake.wording import ended, printable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from agent.intake.nodes import Node
    from agent.intake.reach import Reach

_OWN_NAMES = """
    add_host apt apt_key apt_repository assemble assert async_status blockinfile command copy cron deb822_repository
    debconf debug dnf dnf5 dpkg_selections expect fail fetch file find gather_facts get_url getent git group group_by
    hostname import_playbook import_role import_tasks include_role include_tasks include_vars iptables known_hosts
    lineinfile meta mount_facts package package_facts pause ping pip raw reboot replace rpm_key script service
    service_facts set_fact set_stats setup shell slurp stat subversion systemd systemd_service sysvinit tempfile
    template unarchive uri user validate_argument_spec wait_for wait_for_connection yum yum_repository
"""
_OWN = frozenset(_OWN_NAMES.split())
_KEYWORD_NAMES = """
    action any_errors_fatal args async become become_exe become_flags become_method become_user changed_when
    check_mode collections connection debugger delay delegate_facts delegate_to diff environment failed_when
    ignore_errors ignore_unreachable listen local_action loop loop_control module_defaults name no_log notify poll
    port register remote_user retries run_once tags throttle timeout until vars when
"""
_KEYWORDS = BLOCKS | frozenset(_KEYWORD_NAMES.split())
_FOLDERS = frozenset({"library", "module_utils", "collections"})
_KEEPERS = frozenset({".gitkeep", ".gitignore"})  # what holds a place for an empty folder in git


def foreign(node: Node) -> Iterator[Act]:
    """Give the tasks of a file whose module is not Ansible's own, and the collections that it looks in first."""
    for entry in tasks(node):
        for key, _ in entry.pairs():
            if key not in _KEYWORDS and not key.startswith("with_"):
                yield from _module(entry, key, word(key))
        for key in ("action", "local_action"):
            module, _, found = action(entry, key)
            if found is not None:
                yield from _module(entry, key, module)
    for holder in (node, *entries(node)):
        found = holder.get("collections")
        if found is not None and found.items():
            what = "`collections` puts the modules of others before Ansible's own, and they may act even in check mode"
            yield Act(holder.key_place("collections"), name(holder), what)


def _module(entry: Node, key: str, module: str) -> Iterator[Act]:
    if module in _OWN:
        return
    what = f"The module `{printable(module)}` is not Ansible's own and may act even in check mode"
    if not module or "{" in module:
        what = "A module whose name is not written out may act even in check mode"
    yield Act(entry.key_place(key), name(entry), what)


def plugins(found: Reach, policy: str) -> Iterator[Problem]:
    """Say which folders hold code that Ansible would load for a playbook, beside it or in its roles."""
    for home in sorted(found.homes):
        for folder in sorted(home.iterdir()):
            if (folder.name in _FOLDERS or folder.name.endswith("_plugins")) and _holds_something(folder):
                what = "Ansible runs the code in this folder even in check mode"
                mend = f"and the policy {policy} only rehearses a playbook that would load it: take it out"
                yield Problem(Place(printable(found.playbooks.name(folder))), ended(f"{what}, {mend}"))


def _holds_something(folder: Path) -> bool:
    return folder.is_dir() and any(
        path.is_symlink() or not path.is_dir()
        for path in folder.rglob("*")
        if path.name not in _KEEPERS and not LEFT_OUT.intersection(path.relative_to(folder).parts)
    )
