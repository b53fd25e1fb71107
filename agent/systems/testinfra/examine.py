"""Runs the district's own modules over hosts that were changed: see cell.py for what they may not do.

The modules are copied out of the repository after it was made sure that they are what was loaded. A guardian
(systems/ansible/guardian.py) sees to it that nothing of a run outlives it, or the agent.
"""

from __future__ import annotations

import getpass
import hashlib
import json
import os
import pwd
import subprocess
import sys
import sysconfig
import time
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from agent.model.opinion import Opinion
from agent.systems.ansible import guardian
from agent.systems.ansible.cleaning import Cleaner, known, secret_values
from agent.systems.ansible.folder import opened, write
from agent.systems.ansible.ssh import write_ssh
from agent.systems.testinfra import answers, cell, keys
from agent.systems.testinfra.way import ways

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from agent.model.policy import Repository
    from agent.model.ports import Clearance
    from agent.settings import Settings
    from agent.systems.ansible.folder import Folder
    from agent.systems.testinfra.way import Ways

_LEAST, _PER_HOST = 120.0, 20.0  # seconds that a run may take
_TICK = 0.1
_SEARCH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_SYSTEM = ("/usr", "/lib", "/lib64", "/bin", "/sbin", "/proc", "/dev/urandom", "/dev/random", "/dev/zero")
_ETC = (  # what programs need to know of this machine, and nothing of what is kept in /etc beside it
    *("passwd", "group", "nsswitch.conf", "resolv.conf", "hosts", "host.conf", "gai.conf", "services", "protocols"),
    *("localtime", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "alternatives", "ssl/openssl.cnf", "crypto-policies"),
)


@dataclass(frozen=True, slots=True)
class ModuleExaminer:
    """Runs pytest-testinfra modules. Implements model.opinion.Examiner."""

    settings: Settings

    def lack(self) -> str:
        """Say in a sentence why no module can be run on this server, or give nothing."""
        if find_spec("testinfra") is None or find_spec("pytest") is None:
            return "pytest-testinfra is not installed: pip install 'driftbell[verify]'."
        if not cell.version():
            return "This kernel has no Landlock (Linux 5.13), so nothing would keep tests from changing this server."
        vault = self.settings.ansible.vault_password_file
        return keys.exposed([_home() / ".ssh", self.settings.state, *([Path(vault)] if vault else [])], _readable())

    def examine(
        self, repository: Repository, modules: Sequence[str], resources: Sequence[str], clearance: Clearance
    ) -> Mapping[str, Opinion]:
        """Run modules on exactly these hosts."""
        why = self.lack().rstrip(".") or clearance.stopped() or _moved(repository, modules)
        if why:
            return {resource: Opinion(f"could not run: {why}") for resource in resources}
        names = {host.name: host.id for host in repository.hosts if host.id in resources}
        try:
            found = self._run(repository, modules, names, clearance)
        except OSError as error:
            why = f"could not run: the run could not be prepared: {error.strerror or error}"
            found = {name: Opinion(why) for name in names}
        missing = {resource: Opinion("could not run: the inventory has no such host") for resource in resources}
        return missing | {names[name]: opinion for name, opinion in found.items()}

    def _run(
        self, repository: Repository, modules: Sequence[str], names: Mapping[str, str], clearance: Clearance
    ) -> dict[str, Opinion]:
        hosts = [host for host in repository.hosts if host.name in names]
        with opened(self.settings.state / "runs") as folder:
            root, me = Path(repository.root), getpass.getuser()
            secret = keys.writing(repository.hosts, root, me, _home())
            if exposed := keys.exposed(secret, _readable()):
                return {name: Opinion(f"could not run: {exposed.rstrip('.')}") for name in names}
            way = ways(hosts, root, me, secret, folder.control)
            refused = {name: Opinion(f"could not run: {why}") for name, why in way.refused.items()}
            asked = [name for name in names if name not in refused]
            if not asked:
                return refused
            command = _prepared(folder, repository, modules, way, self.settings.known_hosts)
            cut = _watched(folder, command, clearance, max(_LEAST, _PER_HOST * len(asked)))
            secrets = {text for host in repository.hosts for text in secret_values(host.variables)}
            cleaner = Cleaner(known(secrets), (f"{folder.alias}/", f"{folder.private}/"))
            said = answers.parsed(_text(folder.private / "answers"))
            return refused | answers.opinions(said, asked, cut, lambda text: cleaner.line(text, answers.LONGEST))


def _home() -> Path:
    """Give the home of this account, whatever the environment says."""
    return Path(pwd.getpwuid(os.geteuid()).pw_dir)


def _readable() -> tuple[Path, ...]:
    """Give what every test has to read on this server."""
    python = {sys.prefix, sys.base_prefix, *sysconfig.get_paths().values()}
    return tuple(map(Path, (*_SYSTEM, *(f"/etc/{name}" for name in _ETC), *python, cell.__file__)))


def digest_of(path: Path) -> str:
    """Give the sha256 of a module."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _moved(repository: Repository, modules: Sequence[str]) -> str:
    """Say which module is no longer what was loaded, or give nothing."""
    for name in modules:
        path = Path(repository.root, name)
        try:
            same = not path.is_symlink() and digest_of(path) == repository.modules.get(name)
        except OSError:
            same = False
        if not same:
            return f"{name} changed since it was loaded"
    return ""


def _prepared(
    folder: Folder, repository: Repository, modules: Sequence[str], way: Ways, known_hosts: Path
) -> list[str]:
    """Lay out the cell, and give the command that runs in it."""
    private, alias = folder.private.resolve(), folder.alias
    (private / "home").mkdir(mode=0o700)
    copies = [_copied(private, repository, name) for name in modules]
    write(private / "pytest.ini", "[pytest]\n")
    write(private / "way", way.config)
    write(private / "answers", "")
    write_ssh(private, alias, known_hosts, _SEARCH)
    arguments = ["-q", "-p", "testinfra.plugin", "-p", "no:cacheprovider", "--import-mode=importlib", "--noconftest"]
    arguments += ["-c", f"{private}/pytest.ini", f"--rootdir={private}", f"--basetemp={private}/basetemp"]
    arguments += [f"--ssh-config={alias}/way", f"--hosts={','.join(way.specs)}", *copies]
    inside = {
        "read": sorted(map(str, (*_readable(), known_hosts, *way.keys))),
        "write": [str(private), str(folder.short), "/dev/null"],
        "answers": str(private / "answers"),
        "arguments": arguments,
    }
    write(private / "cell", json.dumps(inside))
    return [sys.executable, "-I", "-B", cell.__file__, str(private / "cell")]


def _copied(private: Path, repository: Repository, name: str) -> str:
    """Copy a module, as it was loaded, into a folder of its own."""
    content = Path(repository.root, name).read_bytes()
    if hashlib.sha256(content).hexdigest() != repository.modules.get(name):
        raise OSError(0, f"{name} changed since it was loaded")
    copy = private / name
    copy.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    copy.write_bytes(content)
    return str(copy)


def _environment(folder: Folder) -> dict[str, str]:
    """Give all of the environment that tests get: no secret of ours, no home of ours."""
    return {
        "HOME": str(folder.private / "home"),
        "TMPDIR": str(folder.private / "tmp"),
        "PATH": f"{folder.alias}/bin:{_SEARCH}",
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "TERM": "dumb",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        guardian.MARK: folder.mark,
    }


def _watched(folder: Folder, command: Sequence[str], clearance: Clearance, limit: float) -> str:
    """Run it under a guardian, to its end or until it is stopped; says why not every test was run, if so."""
    leash = os.open(folder.path / "leash", os.O_RDWR)
    words = [sys.executable, "-I", "-S", guardian.__file__, str(folder.path), *command]
    try:
        with (folder.private / "said").open("wb") as said, subprocess.Popen(
            words, env=_environment(folder), cwd=folder.private, stdin=subprocess.DEVNULL, stdout=said, stderr=said,
            start_new_session=True,
        ) as process:  # fmt: skip
            os.write(leash, b"G")
            cut = _until_ended(process, leash, clearance, time.monotonic() + limit, limit)
    finally:
        os.close(leash)
        guardian.end_marked(folder.mark, str(folder.control))
    return cut or _why_ended(process.returncode, _text(folder.private / "said"))


def _until_ended(process: subprocess.Popen[bytes], leash: int, clearance: Clearance, end: float, limit: float) -> str:
    cut = ""
    while process.poll() is None:
        now = time.monotonic()
        if not cut:
            cut = clearance.stopped() or (f"the time limit of {limit:g} s was reached" if now > end else "")
            if cut:
                os.write(leash, b"S")
                end = now + guardian.GIVE_UP
        elif now > end:
            process.kill()
        with suppress(subprocess.TimeoutExpired):
            process.wait(_TICK)
    return cut


_SAYS_ALL = frozenset({0, 1, 5})  # pytest: all passed, some failed, no tests


def _why_ended(code: int, said: str) -> str:
    lines = said.strip().splitlines()
    if code in _SAYS_ALL:
        return ""
    if code == cell.NO_CELL:
        return f"the tests could not be confined: {lines[-1] if lines else 'the kernel gave no reason'}"
    return f"pytest ended with {code}: {lines[-1][:200] if lines else 'without a word'}"


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
