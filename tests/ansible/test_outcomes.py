"""Everything that a playbook or a host can do wrong is a plain result for each host."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from agent.systems.ansible.job import End, Status
from agent.systems.ansible.runner import run_playbook

if TYPE_CHECKING:
    from tests.ansible.district import Place

CLOSED = {"ansible_connection": "ssh", "ansible_host": "127.0.0.1", "ansible_port": 9}  # discard: nobody listens

THREE = """
- hosts: web,db,gone,late
  gather_facts: false
  tasks:
    - name: write
      ansible.builtin.copy: {content: x, dest: "{{ out }}/{{ inventory_hostname }}", mode: "0600"}
    - name: may fail
      ansible.builtin.command: /bin/false
      ignore_errors: true
    - name: rescued
      block: [{name: breaks, ansible.builtin.fail: {msg: never mind}}]
      rescue: [{name: mends, ansible.builtin.debug: {msg: mended}}]
    - name: check
      ansible.builtin.assert: {that: ["inventory_hostname != 'db'"], fail_msg: "the disk is full\\e[31m"}
    - name: each
      ansible.builtin.command: "sh -c 'echo out; echo why {{ item }} >&2; exit {{ item }}'"
      loop: [0, 3]
      when: inventory_hostname == 'late'
- hosts: web,db,gone,late
  gather_facts: false
  tasks:
    - name: second
      ansible.builtin.copy: {content: x, dest: "{{ out }}/{{ inventory_hostname }}2", mode: "0600"}
"""


def test_each_host_has_its_own_result(place: Place) -> None:
    place.hosts("web", "db", "late", "other")
    place.hosts("gone", **CLOSED)
    result = run_playbook(place.job(place.playbook(THREE), forks=5))
    ends = {name: (host.end, host.why) for name, host in result.hosts.items()}
    refused = ends["gone"][1]
    assert refused.startswith("ssh: ")
    assert ends == {
        "web": (End.DONE, ""),
        "db": (End.FAILED, "check at playbooks/play.yml:13: the disk is full"),
        "late": (End.FAILED, "each at playbooks/play.yml:15: non-zero return code: why 3"),
        "gone": (End.UNREACHABLE, refused),
        "other": (End.UNTOUCHED, "the playbook does not run on this host"),
    }
    assert place.written() == {"web": "x", "db": "x", "late": "x", "web2": "x"}
    assert not result.hosts["other"].began
    steps = result.hosts["web"].steps
    assert [(step.task, step.status) for step in steps] == [
        ("write", Status.CHANGED),
        ("may fail", Status.IGNORED),
        ("breaks", Status.FAILED),
        ("mends", Status.OK),
        ("check", Status.OK),
        ("each", Status.SKIPPED),
        ("second", Status.CHANGED),
    ]
    assert steps[0].place == "playbooks/play.yml:5"
    assert {name: host.changes for name, host in result.hosts.items()}["web"] == 2


CUT = """
- hosts: all
  gather_facts: false
  any_errors_fatal: true
  tasks:
    - ansible.builtin.command: /bin/true
    - name: fail on db
      ansible.builtin.fail: {msg: enough}
      when: inventory_hostname == 'db'
    - name: never
      ansible.builtin.copy: {content: x, dest: "{{ out }}/never", mode: "0600"}
"""


def test_a_host_whose_tasks_were_cut_off_is_not_done(place: Place) -> None:
    place.hosts("web", "db")
    result = run_playbook(place.job(place.playbook(CUT)))
    assert result.hosts["db"].end is End.FAILED
    assert result.hosts["web"].end is End.CUT_OFF
    assert "ended the run before its tasks were done" in result.hosts["web"].why
    assert not place.written()


BROKEN = {
    "syntax": ("- hosts: all\n  tasks:\n    - nonsense: [", "Origin: playbooks/play.yml:4"),
    "module": ("- hosts: all\n  tasks:\n    - no.such.module:", "couldn't resolve module/action 'no.such.module'"),
    "role": ("- hosts: all\n  roles: [missing]", "the role 'missing' was not found"),
    "empty": ("", "Empty playbook, nothing to do: playbooks/play.yml"),
    "vault": ("- hosts: all\n  vars: {x: !vault nonsense}\n  tasks: [{ansible.builtin.debug: {var: x}}]", "vault"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_playbook_is_a_sentence(place: Place, kind: str) -> None:
    text, said = BROKEN[kind]
    place.hosts("web", "db")
    result = run_playbook(place.job(place.playbook(text)))
    for host in result.hosts.values():
        assert host.end is End.FAILED
        assert said in host.why, host.why
        assert "Traceback" not in host.why
        assert str(place.root) not in host.why


def test_what_is_missing_is_said_before_anything_runs(place: Place) -> None:
    place.hosts("web")
    ping = place.tasks("- ansible.builtin.ping:")
    (place.root / "playbooks" / "out.yml").symlink_to(place.out)
    jobs = {
        "there is no playbook 'playbooks/none.yml'": place.job("playbooks/none.yml"),
        "there is no playbook '../out'": place.job("../out"),
        "there is no playbook 'playbooks/out.yml'": place.job("playbooks/out.yml"),
        "there is no inventory inventory/none": place.job(ping, inventory=("inventory/none",)),
        "there is no inventory source": place.job(ping, inventory=()),
    }
    for said, job in jobs.items():
        result = run_playbook(job)
        assert said in result.hosts["web"].why
        assert result.hosts["web"].end is End.UNTOUCHED
    assert not (place.state / "runs").exists()


def test_a_broken_inventory_is_a_sentence(place: Place) -> None:
    place.hosts("web")
    (place.root / "inventory" / "more.yml").write_text("all: [")
    sources = ("inventory/hosts", "inventory/more.yml")
    result = run_playbook(place.job(place.tasks("- ansible.builtin.ping:"), inventory=sources))
    assert result.hosts["web"].end is End.FAILED
    assert "inventory/more.yml" in result.hosts["web"].why
    assert not result.hosts["web"].began


def test_no_place_for_the_run_is_a_sentence(place: Place) -> None:
    place.hosts("web")
    (place.state / "file").touch()
    result = run_playbook(place.job(place.tasks("- ansible.builtin.ping:"), work=place.state / "file" / "runs"))
    assert result.hosts["web"].end is End.UNTOUCHED
    assert "the run could not be prepared: Not a directory" in result.hosts["web"].why


ASKS = """
- hosts: all
  gather_facts: false
  vars_prompt: [{name: pin, prompt: Which}]
  tasks:
    - ansible.builtin.copy: {content: "{{ pin }}", dest: "{{ out }}/pin", mode: "0600"}
"""


def test_a_question_ends_the_run_unless_it_is_answered(place: Place) -> None:
    place.hosts("web")
    asked = run_playbook(place.job(place.playbook(ASKS)))
    assert asked.hosts["web"].end is End.STOPPED
    assert "asks for 'pin' (vars_prompt)" in asked.hosts["web"].why
    assert not place.written()
    answered = run_playbook(place.job(place.playbook(ASKS), variables={"pin": "1234"}))
    assert (answered.hosts["web"].end, place.written()) == (End.DONE, {"pin": "1234"})


HIDDEN = """
- name: hidden
  ansible.builtin.copy: {content: hunter2, dest: "{{ out }}/{{ inventory_hostname }}", mode: "0600"}
  no_log: true
- name: each hidden
  ansible.builtin.copy: {content: "hunter2{{ item }}", dest: "{{ out }}/{{ item }}", mode: "0600"}
  loop: [a, b]
  no_log: true
- name: hidden failure
  ansible.builtin.command: sh -c 'echo hunter2 >&2; exit 1'
  no_log: true
"""


def test_what_no_log_hides_stays_hidden_but_is_counted(place: Place) -> None:
    place.hosts("web")
    host = run_playbook(place.job(place.tasks(HIDDEN))).hosts["web"]
    assert [step.status for step in host.steps[:2]] == [Status.CHANGED, Status.CHANGED]
    assert "hunter2" not in repr(host)
    assert host.why == "hidden failure at playbooks/play.yml:11: the reason is hidden by no_log"


def test_it_runs_beside_the_main_thread_and_leaves_the_signals_alone(place: Place) -> None:
    import signal

    place.hosts("web")
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD)}
    results = []
    job = place.job(place.tasks("- ansible.builtin.ping:"))
    threads = [threading.Thread(target=lambda: results.append(run_playbook(job))) for _ in range(2)]
    for thread in threads:
        thread.start()
    during = {number: signal.getsignal(number) for number in before}
    for thread in threads:
        thread.join()
    assert [result.hosts["web"].end for result in results] == [End.DONE] * 2
    assert during == before == {number: signal.getsignal(number) for number in before}


SCRIPT = """
import sys
from pathlib import Path
from agent.systems.ansible.job import Job
from agent.systems.ansible.runner import run_playbook
root, state = map(Path, sys.argv[1:])
job = Job(root, ("inventory/hosts",), "playbooks/play.yml", ("web",), False, state / "known_hosts", state / "runs")
print(run_playbook(job).hosts["web"].why)
"""


def test_without_ansible_playbook_it_says_what_to_install(place: Place, tmp_path: Path) -> None:
    """An interpreter of its own that has ansible-runner, but no ansible-playbook beside it."""
    place.hosts("web")
    place.tasks("- ansible.builtin.ping:")
    bare = tmp_path / "bare"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", bare], check=True)
    packages = next(path for path in sys.path if path.endswith("site-packages"))
    paths = {
        "PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[2]), packages]),
        "PATH": str(Path(sys.executable).parent),
    }
    ran = subprocess.run(
        [bare / "bin" / "python", "-c", SCRIPT, place.root, place.state],
        check=True, capture_output=True, text=True, env=paths,
    )  # fmt: skip
    assert ran.stdout.strip() == "ansible-playbook is missing: install ansible-core beside driftbell"
