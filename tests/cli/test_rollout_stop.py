"""The kill switch in the middle of a rollout: no write after a second, each host has its word, and the rest goes on."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from agent.ledger.store import open_ledger
from agent.model.rollout import Ring
from tests.cli.fleet import FLEET, LONG, NAMES, PATIENT
from tests.cli.test_loop import district_on
from tests.cli.test_rings import rollouts
from tests.cli.test_switch import sleepers

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.cli.fixtures import Driftbell
    from tests.lab.fixtures import Boot
    from tests.lab.host import Host
    from tests.lab.lab import Lab

PART = FLEET // 3
PATH = "/etc/app.conf"
# Every step writes down when it was. The second goes on as long as /opt/hold is there, one short command at a time.
PLAYBOOK = f"""\
- name: Change one part of the hosts after the other
  hosts: all
  become: true
  gather_facts: false
  serial: {PART}
  tasks:
    - name: Begin
      ansible.builtin.shell: date "+%s.%N begins" >> /opt/steps
    - name: Take long
      ansible.builtin.shell: date "+%s.%N goes on" >> /opt/steps; test ! -e /opt/hold
      register: said
      until: said is not failed
      retries: 10000
      delay: 0.2
    - name: Write it
      ansible.builtin.copy: {{dest: {PATH}, content: ours, mode: "0644"}}
"""
AT_REST = 0.5  # seconds from one step to the next, at most, where nothing else runs


def steps(host: Host) -> list[float]:
    """Give when each step was; the lab's hosts have this machine's clock."""
    file = host.path("/opt/steps")
    return [float(line.split()[0]) for line in file.read_text("utf-8").splitlines()] if file.exists() else []


def newest(host: Host) -> float:
    """Give when anything on a host's disk was written last, whatever wrote it."""
    return max(entry.mtime_ns for entry in host.snapshot().values()) / 1e9


def slowness(hosts: Sequence[Host]) -> float:
    """Give by how much steps took longer than on a machine at rest: what is under way ends as much later."""
    gaps = [later - earlier for host in hosts for earlier, later in pairwise(steps(host))]
    return max(0.0, max(gaps) - AT_REST)


def wait_for(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + LONG
    while not holds():
        assert time.monotonic() < end, "not in time"
        time.sleep(0.02)


def rolled_out_to_all(driftbell: Driftbell) -> None:
    """Have a rollout in its last ring: its first is gone through, and the ledger is told that the second passed."""
    first = driftbell("run", "--json", "--mail", "never", timeout=LONG).json
    assert [o["outcome"] for o in first["outcomes"]] == ["confirmed"], first["outcomes"]
    with open_ledger(driftbell.state / "ledger.db") as ledger:
        (rollout,) = ledger.rollouts.all()
        ledger.rollouts.keep(replace(rollout, ring=Ring.ALL, began=None))
    assert rollouts(driftbell) == [("all", "running", True)]


@PATIENT
def test_no_write_after_a_second_every_host_accounted_for_and_the_next_run_does_the_rest(
    driftbell: Driftbell, lab_pool: Lab, lab_hosts: Boot
) -> None:
    hosts = lab_hosts(NAMES)
    done, cut, rest = hosts[:PART], hosts[PART : 2 * PART], hosts[2 * PART :]
    district_on(driftbell, lab_pool, hosts)
    driftbell.write("playbooks/app.yml", PLAYBOOK)
    driftbell.policy(
        "APP-01", mode="enforce", expect={f"file.{PATH}.content": "ours"}, guard={"rings": {"soak": "1s"}},
        remedy=[{"do": "ansible.playbook", "risk": "reversible", "with": {"playbook": "playbooks/app.yml"}}],
    )  # fmt: skip
    rolled_out_to_all(driftbell)
    hosts[0].exec(f"rm {PATH} /opt/steps")
    for host in (*cut, *rest):
        host.exec("touch /opt/hold")

    running = driftbell.start("run", "--json", "--mail", "never")
    try:
        wait_for(lambda: running.poll() is not None or all(len(steps(h)) > 3 for h in cut))
        assert running.poll() is None, running.communicate()
        slow = slowness(cut)
        said = driftbell("stop", "--why", "a drill")
        thrown = (driftbell.state / "STOP").stat().st_mtime
        out, err = running.communicate(timeout=LONG)
    finally:
        running.kill()
    last, now = {h.name: newest(h) - thrown for h in hosts}, [h.snapshot() for h in hosts]
    print(f"seconds after the switch: last writes {last}, end {time.time() - thrown:.1f}; slow by {slow:.2f}")
    assert all(f"APP-01 on host/{h.name}" in said.out for h in hosts), said.out
    assert max(last[h.name] for h in cut) > -5, "it was in the middle of it"
    assert max(last.values()) < 1.0 + slow, (last, slow)
    assert sleepers(driftbell.state) == [], err
    assert_accounted(driftbell, json.loads(out), done, cut, rest)
    assert [h.snapshot() for h in hosts] == now  # and nothing came later
    assert rollouts(driftbell) == [("all", "running", True)]  # nothing failed, so nothing is halted

    for host in (*cut, *rest):
        host.exec("rm /opt/hold")
    waiting = driftbell("run", "--json", "--mail", "never", timeout=LONG)
    assert (waiting.code, waiting.json["outcomes"]) == (4, [])
    assert driftbell("resume").code == 0
    after = driftbell("run", "--json", "--mail", "never", timeout=LONG)
    assert {o["resource"] for o in after.json["outcomes"]} == {f"host/{h.name}" for h in (*cut, *rest)}, after.out
    assert {o["outcome"] for o in after.json["outcomes"]} == {"confirmed"}, after.json["outcomes"]
    assert {h.path(PATH).read_text("utf-8") for h in hosts} == {"ours"}
    assert after.json["findings"] == []
    time.sleep(1.1)  # the soak, by the product's own clock: nothing else can be waited for
    assert driftbell("run", "--json", "--mail", "never", timeout=LONG).json["outcomes"] == []
    assert rollouts(driftbell) == [("all", "passed", True)]


def assert_accounted(
    driftbell: Driftbell, document: dict[str, object], done: Sequence[Host], cut: Sequence[Host], rest: Sequence[Host]
) -> None:
    """Each host has one outcome, and the report for people says the same: changed, cut off, not begun."""
    listed = document["outcomes"]
    assert isinstance(listed, list)
    outcomes = {o["resource"].removeprefix("host/"): o for o in listed}
    assert (len(listed), set(outcomes)) == (FLEET, set(NAMES))
    assert {outcomes[h.name]["outcome"] for h in done} == {"confirmed"}
    for host in cut:
        told = outcomes[host.name]
        assert (told["outcome"], told["why"].partition(":")[0]) == ("stopped", "cut off"), told
        assert "a drill, in Take long (playbooks/app.yml:9)" in told["said"]
    for host in rest:
        told = outcomes[host.name]
        assert (told["outcome"], told["why"].partition(":")[0]) == ("stopped", "not begun"), told
        assert not steps(host)
        assert not host.path(PATH).exists()
    report = " ".join(driftbell("report", "--format", "text").out.split())
    assert "All changes are stopped" in report
    for words, some in (("Fixed on", done), ("Cut off on", cut), ("Not begun on", rest)):
        number = f"{words} {len(some)} servers at East High" if len(some) > 1 else f"{words} server"
        assert number in report, report
        assert some[0].name in report.partition(words)[2].partition(")")[0], report
    assert "did not work" not in report
