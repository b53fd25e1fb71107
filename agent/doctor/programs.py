"""The programs that Driftbell starts: git, ssh, Ansible, and the collections that the playbooks name."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import yaml

from agent.doctor.word import broken, ok, unknown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from agent.doctor.word import Word

Find = Callable[[str], str]  # gives a program's path, or an empty text
SECONDS = 60
_BUILTIN = "ansible.builtin"
_HOLDERS = ("tasks", "pre_tasks", "post_tasks", "handlers", "block", "rescue", "always")
_MODULE = re.compile(r"([a-z_][a-z0-9_]*\.[a-z_][a-z0-9_]*)(\.[a-z_][a-z0-9_]*)+")


def git(find: Find) -> Sequence[Word]:
    """Say whether git is there."""
    said = _said(find("git"), "--version")
    if said:
        return ok("git", f"{said}.")
    return broken("git", "There is no git, which says which policies were read.", "sudo apt install git")


def ssh(find: Find) -> Sequence[Word]:
    """Say whether the ssh client is there, which Ansible reaches other machines with."""
    said = _said(find("ssh"), "-V")
    if said:
        return ok("ssh", f"{said.partition(',')[0]}.")
    return broken("ssh", "There is no ssh, so playbooks reach no other machine.", "sudo apt install openssh-client")


def ansible(find: Find, wanted: str) -> Sequence[Word]:
    """Say whether ansible-playbook is there, in a version of the range that we were installed with (`>=2.19,<2.20`)."""
    path = find("ansible-playbook")
    mend = f"pip install 'ansible-core{wanted}'    (into the environment that driftbell stands in)"
    if not path:
        return broken("ansible", "There is no ansible-playbook, so nothing can be repaired.", mend)
    said = _said(path, "--version")
    version = re.search(r"core (\d+(?:\.\d+)*)", said)
    if version is None:
        return broken("ansible", f"{path} does not say its version.", mend)
    if not _within(version[1], wanted):
        return broken("ansible", f"ansible-core {version[1]} at {path}; tested is {wanted}.", mend)
    return ok("ansible", f"ansible-core {version[1]} at {path}.")


def testinfra(lack: str) -> Sequence[Word]:
    """Say whether the district's own tests (`verify` in a policy) can be run here; `lack` is why not, or nothing."""
    if not lack:
        return ok("second opinion", "pytest-testinfra is there, and this kernel confines the tests (Landlock).")
    mend = "pip install 'driftbell[verify]'    (into the environment that driftbell stands in)"
    if "pip" not in lack:
        mend = ("Use a newer kernel" if "kernel" in lack else "Move it") + ", or take `verify` out"
    return broken("second opinion", lack, mend)


def _said(path: str, option: str) -> str:
    """Give the first line that a program says of itself, or nothing where it cannot be started."""
    if not path:
        return ""
    try:
        done = subprocess.run([path, option], capture_output=True, timeout=SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    lines = (done.stdout or done.stderr).decode(errors="replace").strip().splitlines()
    return lines[0].strip() if lines and done.returncode == 0 else ""


def _within(version: str, wanted: str) -> bool:
    def parts(text: str) -> tuple[int, ...]:
        return tuple(int(p) for p in text.split("."))

    have = parts(version)
    for sign, bound in re.findall(r"(>=|<)\s*(\d+(?:\.\d+)*)", wanted):
        if (have < parts(bound)) == (sign == ">="):
            return False
    return True


def collections(root: Path, find: Find) -> Sequence[Word]:
    """Say which Ansible collections the playbooks name that are not installed."""
    named = sorted(set(_named(root / "playbooks")) - {_BUILTIN})
    if not named:
        return ok("collections", "The playbooks use nothing but ansible.builtin.")
    have = _installed(root, find)
    if have is None:
        return unknown("collections", f"ansible-galaxy does not list what is installed; used: {', '.join(named)}.")
    missing = [n for n in named if n not in have]
    if not missing:
        return ok("collections", f"Installed: {', '.join(named)}.")
    return broken(
        "collections",
        f"The playbooks use {', '.join(missing)}, which {'is' if len(missing) == 1 else 'are'} not installed.",
        f"ansible-galaxy collection install {' '.join(missing)}",
    )


def _installed(root: Path, find: Find) -> set[str] | None:
    path = find("ansible-galaxy")
    if not path:
        return None
    command = [path, "collection", "list", "--format", "json"]
    try:
        done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False, cwd=root / "playbooks")
        listed = json.loads(done.stdout or b"{}")
    except (OSError, subprocess.TimeoutExpired, ValueError):
        return None
    return {name for folder in listed.values() for name in folder}


class _Loader(yaml.CSafeLoader):
    """YAML as Ansible has it: a tag of its own (`!vault`) is a value like any other."""


_Loader.add_multi_constructor("!", lambda _loader, _tag, _node: None)


def _named(folder: Path) -> Iterator[str]:
    """Give the collections whose modules stand in tasks below a folder."""
    for path in sorted([*folder.rglob("*.yml"), *folder.rglob("*.yaml")]):
        try:
            content = yaml.load(path.read_bytes(), _Loader)  # ruff: ignore[unsafe-yaml-load] - a safe loader
        except (OSError, yaml.YAMLError):
            continue  # what is wrong with it, `validate` says
        yield from _modules(content)


def _modules(entries: Any) -> Iterator[str]:  # ruff: ignore[any-type] - YAML as it stands in the file
    for entry in entries if isinstance(entries, list) else ():
        if not isinstance(entry, dict):
            continue
        for key in map(str, entry):
            match = _MODULE.fullmatch(key)
            if match:
                yield match[1]
        for holder in _HOLDERS:
            yield from _modules(entry.get(holder))
