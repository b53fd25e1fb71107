"""Undo on a real host: units that somebody changed since, what is overwritten, and a policy under a new name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.cli.test_loop import district_on
from tests.cli.test_undo import district, repaired

if TYPE_CHECKING:
    from tests.cli.fixtures import Driftbell
    from tests.lab.host import Host
    from tests.lab.lab import Lab

PLAYBOOK = """\
- name: A file and a unit
  hosts: all
  become: true
  gather_facts: false
  tasks:
    - name: The file
      ansible.builtin.copy: {dest: /etc/motd, content: "welcome\\n", mode: "0644", owner: root, group: root}
    - name: The unit
      ansible.builtin.service: {name: waits, state: started, enabled: true}
"""
UNIT = """\
[Service]
ExecStart=/bin/sleep infinity
[Install]
WantedBy=multi-user.target
"""


def unit(host: Host) -> list[str]:
    return host.exec("systemctl is-active waits; systemctl is-enabled waits", check=False).stdout.split()


def test_a_unit_that_somebody_changed_since_is_held_and_overwritten_only_when_said(
    driftbell: Driftbell, lab_pool: Lab, lab_host: Host
) -> None:
    district_on(driftbell, lab_pool, [lab_host])
    lab_host.path("/etc/systemd/system/waits.service").write_text(UNIT)
    lab_host.exec("echo old > /etc/motd; systemctl daemon-reload")
    district(driftbell, PLAYBOOK)
    run = repaired(driftbell)
    assert unit(lab_host) == ["active", "enabled"]
    lab_host.exec("systemctl disable waits")  # running and not enabled: neither as we left it nor as it was
    for words in ((), ("--only", lab_host.name)):
        held = driftbell("undo", run, *words, "--yes", "--json")
        assert held.code == 4, held.out
        (hold,) = held.json["plan"]["holds"]
        assert hold["guard"] == "changed since"
        assert f"Somebody changed {lab_host.name} since: waits." in hold["sentence"]
        assert "--overwrite" in hold["lifted_by"]
    unnamed = driftbell("undo", run, "--overwrite", "--yes")
    assert unnamed.code == 2
    assert "--only HOST" in unnamed.err
    assert unit(lab_host) == ["active", "disabled"]
    meant = driftbell("undo", run, "--only", lab_host.name, "--overwrite", "--yes")
    assert meant.code == 0, meant.out + meant.err
    assert unit(lab_host) == ["inactive", "disabled"]
    assert lab_host.exec("cat /etc/motd").stdout == "old\n"

    text = (driftbell.repo / "policies/hosts/MOTD-01.yaml").read_text()
    (driftbell.repo / "policies/hosts/MOTD-01.yaml").unlink()
    driftbell.write("policies/hosts/MOTD-02.yaml", text.replace("MOTD-01", "MOTD-02"))
    held = driftbell("run", "--json", "--mail", "never")
    (hold,) = held.json["plan"]["holds"]
    assert hold["guard"] == "taken back"
    assert "for MOTD-01" in hold["sentence"]
    assert "driftbell resume MOTD-02" in hold["lifted_by"]
    assert lab_host.exec("cat /etc/motd").stdout == "old\n"
    resumed = driftbell("resume", "MOTD-02")
    assert resumed.code == 0, resumed.err
    assert "MOTD-02 may do again what was taken back (1 resource)." in resumed.out
    assert repaired(driftbell)
    assert unit(lab_host) == ["active", "enabled"]
