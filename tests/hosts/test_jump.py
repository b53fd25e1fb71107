"""Hosts behind a jump host: one login there for all of them, and its own reasons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.hosts.conftest import reading, why
from tests.hosts.places import listed

if TYPE_CHECKING:
    from pathlib import Path

    from tests.hosts.conftest import Observe
    from tests.lab.fixtures import Boot
    from tests.lab.host import Host as Machine
    from tests.lab.lab import Lab


@pytest.fixture(scope="module")
def gate(lab_module_hosts: Boot) -> Machine:
    return lab_module_hosts(["gate"])[0]


@pytest.fixture(scope="module")
def inner(lab_module_hosts: Boot, gate: Machine) -> list[Machine]:
    return lab_module_hosts(["inner1", "inner2"], behind=gate)


def through(gate: Machine, **variables: Any) -> dict[str, Any]:
    return {"ansible_ssh_common_args": f"-o ProxyJump=admin@{gate.address}:22"} | variables


def test_hosts_behind_a_gate_share_one_login(
    observe: Observe, lab_pool: Lab, gate: Machine, inner: list[Machine]
) -> None:
    accepted = "journalctl --no-pager _COMM=sshd | grep -c Accepted"
    before = int(gate.exec(accepted, check=False).stdout)
    sweep = observe([listed(lab_pool, one) for one in inner], ["hostname", "sshd.port"], known=lab_pool.known_hosts)
    assert [reading(sweep, one.name, "hostname") for one in inner] == ["inner1", "inner2"]
    assert int(gate.exec(accepted).stdout) == before + 1


def test_the_gate_must_be_trusted_too(
    observe: Observe, lab_pool: Lab, gate: Machine, inner: list[Machine], tmp_path: Path
) -> None:
    known = tmp_path / "known"
    known.write_text("".join(f"{one.address} {one.host_key}\n" for one in inner))
    sweep = observe([listed(lab_pool, one) for one in inner], ["hostname"], known=known)
    for one in inner:
        assert why(sweep, one.name).startswith(f"its jump host {gate.address}: its host key is not trusted yet: ")
        assert "`driftbell hosts trust inner" in why(sweep, one.name)


def test_what_lies_behind_the_gate_has_reasons_too(
    observe: Observe, lab_pool: Lab, gate: Machine, inner: list[Machine]
) -> None:
    known = lab_pool.known_hosts
    closed = listed(lab_pool, inner[0], ansible_port=81)
    said = why(observe([closed], ["hostname"], known=known), "inner1")
    assert said == f"the jump host {gate.address} could not connect to {inner[0].address} port 81"
    lost = listed(lab_pool, inner[0], **through(gate, ansible_ssh_private_key_file="/nope"))
    said = why(observe([lost], ["hostname"], known=known), "inner1")
    assert said == f"its jump host {gate.address}: the key file /nope cannot be read: No such file or directory"


def test_a_gate_that_forbids_forwarding(observe: Observe, lab_pool: Lab, lab_hosts: Boot) -> None:
    strict = lab_hosts(["strict"])[0]
    beyond = lab_hosts(["beyond"], behind=strict)[0]
    strict.exec("echo 'AllowTcpForwarding no' > /etc/ssh/sshd_config.d/a.conf; systemctl restart ssh")
    strict.wait_for_sshd()
    said = why(observe([listed(lab_pool, beyond)], ["hostname"], known=lab_pool.known_hosts), "beyond")
    assert said.startswith(f"the jump host {strict.address} does not allow a connection through it to {beyond.address}")
