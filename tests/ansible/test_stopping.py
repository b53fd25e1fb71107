"""Nothing outlives its run, or its agent: not when it is stopped, killed, interrupted or broken."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import threading
import time
from typing import TYPE_CHECKING

import pytest

from agent.systems.ansible import guardian
from agent.systems.ansible.job import End, JobResult
from agent.systems.ansible.leftovers import recover
from agent.systems.ansible.runner import run_playbook
from tests.ansible.district import TRACE
from tests.ansible.waiting import agent, alive, running, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.ansible.district import Place

HOSTS = ("one", "two")
_numbers = itertools.count()


@pytest.fixture
def nap() -> Iterator[str]:
    """Give a length of sleep that no other process has, and see to it that none goes on."""
    seconds = f"6{os.getpid()}.{next(_numbers)}"
    yield seconds
    for pid in running(seconds):
        os.kill(pid, signal.SIGKILL)
        pytest.fail("a process of the run was left")


def sleeping(place: Place, nap: str, *hosts: str, bare: bool = False) -> str:
    """Write a playbook that changes one thing and then sleeps, deaf to TERM; `bare`: without its environment."""
    place.hosts(*hosts)
    return place.tasks(
        f"""
        - name: first
          ansible.builtin.debug: {{msg: "{TRACE.replace("trace", "inventory_hostname")}"}}
          changed_when: true
        - name: nap
          ansible.builtin.shell: trap '' TERM; exec {"env -i PATH=$PATH" if bare else ""} sleep {nap}
        """
    )


def switched(place: Place, nap: str, hosts: tuple[str, ...], **more: object) -> tuple[JobResult, float]:
    """Run it; once all hosts sleep somebody throws the switch. Gives the result, and how long the end took."""
    switch = threading.Event()
    thrown: list[float] = []

    def throw() -> None:
        wait_until(lambda: len(running(nap)) >= len(hosts), "all hosts sleep")
        thrown.append(time.monotonic())
        switch.set()

    somebody = threading.Thread(target=throw)
    somebody.start()
    reason = {True: "the kill switch is on", False: ""}
    job = place.job(sleeping(place, nap, *hosts), forks=len(hosts), stopped=lambda: reason[switch.is_set()], **more)
    result = run_playbook(job)
    somebody.join()
    return result, time.monotonic() - thrown[0]


def test_the_kill_switch_ends_all_of_it_at_once(place: Place, nap: str) -> None:
    result, seconds = switched(place, nap, HOSTS)
    assert not running(nap)
    assert seconds < 3, seconds  # a second on an idle machine
    for host in result.hosts.values():
        assert (host.end, host.why) == (End.STOPPED, "the kill switch is on, in nap (playbooks/play.yml:7)")
        assert (host.began, host.changes) == (True, 1)


def test_a_switch_that_is_on_lets_nothing_begin(place: Place, nap: str) -> None:
    started: list[int] = []
    job = place.job(sleeping(place, nap, "one"), stopped=lambda: "off limits", started=started.append)
    host = run_playbook(job).hosts["one"]
    assert (host.end, host.why, host.began) == (End.STOPPED, "off limits", False)
    assert not started
    assert not (place.state / "runs").exists()


def test_a_switch_that_is_thrown_as_it_starts_lets_nothing_begin(place: Place, nap: str) -> None:
    asked = itertools.count()
    job = place.job(sleeping(place, nap, "one"), stopped=lambda: "off limits" if next(asked) else "")
    host = run_playbook(job).hosts["one"]
    assert (host.end, host.began, place.written()) == (End.STOPPED, False, {})


def test_the_time_limit_names_each_host_that_was_not_done(place: Place, nap: str) -> None:
    place.hosts("gone", ansible_connection="ssh", ansible_host="127.0.0.1", ansible_port=9)
    job = place.job(sleeping(place, nap, "one", "two"), forks=3, limit=30)
    result = run_playbook(job)
    assert [result.hosts[name].end for name in ("one", "two", "gone")] == [End.STOPPED, End.STOPPED, End.UNREACHABLE]
    assert "the time limit of 30 s was reached" in result.hosts["one"].why
    assert not running(nap)


def test_kill_9_of_the_agent_ends_all_of_it(place: Place, nap: str) -> None:
    playbook = sleeping(place, nap, *HOSTS)
    with agent(place, *HOSTS) as (process, group):
        wait_until(lambda: len(running(nap)) >= len(HOSTS), "all hosts sleep")
        assert len({os.getsid(pid) for pid in running(nap)}) > 1  # no one signal reaches them all
        family = guardian.below(group, guardian.processes()) | {group}
        process.kill()
        seconds = wait_until(lambda: not any(map(alive, family)), "the run has ended")
    assert seconds < 5, seconds
    assert len(family) > len(HOSTS)
    assert not list((place.state / "runs").glob("*/private"))
    assert "cut short with its agent: nothing of it ran any more" in recover(place.state / "runs")[0]
    assert playbook


def test_kill_9_of_the_guardian_ends_all_of_it(place: Place, nap: str) -> None:
    sleeping(place, nap, *HOSTS)
    with agent(place, *HOSTS) as (process, group):
        wait_until(lambda: len(running(nap)) >= len(HOSTS), "all hosts sleep")
        os.kill(group, signal.SIGKILL)
        assert process.stdout is not None
        said = process.stdout.read()
    assert not running(nap)
    assert said.count("stopped the guardian of the run was killed, in nap") == len(HOSTS)


def test_the_next_start_ends_what_both_left(place: Place, nap: str) -> None:
    sleeping(place, nap, *HOSTS)
    with agent(place, *HOSTS) as (process, group):
        wait_until(lambda: len(running(nap)) >= len(HOSTS), "all hosts sleep")
        [ansible] = [pid for pid, parent in guardian.processes().items() if parent == group]
        os.kill(process.pid, signal.SIGSTOP)  # or it would tidy up between the two
        os.kill(group, signal.SIGKILL)
        wait_until(lambda: not alive(group) and not alive(ansible), "Ansible died with its guardian")
        process.kill()
        process.wait()
    assert running(nap)
    assert list((place.state / "runs").glob("*/private/variables.yml"))
    [said] = recover(place.state / "runs")
    assert "of its processes were still there and were stopped; its folder was removed" in said
    assert not running(nap)
    assert recover(place.state / "runs") == []


def test_the_next_start_leaves_a_run_alone_whose_agent_lives(place: Place, nap: str) -> None:
    sleeping(place, nap, "one")
    with agent(place, "one") as (_, group):
        wait_until(lambda: running(nap), "the host sleeps")
        assert recover(place.state / "runs") == []
        assert running(nap)
        assert alive(group)
    wait_until(lambda: not alive(group), "the run has ended")
    recover(place.state / "runs")


def test_the_next_start_never_takes_a_number_for_a_process(place: Place) -> None:
    """A process id is used again: only the start time tells whose it is."""
    folder = place.state / "runs" / "run-0123456789ab"
    folder.mkdir(parents=True)
    with subprocess.Popen(["sleep", "600"], start_new_session=True) as stranger:
        (folder / "guardian").write_text(f"{stranger.pid} {guardian.start_time(stranger.pid) - 1}")
        (folder / "run").write_text("0123456789abcdef0123456789abcdef\n/etc")
        assert len(recover(place.state / "runs")) == 1
        assert alive(stranger.pid)
        (folder).mkdir()
        (folder / "guardian").write_text(f"{stranger.pid} {guardian.start_time(stranger.pid)}")
        recover(place.state / "runs")
        assert stranger.wait(60) == -signal.SIGTERM


def test_ctrl_c_ends_all_of_it(place: Place, nap: str) -> None:
    sleeping(place, nap, "one", bare=True)
    with agent(place, "one") as (process, group):
        wait_until(lambda: running(nap), "the host sleeps")
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == -signal.SIGINT
        assert not alive(group)
    assert not running(nap)


class LedgerError(Exception):
    pass


def test_a_ledger_that_fails_lets_nothing_begin(place: Place, nap: str) -> None:
    def started(_: int) -> None:
        raise LedgerError

    with pytest.raises(LedgerError):
        run_playbook(place.job(sleeping(place, nap, "one"), started=started))
    assert not place.written()


def test_a_switch_that_fails_ends_all_of_it(place: Place, nap: str) -> None:
    def stopped() -> str:
        if running(nap):
            raise LedgerError
        return ""

    with pytest.raises(LedgerError):
        run_playbook(place.job(sleeping(place, nap, "one", bare=True), stopped=stopped))
    assert not running(nap)


def test_the_group_is_told_before_anything_runs(place: Place) -> None:
    place.hosts("one")
    seen: list[tuple[int, str, set[int]]] = []

    def started(group: int) -> None:
        time.sleep(0.5)  # time enough to start something
        note = next((place.state / "runs").glob("*/guardian")).read_text()
        seen.append((os.getpgid(group), note, guardian.below(group, guardian.processes())))

    run_playbook(place.job(place.tasks("- ansible.builtin.debug:"), started=started))
    [(group, note, children)] = seen
    assert note.split()[0] == str(group)
    assert children == set()


def test_what_a_playbook_started_on_this_machine_goes_on(place: Place, nap: str) -> None:
    """A service that a playbook starts is no leftover: neither after its end, nor when a later task is stopped."""
    serving, other = f"{nap}1", f"{nap}2"
    place.hosts("one")
    tasks = """
    - ansible.builtin.shell: setsid env -i PATH=$PATH sleep {} >/dev/null 2>&1 </dev/null &
    - ansible.builtin.command: sleep {}
    """
    try:
        done = run_playbook(place.job(place.tasks(tasks.format(serving, 0))))
        assert (done.hosts["one"].end, len(running(serving))) == (End.DONE, 1)
        job = place.job(place.tasks(tasks.format(other, nap)), stopped=lambda: "stop" if running(nap) else "")
        assert run_playbook(job).hosts["one"].end is End.STOPPED
        assert (len(running(other)), running(nap)) == (1, [])
    finally:
        for pid in running(serving) + running(other):
            os.kill(pid, signal.SIGKILL)


def test_runs_side_by_side_do_not_stop_each_other(place: Place, nap: str) -> None:
    playbook = sleeping(place, nap, *HOSTS)
    switch = threading.Event()
    results: dict[str, JobResult] = {}

    def run(name: str, reason: str) -> None:
        def stopped() -> str:
            return reason if switch.is_set() or (name == "two" and running(nap)) else ""

        results[name] = run_playbook(place.job(playbook, name, stopped=stopped))

    threads = [threading.Thread(target=run, args=(name, f"stop {name}")) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    threads[1].join()
    wait_until(lambda: running(nap), "the other still sleeps, or comes to it")
    assert "one" not in results
    switch.set()
    threads[0].join()
    assert {name: result.hosts[name].end for name, result in results.items()} == dict.fromkeys(
        ("one", "two"), End.STOPPED
    )
