"""The root folder that all lab hosts share as their lower layer, made once with debootstrap and kept."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.lab import repository
from tests.lab.commands import LabError, attempt, tool
from tests.lab.mirrors import download_environment, mirrors

if TYPE_CHECKING:
    from collections.abc import Generator

SUITE = "bookworm"
PACKAGES = (
    "cron", "dbus", "git", "iproute2", "libpam-systemd", "openssh-server", "procps", "python3", "python3-apt", "sudo",
    "systemd", "systemd-sysv", "systemd-timesyncd",
)  # fmt: skip
KEEP_UNUSED = 14 * 86400  # seconds; a base of another checkout may be wanted again
SHELL_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"

SSHD = """\
# Many probes and playbooks log in at once.
MaxStartups 200:30:400
UseDNS no
"""
JOURNAL = """\
# In memory, and small: twenty hosts share one machine.
[Journal]
Storage=volatile
RuntimeMaxUse=4M
"""
SETUP = """\
set -eu
useradd --create-home --uid 1000 --shell /bin/bash --groups sudo --password '*' admin
echo 'admin ALL=(ALL:ALL) NOPASSWD: ALL' > /etc/sudoers.d/admin
chmod 0440 /etc/sudoers.d/admin
install -d -m 0700 -o admin -g admin /home/admin/.ssh
install -d -m 0700 /root/.ssh
# sudo makes this at the first use: on our servers somebody has been there before, so a probe's sudo writes nothing.
install -m 0644 -o admin -g admin /dev/null /home/admin/.sudo_as_admin_successful
# Where the machine's kernel keeps audit records, a container may not set the login uid; a login must not fail of it.
sed -i 's/^session *required *pam_loginuid.so/session optional pam_loginuid.so/' /etc/pam.d/*
# Nothing writes by itself: a test compares a host's files before and after.
systemctl disable apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer fstrim.timer
systemctl mask systemd-tmpfiles-clean.timer console-getty.service
apt-get update
apt-get install -y "$@"
# apt starts without its binary cache: a probe that has apt rewrite it is a probe that writes, and must be seen.
apt-get clean
# Each host gets its own; what debootstrap copied from this machine must not stay.
rm -f /etc/ssh/ssh_host_* /etc/machine-id /var/lib/dbus/machine-id /etc/hostname /etc/resolv.conf
rm -f /var/log/bootstrap.log /var/log/dpkg.log /var/log/apt/*
"""


def base() -> Path:
    """Return the cached root folder; the first caller on a machine builds it, parallel callers wait for that one."""
    target = cache() / f"{SUITE}-{_key()}"
    with _locked(cache() / "lock"):
        if not target.is_dir():
            _build(target)
        os.utime(_stamp(target))
        _prune(target)
    return target


def cache() -> Path:
    """Return the folder that keeps bases: DRIFTBELL_LAB_CACHE, or /var/cache/driftbell-lab."""
    folder = Path(os.environ.get("DRIFTBELL_LAB_CACHE") or "/var/cache/driftbell-lab").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _key() -> str:
    # The text of the two modules is the recipe, so that no version number can be forgotten.
    recipe = [Path(file).read_bytes() for file in (__file__, repository.__file__)]
    return hashlib.sha256(b"\0".join(recipe)).hexdigest()[:12]


@contextmanager
def _locked(path: Path) -> Generator[None]:
    with path.open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _stamp(target: Path) -> Path:
    path = target.with_name(target.name + ".used")
    path.touch()
    return path


def _build(target: Path) -> None:
    for left in target.parent.glob("building-*"):  # of a builder that died: the lock is ours
        shutil.rmtree(left)
    with tempfile.TemporaryDirectory(prefix="building-", dir=target.parent) as name:
        root = Path(name, "root")
        _debootstrap(root)
        _set_up(root)
        root.rename(target)


def _debootstrap(root: Path) -> None:
    environment = download_environment(root.with_name("wgetrc"))
    include = f"--include={','.join(PACKAGES)}"
    said = []
    for mirror in [*mirrors(SUITE), ""]:  # "" is debootstrap's own default
        shutil.rmtree(root, ignore_errors=True)
        place = [mirror] if mirror else []
        # A mount namespace of its own: the proc and sys that debootstrap mounts go when it is killed, too.
        words = ["unshare", "--mount", "debootstrap", "--variant=minbase", include, SUITE, str(root), *place]
        done = attempt(*words, timeout=1800, env=environment)
        if done.returncode == 0:
            return
        said.append(f"{mirror or 'the default mirror'}: {(done.stdout + done.stderr).strip()[-300:]}")
    msg = f"The lab's base could not be made: debootstrap failed with every mirror. Check `apt-get update`.\n{said}"
    raise LabError(msg)


def _set_up(root: Path) -> None:
    repository.create(root)
    (root / "etc/ssh/sshd_config.d/lab.conf").write_text(SSHD, encoding="utf-8")
    journal = root / "etc/systemd/journald.conf.d/lab.conf"
    journal.parent.mkdir()
    journal.write_text(JOURNAL, encoding="utf-8")
    environment = {"PATH": SHELL_PATH, "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive", "HOME": "/root"}
    words = ["/bin/sh", "-c", SETUP, "sh", *repository.INSTALLED]
    tool("chroot", root, *words, timeout=300, env=environment)


def _prune(used: Path) -> None:
    """Remove bases that nobody has used for a while; one that a running lab mounts is kept."""
    mounted = Path("/proc/self/mountinfo").read_text(encoding="utf-8")
    for stamp in used.parent.glob("*.used"):
        target = stamp.with_suffix("")
        old = time.time() - stamp.stat().st_mtime > KEEP_UNUSED
        if old and target != used and str(target) not in mounted:
            shutil.rmtree(target, ignore_errors=True)
            stamp.unlink()
