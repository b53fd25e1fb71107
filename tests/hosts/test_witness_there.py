"""Who else writes, asked of a real host: the account that reads finds out, and leaves nothing behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agent.settings import HostSettings
from agent.systems.host.witness.asking import HostWitness
from tests.hosts.conftest import a_repository
from tests.hosts.places import listed

if TYPE_CHECKING:
    from pathlib import Path

    from tests.lab.fixtures import Boot
    from tests.lab.host import Host as Machine
    from tests.lab.lab import Lab

HOSTILE = "/srv/$(touch pwned) 'x'"


@pytest.fixture(scope="module")
def machine(lab_module_hosts: Boot) -> Machine:
    made = lab_module_hosts(["web1"])[0]
    made.exec("echo 'net.ipv4.ip_forward=1' > /etc/sysctl.d/99-lab.conf")
    made.exec(["tee", "/etc/cron.d/forward"], stdin="9 9 9 9 * root sysctl -p /etc/sysctl.d/99-lab.conf\n")
    made.exec("echo 'PermitRootLogin yes' > /etc/ssh/sshd_config.d/zz-lab.conf")
    made.exec(["tee", HOSTILE], stdin="x")
    return made


def test_a_real_host_tells(lab_pool: Lab, machine: Machine, tmp_path: Path) -> None:
    host = listed(lab_pool, machine)
    where = a_repository(tmp_path, host)
    ask = HostWitness(lab_pool.known_hosts, HostSettings())
    lab_pool.ssh(machine, "sudo systemctl stop cron.service")
    lab_pool.ssh(machine, "sudo tee /etc/motd </dev/null")
    before = machine.snapshot()

    forward = ask(where, host.id, ["sysctl.net.ipv4.ip_forward"])
    assert "line 1 of /etc/cron.d/forward names it" in forward
    assert any(said.startswith("/etc/sysctl.d/99-lab.conf was written last at") for said in forward), forward
    login = ask(where, host.id, ["sshd.permitrootlogin"])
    assert any(said.startswith("/etc/ssh/sshd_config.d/zz-lab.conf was written last") for said in login), login
    motd = ask(where, host.id, ["file./etc/motd.content"])
    assert any(said.startswith("admin ran /usr/bin/tee as root with sudo at") for said in motd), motd
    cron = ask(where, host.id, ["service.cron.running"])
    assert any(said.startswith("admin ran /usr/bin/systemctl as root with sudo at") for said in cron), cron
    assert any(said.startswith("systemd said last: ") and "cron.service" in said for said in cron), cron
    strange = ask(where, host.id, [f"file.{HOSTILE}.content"])
    assert any(said.startswith(HOSTILE) for said in strange), strange
    assert ask(where, host.id, ["user.amy.exists"]) == ()
    assert ask(where, "host/other", ["file./etc/motd.content"]) == ()
    assert machine.snapshot() == before
    assert not machine.path("/srv/pwned").exists()


def test_a_host_that_cannot_be_asked_says_so(lab_pool: Lab, machine: Machine, tmp_path: Path) -> None:
    host = listed(lab_pool, machine, ansible_port=1)
    (said,) = HostWitness(lab_pool.known_hosts, HostSettings())(
        a_repository(tmp_path, host), host.id, ["file./etc/motd.mode"]
    )
    assert said.startswith("it could not be asked: ")
