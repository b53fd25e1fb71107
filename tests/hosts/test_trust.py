"""Fetching and accepting host keys; OpenSSH itself takes the file that we write."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from agent.errors import InputError
from agent.settings import HostSettings
from agent.systems.host import known_hosts
from agent.systems.host.trust import Offer, Standing, add, look
from tests.hosts.conftest import a_host
from tests.hosts.places import listed

if TYPE_CHECKING:
    from pathlib import Path

    from agent.model.policy import Host
    from tests.lab.fixtures import Boot
    from tests.lab.host import Host as Machine
    from tests.lab.lab import Lab

SETTINGS = HostSettings(connect_timeout=2.0)


@pytest.fixture
def known(tmp_path: Path) -> Path:
    return tmp_path / "state" / "known_hosts"


def offers(known: Path, *hosts: Host) -> dict[str, Offer]:
    return {offer.host: offer for offer in look(hosts, known, SETTINGS, known.parent)}


def standings(known: Path, *hosts: Host) -> dict[str, Standing]:
    return {name: offer.standing for name, offer in offers(known, *hosts).items()}


def fingerprint(key: str) -> str:
    shown = subprocess.run(["ssh-keygen", "-lf", "-"], input=key, capture_output=True, text=True, check=True)
    return shown.stdout.split()[1]


def openssh(lab: Lab, machine: Machine, known: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return lab.ssh(machine, "hostname", options=["-o", f"UserKnownHostsFile={known}", *options])


def test_a_new_host_is_shown_added_and_then_known_to_openssh(lab_pool: Lab, lab_host: Machine, known: Path) -> None:
    host = listed(lab_pool, lab_host)
    offer = offers(known, host)[lab_host.name]
    assert (offer.standing, offer.name) == (Standing.NEW, lab_host.address)
    assert str(offer.key) == f"ssh-ed25519 {fingerprint(lab_host.host_key)}"
    assert "Host key verification failed" in openssh(lab_pool, lab_host, known).stderr
    add(known, [offer])
    assert openssh(lab_pool, lab_host, known).stdout == f"{lab_host.name}\n"
    assert standings(known, host) == {lab_host.name: Standing.KNOWN}
    journal = lab_host.exec("journalctl --no-pager _COMM=sshd | grep Accepted").stdout
    assert journal.count("Accepted") == 1  # OpenSSH's; fetching a key logs in to nothing


def test_another_port_is_filed_as_openssh_files_it(lab_pool: Lab, lab_host: Machine, known: Path) -> None:
    lab_host.exec("/usr/sbin/sshd -p 2222")
    lab_host.wait_for_sshd(2222)
    host = listed(lab_pool, lab_host, ansible_port=2222)
    add(known, look([host], known, SETTINGS, known.parent))
    assert known.read_text(encoding="utf-8").startswith(f"[{lab_host.address}]:2222 ssh-ed25519 ")
    assert openssh(lab_pool, lab_host, known, "-p", "2222").stdout == f"{lab_host.name}\n"


def test_a_host_with_several_keys_stays_known_by_any_of_them(lab_pool: Lab, lab_host: Machine, known: Path) -> None:
    lab_host.exec("ssh-keygen -q -t ecdsa -N '' -f /etc/ssh/ssh_host_ecdsa_key; systemctl restart ssh")
    lab_host.wait_for_sshd()
    kind, blob, *_ = lab_host.path("/etc/ssh/ssh_host_ecdsa_key.pub").read_text(encoding="utf-8").split()
    known.parent.mkdir()
    known.write_text(f"{lab_host.address} {kind} {blob}\n", encoding="utf-8")
    assert standings(known, listed(lab_pool, lab_host)) == {lab_host.name: Standing.KNOWN}


def test_a_changed_key_is_never_taken_silently(lab_pool: Lab, lab_host: Machine, known: Path) -> None:
    host = listed(lab_pool, lab_host)
    known.parent.mkdir()
    add(known, look([host], known, SETTINGS, known.parent))
    line = known.read_text(encoding="utf-8")
    before, old = f"# kept\nother,{line}{line.replace(lab_host.address, 'third')}", fingerprint(lab_host.host_key)
    known.write_text(before, encoding="utf-8")
    new = fingerprint(lab_host.new_host_key())
    changed = offers(known, host)[lab_host.name]
    assert (changed.standing, [key.fingerprint for key in changed.trusted]) == (Standing.CHANGED, [old])
    with pytest.raises(InputError, match="has changed from") as refused:
        add(known, [changed])
    assert old in str(refused.value)
    assert new in str(refused.value)
    assert known.read_text(encoding="utf-8") == before
    add(known, [changed], replace=True)
    assert standings(known, host) == {lab_host.name: Standing.KNOWN}
    assert openssh(lab_pool, lab_host, known).stdout == f"{lab_host.name}\n"
    after = known_hosts.read(known)
    assert [key.fingerprint for key in after.keys("third")] == [old]
    assert [key.fingerprint for key in after.keys("other")] == [old]
    assert known.read_text(encoding="utf-8").startswith("# kept\n")


def test_silent_hosts_say_why_and_this_machine_has_no_key(lab_pool: Lab, lab_host: Machine, known: Path) -> None:
    lab_host.refuse()
    here = a_host("here", ansible_connection="local")
    odd = a_host("odd", ansible_host="{{ x }}")
    found = offers(known, listed(lab_pool, lab_host), here, odd)
    assert {name: offer.standing for name, offer in found.items()} == {
        lab_host.name: Standing.SILENT, "odd": Standing.SILENT,
    }  # fmt: skip
    assert found[lab_host.name].why == f"{lab_host.address} refuses connections"
    assert "template" in found["odd"].why
    add(known, found.values())
    assert not known.read_text(encoding="utf-8")


def test_a_jump_host_is_trusted_first(lab_pool: Lab, lab_hosts: Boot, known: Path) -> None:
    gate = lab_hosts(["gate"])[0]
    inner = lab_hosts(["inner"], behind=gate)[0]
    host = listed(lab_pool, inner)
    first = offers(known, host)
    assert (first[gate.address].standing, first["inner"].standing) == (Standing.NEW, Standing.SILENT)
    assert "its host key is not trusted yet" in first["inner"].why
    add(known, first.values())
    second = offers(known, host)
    assert (second[gate.address].standing, second["inner"].standing) == (Standing.KNOWN, Standing.NEW)
    add(known, second.values())
    assert standings(known, host) == {gate.address: Standing.KNOWN, "inner": Standing.KNOWN}
