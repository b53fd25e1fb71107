"""The inventory, as the real ansible-inventory resolves it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from agent.errors import InputError
from agent.intake import inventory
from tests.intake.cases import CASES
from tests.intake.test_playbooks import overlay

if TYPE_CHECKING:
    from agent.model.policy import Host
    from tests.intake.district import District

FOLDERS = sorted((CASES / "inventory").iterdir())

HOSTS = r"""
all:
  vars: {everywhere: 1}
  children:
    servers:
      children:
        mail:
          hosts:
            mail1: {site: east, ansible_port: 2222}
            web[1:3]: {}
        web:
          hosts:
            web1: {list: [a, {b: c}], quoted: "{{ 7*7 }}"}
    empty:
  hosts:
    alone: {}
    "$(reboot)": {note: "'; DROP TABLE x"}
    "{{ 7*7 }}": {}
    "<script>": {}
    "'; DROP TABLE hosts": {}
    "two\nlines": {}
"""


def hosts(root: Path) -> dict[str, Host]:
    return {host.name: host for host in inventory.hosts(root, root / "cache")}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "inventory" / "group_vars").mkdir(parents=True)
    (tmp_path / "inventory" / "host_vars").mkdir()
    (tmp_path / "inventory" / "hosts.yml").write_text(HOSTS)
    (tmp_path / "inventory" / "group_vars" / "mail.yml").write_text(
        "role: mail\nsecret: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  6162\nliteral: !unsafe '{{ x }}'\n"
    )
    (tmp_path / "inventory" / "host_vars" / "mail1").write_text("role: first mail\n")
    (tmp_path / "inventory" / "systems.yaml").write_text("systems: {}\n")
    return tmp_path


@pytest.mark.parametrize("case", FOLDERS, ids=lambda case: case.name)
def test_a_wrong_inventory_gets_its_sentences(district: District, case: Path) -> None:
    overlay(district, case)
    assert district.problems() == (case / "problems.txt").read_text(encoding="utf-8").splitlines()


def test_groups_and_variables_are_resolved(root: Path) -> None:
    found = hosts(root)
    assert found["mail1"].groups == ("mail", "servers")
    assert found["web1"].groups == ("mail", "servers", "web")
    assert found["web3"].groups == ("mail", "servers")
    assert found["alone"].groups == ()
    assert found["mail1"].site == "east"
    assert found["mail1"].id == "host/mail1"
    assert found["mail1"].variables["role"] == "first mail"
    assert found["web2"].variables["role"] == "mail"
    assert found["web1"].variables["list"] == ["a", {"b": "c"}]
    assert found["alone"].variables == {"everywhere": 1}


def test_hostile_names_and_values_are_text(root: Path) -> None:
    found = hosts(root)
    assert {"$(reboot)", "{{ 7*7 }}", "<script>", "'; DROP TABLE hosts", "two\nlines"} <= set(found)
    assert found["$(reboot)"].variables["note"] == "'; DROP TABLE x"
    assert found["web1"].variables["quoted"] == "{{ 7*7 }}"
    assert found["web2"].variables["literal"] == "{{ x }}"


def test_encrypted_values_stay_closed(root: Path) -> None:
    assert hosts(root)["web2"].variables["secret"] == {"__ansible_vault": "$ANSIBLE_VAULT;1.1;AES256\n6162\n"}


def test_the_digest_is_of_the_variables_and_the_groups(root: Path) -> None:
    before = hosts(root)
    (root / "inventory" / "host_vars" / "mail1").write_text("role: other\n")
    after = hosts(root)
    assert before["mail1"].digest != after["mail1"].digest
    assert before["web1"].digest == after["web1"].digest
    assert len(before["web1"].digest) == 64


def test_without_an_inventory_there_are_no_hosts_and_a_warning(district: District) -> None:
    repository = district.load()
    assert repository.hosts == ()
    assert repository.warnings == ("There is no inventory/hosts.yml, so no hosts are looked at.",)


def test_an_inventory_by_another_name_is_told(district: District) -> None:
    district.write("inventory/hosts.ini", "[web]\nweb1\n")
    assert district.load().warnings == (
        "There is no inventory/hosts.yml (inventory/hosts.ini is not read), so no hosts are looked at.",
    )


def test_an_inventory_may_not_lead_out_of_the_repository(district: District) -> None:
    outside = district.root.parent / "outside.yml"
    outside.write_text("all: {hosts: {a: {}}}\n", encoding="utf-8")
    (district.root / "inventory" / "hosts.yml").symlink_to(outside)
    assert district.problems() == ["inventory/hosts.yml: This link leads out of the repository."]


def stand_in(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Put a program of another make in front of the real ansible-inventory."""
    folder.mkdir()
    program = folder / "ansible-inventory"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(folder / "python"))


def test_the_answer_is_kept_until_something_changes(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = tmp_path / "asked"
    stand_in(tmp_path / "bin", monkeypatch, f'echo x >> {asked}; echo \'{{"all": {{"hosts": ["a"]}}}}\'')

    def times() -> int:
        assert list(hosts(root)) == ["a"]
        return len(asked.read_text(encoding="utf-8").split())

    assert times() == 1
    assert times() == 1
    (root / "inventory" / "group_vars" / "web.yml").write_text("a: 1\n")
    assert times() == 2
    (root / "inventory" / "exports").mkdir()
    (root / "inventory" / "exports" / "big.csv").write_text("not asked about")
    assert times() == 2
    for kept in (root / "cache").glob("inventory-*"):
        assert kept.stat().st_mode & 0o077 == 0
        kept.write_text("{broken")
    assert times() == 3
    (root / "inventory" / "hosts.yml").chmod(0o755)  # a program: what it says may change at any time
    assert times() == 4
    assert times() == 5
    (root / "inventory" / "hosts.yml").chmod(0o644)
    (root / "inventory" / "host_vars" / "link").symlink_to("mail1")
    assert times() == 6
    assert times() == 7


def test_a_program_that_lists_hosts_is_run(root: Path) -> None:
    script = root / "inventory" / "hosts.yml"
    script.write_text('#!/bin/sh\necho \'{"all": {"hosts": ["from-a-script"]}, "_meta": {"hostvars": {}}}\'\n')
    script.chmod(0o755)
    assert list(hosts(root)) == ["from-a-script"]


def test_ansible_gets_none_of_our_environment(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = tmp_path / "said"
    stand_in(tmp_path / "bin", monkeypatch, f"env > {said}; echo '{{}}'")
    monkeypatch.setenv("ANSIBLE_VAULT_PASSWORD_FILE", "/etc/shadow")
    monkeypatch.setenv("DRIFTBELL_MAIL_PASSWORD", "hunter2")
    assert hosts(root) == {}
    names = {line.partition("=")[0] for line in said.read_text(encoding="utf-8").splitlines()}
    assert names - {"PWD", "SHLVL", "_", "OLDPWD"} == {
        *("HOME", "PATH", "LANG", "LC_ALL", "ANSIBLE_CONFIG", "ANSIBLE_HOME", "ANSIBLE_NOCOLOR"),
    }


def test_an_ansible_that_hangs_is_stopped_with_all_it_started(
    district: District, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pid = tmp_path / "pid"
    stand_in(tmp_path / "bin", monkeypatch, f"sleep 1000 & echo $! > {pid}; wait")
    monkeypatch.setattr(inventory, "SECONDS", 1.0)
    district.write("inventory/hosts.yml", "all: {hosts: {a: {}}}\n")
    assert district.problems() == ["inventory/hosts.yml: Ansible did not list the inventory within 1 seconds."]
    stat = Path("/proc", pid.read_text(encoding="utf-8").strip(), "stat")
    deadline = time.monotonic() + 30
    while stat.exists() and stat.read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z":
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_missing_ansible_is_named(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match="The program ansible-inventory is not there"):
        inventory.hosts(root, root / "cache")
