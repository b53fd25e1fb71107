"""One host as this machine sees it: its folder, its control group, its processes.

A host's processes are all in a control group of its own, and are found by it alone: no pid is kept anywhere, so a lab
can be handled, and taken down, by a process that did not start it.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.lab import network
from tests.lab.commands import LabError, attempt, tool, wait_until
from tests.lab.registry import HOME

CGROUPS = Path("/sys/fs/cgroup")
# Into the control groups (the arguments before "--"), then the container in place of this shell.
LAUNCH = 'while [ "$1" != -- ]; do echo $$ > "$1/cgroup.procs"; shift; done; shift; exec "$@"'
NSPAWN = (
    "systemd-nspawn", "--quiet", "--boot", "--register=no", "--keep-unit", "--link-journal=no", "--resolv-conf=off",
    "--timezone=off", "--console=read-only", "--capability=CAP_NET_ADMIN",  # root of a server may set ip_forward
)  # fmt: skip
# /tmp on the host's disk, as Debian has it (a full disk is full there, too); /proc/sys/net writable, as on a server.
SETTINGS = {"SYSTEMD_NSPAWN_TMPFS_TMP": "0", "SYSTEMD_NSPAWN_API_VFS_WRITABLE": "network"}


@dataclass(frozen=True, slots=True)
class Container:
    """The parts of host `index` of a lab on this machine."""

    lab: str
    index: int

    @property
    def disk(self) -> Path:
        """The folder of the host's own tmpfs, which limits what it can write."""
        return HOME / self.lab / str(self.index)

    @property
    def root(self) -> Path:
        """The host's root folder."""
        return self.disk / "root"

    @property
    def upper(self) -> Path:
        """What the host has changed against the base, as overlayfs keeps it."""
        return self.disk / "upper"

    @property
    def console(self) -> Path:
        """What the host said while it booted."""
        return self.disk.with_suffix(".console")

    def mount(self, lower: Path, megabytes: int) -> None:
        """Make the host's disk and lay its root over the base."""
        self.disk.mkdir(parents=True)
        tool("mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0700", "driftbell-lab", self.disk)
        for folder in (self.upper, self.disk / "work", self.root):
            folder.mkdir()
        layers = f"lowerdir={lower},upperdir={self.upper},workdir={self.disk / 'work'}"
        tool("mount", "-t", "overlay", "-o", layers, "driftbell-lab", self.root)

    def resize(self, size: int) -> bool:
        """Give the host's disk another size in bytes; False where more than that is in use."""
        return attempt("mount", "-o", f"remount,size={size}", self.disk).returncode == 0

    def launch(self, hostname: str) -> subprocess.Popen[bytes]:
        """Start the host's systemd; it outlives this process unless it is taken down."""
        for group in self._groups():
            group.mkdir()
        name = network.namespace(self.lab, self.index)
        words = [*NSPAWN, f"--directory={self.root}", f"--machine={name}", f"--hostname={hostname}"]
        words.append(f"--network-namespace-path={network.NAMESPACES / name}")
        with self.console.open("wb") as console:
            return subprocess.Popen(
                ["/bin/sh", "-c", LAUNCH, "sh", *map(str, self._groups()), "--", *words],
                stdin=subprocess.DEVNULL, stdout=console, stderr=console, start_new_session=True,
                env={**os.environ, **SETTINGS},
            )  # fmt: skip

    def pids(self, name: str = "") -> list[int]:
        """Return the host's processes, on request only those whose name starts with `name`."""
        listed = {pid for group in self._groups() for pid in _members(group)}
        return sorted(pid for pid in listed if _comm(pid).startswith(name))

    def leader(self) -> int:
        """Return the pid of the host's systemd on this machine; LabError when it does not run."""
        for pid in self.pids("systemd"):
            if _is_first(pid):
                return pid
        msg = f"Host {self.index} of lab {self.lab} does not run. {self.last_words()}"
        raise LabError(msg)

    def last_words(self) -> str:
        """Return the end of what the host said while it booted, as a sentence."""
        said = self.console.read_text(encoding="utf-8", errors="replace") if self.console.exists() else ""
        return f"Its console ended with: {said[-1000:] or 'nothing'}"

    def stop(self, name: str) -> None:
        """Stop every process called `name` (SIGSTOP), those that appear meanwhile included."""

        def all_stopped() -> bool:
            running = [pid for pid in self.pids(name) if _state(pid) not in "TZX"]
            _signal(running, signal.SIGSTOP)
            return not running

        wait_until(all_stopped, 10, f"all {name} processes of host {self.index} are stopped")

    def resume(self, name: str) -> None:
        """Let the processes that `stop` stopped go on."""
        _signal(self.pids(name), signal.SIGCONT)

    def kill(self, name: str = "") -> None:
        """End the host's processes, on request only those whose name starts with `name`."""

        def all_gone() -> bool:
            left = [pid for pid in self.pids(name) if _state(pid) not in "ZX"]
            _signal(left, signal.SIGKILL)
            return not left

        wait_until(all_gone, 30, f"the {name or 'processes'} of host {self.index} of lab {self.lab} are gone")

    def remove(self) -> None:
        """Take everything of the host off this machine; what is not there is passed over."""
        self.kill()
        network.leave(self.lab, self.index)
        for place in (self.root, self.disk):
            _unmount(place)
        for group in self._groups():
            _remove_group(group)
        # nspawn clears these itself, unless it was killed before it could.
        shutil.rmtree(f"/run/systemd/nspawn/propagate/{network.namespace(self.lab, self.index)}", ignore_errors=True)
        shutil.rmtree(self.disk, ignore_errors=True)
        self.console.unlink(missing_ok=True)

    def _groups(self) -> list[Path]:
        return [top / str(self.index) for top in control_groups(self.lab)]


def control_groups(lab: str) -> list[Path]:
    """Return the lab's control groups: one in each hierarchy that systemd uses on this machine."""
    mixed = [CGROUPS / name for name in ("unified", "systemd") if (CGROUPS / name / "cgroup.procs").exists()]
    return [top / f"driftbell-lab-{lab}" for top in mixed or [CGROUPS]]


def indexes(lab: str) -> list[int]:
    """Return the hosts of which anything is left on this machine."""
    places = [HOME / lab, *control_groups(lab)]
    named = {path.name for place in places if place.is_dir() for path in place.iterdir() if path.is_dir()}
    prefix = network.namespace(lab, 0).removesuffix("0")
    named |= {path.name.removeprefix(prefix) for path in network.NAMESPACES.glob(f"{prefix}*")}
    return sorted(int(name) for name in named if name.isdecimal())


def remove_groups(lab: str) -> None:
    """Remove the lab's own control groups, which hold those of its hosts."""
    for group in control_groups(lab):
        _remove_group(group)


def _members(group: Path) -> set[int]:
    found: set[int] = set()
    for folder, _, _ in os.walk(group):
        try:
            found |= {int(pid) for pid in Path(folder, "cgroup.procs").read_text(encoding="utf-8").split()}
        except OSError:  # the group went away while we looked, and its processes with it
            continue
    return found


def _status(pid: int) -> dict[str, str]:
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace").splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return {}
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def _comm(pid: int) -> str:
    return _status(pid).get("Name", "")


def _state(pid: int) -> str:
    return _status(pid).get("State", "X")[0]


def _is_first(pid: int) -> bool:
    *outer, inner = _status(pid).get("NSpid", "0").split()
    return bool(outer) and inner == "1"


def _signal(pids: list[int], number: int) -> None:
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue


def _unmount(place: Path) -> None:
    # A process that is just ending may hold it for a moment longer.
    wait_until(lambda: not place.is_mount() or _freed(place), 20, f"{place} is unmounted")


def _freed(place: Path) -> bool:
    attempt("umount", place)
    return not place.is_mount()


def _remove_group(group: Path) -> None:
    def gone() -> bool:
        for folder, _, _ in os.walk(group, topdown=False):
            try:
                Path(folder).rmdir()
            except OSError:  # its last process is still on the way out
                return False
        return not group.exists()

    wait_until(gone, 20, f"{group} is removed")
