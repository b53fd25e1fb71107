"""Inventory variables become a way to a host, or a reason why not; never a guess."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agent.systems.host.answer import SilentError
from agent.systems.host.connection import Become, Hop, Target, target
from tests.hosts.conftest import a_host

ROOT = Path("/srv/district")
ME = "driftbell"


def way(**variables: Any) -> Target:
    return target(a_host("web1", **variables), ROOT, ME)


def refusal(**variables: Any) -> str:
    with pytest.raises(SilentError) as caught:
        way(**variables)
    return str(caught.value)


def hop(**variables: Any) -> Hop:
    found = way(**variables).hop
    assert found is not None
    return found


def revealed(become: Become | None) -> tuple[str, str, str]:
    assert become is not None
    return become.method, become.user, become.password.reveal() if become.password else ""


def test_a_bare_name_is_reached_as_ssh_would() -> None:
    assert way() == Target(Hop("web1", 22, ME))


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"ansible_host": "10.1.2.3"}, Hop("10.1.2.3", 22, ME)),
        ({"ansible_port": 2222}, Hop("web1", 2222, ME)),
        ({"ansible_port": "2222", "ansible_user": "admin"}, Hop("web1", 2222, "admin")),
        ({"ansible_ssh_host": "old", "ansible_ssh_port": 23, "ansible_ssh_user": "u"}, Hop("old", 23, "u")),
        ({"ansible_user": "admin", "driftbell_read_user": "probe"}, Hop("web1", 22, "probe")),
        ({"ansible_ssh_private_key_file": "/k"}, Hop("web1", 22, ME, Path("/k"))),
        ({"ansible_ssh_private_key_file": "keys/k"}, Hop("web1", 22, ME, ROOT / "keys/k")),
        ({"ansible_ssh_private_key_file": "/k", "driftbell_read_key": "/r"}, Hop("web1", 22, ME, Path("/r"))),
        ({"ansible_ssh_common_args": "-i /i"}, Hop("web1", 22, ME, Path("/i"))),
        ({"ansible_ssh_common_args": "-o IdentityFile=/i"}, Hop("web1", 22, ME, Path("/i"))),
        ({"ansible_connection": "ansible.builtin.ssh"}, Hop("web1", 22, ME)),
        ({"ansible_connection": "paramiko_ssh"}, Hop("web1", 22, ME)),
        ({"ansible_user": ""}, Hop("web1", 22, ME)),
    ],
)
def test_variables_of_the_connection(variables: dict[str, Any], expected: Hop) -> None:
    assert hop(**variables) == expected


def test_a_tilde_is_the_home_of_this_account() -> None:
    assert hop(ansible_ssh_private_key_file="~/k").key == Path.home() / "k"


@pytest.mark.parametrize("name", ["ansible_password", "ansible_ssh_pass", "ansible_ssh_password"])
def test_passwords_are_secrets(name: str) -> None:
    found = hop(**{name: "hunter22"})
    assert found.password is not None
    assert found.password.reveal() == "hunter22"
    assert "hunter22" not in repr(found)


def test_this_machine_needs_no_ssh() -> None:
    assert way(ansible_connection="local", ansible_host="10.1.2.3") == Target(None)


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"ansible_become": True}, ("sudo", "root", "")),
        ({"ansible_become": "yes", "ansible_become_user": "www-data"}, ("sudo", "www-data", "")),
        ({"ansible_become": True, "ansible_become_password": "pw"}, ("sudo", "root", "pw")),
        ({"ansible_become": True, "ansible_become_pass": "pw"}, ("sudo", "root", "pw")),
        ({"ansible_become": True, "ansible_become_method": "su", "ansible_su_pass": "pw"}, ("su", "root", "pw")),
        ({"ansible_become": True, "ansible_become_method": "ansible.builtin.sudo"}, ("sudo", "root", "")),
    ],
)
def test_becoming_root(variables: dict[str, Any], expected: tuple[str, str, str]) -> None:
    assert revealed(way(**variables).become) == expected


@pytest.mark.parametrize("variables", [{}, {"ansible_become": False}, {"ansible_become": "no"}])
def test_becoming_nobody(variables: dict[str, Any]) -> None:
    assert way(**variables).become is None


def test_who_logs_in_as_root_need_not_become_root() -> None:
    assert way(ansible_user="root", ansible_become=True).become is None


JUMP = Hop("gate", 22, "ops", Path("/k"))


@pytest.mark.parametrize(
    ("arguments", "jumps"),
    [
        ("-J ops@gate", (JUMP,)),
        ("-Jops@gate", (JUMP,)),
        ("-o ProxyJump=ops@gate:22", (JUMP,)),
        ("-oProxyJump=ops@gate", (JUMP,)),
        ("-o 'ProxyJump ops@gate'", (JUMP,)),
        ("-o proxyjump=ops@gate", (JUMP,)),
        ("-o ControlMaster=auto -C -v -J ssh://ops@gate:22/", (JUMP,)),
        ("-F /etc/x -J ops@gate -J other", (JUMP,)),
        ("-J ops@gate,in@[2001:db8::1]:2222", (JUMP, Hop("2001:db8::1", 2222, "in", Path("/k")))),
        ("-J gate", (Hop("gate", 22, ME, Path("/k")),)),
        ("-i /jump -J ops@gate", (Hop("gate", 22, "ops", Path("/jump")),)),
        ("-J none", ()),
        ("-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null", ()),
        ("-L 8080:-Jevil:80", ()),
        ("", ()),
    ],
)
def test_jump_hosts(arguments: str, jumps: tuple[Hop, ...]) -> None:
    found = way(ansible_ssh_private_key_file="/k", ansible_ssh_common_args=arguments)
    assert found.jumps == jumps
    assert found.hop is not None
    assert found.hop.key == Path("/k")


def test_of_several_arguments_the_first_counts_as_in_ssh() -> None:
    found = way(ansible_ssh_extra_args="-J c", ansible_ssh_common_args="-J b", ansible_ssh_args="-J a")
    assert [jump.host for jump in found.jumps] == ["a"]


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"ansible_connection": "winrm"}, "not over ansible_connection: winrm"),
        ({"ansible_host": "{{ lookup('pipe', 'id') }}"}, "ansible_host is an Ansible template"),
        ({"ansible_user": "{% if x %}a{% endif %}"}, "ansible_user is an Ansible template"),
        ({"ansible_become": "{{ x }}"}, "ansible_become is an Ansible template"),
        ({"ansible_ssh_common_args": "-J {{ jump }}"}, "ansible_ssh_common_args is an Ansible template"),
        ({"ansible_password": {"__ansible_vault": "$ANSIBLE_VAULT"}}, "ansible_password is not plain text"),
        ({"ansible_host": ["a"]}, "ansible_host is not plain text"),
        ({"ansible_become_password": "a\nb", "ansible_become": True}, "holds a line break"),
        ({"ansible_port": "ssh"}, "ssh is not a port"),
        ({"ansible_port": 0}, "0 is not a port"),
        ({"ansible_port": 65536}, "65536 is not a port"),
        ({"ansible_become": "maybe"}, "ansible_become is neither yes nor no"),
        ({"ansible_become": True, "ansible_become_method": "doas"}, "ansible_become_method: doas is not known"),
        ({"ansible_become": True, "ansible_become_user": "-rf"}, "is not the name of an account"),
        ({"ansible_become": True, "ansible_become_user": "$(reboot)"}, "is not the name of an account"),
        ({"ansible_ssh_common_args": "-o ProxyCommand='ssh -W %h:%p gate'"}, "a ProxyCommand; write it as ProxyJump"),
        ({"ansible_ssh_extra_args": "-o HostName=elsewhere"}, "the option HostName; set ansible_host"),
        ({"ansible_ssh_common_args": "-J 'ga"}, "has a quote that never ends"),
        ({"ansible_ssh_common_args": "-J a:b:c"}, "'a:b:c' is not written user@host:port"),
        ({"ansible_ssh_private_key_file": "~nobody-of-this-name/k"}, "home folder that does not exist"),
    ],
)
def test_what_is_not_understood_is_not_guessed(variables: dict[str, Any], words: str) -> None:
    assert words in refusal(**variables)
