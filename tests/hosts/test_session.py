"""From the login to the last line: becoming root, shells that are none, sessions that hang, break or never end."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from agent.model.reading import Unknown
from tests.hosts.conftest import reading
from tests.hosts.places import account, listed, program, silence

if TYPE_CHECKING:
    from tests.hosts.conftest import Observe
    from tests.lab.fixtures import Boot
    from tests.lab.host import Host as Machine
    from tests.lab.lab import Lab

pytestmark = pytest.mark.usefixtures("quiet")


@pytest.fixture(scope="module")
def machine(lab_module_hosts: Boot) -> Machine:
    made = lab_module_hosts(["web1"])[0]
    account(made, "asked", rule="ALL=(ALL) ALL", password="right")
    account(made, "plain", password="right")
    account(made, "narrow", rule="ALL=(root) NOPASSWD: /bin/true")
    account(made, "closed", login="/usr/sbin/nologin")
    account(made, "false", login="/bin/false")
    program(made, "/bin/endless", "exec yes $(head -c 4000 /dev/zero | tr '\\0' y)")
    account(made, "endless", login="/bin/endless")
    program(made, "/bin/sleeper", "exec sleep 1000")
    account(made, "sleeper", login="/bin/sleeper")
    program(made, "/bin/dropper", "kill -9 $PPID; sleep 5")
    account(made, "dropper", login="/bin/dropper")
    made.exec(["chpasswd"], stdin="root:right\n")
    return made


@pytest.mark.parametrize(
    ("user", "variables", "reason"),
    [
        ("asked", {}, "sudo wants a password there, and the inventory gives none (ansible_become_password)"),
        ("asked", {"ansible_become_password": "wrong"}, "sudo refused the password that the inventory gives"),
        ("plain", {"ansible_become_password": "right"}, "the reading account may not use sudo there"),
        ("narrow", {}, "sudo wants a password there, and the inventory gives none (ansible_become_password)"),
        ("admin", {"ansible_become_user": "nobody-there"}, "the user to become does not exist there"),
        (
            "plain",
            {"ansible_become_method": "su", "ansible_become_password": "wrong"},
            "su wants another password than the inventory gives (ansible_become_password)",
        ),
        (
            "plain",
            {"ansible_become_method": "su"},
            "su wants another password than the inventory gives (ansible_become_password)",
        ),
        (
            "plain",
            {"ansible_become_method": "su", "ansible_become_user": "zed"},
            "the user to become does not exist there",
        ),
    ],
)
def test_becoming_root_fails(
    observe: Observe, lab_pool: Lab, machine: Machine, user: str, variables: dict[str, str], reason: str
) -> None:
    assert silence(observe, lab_pool, machine, ansible_user=user, **variables) == reason


@pytest.mark.parametrize(
    ("user", "variables"),
    [
        ("asked", {"ansible_become_password": "right"}),
        ("admin", {"ansible_become_password": "not asked for"}),
        ("plain", {"ansible_become_method": "su", "ansible_become_password": "right"}),
        ("root", {}),
    ],
)
def test_becoming_root_works(
    observe: Observe, lab_pool: Lab, machine: Machine, user: str, variables: dict[str, str]
) -> None:
    host = listed(lab_pool, machine, ansible_user=user, **variables)
    sweep = observe([host], ["sshd.port"], known=lab_pool.known_hosts)
    assert reading(sweep, "web1", "sshd.port") == "22"


def test_sudo_is_not_installed(observe: Observe, lab_pool: Lab, lab_host: Machine) -> None:
    lab_host.exec("mv /usr/bin/sudo /usr/bin/sudo.gone")
    assert silence(observe, lab_pool, lab_host) == "sudo is not installed there"


def test_accounts_without_a_shell(observe: Observe, lab_pool: Lab, machine: Machine) -> None:
    plain = {"ansible_become": False}
    closed = silence(observe, lab_pool, machine, ansible_user="closed", **plain)
    assert closed == "the account has no login shell there"
    said = silence(observe, lab_pool, machine, ansible_user="false", **plain)
    assert said == "the login shell of false ran nothing, exit code 1: it said nothing"


def test_a_host_that_never_stops_talking(observe: Observe, lab_pool: Lab, machine: Machine) -> None:
    said = silence(observe, lab_pool, machine, ansible_user="endless", ansible_become=False)
    assert said == "it said more than 16 MiB, and was cut off"


def test_a_session_that_hangs_is_cut_at_the_deadline(observe: Observe, lab_pool: Lab, machine: Machine) -> None:
    begun = time.monotonic()
    said = silence(observe, lab_pool, machine, ansible_user="sleeper", ansible_become=False, deadline=2.0)
    assert said == "the look was cut off after 2 s"
    assert time.monotonic() - begun < 30


def test_a_connection_that_breaks(observe: Observe, lab_pool: Lab, machine: Machine) -> None:
    said = silence(observe, lab_pool, machine, ansible_user="dropper", ansible_become=False)
    assert said in {"the connection broke off", f"{machine.address} ended the session: it gave no reason"}


def test_what_was_answered_before_the_deadline_counts(observe: Observe, lab_pool: Lab, lab_host: Machine) -> None:
    program(lab_host, "/usr/local/bin/dpkg-query", "exec sleep 1000")
    fields = ["hostname", "sshd.port", "package.bash.installed", "file./etc/passwd.exists"]
    sweep = observe([listed(lab_pool, lab_host)], fields, known=lab_pool.known_hosts, deadline=4.0)
    assert (sweep.seen, sweep.unseen) == (1, ())
    assert [reading(sweep, lab_host.name, name) for name in fields] == [
        lab_host.name, "22", *[Unknown("the look was cut off after 4 s")] * 2,
    ]  # fmt: skip


def test_a_host_with_a_full_disk_and_without_python_is_read(observe: Observe, lab_pool: Lab, lab_host: Machine) -> None:
    lab_host.hide_python()
    lab_host.fill_disk()
    fields = ["mount./.used_percent", "updates.pending"]
    sweep = observe([listed(lab_pool, lab_host)], fields, known=lab_pool.known_hosts)
    assert [reading(sweep, lab_host.name, name) for name in fields] == [100.0, 0]


def test_a_motd_and_a_talking_shell_do_not_disturb(observe: Observe, lab_pool: Lab, lab_host: Machine) -> None:
    lab_host.exec("sed -i '1i echo hello from bashrc; echo and stderr >&2' /home/admin/.bashrc")
    sweep = observe([listed(lab_pool, lab_host)], ["hostname"], known=lab_pool.known_hosts)
    assert reading(sweep, lab_host.name, "hostname") == lab_host.name
