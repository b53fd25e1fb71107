"""Undo on real hosts: what a run changed goes back as it was, is looked at again, and is not done again at once."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

from tests.cli.test_loop import district_on
from tests.cli.test_switch import sleepers, wait_until

if TYPE_CHECKING:
    from typing import Any

    from tests.cli.fixtures import Driftbell
    from tests.lab.fixtures import Boot
    from tests.lab.host import Host
    from tests.lab.lab import Lab

FILES = """\
- name: Change files in every way
  hosts: all
  become: true
  gather_facts: false
  tasks:
    - name: Content
      ansible.builtin.copy: {dest: /etc/motd, content: "welcome\\n", mode: "0644", owner: root, group: root}
    - name: A new one in new folders
      ansible.builtin.file: {path: /opt/made/deep, state: directory, mode: "0750"}
    - name: In there
      ansible.builtin.copy: {dest: /opt/made/deep/file, content: "x", mode: "0600"}
    - name: Gone
      ansible.builtin.file: {path: /opt/gone, state: absent}
    - name: Mode and owner
      ansible.builtin.file: {path: /opt/kept, mode: "0600", owner: admin, group: admin}
    - name: A link somewhere else
      ansible.builtin.file: {path: /opt/link, src: /etc/hostname, state: link}
"""


def district(driftbell: Driftbell, playbook: str, **more: Any) -> None:
    driftbell.write("playbooks/write.yml", playbook)
    driftbell.policy(
        "MOTD-01",
        expect={"file./etc/motd.content": "welcome\n"},
        mode="enforce",
        remedy=[{"do": "ansible.playbook", "with": {"playbook": "playbooks/write.yml"}}],
        **more,
    )


def state(host: Host) -> str:
    """All that a playbook of this module touches."""
    listed = "find /opt /etc/motd /etc/motd.d -exec stat -c '%n %F %a %U %G %N' {} + 2>/dev/null | sort"
    content = "head -c 200 /etc/motd /opt/gone /opt/kept /opt/made/deep/file 2>/dev/null"
    return host.exec(f"{listed}; {content}; true").stdout


def repaired(driftbell: Driftbell) -> str:
    ran = driftbell("run", "--json", "--mail", "never")
    assert {o["outcome"] for o in ran.json["outcomes"]} == {"confirmed"}, ran.out
    return ran.json["run"]


def test_files_go_back_as_they_were_and_an_undo_can_be_undone(
    driftbell: Driftbell, lab_pool: Lab, lab_host: Host
) -> None:
    district_on(driftbell, lab_pool, [lab_host])
    lab_host.exec("printf 'old\\n' > /etc/motd; chmod 0640 /etc/motd; chgrp adm /etc/motd")
    lab_host.exec("printf '\\000\\377\\n' > /opt/gone")
    lab_host.exec("echo kept > /opt/kept; chmod 4755 /opt/kept; ln -s /etc/motd /opt/link")
    district(driftbell, FILES)
    before = state(lab_host)
    run = repaired(driftbell)
    after = state(lab_host)
    assert after != before

    shown = driftbell("undo", run, "--plan")
    assert shown.code == 0, shown.out + shown.err
    assert "exact" in shown.out
    assert "/opt/gone" in shown.out
    assert state(lab_host) == after
    undone = driftbell("undo", run, "--yes")
    assert undone.code == 0, undone.out + undone.err
    assert "taken back and confirmed" in undone.out
    assert state(lab_host) == before

    held = driftbell("run", "--json", "--mail", "never")
    assert held.code == 4
    assert "took this change back" in str(held.json["plan"]["holds"])
    assert state(lab_host) == before
    again = driftbell("undo", run, "--yes")
    assert again.code == 2
    assert "taken back already" in again.err
    assert f"our change ({run}) was taken back" in " ".join(driftbell("history", lab_host.name).out.split())


SECRET = "tr0ub4dor-and-3-staples"
HOSTILE = "/opt/it's {{ 7*7 }} $(touch pwned) \"ä\n.bin"
SSHD = """\
- name: A drop-in, a service that is told, a secret, and what nobody can simulate
  hosts: all
  become: true
  gather_facts: false
  tasks:
    - name: Drop-in
      ansible.builtin.copy: {dest: /etc/ssh/sshd_config.d/00-x.conf, content: "PermitRootLogin no\\n", mode: "0644"}
      notify: Restart sshd
    - name: Database
      ansible.builtin.template: {src: app.j2, dest: /opt/app.conf, mode: "0600"}
    - name: Something of its own
      ansible.builtin.command: touch /opt/commanded
  handlers:
    - name: Restart sshd
      ansible.builtin.service: {name: ssh, state: restarted}
"""


def started(host: Host) -> str:
    return host.exec("systemctl show --property=ActiveEnterTimestampMonotonic ssh").stdout


def test_a_told_service_is_told_again_a_command_is_named_and_no_secret_is_shown(
    driftbell: Driftbell, lab_pool: Lab, lab_host: Host
) -> None:
    district_on(driftbell, lab_pool, [lab_host])
    lab_host.exec("echo 'PermitRootLogin yes' > /etc/ssh/sshd_config.d/10-lab.conf; systemctl restart ssh")
    lab_host.exec(f"echo 'old={SECRET}' > /opt/app.conf")
    driftbell.write("playbooks/app.j2", f"password={SECRET}\n")
    driftbell.write("playbooks/write.yml", SSHD)
    driftbell.policy(
        "SSH-09",
        expect={"sshd.permitrootlogin": "no"},
        mode="enforce",
        remedy=[{"do": "ansible.playbook", "with": {"playbook": "playbooks/write.yml"}}],
    )
    said = driftbell("run", "--json", "--mail", "never")
    run = said.json["run"]
    assert [o["outcome"] for o in said.json["outcomes"]] == ["confirmed"], said.out
    told = started(lab_host)
    undone = driftbell("undo", run, "--yes", "--json")
    assert undone.code == 0, undone.out + undone.err
    (one,) = undone.json["undo"]
    assert one["undo"] == "partial"
    assert "Something of its own" in str(one["left"])
    assert [o["outcome"] for o in undone.json["outcomes"]] == ["reverted"]
    assert "permitrootlogin yes" in lab_host.exec("sshd -T").stdout.splitlines()
    assert started(lab_host) != told
    assert not lab_host.path("/etc/ssh/sshd_config.d/00-x.conf").exists()
    assert lab_host.path("/opt/app.conf").read_text() == f"old={SECRET}\n"
    assert lab_host.path("/opt/commanded").exists()

    again = driftbell("undo", undone.json["run"], "--yes")
    assert again.code == 0, again.out + again.err
    assert "does again" in again.out
    assert lab_host.path("/opt/app.conf").read_text() == f"password={SECRET}\n"
    after = driftbell("run", "--json", "--mail", "never")
    assert after.code == 0, after.out
    told_by = (said, undone, again, after, driftbell("report"), driftbell("history", lab_host.name))
    assert all(SECRET not in s.out + s.err for s in told_by)
    kept = [p for p in driftbell.state.rglob("*") if p.is_file() and SECRET.encode() in p.read_bytes()]
    assert all(p.name.startswith("ledger.db") for p in kept)
    assert all(p.stat().st_mode & 0o077 == 0 for p in driftbell.state.glob("ledger.db*"))
    assert lab_host.exec(f"journalctl --no-pager | grep -c {SECRET}", check=False).stdout.strip() == "0"


def test_what_somebody_else_changed_since_is_held_and_hostile_names_and_bytes_go_back(
    driftbell: Driftbell, lab_pool: Lab, lab_host: Host
) -> None:
    district_on(driftbell, lab_pool, [lab_host])
    lab_host.exec("echo old > /etc/motd")
    binary = bytes(range(256)) * 40
    lab_host.path(HOSTILE).write_bytes(binary)
    playbook = (
        FILES
        + """\
    - name: A name that would be many things elsewhere
      ansible.builtin.copy: {dest: "{{ hostile }}", content: "harmless", mode: "0644"}
"""
    )
    driftbell.write("playbooks/write.yml", playbook)
    variables = {"playbook": "playbooks/write.yml", "vars": {"hostile": HOSTILE}}
    driftbell.policy(
        "MOTD-01",
        expect={"file./etc/motd.content": "welcome\n"},
        mode="enforce",
        remedy=[{"do": "ansible.playbook", "with": variables}],
    )
    lab_host.exec("echo kept > /opt/kept; ln -s /etc/motd /opt/link")
    run = repaired(driftbell)
    assert lab_host.path(HOSTILE).read_bytes() == b"harmless"
    lab_host.exec("echo theirs > /etc/motd")
    held = driftbell("undo", run, "--yes", "--json")
    assert held.code == 4, held.out
    (hold,) = held.json["plan"]["holds"]
    assert hold["guard"] == "changed since"
    assert "/etc/motd" in hold["sentence"]
    assert lab_host.exec("cat /etc/motd").stdout == "theirs\n"
    assert lab_host.path(HOSTILE).read_bytes() == b"harmless"

    meant = driftbell("undo", run, "--only", lab_host.name, "--overwrite", "--yes")
    assert meant.code == 0, meant.out + meant.err
    assert lab_host.exec("cat /etc/motd").stdout == "old\n"
    assert lab_host.path(HOSTILE).read_bytes() == binary
    assert not lab_host.exec("find / -xdev -name pwned").stdout


def test_a_host_that_is_away_or_full_loses_nothing_and_the_others_go_back(
    driftbell: Driftbell, lab_pool: Lab, lab_hosts: Boot
) -> None:
    full, well, away = lab_hosts(3)
    district_on(driftbell, lab_pool, [full, well, away])
    for host in (full, well, away):
        host.exec("echo old > /etc/motd; touch /opt/kept; ln -s /etc/motd /opt/link")
    district(driftbell, FILES)
    driftbell.settings(hosts={"connect_timeout": 4, "deadline": 20})
    run = repaired(driftbell)
    full.fill_disk()
    away.take_away()
    undone = driftbell("undo", run, "--yes", "--json")
    assert undone.code == 4, undone.out
    assert {(o["resource"], o["outcome"]) for o in undone.json["outcomes"]} == {(f"host/{well.name}", "reverted")}
    lost = {f"host/{full.name}", f"host/{away.name}"}
    assert {r for h in undone.json["plan"]["holds"] for r in h["resources"]} == lost
    assert well.exec("cat /etc/motd").stdout == "old\n"
    assert full.exec("cat /etc/motd").stdout == "welcome\n"
    full.free_disk()
    away.bring_back()
    rest = driftbell("undo", run, "--yes", "--json")
    assert rest.code == 0, rest.out + rest.err
    assert {o["resource"] for o in rest.json["outcomes"]} == lost
    assert [h.exec("cat /etc/motd").stdout for h in (full, away)] == ["old\n", "old\n"]


SLOW = """\
- name: A file and a service that is told
  hosts: all
  become: true
  gather_facts: false
  tasks:
    - name: Content
      ansible.builtin.copy: {dest: /etc/motd, content: "welcome\\n", mode: "0644"}
      notify: Tell it
  handlers:
    - name: Tell it
      ansible.builtin.service: {name: slow, state: restarted}
"""
UNIT = """\
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh -c 'while [ -e /opt/hold ]; do sleep 0.1; done'
"""


def test_an_undo_that_is_killed_is_settled_by_the_next_run(driftbell: Driftbell, lab_pool: Lab, lab_host: Host) -> None:
    district_on(driftbell, lab_pool, [lab_host])
    lab_host.path("/etc/systemd/system/slow.service").write_text(UNIT)
    lab_host.exec("echo old > /etc/motd; systemctl daemon-reload; systemctl start slow")
    district(driftbell, SLOW)
    run = repaired(driftbell)
    lab_host.exec("touch /opt/hold")
    running = driftbell.start("undo", run, "--yes")
    wait_until(lambda: lab_host.exec("cat /etc/motd").stdout == "old\n", "the file went back")
    running.send_signal(signal.SIGKILL)
    running.wait()
    lab_host.exec("rm /opt/hold")
    wait_until(lambda: sleepers(driftbell.state) == [], "its Ansible is gone")
    wait_until(lambda: "active" in lab_host.exec("systemctl is-active slow", check=False).stdout.split(), "it is told")
    after = driftbell("run", "--json", "--mail", "never")
    assert [(o["action"], o["outcome"]) for o in after.json["outcomes"]] == [("ansible.restore", "reverted")], after.out
    assert after.code == 4  # it is out of line again, and not done again by itself
    assert lab_host.exec("cat /etc/motd").stdout == "old\n"


def test_what_is_no_run_or_changed_nothing_is_said(driftbell: Driftbell) -> None:
    folder = driftbell.folder / "only"
    folder.mkdir()
    driftbell.hosts({"here": {"ansible_connection": "local", "site": "east", "driftbell_only_under": str(folder)}})
    ran = driftbell("run", "--json", "--mail", "never").json["run"]
    for target, said in {
        "nonsense": "No run or action 'nonsense' is known here",
        f"{ran}/7": "changed nothing",
        ran: f"The run {ran} changed nothing",
    }.items():
        undone = driftbell("undo", target, "--yes")
        assert undone.code == 2
        assert said in undone.err


def test_the_verb_is_nobodys_remedy(driftbell: Driftbell) -> None:
    driftbell.policy(
        "BACK-01",
        expect={"file./etc/motd.content": "x"},
        remedy=[{"do": "ansible.restore", "with": {"undo": "x"}}],
    )
    refused = driftbell("validate")
    assert refused.code == 2
    assert "ansible.restore" in refused.out + refused.err


def test_only_who_may_approve_may_undo(driftbell: Driftbell) -> None:
    driftbell.settings(people={"nobody-here": "director"})
    refused = driftbell("undo", "x", "--yes")
    assert refused.code == 4
    assert "it may not do this" in refused.err
