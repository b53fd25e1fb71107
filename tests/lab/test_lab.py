"""The lab itself: what other tests rely on, tried on real hosts."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from ipaddress import IPv4Network
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.lab import network, registry
from tests.lab.commands import LabError, attempt, wait_until
from tests.lab.container import control_groups
from tests.lab.lab import Lab, take_down
from tests.lab.mirrors import debian_archives

if TYPE_CHECKING:
    from tests.lab.fixtures import Boot
    from tests.lab.host import Host

PROJECT = Path(__file__).parents[2]
QUICK = ("-o", "ConnectTimeout=2")
NO_CACHE = "-o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache="
SOURCES = """\
http://one.example/debian-security/ bookworm-security main Debian Debian-Security
http://one.example/debian/ trixie main Debian Debian
http://two.example/debian/ bookworm main Debian Debian
http://two.example/debian/ bookworm contrib Debian Debian
http://other.example/ubuntu/ noble main Ubuntu Ubuntu
cdrom:[Debian]/ bookworm main Debian Debian
http://fresh.example/debian/ bookworm main{}
""".format("  ")  # before the first `apt update` apt knows no maker
WRITE = "head -c 100 /dev/zero > {place}/new"


def _names(folder: str) -> list[str]:
    return [path.name for path in Path(folder).iterdir()]


def traces(lab: str) -> list[str]:
    """Return everything on this machine that carries the lab's id."""
    links = [link["ifname"] for link in json.loads(attempt("ip", "-j", "link").stdout)]
    names = [*links, *_names("/run/netns"), *_names("/run/driftbell-lab"), *_names("/run/systemd/nspawn/propagate")]
    names += Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines()
    names += [str(path) for top in control_groups(lab) for path in (top, *top.glob("*")) if path.is_dir()]
    names += [attempt("ps", "-eo", "args").stdout] if shutil.which("ps") else []
    return [name for name in names if lab in name]


def test_hosts_are_debian_servers_with_an_identity_each(lab_pool: Lab, lab_hosts: Boot) -> None:
    web, mail = lab_hosts(["web1", "mail1"])
    for host in (web, mail):
        said = lab_pool.ssh(host, "hostname; cat /etc/machine-id; sudo id -u; . /etc/os-release; echo $ID $VERSION_ID")
        assert said.stdout.split("\n") == [host.name, host.machine_id, "0", "debian 12", ""], said.stderr
        assert lab_pool.ssh(host, "id -u", user="root").stdout == "0\n"
        assert host.exec("systemctl is-system-running").stdout == "running\n"
        assert host.failed_units() == []
    assert web.machine_id != mail.machine_id
    assert web.host_key != mail.host_key


def test_hosts_have_kernel_settings_of_their_own(lab_hosts: Boot) -> None:
    one, other = lab_hosts(2)
    one.exec("sysctl -w net.ipv4.ip_forward=1")
    assert one.exec("sysctl -n net.ipv4.ip_forward").stdout == "1\n"
    assert other.exec("sysctl -n net.ipv4.ip_forward").stdout == "0\n"


def test_more_hosts_than_addresses_is_an_error_before_the_first_boot(lab_pool: Lab) -> None:
    with pytest.raises(LabError, match="addresses for 1020 hosts"):
        lab_pool.boot(1021)


def test_a_host_that_is_taken_away_is_silent(lab_pool: Lab, lab_host: Host) -> None:
    lab_host.take_away()
    # Longer than this machine takes to find out that nobody has the address: "no route to host" is an answer.
    with pytest.raises(TimeoutError):
        socket.create_connection((lab_host.address, lab_host.port), timeout=6)
    lab_host.bring_back()
    assert lab_pool.ssh(lab_host, "true").returncode == 0


def test_a_frozen_sshd_accepts_and_hangs(lab_pool: Lab, lab_host: Host) -> None:
    with socket.create_connection((lab_host.address, lab_host.port), timeout=5) as before:
        assert before.recv(4) == b"SSH-"
        lab_host.freeze_sshd()
        with socket.create_connection((lab_host.address, lab_host.port), timeout=5) as link:
            link.settimeout(1)
            with pytest.raises(TimeoutError):
                link.recv(1)
    lab_host.thaw_sshd()
    assert lab_pool.ssh(lab_host, "true").returncode == 0


def test_freezing_stops_open_sessions_too(lab_pool: Lab, lab_host: Host) -> None:
    words = ["ssh", "-F", str(lab_pool.ssh_config), lab_host.address, "cat"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0) as session:
        assert session.stdin
        assert session.stdout
        os.set_blocking(session.stdout.fileno(), False)
        echo = session.stdout
        session.stdin.write(b"one")
        wait_until(lambda: echo.read(3), 20, "the session answers")
        lab_host.freeze_sshd()
        session.stdin.write(b"two")
        with pytest.raises(LabError):
            wait_until(lambda: echo.read(3), 1, "a frozen session answers")
        lab_host.thaw_sshd()
        assert wait_until(lambda: echo.read(3), 20, "the session answers again") == b"two"
        session.stdin.close()


def test_a_host_that_refuses_is_not_silent(lab_pool: Lab, lab_host: Host) -> None:
    lab_host.refuse()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((lab_host.address, lab_host.port), timeout=5)
    lab_host.accept()
    assert lab_pool.ssh(lab_host, "true").returncode == 0


def test_a_new_host_key_is_noticed(lab_pool: Lab, lab_host: Host) -> None:
    before = lab_host.host_key
    assert lab_host.new_host_key() == lab_host.host_key != before
    changed = lab_pool.ssh(lab_host, "true")
    assert changed.returncode == 255
    assert "REMOTE HOST IDENTIFICATION HAS CHANGED" in changed.stderr


def test_a_full_disk_is_really_full(lab_pool: Lab, lab_host: Host) -> None:
    lab_host.fill_disk()
    for place in ("/etc", "/home/admin", "/srv", "/var/lib"):
        failed = lab_host.exec(WRITE.format(place=place), check=False)
        assert os.strerror(errno.ENOSPC) in failed.stderr, place
    assert os.strerror(errno.ENOSPC) in lab_pool.ssh(lab_host, WRITE.format(place="/home/admin/.ssh")).stderr
    assert lab_host.exec("df --output=pcent /").stdout.split()[1] == "100%"
    lab_host.free_disk()
    assert lab_pool.ssh(lab_host, WRITE.format(place="/home/admin/.ssh")).returncode == 0


def test_python_can_be_hidden(lab_pool: Lab, lab_host: Host) -> None:
    lab_host.hide_python()
    assert lab_pool.ssh(lab_host, "sudo python3 -V || sudo python3.11 -V").returncode == 1
    assert "not found" in lab_pool.ssh(lab_host, "/usr/bin/env sh -c 'exec python3 -V'").stderr
    lab_host.show_python()
    assert lab_pool.ssh(lab_host, "python3 -V").stdout.startswith("Python 3")


def test_looking_leaves_no_trace_in_a_snapshot(lab_pool: Lab, lab_host: Host) -> None:
    before = lab_host.snapshot()
    for user in ("admin", "root"):
        assert lab_pool.ssh(lab_host, "cat /etc/passwd; dpkg -l; sudo sshd -T; timedatectl", user=user).returncode == 0
    lab_host.exec(f"apt-get -s {NO_CACHE} dist-upgrade; systemctl list-units; crontab -l", check=False)
    assert lab_host.snapshot() == before


@pytest.mark.parametrize(
    ("act", "path"),
    [
        ("printf x >> /etc/issue.net", "/etc/issue.net"),
        ("chmod 600 /etc/issue.net", "/etc/issue.net"),
        ("chown admin /etc/issue.net", "/etc/issue.net"),
        ("rm /etc/issue.net", "/etc/issue.net"),
        ("ln -s x /etc/new", "/etc/new"),
        ("touch /tmp/new", "/tmp/new"),  # ruff: ignore[hardcoded-temp-file]  on the lab host
        ("apt-get -s dist-upgrade", "/var/cache/apt/pkgcache.bin"),  # "simulate" still writes apt's own cache
        ("touch /etc/new && rm /etc/new", "/etc"),
    ],
)
def test_a_snapshot_sees_the_smallest_write(lab_host: Host, act: str, path: str) -> None:
    before = lab_host.snapshot()
    lab_host.exec(act)
    after = lab_host.snapshot()
    assert before.get(path) != after[path]
    assert path not in lab_host.snapshot(ignore=[path])


def test_a_snapshot_sees_a_write_that_keeps_size_and_time(lab_host: Host) -> None:
    lab_host.exec("echo hello > /etc/motd && touch -r /etc/motd /run/stamp")
    before = lab_host.snapshot()
    lab_host.exec("printf J | dd conv=notrunc of=/etc/motd && touch -r /run/stamp /etc/motd")
    after = lab_host.snapshot()
    assert {path for path in after if after[path] != before.get(path)} == {"/etc/motd"}
    assert before["/etc/motd"][:4] == after["/etc/motd"][:4]


def test_packages_are_installed_removed_and_updated_offline(lab_host: Host) -> None:
    def status(name: str) -> str:
        return lab_host.exec(["dpkg-query", "-W", "-f", "${db:Status-Status}", name], check=False).stdout

    lab_host.exec("apt-get update && apt-get install -y telnetd")
    assert status("telnetd") == "installed"
    lab_host.exec("apt-get purge -y telnetd")
    assert status("telnetd") != "installed"
    assert "0 upgraded" in lab_host.exec("apt-get -s dist-upgrade").stdout
    lab_host.make_update_pending(security=True)
    lab_host.make_update_pending(security=False)
    pending = [line for line in lab_host.exec("apt-get -s dist-upgrade").stdout.splitlines() if line[:4] == "Inst"]
    assert len(pending) == 2
    assert [line.split()[1] for line in pending if "Debian-Security:12/" in line] == ["lab-agent"]
    lab_host.exec("apt-get dist-upgrade -y")
    assert "0 upgraded" in lab_host.exec("apt-get -s dist-upgrade").stdout


def test_inner_hosts_are_reached_through_the_jump_host_alone(lab_pool: Lab, lab_hosts: Boot) -> None:
    jump, other = lab_hosts(["jump1", "web1"])
    (vault,) = lab_hosts(["vault1"], behind=jump)
    assert lab_pool.ssh(vault, "hostname").stdout == "vault1\n"
    direct = lab_pool.ssh(vault, "true", options=[*QUICK, "-o", "ProxyJump=none"])
    assert direct.returncode == 255
    around = ["timeout", "3", "bash", "-c", f"exec 3<>/dev/tcp/{vault.address}/22"]
    assert other.exec(around, check=False).returncode != 0
    assert jump.exec(around, check=False).returncode == 0
    jump.take_away()
    assert lab_pool.ssh(vault, "true", options=QUICK, timeout=240).returncode == 255
    jump.bring_back()
    vault.take_away()
    assert lab_pool.ssh(vault, "true", options=QUICK, timeout=240).returncode == 255
    vault.bring_back()
    assert lab_pool.ssh(vault, "hostname").stdout == "vault1\n"


def test_ansible_works_with_the_inventory(lab_pool: Lab, lab_hosts: Boot, tmp_path: Path) -> None:
    jump, web = lab_hosts(["jump1", "web1"])
    (vault,) = lab_hosts(["vault1"], behind=jump)
    listed = lab_pool.write_inventory(
        tmp_path / "hosts.yml", [jump, web, vault], {"inner": [vault]}, {"inner": {"colour": "red"}, "web1": {"n": 1}}
    )
    ansible = str(Path(sys.executable).with_name("ansible"))
    environment = os.environ | {
        "ANSIBLE_SSH_ARGS": f"-o UserKnownHostsFile={lab_pool.known_hosts} -o StrictHostKeyChecking=yes",
        "ANSIBLE_LOCAL_TEMP": str(tmp_path / "local"),
    }
    asked = "sh -c 'id -u; hostname; echo {{ colour | d(n) | d(0) }}'"
    done = attempt(ansible, "-i", listed, "all", "-m", "command", "-a", asked, timeout=120, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    for name, shown in (("jump1", "0"), ("web1", "1"), ("vault1", "red")):
        assert f"{name} | CHANGED | rc=0 >>\n0\n{name}\n{shown}" in done.stdout


def test_an_inventory_refuses_variables_of_nobody(lab_pool: Lab) -> None:
    with pytest.raises(LabError, match="no host or group named web9"):
        lab_pool.inventory([], {}, {"web9": {"a": 1}})


def test_names_are_checked(lab_pool: Lab, lab_hosts: Boot) -> None:
    lab_hosts(["web1"])
    for names in (["web1"], ["a", "a"], ["$(reboot)"], ["../x"], [""]):
        with pytest.raises(LabError, match="cannot be a host's name"):
            lab_pool.boot(names)


@pytest.mark.usefixtures("lab_pool")
def test_a_host_that_cannot_boot_says_why_and_leaves_nothing(tmp_path: Path) -> None:
    for folder in ("etc/ssh", "home/admin/.ssh", "root/.ssh", "usr"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "etc/os-release").write_text("ID=nothing\n", encoding="utf-8")  # a system without an init
    with Lab(lower=tmp_path) as lab:
        before = traces(lab.id)
        with pytest.raises(LabError, match=r"web1 ended while it booted\. Its console ended with: .*init"):
            lab.boot(["web1"])
        assert lab.hosts == ()
        assert traces(lab.id) == before


@pytest.mark.usefixtures("lab_pool")  # for its check of this machine
def test_a_closed_lab_leaves_no_trace() -> None:
    with Lab() as lab:
        identity = lab.id
        lab.boot(["inner1"], behind=lab.boot(1)[0])
        assert len(traces(identity)) > 10
    assert traces(identity) == []


@pytest.mark.usefixtures("lab_pool")
def test_a_lab_whose_owner_was_killed_is_cleared_by_the_next_one() -> None:
    words = [sys.executable, "-m", "tests.lab", "up", "2", "--inner", "1"]
    before = {record.id for record in registry.records()}
    with subprocess.Popen(words, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout
        wait_until(lambda: "Ctrl-C" in (owner.stdout or "").readline(), 60, "the lab is up")  # type: ignore[union-attr]
        (identity,) = [r.id for r in registry.records() if r.id not in before and r.owner == owner.pid]
        owner.send_signal(signal.SIGKILL)
    assert traces(identity)
    with Lab():
        assert traces(identity) == []


@pytest.mark.usefixtures("lab_pool")
def test_a_detached_lab_outlives_its_process_until_it_is_taken_down() -> None:
    command = [sys.executable, "-m", "tests.lab"]
    shown = subprocess.run([*command, "up", "1", "--detach"], cwd=PROJECT, capture_output=True, text=True, check=True)
    identity = shown.stdout.split("down ")[1].split()[0]
    try:
        folder = Path("/run/driftbell-lab") / identity
        with Lab():  # clears up what is abandoned: not this one
            ssh = attempt("ssh", "-F", folder / "ssh_config", "host1", "hostname")
        assert ssh.stdout == "host1\n", ssh.stderr
        listed = subprocess.run([*command, "list"], cwd=PROJECT, capture_output=True, text=True, check=True)
        assert identity in listed.stdout
        subprocess.run([*command, "down", identity], cwd=PROJECT, check=True)
        assert traces(identity) == []
        again = subprocess.run([*command, "down", identity], cwd=PROJECT, capture_output=True, text=True, check=False)
        assert again.returncode == 1
        assert again.stderr.startswith(f"There is no lab {identity} on this machine")
    finally:
        take_down(identity)


def test_addresses_in_use_are_never_chosen(lab_pool: Lab) -> None:
    blocks = list(network.POOL.subnets(new_prefix=network.BLOCK))
    mine = next(IPv4Network(record.block) for record in registry.records() if record.id == lab_pool.id)
    with pytest.raises(LabError, match="No free addresses"):  # no other lab has it, but this machine's bridge
        network.free_block([block for block in blocks if block != mine])
    assert network.free_block([]) != mine


def test_the_mirror_is_the_one_that_apt_uses() -> None:
    found = debian_archives(SOURCES, "bookworm")
    assert found == ["http://two.example/debian/", "http://fresh.example/debian/", "http://one.example/debian/"]
