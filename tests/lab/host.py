"""A host of the lab, and what a test may do to it from outside, without SSH."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.lab import network, snapshot
from tests.lab.base import SHELL_PATH
from tests.lab.commands import LabError, attempt, tool, wait_until

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Sequence
    from ipaddress import IPv4Network
    from pathlib import Path

    from tests.lab.container import Container

PORT = 22
USER = "admin"
HOST_KEY = "etc/ssh/ssh_host_ed25519_key"
HIDDEN = "/usr/lib/lab-hidden"
ENVIRONMENT = ("env", "-i", f"PATH={SHELL_PATH}", "HOME=/root", "LC_ALL=C.UTF-8", "DEBIAN_FRONTEND=noninteractive")
READY = 60.0  # seconds; far above what a host needs, for machines that are busy with other tests


@dataclass(frozen=True, slots=True)
class Host:
    """A running Debian host: `admin` and `root` log in with the lab's key, `admin` has sudo without a password."""

    name: str
    address: str
    machine_id: str
    container: Container
    block: IPv4Network
    disk_mb: int
    behind: Host | None = None  # the jump host, where only that one reaches it

    @property
    def port(self) -> int:
        """The port of its sshd."""
        return PORT

    @property
    def host_key(self) -> str:
        """Its public host key as it is now: `ssh-ed25519 AAAA...`."""
        kind, key, *_ = self.path(f"{HOST_KEY}.pub").read_text(encoding="utf-8").split()
        return f"{kind} {key}"

    def path(self, name: str) -> Path:
        """Return where one of its files is on this machine; links in it are not followed as the host would."""
        return self.container.root / name.lstrip("/")

    def exec(
        self, command: str | Sequence[str], *, check: bool = True, stdin: str = "", timeout: float = 60
    ) -> subprocess.CompletedProcess[str]:
        """Run a command inside as root, not through SSH: a shell line or an argument list; LabError if it fails."""
        words = ["/bin/sh", "-c", command] if isinstance(command, str) else list(command)
        inside = ["nsenter", "--target", str(self.container.leader()), "--all", "--root", "--wd", "--"]
        done = attempt(*inside, *ENVIRONMENT, *words, stdin=stdin, timeout=timeout)
        if check and done.returncode:
            msg = f"{self.name}: `{command}` failed with exit code {done.returncode}: {done.stderr or done.stdout}"
            raise LabError(msg)
        return done

    def snapshot(self, ignore: Sequence[str] = ()) -> dict[str, snapshot.Entry]:
        """Return what it has written since it was made, by path; compare two to prove that nothing was written."""
        return snapshot.take(self.container.upper, ignore)

    def take_away(self) -> None:
        """Pull its cable: packets to it are lost without an answer, open connections hang."""
        if self.behind is None:
            network.expect(self.container.lab, self.block, self.container.index, always=True)
        self._switch(on=False)

    def bring_back(self) -> None:
        """Plug its cable in again, and wait for its sshd."""
        self._switch(on=True)
        if self.behind is None:
            network.expect(self.container.lab, self.block, self.container.index, always=False)
        self.wait_for_sshd()

    def freeze_sshd(self) -> None:
        """Stop its sshd and every session of it (SIGSTOP): connections are accepted, and then nothing comes."""
        self.container.stop("sshd")

    def thaw_sshd(self) -> None:
        """Let its sshd go on."""
        self.container.resume("sshd")
        self.wait_for_sshd()

    def refuse(self) -> None:
        """Stop its SSH service and end its sessions: connections are refused."""
        self.exec("systemctl stop ssh.service")
        self.container.kill("sshd")

    def accept(self) -> None:
        """Start its SSH service again."""
        self.exec("systemctl start ssh.service")
        self.wait_for_sshd()

    def new_host_key(self) -> str:
        """Give it another SSH host key, as a reinstalled machine has; returns the new public key."""
        make_host_key(self.container.root, self.name)
        self.exec("systemctl restart ssh.service")
        self.wait_for_sshd()
        return self.host_key

    def fill_disk(self) -> None:
        """Leave no free block on its disk: writing fails with ENOSPC, as on a full server; /run stays writable."""
        wait_until(self._shrink, 10, f"{self.name} has a full disk")

    def free_disk(self) -> None:
        """Give it its free space back."""
        self.container.resize(self.disk_mb * 1024 * 1024)

    def hide_python(self) -> None:
        """Remove every python3 from its PATH."""
        self.exec(f"mkdir -p {HIDDEN} && mv /usr/bin/python3* {HIDDEN}")

    def show_python(self) -> None:
        """Put python3 back."""
        self.exec(f"mv {HIDDEN}/* /usr/bin && rmdir {HIDDEN}")

    def make_update_pending(self, *, security: bool = True) -> None:
        """Downgrade a stand-in package, so that one update is pending: a security update, or an ordinary one."""
        wanted = "lab-agent=1.0-1" if security else "lab-notes=2.0-1"
        self.exec(["apt-get", "install", "-y", "--allow-downgrades", wanted])

    def failed_units(self) -> list[str]:
        """Return the units that failed; a host that came up well has none."""
        listed = self.exec("systemctl list-units --failed --plain --no-legend").stdout
        return [line.split()[0] for line in listed.splitlines()]

    def wait_for_sshd(self, port: int = PORT) -> None:
        """Wait until its sshd greets on a port, as whoever can reach the host sees it."""
        wait_until(lambda: self._greets(port), READY, f"sshd of {self.name} ({self.address}, port {port}) greets")

    def wait_until_booted(self, ended: Callable[[], object]) -> None:
        """Wait until its systemd has started everything, and its sshd greets; LabError where `ended` says it died."""
        try:
            wait_until(lambda: ended() is not None or self._booted(), READY, f"{self.name} has booted")
            if ended() is None:
                self.wait_for_sshd()
                return
        except LabError as error:
            msg = f"{error} {self.container.last_words()}"
            raise LabError(msg) from error
        msg = f"{self.name} ended while it booted. {self.container.last_words()}"
        raise LabError(msg)

    def _booted(self) -> bool:
        try:
            state = self.exec("systemctl is-system-running --wait", check=False).stdout.strip()
        except LabError:  # the container is still being made
            return False
        return state in {"running", "degraded"}  # a failed unit is the test's business: see failed_units

    def _greets(self, port: int) -> bool:
        if self.behind is None:
            return _banner(self.address, port).startswith(b"SSH-")
        line = f"exec 3<>/dev/tcp/{self.address}/{port} && head -c 4 <&3"
        return self.behind.exec(["timeout", "5", "bash", "-c", line], check=False).stdout == "SSH-"

    def _switch(self, *, on: bool) -> None:
        network.switch(self.container.lab, self.container.index, inner=self.behind is not None, on=on)

    def _shrink(self) -> bool:
        disk = os.statvfs(self.container.disk)
        used = (disk.f_blocks - disk.f_bfree) * disk.f_frsize
        return self.container.resize(used) and os.statvfs(self.container.disk).f_bavail == 0


def make_host_key(root: Path, comment: str) -> None:
    """Write a fresh SSH host key into a host's root folder, over an old one."""
    key = root / HOST_KEY
    for old in (key, key.with_suffix(".pub")):
        old.unlink(missing_ok=True)
    tool("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", key)


def _banner(address: str, port: int) -> bytes:
    try:
        with socket.create_connection((address, port), timeout=2) as link:
            link.settimeout(2)
            return link.recv(64)
    except OSError:
        return b""
