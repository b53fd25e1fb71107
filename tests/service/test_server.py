"""A server's life with Driftbell, with a real systemd: installed, started, hung, killed, upgraded, and taken off.

One host sees all of it, one thing after the other, as a server does. DRIFTBELL_DEB=FILE takes a package that was built
with `make deb`; without it the package is made without its libraries, and a layer below the host's root brings those.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.playbooks import WRITE
from tests.lab.base import base
from tests.lab.commands import LabError, wait_until
from tests.lab.lab import Lab
from tests.provenance.forge import DISTRICT, Forge
from tests.service.libraries import lay_libraries

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.lab.host import Host

ROOT = Path(__file__).parents[2]
DEB = os.environ.get("DRIFTBELL_DEB", "")
PROGRAM = "/usr/lib/driftbell/bin/driftbell"
SETTINGS = "/etc/driftbell/driftbell.yaml"
UNIT = "/etc/systemd/system/driftbell.service"
LONG = 120.0
INVENTORY = """\
all:
  hosts:
    web1:
      ansible_host: {address}
      ansible_user: admin
      ansible_become: true
"""
POLICY = """\
policy: MOTD-01
title: Every server greets
severity: low
owner: it@riverton.example
applies_to: {kind: host}
check_every: 1m
mode: enforce
expect: {"file./etc/motd.content": "welcome\\n"}
remedy:
  - do: ansible.playbook
    with: {playbook: playbooks/write.yml, vars: {path: /etc/motd, text: "welcome\\n"}}
"""
pytestmark = [
    pytest.mark.skipif(sys.version_info[:2] != (3, 11) and not DEB, reason="the lab's hosts have Python 3.11"),
    pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="dpkg-deb is not installed"),
]


@dataclass(frozen=True, slots=True)
class Server:
    """The district's server, and another machine, which has the policies' repository and is looked after."""

    host: Host
    web: Host

    @property
    def url(self) -> str:
        return f"ssh://admin@{self.web.address}/srv/policies.git"

    def sh(self, line: str, *, check: bool = True, timeout: float = LONG) -> str:
        """Run a shell line as root; gives what it prints."""
        done = self.host.exec(f"exec 2>&1; {line}", check=check, timeout=timeout)
        return done.stdout

    def refused(self, line: str) -> str:
        """Run a shell line that has to be refused with 2; gives what it says."""
        done = self.host.exec(f"exec 2>&1; {line}", check=False, timeout=LONG)
        assert done.returncode == 2, done.stdout
        return done.stdout

    def shown(self, name: str) -> str:
        """Give a property of the unit."""
        return self.sh(f"systemctl show --property={name} --value driftbell.service").strip()

    @property
    def pid(self) -> int:
        return int(self.shown("MainPID"))

    @property
    def active(self) -> bool:
        return self.sh("systemctl is-active driftbell", check=False).strip() == "active"

    def log(self) -> list[dict[str, Any]]:
        """Give what the daemon logged; a line that is no JSON is a defect."""
        said = self.sh("journalctl --no-pager -o cat SYSLOG_IDENTIFIER=driftbell _UID=$(id -u driftbell)")
        return [json.loads(line) for line in said.splitlines() if line and not line.startswith("-- ")]

    def status(self) -> dict[str, Any]:
        return json.loads(self.sh("sudo -u driftbell driftbell status --json"))  # type: ignore[no-any-return]

    def wait(self, so: str, check: Any) -> Any:
        try:
            return wait_until(check, LONG, so)
        except LabError as error:
            state = self.sh("systemctl status --no-pager -n 40 driftbell", check=False)
            pytest.fail(f"{error}\n{state}")

    def another(self, old: int) -> int:
        """Wait until another process is the daemon, and ready; gives its id."""
        self.wait("another daemon is ready", lambda: self.active and self.pid not in {0, old})
        return self.pid


@pytest.fixture
def server(lab_pool: Lab) -> Iterator[Server]:
    """A server whose layer below holds the libraries, or which is large enough for the package."""
    assert lab_pool  # says what a lab lacks on this machine
    with tempfile.TemporaryDirectory(prefix="driftbell-service-", dir="/var/tmp") as made:
        lower = base() if DEB else Path(f"{lay_libraries(Path(made))}:{base()}")
        with Lab(lower=lower, disk_mb=1500 if DEB else 256) as lab:
            yield Server(*lab.boot(["server", "web1"]))


def package(folder: Path, version: str = "") -> Path:
    """Make the package, of another version where one is named; gives its file. One that was built is as it is."""
    if DEB:
        return Path(DEB)
    environment = {**os.environ, "DEB_BUILDER": sys.executable, **({"DEB_VERSION": version} if version else {})}
    words = [str(ROOT / "packaging/deb/build"), str(folder), "--without-libraries"]
    made = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=300, check=True)
    return Path(made.stdout.split()[-1])


def install(server: Server, file: Path) -> str:
    shutil.copy(file, server.host.path("/root/driftbell.deb"))
    return server.sh("dpkg --install /root/driftbell.deb", timeout=600)


def policies(server: Server, folder: Path) -> None:
    """Put a bare repository onto the other machine, whose account `admin` serves it over ssh."""
    forge = Forge.made(folder)
    forge.write("policies/district.yaml", DISTRICT)
    forge.write("policies/hosts/HOST-01.yaml", POLICY)
    forge.write("inventory/hosts.yml", INVENTORY.format(address=server.web.address))
    forge.write("playbooks/write.yml", WRITE)
    forge.git("add", ".")
    forge.git("commit", "--quiet", "-m", "First")
    forge.git("push", "--quiet", "origin", "HEAD:main")
    shutil.copytree(forge.remote, server.web.path("/srv/policies.git"))
    server.web.exec("chown -R admin: /srv/policies.git")


def test_the_life_of_a_server(server: Server, tmp_path: Path) -> None:
    policies(server, tmp_path)
    said = install(server, package(tmp_path))
    assert "sudo driftbell install-service" in said
    assert not server.active
    set_up(server)
    work(server)
    survive(server)
    upgrade(server, tmp_path)
    end(server)
    if not DEB:
        by_hand(server)


def set_up(server: Server) -> None:
    assert "as root" in server.refused("sudo -u admin driftbell install-service --yes")
    assert "--repo" in server.refused("driftbell install-service --yes")
    before = server.host.snapshot(ignore=["/var/log", "/run", "/var/lib/systemd", "/root"])
    shown = server.sh(f"driftbell install-service --dry-run --yes --repo {server.url}")
    assert f"? {SETTINGS} is written (0640 root:driftbell)" in shown
    assert f'    | repo: "{server.url}"' in shown
    assert server.host.snapshot(ignore=["/var/log", "/run", "/var/lib/systemd", "/root"]) == before

    words = f"driftbell install-service --yes --repo {server.url} --person admin=director"
    said = server.sh(words)
    key = server.sh("cat /var/lib/driftbell/.ssh/id_ed25519.pub").strip()
    assert key.startswith("ssh-ed25519 ")
    assert key in said
    assert f"sudo -u driftbell ssh -T admin@{server.web.address}" in said
    assert "The unit /usr/lib/systemd/system/driftbell.service comes with the package" in said
    places = f"{SETTINGS} /etc/driftbell /var/lib/driftbell /var/lib/driftbell/.ssh/id_ed25519"
    assert server.sh(f"stat -c '%a %U:%G' {places}").splitlines() == [
        "640 root:driftbell", "750 root:driftbell", "700 driftbell:driftbell", "600 driftbell:driftbell",
    ]  # fmt: skip
    again = server.sh(words)
    assert "+" not in [line[:1] for line in again.splitlines() if "starts for driftbell" not in line], again

    server.web.exec(f"echo '{key}' >> /home/admin/.ssh/authorized_keys")
    scan = f"ssh-keyscan -t ed25519 {server.web.address} >> /var/lib/driftbell/.ssh/known_hosts"
    server.sh(f"sudo -u driftbell sh -c '{scan}'")
    assert "Trusted 1 key" in server.sh("cd / && sudo -u driftbell driftbell hosts trust --yes")
    assert "cannot be read" in server.refused("cd / && sudo -u admin driftbell status")
    server.sh(f"printf 'daemon: {{poll: 1}}\\n' >> {SETTINGS}")  # somebody edits them
    kept = server.sh(f"cat {SETTINGS}")
    assert f"{SETTINGS} was edited" in server.sh(words)
    assert "stay as they are" in server.sh("driftbell install-service --yes")
    assert server.sh(f"cat {SETTINGS}") == kept
    assert server.host.path(f"{SETTINGS}.new").exists()


def work(server: Server) -> None:
    """It starts, follows the repository over ssh, and changes a host with Ansible, all of it in its sandbox."""
    server.sh("systemctl start driftbell")  # returns once the daemon has said READY=1
    assert server.active
    server.wait("the policy was enforced", lambda: server.web.exec("cat /etc/motd").stdout == "welcome\n")
    server.wait("a cycle is over", lambda: "cycle" in [e["event"] for e in server.log()])
    assert [e["event"] for e in server.log()][:2] == ["started", "policies"]
    status = server.status()
    assert status["daemon"]["ills"] == {}, status
    assert status["daemon"]["process"] == server.pid

    old = server.pid
    server.sh(f"sed -i 's/poll: 1/poll: 2/' {SETTINGS} && systemctl reload driftbell")
    server.wait("it read its settings", lambda: "settings read" in [e["event"] for e in server.log()])
    assert (server.pid, server.active) == (old, True)


def survive(server: Server) -> None:
    """What hangs or dies is begun anew, once, and nothing of the old one is left."""
    server.sh("mkdir -p /run/systemd/system/driftbell.service.d")
    server.sh(
        "printf '[Service]\\nWatchdogSec=5s\\nRestartSec=100ms\\n' > /run/systemd/system/driftbell.service.d/t.conf"
    )
    server.sh("systemctl daemon-reload && systemctl restart driftbell")
    first = server.pid
    server.sh(f"kill -STOP {first}")
    second = server.another(first)
    assert "Watchdog timeout" in server.sh("journalctl --no-pager -u driftbell")

    groups = "find /sys/fs/cgroup -path '*/driftbell.service/cgroup.procs'"  # one of each hierarchy of this kernel
    stubborn = f'trap "" TERM HUP; for one in $({groups}); do echo $$ > $one; done; exec sleep 987654'
    server.host.path("/root/stubborn").write_text(stubborn, encoding="utf-8")
    server.sh("setsid sh /root/stubborn >/dev/null </dev/null 2>&1 &")
    server.wait("a child of it runs", lambda: server.sh("pgrep -x sleep", check=False))
    assert "sleep" in server.sh("systemctl status --no-pager driftbell")
    server.sh(f"kill -9 {second}")
    third = server.another(second)
    assert not server.sh("pgrep -x sleep", check=False)
    assert server.sh("pgrep -u driftbell -f 'driftbell daemon'").split() == [str(third)]
    assert server.sh("cat /var/lib/driftbell/daemon.lock") == f"process {third}"
    assert "Another daemon" in server.sh("cd / && sudo -u driftbell driftbell daemon", check=False)
    server.wait("the last daemon looked", lambda: server.status()["daemon"]["cycles"] > 0)


def upgrade(server: Server, folder: Path) -> None:
    """An upgrade begins the daemon anew, and what it knows stays."""
    ledger = "stat -c '%i %U' /var/lib/driftbell/ledger.db"
    old, kept = server.pid, server.sh(ledger)
    install(server, package(folder, "0.1.9"))
    assert server.active
    assert server.pid != old
    assert DEB or "0.1.9+py311" in server.sh("dpkg-query -W driftbell")
    assert server.sh(ledger) == kept
    server.sh("systemctl stop driftbell")
    install(server, package(folder, "0.1.10"))
    assert not server.active  # whoever stopped it meant it


def end(server: Server) -> None:
    server.sh("systemctl start driftbell")
    began = time.monotonic()
    server.sh("systemctl stop driftbell")
    assert time.monotonic() - began < 90
    assert (server.shown("Result"), server.shown("ExecMainStatus")) == ("success", "0")
    assert server.log()[-1]["event"] == "ended"
    assert not server.sh("pgrep -u driftbell", check=False)

    server.sh("systemctl start driftbell")
    assert "evidence" not in server.sh("dpkg --remove driftbell")
    assert not server.active
    assert "remove them yourself" in server.sh("dpkg --purge driftbell")
    assert server.host.path("/var/lib/driftbell/.ssh/id_ed25519").exists()
    assert server.host.path(SETTINGS).exists()


def by_hand(server: Server) -> None:
    """Where there is no package, install-service brings the unit."""
    said = server.sh(f"{PROGRAM} install-service --yes")
    assert f"{UNIT} is written" in said
    server.sh("systemctl start driftbell")
    assert server.active
    server.sh(f"echo '# mine' >> {UNIT}")
    assert f"{UNIT} was edited" in server.sh(f"{PROGRAM} install-service --yes")
    assert "was edited, and stays" in server.sh(f"{PROGRAM} install-service --uninstall")
    assert not server.active
    server.sh(f"sed -i '/# mine/d' {UNIT} && systemctl start driftbell")
    assert f"+ {UNIT} is removed" in server.sh(f"{PROGRAM} install-service --uninstall")
    assert not server.active
    assert not server.host.path(UNIT).exists()
    assert server.host.path(SETTINGS).exists()
    assert server.host.path("/var/lib/driftbell").exists()
