"""Logging in: with the key or the password that the inventory names, else with the usual keys; and why not."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.hosts.conftest import why
from tests.hosts.places import account, listed, silence
from tests.lab.commands import tool, wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from tests.hosts.conftest import Observe
    from tests.lab.fixtures import Boot
    from tests.lab.host import Host as Machine
    from tests.lab.lab import Lab

pytestmark = pytest.mark.usefixtures("quiet")


@pytest.fixture(scope="module")
def machine(lab_module_hosts: Boot) -> Machine:
    made = lab_module_hosts(["web1"])[0]
    account(made, "plain", password="right")
    return made


def test_keys_that_do_not_open(observe: Observe, lab_pool: Lab, machine: Machine, tmp_path: Path) -> None:
    for name, phrase in (("other", ""), ("locked", "a passphrase")):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", phrase, "-f", tmp_path / name], check=True)
    (tmp_path / "text").write_text("not a key")
    reasons = {
        "other": f"{machine.address} does not let admin in with the key {tmp_path / 'other'}",
        "locked": f"the key file {tmp_path / 'locked'} has a passphrase; nobody is there to type it",
        "text": f"the key file {tmp_path / 'text'} holds no private key that can be used",
        "none": f"the key file {tmp_path / 'none'} cannot be read: No such file or directory",
    }
    for name, reason in reasons.items():
        said = silence(observe, lab_pool, machine, ansible_ssh_private_key_file=str(tmp_path / name))
        assert said == reason


def test_no_key_at_all(observe: Observe, lab_pool: Lab, machine: Machine) -> None:
    said = silence(observe, lab_pool, machine, ansible_ssh_private_key_file=None)
    assert "with no key at all" in said


def test_the_usual_keys_of_this_account(
    observe: Observe, lab_pool: Lab, machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = listed(lab_pool, machine, ansible_ssh_private_key_file=None)
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".ssh").mkdir()
    shutil.copy(lab_pool.key, tmp_path / ".ssh" / "id_ed25519")
    assert observe([host], ["hostname"], known=lab_pool.known_hosts).seen == 1


def test_the_keys_of_an_agent(
    observe: Observe, lab_pool: Lab, machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = listed(lab_pool, machine, ansible_ssh_private_key_file=None)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SSH_AUTH_SOCK", str(tmp_path / "agent"))
    with subprocess.Popen(["ssh-agent", "-D", "-a", tmp_path / "agent"], stdout=subprocess.DEVNULL) as agent:
        wait_until((tmp_path / "agent").exists, 10, "the agent listens")
        tool("ssh-add", "-q", lab_pool.key)
        seen = observe([host], ["hostname"], known=lab_pool.known_hosts).seen
        agent.terminate()
    assert seen == 1
    monkeypatch.setenv("SSH_AUTH_SOCK", str(tmp_path / "gone"))
    assert "with no key at all" in why(observe([host], ["hostname"], known=lab_pool.known_hosts), "web1")


def test_passwords(observe: Observe, lab_pool: Lab, machine: Machine) -> None:
    password = {"ansible_ssh_private_key_file": None, "ansible_user": "plain", "ansible_become": False}
    host = listed(lab_pool, machine, **password, ansible_password="right")
    assert observe([host], ["hostname"], known=lab_pool.known_hosts).seen == 1
    said = silence(observe, lab_pool, machine, **password, ansible_password="wrong")
    assert said == f"{machine.address} does not let plain in with the password of the inventory"


def test_a_server_that_takes_no_passwords(observe: Observe, lab_pool: Lab, lab_host: Machine) -> None:
    lab_host.exec("echo 'PasswordAuthentication no' > /etc/ssh/sshd_config.d/a.conf; systemctl restart ssh")
    lab_host.wait_for_sshd()
    password = {"ansible_ssh_private_key_file": None, "ansible_password": "right"}
    said = silence(observe, lab_pool, lab_host, **password)
    assert said == f"{lab_host.address} does not let admin in with the password of the inventory; it takes publickey"
