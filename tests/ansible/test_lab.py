"""On real hosts: what is asked is done, a look writes nothing, and each host's trouble is its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.model.reading import Unknown
from agent.settings import Settings
from agent.systems.ansible.job import End
from agent.systems.ansible.read import PlaybookRehearser
from agent.systems.ansible.runner import run_playbook
from tests.ansible.district import converge

if TYPE_CHECKING:
    from tests.ansible.district import Place
    from tests.lab.fixtures import Boot
    from tests.lab.lab import Lab

TASKS = """
- name: note
  ansible.builtin.copy: {content: "{{ big * 1000000 }}", dest: /etc/note, mode: "0644"}
- name: cron
  ansible.builtin.service: {name: cron, state: stopped}
"""
LOGGED_IN = "journalctl -q -u ssh --grep 'Accepted publickey for %s' | wc -l"


def test_hosts_are_mended_and_looked_at_each_for_itself(place: Place, lab_pool: Lab, lab_hosts: Boot) -> None:
    gate, full, bare, frozen = lab_hosts(["gate", "full", "bare", "frozen"])
    [inner] = lab_hosts(["inner"], behind=gate)
    account = {"driftbell_read_user": "root", "driftbell_read_key": str(lab_pool.key)}
    listed = lab_pool.inventory([gate, full, bare, frozen, inner])["all"]["hosts"]
    for name, variables in listed.items():
        place.hosts(name, **variables, **account, ansible_connection="ssh")
    (place.state / "known_hosts").write_text(lab_pool.known_hosts.read_text())
    playbook = place.tasks(TASKS)
    full.fill_disk()
    bare.hide_python()
    frozen.freeze_sshd()

    before = gate.snapshot()
    rehearser = PlaybookRehearser(Settings("", place.state), ("inventory/hosts",))
    readings = rehearser.rehearse(place.repository(), converge(playbook, big="x"), ["host/gate", "host/inner"])
    assert readings["host/gate"] == readings["host/inner"]
    assert not isinstance(readings["host/gate"], Unknown), readings
    assert "cron (playbooks/play.yml:6)" in str(readings["host/gate"])
    assert [inner.exec(LOGGED_IN % user).stdout.strip() for user in ("root", "admin")] == ["1", "0"]
    changed = {path for path, entry in gate.snapshot().items() if before.get(path) != entry}
    assert not [path for path in changed if "etc" in path], changed

    result = run_playbook(place.job(playbook, forks=5, variables={"big": "x"}))
    assert {name: host.end for name, host in result.hosts.items()} == {
        "gate": End.DONE, "inner": End.DONE, "full": End.FAILED, "bare": End.FAILED, "frozen": End.UNREACHABLE
    }, result  # fmt: skip
    assert result.hosts["full"].why.endswith("(its disk is full, or cannot be written)")
    assert "/usr/bin/python3" in result.hosts["bare"].why
    assert "not found" in result.hosts["bare"].why
    assert result.hosts["frozen"].why.startswith("ssh: Connection timed out")
    for host in (gate, inner):
        assert host.path("/etc/note").stat().st_size == 1_000_000
        assert host.exec("systemctl is-active cron", check=False).stdout == "inactive\n"
    again = run_playbook(place.job(playbook, "gate", "inner", variables={"big": "x"}))
    assert [host.changes for host in again.hosts.values()] == [0, 0]
