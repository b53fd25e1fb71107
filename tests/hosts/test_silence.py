"""Why a host is silent before anybody logs in: each reason from its real cause, and nothing on stderr."""

from __future__ import annotations

import random
import socket
import struct
import subprocess
import threading
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING, Any

import pytest

from agent.model.reading import Unknown
from agent.settings import HostSettings
from agent.systems.host import known_hosts
from agent.systems.host.answer import SilentError
from agent.systems.host.connection import Hop, Target
from agent.systems.host.ssh import Ssh
from tests.hosts.conftest import a_host, reading, why
from tests.hosts.places import listed, silence

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from tests.hosts.conftest import Observe
    from tests.lab.fixtures import Boot
    from tests.lab.host import Host as Machine
    from tests.lab.lab import Lab

pytestmark = pytest.mark.usefixtures("quiet")


@pytest.fixture(scope="module")
def machine(lab_module_hosts: Boot) -> Machine:
    return lab_module_hosts(["web1"])[0]


@contextmanager
def server(greeting: bytes) -> Generator[int]:
    """Listen on loopback, say this to whoever comes, and hang up."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:

        def serve() -> None:
            while True:
                try:
                    link, _ = listener.accept()
                except OSError:
                    return
                with closing(link), suppress(OSError):
                    link.sendall(greeting)

        threading.Thread(target=serve, daemon=True).start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)


def local(port: int) -> dict[str, Any]:
    return {"ansible_host": "127.0.0.1", "ansible_port": port}


def test_refused(observe: Observe) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        port = listener.getsockname()[1]
    sweep = observe([a_host("web1", **local(port))], ["hostname"])
    assert why(sweep, "web1") == f"127.0.0.1 port {port} refuses connections"
    assert reading(sweep, "web1", "hostname") == Unknown(why(sweep, "web1"))


def test_a_name_that_is_not_there(observe: Observe) -> None:
    sweep = observe([a_host("web1", ansible_host="web1.invalid"), a_host("x", ansible_host="a..b")], ["hostname"])
    assert why(sweep, "web1").startswith("the name web1.invalid is not found: ")
    assert why(sweep, "x").startswith("the name a..b is not found: ")


def test_an_address_without_a_way(observe: Observe) -> None:
    sweep = observe([a_host("web1", ansible_host="fe80::1")], ["hostname"])
    assert why(sweep, "web1").startswith("fe80::1 cannot be reached: ")


def test_not_an_ssh_server(observe: Observe) -> None:
    with server(b"HTTP/1.1 400 Bad Request\r\n" * 200) as port:
        sweep = observe([a_host("web1", **local(port))], ["hostname"])
    assert why(sweep, "web1") == f"what answers on 127.0.0.1 port {port} is not an SSH server"


def test_a_server_that_hangs_up(observe: Observe) -> None:
    with server(b"") as port:
        sweep = observe([a_host("web1", **local(port))], ["hostname"])
    assert "closes connections before saying anything" in why(sweep, "web1")


def test_a_server_that_breaks_off_in_the_key_exchange(observe: Observe) -> None:
    with server(b"SSH-2.0-OpenSSH_9.2\r\n") as port:
        sweep = observe([a_host("web1", **local(port))], ["hostname"])
    assert f"127.0.0.1 port {port}" in why(sweep, "web1")


def packet(payload: bytes) -> bytes:
    """Frame a message of SSH's binary protocol before encryption (RFC 4253, section 6)."""
    padding = 8 - (len(payload) + 5) % 8 + 8
    return struct.pack(">IB", len(payload) + padding + 1, padding) + payload + bytes(padding)


@pytest.mark.parametrize("seed", range(12))
def test_garbage_from_a_server_is_a_reason_and_no_crash(observe: Observe, seed: int) -> None:
    noise = random.Random(seed)  # ruff: ignore[suspicious-non-cryptographic-random-usage]  the same noise each time
    lists = b"".join(struct.pack(">I", noise.choice([0, 3, 9, 2**31])) + noise.randbytes(9) for _ in range(10))
    messages = [packet(noise.randbytes(noise.randrange(1, 400))) for _ in range(3)]
    offer = packet(b"\x14" + noise.randbytes(16) + lists)
    greeting = b"SSH-2.0-x\r\n" + offer + b"".join(messages) + noise.randbytes(99)
    with server(greeting) as port:
        sweep = observe([a_host("web1", **local(port))], ["hostname"], connect_timeout=1.0)
    assert f"127.0.0.1 port {port}" in why(sweep, "web1")


def test_a_frozen_server(observe: Observe, lab_pool: Lab, lab_host: Machine) -> None:
    lab_host.freeze_sshd()
    said = silence(observe, lab_pool, lab_host, connect_timeout=1.0)
    assert said == f"{lab_host.address} accepts connections, but its SSH server says nothing for 1 s"
    lab_host.thaw_sshd()


def test_a_pulled_cable(observe: Observe, lab_pool: Lab, lab_host: Machine) -> None:
    lab_host.take_away()
    said = silence(observe, lab_pool, lab_host, connect_timeout=1.0)
    assert said == f"no answer from {lab_host.address} within 1 s"


def test_one_silent_host_holds_nobody_else_up(observe: Observe, lab_pool: Lab, lab_hosts: Boot) -> None:
    good, bad = lab_hosts(2)
    bad.take_away()
    both = [listed(lab_pool, one) for one in (bad, good)]
    sweep = observe(both, ["hostname"], known=lab_pool.known_hosts, connect_timeout=1.0)
    assert (sweep.expected, sweep.seen) == (2, 1)
    assert reading(sweep, good.name, "hostname") == good.name
    assert [unseen.resource for unseen in sweep.unseen] == [f"host/{bad.name}"]


def test_an_unknown_host_key(observe: Observe, lab_pool: Lab, machine: Machine, tmp_path: Path) -> None:
    sweep = observe([listed(lab_pool, machine)], ["hostname"], known=tmp_path / "none")
    shown = subprocess.run(
        ["ssh-keygen", "-lf", "-"], input=machine.host_key, capture_output=True, text=True, check=True
    ).stdout.split()[1]
    assert why(sweep, "web1") == (
        f"its host key is not trusted yet: {machine.address} shows ssh-ed25519 {shown}; compare it, then run "
        "`driftbell hosts trust web1`"
    )


def test_a_changed_host_key_gets_no_login(observe: Observe, lab_pool: Lab, lab_host: Machine) -> None:
    old = known_hosts.read(lab_pool.known_hosts).keys(lab_host.address)[0]
    new = known_hosts._parse(f"x {lab_host.new_host_key()}").key
    assert new is not None
    said = silence(observe, lab_pool, lab_host)
    assert said.startswith(f"ITS HOST KEY HAS CHANGED: known_hosts holds {old}, {lab_host.address} shows {new}.")
    assert "Accepted" not in lab_host.exec("journalctl --no-pager _COMM=sshd").stdout


def test_a_host_that_has_lost_the_type_of_key_we_trust(
    observe: Observe, lab_pool: Lab, machine: Machine, tmp_path: Path
) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", "rsa", "-N", "", "-f", tmp_path / "rsa"], check=True)
    kind, blob, *_ = (tmp_path / "rsa.pub").read_text().split()
    (tmp_path / "known").write_text(f"{machine.address} {kind} {blob}\n")
    sweep = observe([listed(lab_pool, machine)], ["hostname"], known=tmp_path / "known")
    assert why(sweep, "web1").startswith("ITS HOST KEY HAS CHANGED: known_hosts holds ssh-rsa SHA256:")


def test_a_revoked_host_key(observe: Observe, lab_pool: Lab, machine: Machine, tmp_path: Path) -> None:
    known = tmp_path / "known"
    known.write_text(f"{machine.address} {machine.host_key}\n@revoked * {machine.host_key}\n")
    sweep = observe([listed(lab_pool, machine)], ["hostname"], known=known)
    assert why(sweep, "web1").startswith("ITS HOST KEY IS REVOKED: ")


def test_no_cipher_in_common(observe: Observe, lab_pool: Lab, lab_host: Machine) -> None:
    lab_host.exec("echo 'Ciphers chacha20-poly1305@openssh.com' > /etc/ssh/sshd_config.d/a.conf; systemctl restart ssh")
    lab_host.wait_for_sshd()
    assert "have no method of SSH in common" in silence(observe, lab_pool, lab_host)


def test_a_sweep_that_is_over_begins_nothing_new() -> None:
    with Ssh(known_hosts.KnownHosts(()), HostSettings()) as ssh:
        pass
    with pytest.raises(SilentError, match="the sweep was stopped"):
        ssh.ask("web1", Target(Hop("127.0.0.1", 22, "nobody")), b"")
