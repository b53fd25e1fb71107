"""Every family on a real host, over real SSH, as root and as nobody in particular. Reading writes nothing."""

from __future__ import annotations

import hashlib
import threading
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest

from agent.catalog.host import HOST
from agent.model.reading import NONE, Unknown
from agent.model.sweep import Request
from agent.settings import HostSettings
from agent.systems.host.read import HostReader
from tests.hosts.conftest import a_host, a_repository, reading
from tests.hosts.places import account, listed, program
from tests.hosts.test_script import HOSTILE
from tests.lab.commands import wait_until

if TYPE_CHECKING:
    from agent.model.policy import Host
    from agent.model.sweep import Sweep
    from tests.hosts.conftest import Observe
    from tests.lab.fixtures import Boot
    from tests.lab.host import Host as Machine
    from tests.lab.lab import Lab

BAD_SERVICE = "[Service]\nExecStart=/bin/false\n[Install]\nWantedBy=multi-user.target\n"
FIELDS = [
    "hostname", "os.name", "os.version", "os.kernel", "sshd.permitrootlogin", "sshd.maxstartups", "sshd.allowusers",
    "sysctl.net.ipv4.ip_forward", "sysctl.net.nope", "package.bash.installed", "package.lab-agent.version",
    "package.telnetd.installed", "package.telnetd.version", "service.cron.running", "service.cron.enabled",
    "service.bad.running", "service.bad.enabled", "service.nope.running", "service.nope.enabled",
    "file./etc/motd.content", "file./etc/motd.sha256", "file./etc/motd.mode", "file./etc/shadow.owner",
    "file./etc/shadow.group", "file./etc/ssh.type", "file./nope.exists", "file./nope.content", "file./big.content",
    "file./big.sha256", "file./latin.content", "user.alice.exists", "user.alice.shell", "user.alice.groups",
    "user.alice.locked", "user.alice.sudo", "user.bob.sudo", "user.zed.exists", "user.zed.sudo",
    "group.sudo.members", "group.zz.exists", "port.22.listening", "port.23.listening", "mount./.used_percent",
    "mount./.options", "mount./zz.options", "cert./etc/web.pem.expires", "cert./nope.expires", "cron.alice.lines",
    "cron.bob.lines", "time.synced", "updates.pending", "updates.security_pending", "updates.reboot_needed",
]  # fmt: skip


@pytest.fixture(scope="module")
def machine(lab_module_hosts: Boot) -> Machine:
    made = lab_module_hosts(["web1"])[0]
    account(made, "alice", login="/bin/sh", groups="sudo")
    account(made, "bob", rule="ALL=(www-data) /bin/ls")
    made.exec(["crontab", "-u", "alice", "-"], stdin="# nightly\n\n0 1 * * * /bin/true\n")
    made.exec(["tee", "/etc/systemd/system/bad.service"], stdin=BAD_SERVICE)
    made.exec("systemctl daemon-reload; systemctl enable bad; systemctl start bad", check=False)
    made.path("/etc/motd").write_text("Riverton Unified\n\n")
    made.path("/big").write_bytes(b"x" * (1024 * 1024 + 1))
    made.path("/latin").write_bytes(b"caf\xe9\n")
    made.make_update_pending()
    return made


@pytest.fixture(scope="module")
def host(lab_pool: Lab, machine: Machine) -> Host:
    return listed(lab_pool, machine)


@pytest.fixture
def look(observe: Observe, lab_pool: Lab, host: Host) -> Sweep:
    return observe([host], FIELDS, known=lab_pool.known_hosts)


def test_every_family_as_root(look: Sweep, machine: Machine) -> None:
    assert look.unseen == ()
    kernel = machine.exec("uname -r").stdout.strip()
    motd = machine.path("/etc/motd").read_bytes()
    expected = {
        "hostname": "web1", "os.name": "debian", "os.version": "12", "os.kernel": kernel,
        "sshd.permitrootlogin": "without-password", "sshd.maxstartups": "200:30:400", "sshd.allowusers": NONE,
        "sysctl.net.ipv4.ip_forward": "0", "sysctl.net.nope": NONE,
        "package.bash.installed": True, "package.lab-agent.version": "1.0-1",
        "package.telnetd.installed": False, "package.telnetd.version": NONE,
        "service.cron.running": True, "service.cron.enabled": True,
        "service.bad.running": False, "service.bad.enabled": True,
        "service.nope.running": False, "service.nope.enabled": False,
        "file./etc/motd.content": "Riverton Unified\n\n", "file./etc/motd.sha256": hashlib.sha256(motd).hexdigest(),
        "file./etc/motd.mode": "0644", "file./etc/shadow.owner": "root", "file./etc/shadow.group": "shadow",
        "file./etc/ssh.type": "directory", "file./nope.exists": False, "file./nope.content": NONE,
        "file./big.content": Unknown("/big is larger than 1 MiB"),
        "file./big.sha256": hashlib.sha256(machine.path("/big").read_bytes()).hexdigest(),
        "file./latin.content": Unknown("/latin: it is not UTF-8 text"),
        "user.alice.exists": True, "user.alice.shell": "/bin/sh", "user.alice.groups": ("alice", "sudo"),
        "user.alice.locked": True, "user.alice.sudo": True, "user.bob.sudo": False,
        "user.zed.exists": False, "user.zed.sudo": NONE,
        "group.sudo.members": ("admin", "alice"), "group.zz.exists": False,
        "port.22.listening": True, "port.23.listening": False, "mount./zz.options": NONE,
        "cert./etc/web.pem.expires": NONE, "cert./nope.expires": NONE,
        "cron.alice.lines": ("0 1 * * * /bin/true",), "cron.bob.lines": (),
        "updates.pending": 1, "updates.security_pending": 1, "updates.reboot_needed": False,
    }  # fmt: skip
    assert {name: reading(look, "web1", name) for name in expected} == expected
    assert 0 <= float(str(reading(look, "web1", "mount./.used_percent"))) <= 100
    assert isinstance(reading(look, "web1", "time.synced"), bool)


def test_the_sweep_says_how_much_was_seen_and_when(look: Sweep, machine: Machine) -> None:
    assert (look.system, look.kind, look.expected, look.seen, look.proven) == ("hosts", "host", 1, 1, True)
    assert look.identities == {"host/web1": machine.machine_id}
    assert datetime.now(UTC) - look.as_of < timedelta(minutes=1)


def test_without_root_what_needs_root_is_unknown(observe: Observe, lab_pool: Lab, machine: Machine) -> None:
    machine.exec("install -d -m 700 /closed; touch /closed/x")
    plain = listed(lab_pool, machine, ansible_user="bob", ansible_become=False)
    fields = [
        "sshd.permitrootlogin", "user.alice.locked", "user.alice.sudo", "cron.alice.lines", "file./closed/x.exists",
        "file./closed/x.content", "file./etc/shadow.content", "file./etc/shadow.mode", "user.alice.exists",
        "cron.bob.lines", "service.cron.running", "package.bash.installed", "updates.pending", "port.22.listening",
    ]  # fmt: skip
    sweep = observe([plain], fields, known=lab_pool.known_hosts)
    needs_root = Unknown("reading it needs root, and the reading account is not root here")
    denied = Unknown("/closed/x: permission denied")
    expected = [
        needs_root, needs_root, needs_root, needs_root, denied, denied, Unknown("/etc/shadow: permission denied"),
        "0640", True, (), True, True, 1, True,
    ]  # fmt: skip
    assert [reading(sweep, "web1", name) for name in fields] == expected


def test_hostile_keys_come_back_as_text_and_run_nothing(observe: Observe, lab_pool: Lab, machine: Machine) -> None:
    names = [*(key for key in HOSTILE if "/" not in key), "$(touch pwned)", "`touch pwned`", ";touch pwned"]
    folder = machine.path("/hostile")
    folder.mkdir()
    for name in names:
        (folder / name).write_text(f"I am {name}")
    before = sorted(entry.name for entry in folder.iterdir())
    others = [
        shape.format(key=key)
        for key in ("$(touch /pwned)", "`touch /pwned`", "';touch /pwned;'", "-rf", "*", "a\ntouch /pwned", "{{ 7*7 }}")
        for shape in ("user.{key}.exists", "group.{key}.exists", "package.{key}.installed", "service.{key}.running")
    ]
    files = {f"file./hostile/{name}.content": f"I am {name}" for name in names}
    fields = [*files, *others, "sysctl.$(touch /pwned)", "cron.$(id).lines"]
    sweep = observe([listed(lab_pool, machine)], fields, known=lab_pool.known_hosts)
    assert {name: reading(sweep, "web1", name) for name in files} == files
    assert {reading(sweep, "web1", name) for name in others} == {False}
    assert reading(sweep, "web1", "sysctl.$(touch /pwned)") is reading(sweep, "web1", "cron.$(id).lines") is NONE
    assert sorted(entry.name for entry in folder.iterdir()) == before
    assert not machine.path("/pwned").exists()
    assert not machine.path("/root/pwned").exists()


def test_reading_writes_nothing_on_the_host(observe: Observe, lab_pool: Lab, lab_hosts: Boot) -> None:
    fresh = lab_hosts(["untouched"])[0]
    before = fresh.snapshot()
    fields = [*FIELDS, "file./etc/passwd.content", "user.admin.groups", "cron.root.lines", "service.ssh.running"]
    for variables in ({}, {"ansible_user": "root", "ansible_become": False}, {"ansible_become": False}):
        sweep = observe([listed(lab_pool, fresh, **variables)], fields, known=lab_pool.known_hosts)
        assert sweep.seen == 1
    assert fresh.snapshot() == before
    journal = fresh.exec("journalctl --no-pager _COMM=sudo").stdout
    assert journal.count("COMMAND=/bin/sh -c") == 1  # one short line a look, and no key in it
    assert "/etc/passwd" not in journal


def test_a_dead_mount_leaves_only_its_own_fields_unknown(observe: Observe, lab_pool: Lab, lab_hosts: Boot) -> None:
    stuck = lab_hosts(["stuck"])[0]
    # This kernel has no file system that hangs on demand, so stat itself waits, as it does on a dead NFS mount.
    stuck.exec("mv /usr/bin/stat /usr/bin/stat.real")
    program(stuck, "/usr/bin/stat", 'case $* in */dead*) exec sleep 1000;; esac; exec stat.real "$@"')
    fields = ["file./etc/motd.mode", "file./mnt/dead/x.mode", "file./etc/passwd.content", "package.bash.installed"]
    sweep = observe([listed(lab_pool, stuck)], fields, known=lab_pool.known_hosts)
    assert reading(sweep, "stuck", "file./etc/motd.mode") == "0644"
    assert reading(sweep, "stuck", "package.bash.installed") is True
    assert "root:x:0" in str(reading(sweep, "stuck", "file./etc/passwd.content"))
    assert "may hang" in str(reading(sweep, "stuck", "file./mnt/dead/x.mode"))


def test_more_hosts_than_workers_and_nothing_left_running(observe: Observe, lab_pool: Lab, lab_hosts: Boot) -> None:
    machines = lab_hosts(6)
    hosts = [listed(lab_pool, machine) for machine in machines]
    sweep = observe(hosts, ["hostname", "sshd.port"], known=lab_pool.known_hosts, workers=3)
    assert [reading(sweep, host.name, "hostname") for host in hosts] == [host.name for host in hosts]
    assert sweep.identities == {f"host/{machine.name}": machine.machine_id for machine in machines}
    wait_until(lambda: not [t for t in threading.enumerate() if "paramiko" in repr(t)], 20, "paramiko's threads end")
    for machine in machines:
        wait_until(partial(_idle, machine), 20, "its sessions end")


def _idle(machine: Machine) -> bool:
    return "admin@" not in machine.exec("ps -eo args").stdout


def test_a_request_for_some_hosts_asks_only_those(lab_pool: Lab, host: Host) -> None:
    other = a_host("other", ansible_host="192.0.2.1")
    reader = HostReader(lab_pool.known_hosts, HostSettings(), lambda: datetime.now(UTC))
    request = Request("host", (HOST.resolve("hostname"),), only=("host/web1",))
    sweep = reader.observe(a_repository(lab_pool.folder, host, other), request)
    assert sweep.table.ids() == ("host/web1",)
    assert (sweep.expected, sweep.seen) == (1, 1)
    assert "lists 2 hosts" in sweep.membership
