"""The hosts of the Ansible inventory, as the program `ansible-inventory` resolves them.

The one source is inventory/hosts.yml, with the group_vars/ and host_vars/ beside it: the same that playbooks get.
Other files of the folder are no inventories here. ansible-core is run as a program and never imported.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast

from agent.errors import InputError, Place, Problem
from agent.intake import programs
from agent.intake.inventory_files import check, host_place, is_dynamic
from agent.intake.keeping import keep, recall
from agent.intake.wording import printable, problem, quote
from agent.model.policy import Host

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Generator, Iterator, Mapping

SOURCE = "inventory/hosts.yml"
SECONDS = 60.0
KEPT = 8  # inventories whose hosts stay
LEFT_OUT = frozenset({"exports", "__pycache__"})
NO_GROUPS = frozenset({"all", "ungrouped"})

_FAILED = re.compile(r"^\[WARNING\]: Failed to parse inventory with '(\w+)' plugin: (.+)$", re.MULTILINE)
_SHARED = re.compile(r"^\[WARNING\]: Found both group and host with same name: (.+)$", re.MULTILINE)
_ERROR = re.compile(r"^\[?ERROR\]?:? *!?:? *(.+)$", re.MULTILINE)


def hosts(root: Path, cache: Path) -> tuple[Host, ...]:
    """Give the hosts of a repository, by name; none where it has no inventory.

    What a script or a plugin lists is asked anew each time; anything else only when something under inventory/
    has changed.

    Raises:
        InputError: with what is wrong in the inventory, or what Ansible says of it.
    """
    with asked(root, cache) as answer:
        return answer()


@contextmanager
def asked(root: Path, cache: Path) -> Generator[Callable[[], tuple[Host, ...]]]:
    """Begin to ask for the hosts, and give how to have them: Ansible takes a second, in which others can be busy."""
    with ExitStack() as opened:
        try:
            answer = _begun(root, cache, opened)
        except InputError as error:
            answer = _refusing(error)
        yield answer


def _refusing(error: InputError) -> Callable[[], tuple[Host, ...]]:
    def answer() -> tuple[Host, ...]:
        raise error

    return answer


def _begun(root: Path, cache: Path, opened: ExitStack) -> Callable[[], tuple[Host, ...]]:
    source = root / SOURCE
    if not source.exists():
        return tuple
    program = programs.find("ansible-inventory")
    if not program:
        msg = "The program ansible-inventory is not there: it comes with ansible-core, which Driftbell installs."
        raise InputError(msg)
    kept = None if is_dynamic(source) else _kept(root / "inventory", program, cache)
    known = recall(kept) if kept else None
    if isinstance(known, dict):
        return lambda: _hosts(known)
    process = _start(root, program, opened)

    def answer() -> tuple[Host, ...]:
        listing = _listing(process, root)
        found = _hosts(listing)
        if kept:
            keep(kept, listing, newest=KEPT)
        return found

    return answer


def _kept(folder: Path, program: str, cache: Path) -> Path | None:
    """Give where the hosts of exactly these files are kept; nothing where a link leads to files we do not hash."""
    whole = hashlib.sha256(f"{program} {Path(program).stat().st_mtime_ns}".encode())
    for path in _files(folder):
        if path.is_symlink():
            return None
        content = path.read_bytes()
        name = os.fsencode(path.relative_to(folder))
        whole.update(b"%s\0%d %d\0%s" % (name, os.access(path, os.X_OK), len(content), content))
    return cache / f"inventory-{whole.hexdigest()}"


def _files(folder: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder):
        yield from (Path(parent, f) for f in folders if Path(parent, f).is_symlink())
        folders[:] = sorted(f for f in folders if f not in LEFT_OUT)
        yield from (Path(parent, f) for f in sorted(files) if Path(parent, f).is_file())


def _start(root: Path, program: str, opened: ExitStack) -> subprocess.Popen[bytes]:
    """Start `ansible-inventory --list` with an environment and a configuration of its own."""
    check(root)
    own = opened.enter_context(tempfile.TemporaryDirectory(prefix="driftbell-inventory-"))
    configuration = Path(own, "ansible.cfg")
    configuration.write_text("[inventory]\nany_unparsed_is_failed = True\n", encoding="utf-8")
    env = {
        "HOME": os.environ.get("HOME", own),
        "ANSIBLE_CONFIG": str(configuration),
        "ANSIBLE_HOME": own,
        "ANSIBLE_NOCOLOR": "1",
    }
    command = [program, "--inventory", str((root / SOURCE).absolute()), "--list"]
    return opened.enter_context(programs.begun(command, env=env, cwd=root))


def _listing(process: subprocess.Popen[bytes], root: Path) -> dict[str, object]:
    finished = programs.finish(process, SECONDS)
    problems = _complaints(finished, root)
    if problems:
        raise InputError(problems)
    return cast("dict[str, object]", json.loads(finished.out))


def _complaints(finished: programs.Finished, root: Path) -> list[Problem]:
    """Give what Ansible did not manage, or did while losing a host on the way."""
    if finished.late:
        return [Problem(Place(SOURCE), f"Ansible did not list the inventory within {SECONDS:g} seconds.")]
    if finished.code:
        reason = _reason(finished.err, root)
        return [Problem(Place(SOURCE), f"Ansible cannot read the inventory: {reason}.")]
    return [_shared(root, name) for name in _SHARED.findall(finished.err)]


def _shared(root: Path, name: str) -> Problem:
    """Say that Ansible cannot be told to touch this host alone: it takes the group for it."""
    sentence = f"{quote(name)} is the name of a host and of a group: give one of them another"
    return problem(host_place(root, name), sentence)


def _reason(said: str, root: Path) -> str:
    """Give the one line of Ansible's complaints that says most."""
    plugins = dict(_FAILED.findall(said))
    errors = _ERROR.findall(said)
    best = (
        plugins.get("auto" if "specifies unknown plugin" in said else "yaml") or (errors or ["it gave no reason"])[-1]
    )
    return printable(best.replace(f"{root.absolute()}/", "").strip().rstrip("."))[:300]


def _hosts(listing: Mapping[str, object]) -> tuple[Host, ...]:
    """Give the hosts of a listing, each with all the groups that hold it."""
    meta = cast("dict[str, dict[str, dict[str, object]]]", listing.get("_meta", {}))
    variables = meta.get("hostvars", {})
    groups = {name: cast("dict[str, list[str]]", group) for name, group in listing.items() if name != "_meta"}
    members = {name: _members(name, groups) for name in groups}
    names = sorted({*variables, *(host for held in members.values() for host in held)})
    return tuple(_host(name, variables.get(name, {}), members) for name in names)


def _members(name: str, groups: Mapping[str, dict[str, list[str]]]) -> set[str]:
    """Give all hosts of a group, those of its children included."""
    hosts_of: set[str] = set()
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        group = waiting.pop()
        if group not in seen:
            seen.add(group)
            hosts_of.update(groups.get(group, {}).get("hosts", ()))
            waiting += groups.get(group, {}).get("children", ())
    return hosts_of


def _host(name: str, variables: object, members: Mapping[str, set[str]]) -> Host:
    given = cast("dict[str, object]", _unwrapped(variables))
    groups = tuple(sorted(group for group, held in members.items() if name in held and group not in NO_GROUPS))
    canonical = json.dumps({"groups": groups, "variables": given}, sort_keys=True, separators=(",", ":"))
    return Host(name, groups, given, hashlib.sha256(canonical.encode()).hexdigest())


def _unwrapped(value: object) -> object:
    """Give texts that Ansible marks as unsafe as the texts they are; encrypted ones stay closed."""
    if isinstance(value, dict):
        if set(value) == {"__ansible_unsafe"}:
            return value["__ansible_unsafe"]
        return {key: _unwrapped(one) for key, one in value.items()}
    return [_unwrapped(one) for one in value] if isinstance(value, list) else value
