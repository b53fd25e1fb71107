"""A lab: hosts that belong together, from the first bridge to the last unmount."""

from __future__ import annotations

import os
import re
import secrets
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from ipaddress import IPv4Network
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from tests.lab import client, network, registry
from tests.lab.base import base
from tests.lab.commands import LabError, attempt, tool
from tests.lab.container import Container, control_groups, indexes, remove_groups
from tests.lab.host import USER, Host, make_host_key

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from tests.lab.registry import Record

NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
AT_ONCE = 8  # hosts that are made at a time; more only wait for the same cores
INSTANCES = Path("/proc/sys/fs/inotify/max_user_instances")
ENOUGH = 4096  # with the usual 128, hosts past the 15th come up degraded


class Lab:
    """Hosts on a network of their own: a context manager; `boot` adds hosts, leaving takes everything down."""

    def __init__(self, *, disk_mb: int = 256, lower: Path | None = None) -> None:
        """Prepare a lab whose hosts have disks of `disk_mb` megabytes (memory is used only for what is written).

        `lower` is another root folder in place of the cached base.
        """
        self._lower = lower
        self.disk_mb = disk_mb
        self.hosts: tuple[Host, ...] = ()
        self._containers: dict[Host, subprocess.Popen[bytes]] = {}
        self._last = 0
        self._record: Record | None = None

    def __enter__(self) -> Self:
        """Take down labs whose owner died, then make this one's network and keys."""
        _raise_limits()
        self._lower = self._lower or base()
        with registry.locked():
            _clear_abandoned()
            self._record = registry.register()
        try:
            self.folder.mkdir(mode=0o700)
            for group in control_groups(self.id):
                group.mkdir()
            network.create(self.id, self._block)
            tool("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", f"lab-{self.id}", "-f", self.key)
            (self.folder / "known_hosts").touch()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Take everything down, unless it was detached."""
        if self._record and self._record.owner:
            self.close()

    @property
    def id(self) -> str:
        """The name of the lab: everything it makes carries it."""
        if self._record is None:
            msg = "This lab has not been entered, or was taken down: use it as `with Lab() as lab:`."
            raise LabError(msg)
        return self._record.id

    @property
    def folder(self) -> Path:
        """The lab's folder: key, known_hosts, ssh_config; it goes away with the lab."""
        return registry.HOME / self.id

    @property
    def key(self) -> Path:
        """The private key that every host of the lab accepts for `admin` and `root`."""
        return self.folder / "id_ed25519"

    @property
    def known_hosts(self) -> Path:
        """A known_hosts file with the keys that the hosts had when they were made."""
        return self.folder / "known_hosts"

    @property
    def ssh_config(self) -> Path:
        """A configuration for `ssh -F` that knows every host by name and by address."""
        return self.folder / "ssh_config"

    def boot(self, hosts: int | Sequence[str] = 1, *, behind: Host | None = None) -> list[Host]:
        """Boot so many hosts (named host1, host2, ...) or hosts of these names, on request only reached through one.

        Returns when all of them have booted; LabError, and none of them left, when one does not.
        """
        names = self._free_names(hosts) if isinstance(hosts, int) else _checked(hosts, self.hosts)
        if len(names) + len(self.hosts) > network.LAST_INDEX:
            msg = f"A lab has addresses for {network.LAST_INDEX} hosts, not for {len(names) + len(self.hosts)}."
            raise LabError(msg)
        if behind is not None:
            network.join_inner(self.id, self._block, behind.container.index)
        made = [self._plan(name, behind) for name in names]
        try:
            _side_by_side(self._start, made)
        except BaseException:
            self.remove(made)
            raise
        self.hosts += tuple(made)
        self._describe(made)
        return made

    def remove(self, hosts: Iterable[Host]) -> None:
        """Take hosts down, and everything of theirs off this machine."""
        going = list(hosts)
        _side_by_side(lambda host: host.container.remove(), going)
        for host in going:
            if process := self._containers.pop(host, None):
                process.wait()
        self.hosts = tuple(host for host in self.hosts if host not in going)

    def close(self) -> None:
        """Take the whole lab down."""
        take_down(self.id)
        for process in self._containers.values():
            process.wait()
        self.hosts, self._containers, self._record = (), {}, None

    def detach(self) -> None:
        """Let the lab stay when this process ends, until `python -m tests.lab down ID` or a restart of the machine."""
        self._record = replace(self._owned, owner=0, born="")
        registry.write(self._record)

    def inventory(
        self,
        hosts: Iterable[Host] | None = None,
        groups: Mapping[str, Iterable[Host]] | None = None,
        vars: Mapping[str, Mapping[str, Any]] | None = None,  # ruff: ignore[builtin-argument-shadowing]  as Ansible
    ) -> dict[str, Any]:
        """Return an Ansible inventory of all or of these hosts; `vars` by name of a host, a group, or `all`."""
        chosen = self.hosts if hosts is None else tuple(hosts)
        return client.inventory(chosen, groups or {}, vars or {}, key=self.key, ssh_config=self.ssh_config)

    def write_inventory(
        self,
        path: Path,
        hosts: Iterable[Host] | None = None,
        groups: Mapping[str, Iterable[Host]] | None = None,
        vars: Mapping[str, Mapping[str, Any]] | None = None,  # ruff: ignore[builtin-argument-shadowing]  as Ansible
    ) -> Path:
        """Write the inventory as YAML to `path`, and return that path."""
        path.write_text(client.as_yaml(self.inventory(hosts, groups, vars)), encoding="utf-8")
        return path

    def ssh(
        self, host: Host, *command: str, user: str = USER, options: Sequence[str] = (), timeout: float = 60
    ) -> subprocess.CompletedProcess[str]:
        """Run a command over SSH with the system's client, strict about host keys; the exit code is not checked."""
        words = ["ssh", "-F", str(self.ssh_config), *options, "-l", user, host.address, *command]
        return attempt(*words, timeout=timeout)

    @property
    def _owned(self) -> Record:
        if self._record is None:
            msg = "This lab was taken down."
            raise LabError(msg)
        return self._record

    @property
    def _block(self) -> IPv4Network:
        return IPv4Network(self._owned.block)

    def _free_names(self, count: int) -> list[str]:
        taken = {host.name for host in self.hosts}
        return [name for name in (f"host{n}" for n in range(1, count + len(taken) + 1)) if name not in taken][:count]

    def _plan(self, name: str, behind: Host | None) -> Host:
        # An index, and so an address, comes again only after a thousand hosts: clients keep connections by address.
        taken = {host.container.index for host in self.hosts}
        self._last = next(n for n in _around(self._last) if n not in taken)
        address = network.address(self._block, self._last, inner=behind is not None)
        container = Container(self.id, self._last)
        return Host(name, str(address), secrets.token_hex(16), container, self._block, self.disk_mb, behind)

    def _start(self, host: Host) -> None:
        host.container.mount(self._lower or base(), host.disk_mb)
        _make_identity(host, self.key.with_suffix(".pub").read_text(encoding="utf-8"))
        network.join(self.id, self._block, host.container.index, inner=host.behind is not None)
        self._containers[host] = host.container.launch(host.name)
        host.wait_until_booted(self._containers[host].poll)

    def _describe(self, new: Iterable[Host]) -> None:
        with self.known_hosts.open("a", encoding="utf-8") as file:
            file.writelines(f"{host.address} {host.host_key}\n" for host in new)
        self.ssh_config.write_text(client.ssh_config(self.hosts, self.key, self.known_hosts), encoding="utf-8")


def take_down(identity: str) -> None:
    """Take a lab off this machine, by its name alone: whichever process made it, and however far it got."""
    _side_by_side(lambda index: Container(identity, index).remove(), indexes(identity))
    network.remove(identity)
    remove_groups(identity)
    if (registry.HOME / identity).exists():
        shutil.rmtree(registry.HOME / identity)
    registry.forget(identity)


def _clear_abandoned() -> None:
    for record in registry.records():
        if record.abandoned:
            take_down(record.id)


def _raise_limits() -> None:
    if int(INSTANCES.read_text(encoding="utf-8")) < ENOUGH:
        INSTANCES.write_text(str(ENOUGH), encoding="utf-8")


def _side_by_side(work: Callable[[Any], object], items: Sequence[Any]) -> None:
    """Do `work` for every item; the first error comes up once all have ended."""
    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        for task in [pool.submit(work, item) for item in items]:
            task.result()


def _around(last: int) -> Iterable[int]:
    return [*range(last + 1, network.LAST_INDEX + 1), *range(1, last + 1)]


def _checked(names: Sequence[str], there: Iterable[Host]) -> list[str]:
    taken = {host.name for host in there}
    for name in names:
        if not NAME.fullmatch(name) or name in taken:
            msg = f"{name!r} cannot be a host's name here: it is taken, or more than small letters, digits and dashes."
            raise LabError(msg)
        taken.add(name)
    return list(names)


def _make_identity(host: Host, public_key: str) -> None:
    for name, content in {
        "etc/machine-id": f"{host.machine_id}\n",
        "etc/hostname": f"{host.name}\n",
        "etc/hosts": f"127.0.0.1 localhost\n127.0.1.1 {host.name}\n",
    }.items():
        host.path(name).write_text(content, encoding="utf-8")
    for home, owner in (("home/admin", 1000), ("root", 0)):
        keys = host.path(f"{home}/.ssh/authorized_keys")
        keys.write_text(public_key, encoding="utf-8")
        keys.chmod(0o600)
        os.chown(keys, owner, owner)
    make_host_key(host.container.root, host.name)
