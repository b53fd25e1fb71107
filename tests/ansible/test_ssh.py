"""Over ssh: host keys hold whatever an inventory says, the right account looks, and no connection is left."""

from __future__ import annotations

import getpass
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from agent.model.reading import Unknown
from agent.settings import Settings
from agent.systems.ansible import guardian
from agent.systems.ansible.job import End
from agent.systems.ansible.leftovers import recover
from agent.systems.ansible.read import PlaybookRehearser
from agent.systems.ansible.runner import run_playbook
from tests.ansible.district import converge
from tests.ansible.sshd import ADDRESS, Server, serving
from tests.ansible.waiting import agent, alive, running, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.ansible.district import Place

USER = getpass.getuser()
WEAK = "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null"
WRITE = '- ansible.builtin.copy: {content: "x", dest: "{{ out }}/{{ inventory_hostname }}", mode: "0600"}'
PAUSE = "\n- ansible.builtin.command: sleep 1"
HOSTS = ("web", "db")
NOT_KNOWN = "its host key is not known: check it and take it with `driftbell hosts trust`"


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Server]]:
    """Give a server whose key is known, and one whose key is not."""
    folder = tmp_path_factory.mktemp("sshd")
    with serving(folder / "known") as known, serving(folder / "unknown") as unknown:
        yield known, unknown


def reached(server: Server, **more: object) -> dict[str, object]:
    return {
        "ansible_connection": "ssh",
        "ansible_host": ADDRESS,
        "ansible_port": server.port,
        "ansible_user": USER,
        "ansible_ssh_private_key_file": str(server.key),
        **more,
    }


def jump(server: Server) -> str:
    return f"{USER}@localhost:{server.port}"  # by another name: ssh takes a jump to the same one for a loop


def test_a_known_host_is_reached_and_no_connection_is_left(place: Place, servers: tuple[Server, Server]) -> None:
    known, _ = servers
    place.hosts("web", "db", **reached(known))
    (place.state / "known_hosts").write_text(known.known)
    groups: list[int] = []
    short: list[Path] = []
    seen: set[int] = set()

    def started(group: int) -> None:
        groups.append(group)
        [run] = (place.state / "runs").glob("*/run")
        short.append(Path(run.read_text().split("\n")[1]))
        assert short[0].exists()

    def stopped() -> str:
        seen.update(masters(guardian.below(groups[0], guardian.processes())) if groups else ())
        return ""

    result = run_playbook(place.job(place.tasks(WRITE + PAUSE), started=started, stopped=stopped))
    assert seen  # there were connections to leave
    assert {host.end for host in result.hosts.values()} == {End.DONE}, result
    assert place.written() == {"web": "x", "db": "x"}
    assert (place.state / "known_hosts").read_text() == known.known
    assert not short[0].exists()
    assert not alive(groups[0])
    assert not masters(set(guardian.processes())) & seen


def test_no_inventory_can_weaken_host_keys(place: Place, servers: tuple[Server, Server], tmp_path: Path) -> None:
    known, unknown = servers
    weak = tmp_path / "weak.conf"
    options = "".join(f"  {option.replace('=', ' ')}\n" for option in WEAK.split("-o ")[1:])
    weak.write_text(f"Host *\n{options}  IdentityFile {known.key}\n  IdentityFile {unknown.key}\n")
    strong = tmp_path / "strong.conf"
    strong.write_text(f"Host *\n  IdentityFile {known.key}\n")
    command = f"ssh {WEAK} -i {unknown.key} -p {unknown.port} -W %h:%p {USER}@{ADDRESS}"
    silent = {
        "plain": reached(unknown),
        "checking": reached(unknown, ansible_host_key_checking=False, ansible_ssh_host_key_checking=False),
        "common": reached(unknown, ansible_ssh_common_args=WEAK),
        "args": reached(unknown, ansible_ssh_args=WEAK),
        "extra": reached(unknown, ansible_ssh_extra_args=WEAK),
        "program": reached(unknown, ansible_ssh_executable="/usr/bin/ssh", ansible_ssh_common_args=WEAK),
        "file": reached(unknown, ansible_ssh_common_args=f"-F {weak}"),
        "sftp": reached(unknown, ansible_ssh_transfer_method="sftp", ansible_sftp_extra_args=WEAK),
        "jump": reached(known, ansible_ssh_common_args=f"-F {weak} -o ProxyJump={jump(unknown)}"),
        "command": reached(known, ansible_ssh_common_args=f'-o ProxyCommand="{command}"'),
    }
    fine = {
        "over-jump": reached(known, ansible_ssh_common_args=f"-F {strong} -o ProxyJump={jump(known)}"),
        "over-weak": reached(known, ansible_ssh_common_args=f"-F {weak} -o ProxyJump={jump(known)} {WEAK}"),
    }
    for name, variables in {**silent, **fine}.items():
        place.hosts(name, **variables)
    (place.state / "known_hosts").write_text(known.known)
    result = run_playbook(place.job(place.tasks(WRITE), forks=4))
    assert {name: host.end for name, host in result.hosts.items()} == {
        **dict.fromkeys(silent, End.UNREACHABLE),
        **dict.fromkeys(fine, End.DONE),
    }, result
    assert {result.hosts[name].why for name in set(silent) - {"jump", "command"}} == {NOT_KNOWN}
    assert set(place.written()) == set(fine)


def test_a_changed_key_is_said(place: Place, servers: tuple[Server, Server]) -> None:
    known, unknown = servers
    place.hosts("web", **reached(known, ansible_ssh_common_args=WEAK))
    (place.state / "known_hosts").write_text(known.known.replace(known.host_key, unknown.host_key))
    host = run_playbook(place.job(place.tasks(WRITE))).hosts["web"]
    assert (host.end, host.why) == (
        End.UNREACHABLE,
        "its host key has changed: if that is right, take the new one with `driftbell hosts trust`",
    )


def test_the_account_that_looks_is_used_for_looks_alone(place: Place, servers: tuple[Server, Server]) -> None:
    known, _ = servers
    writer = {"ansible_user": "nobody-writes", "ansible_password": "not for the reader"}
    place.hosts("both", driftbell_read_user=USER, driftbell_read_key=str(known.key),
                **reached(known, **writer, ansible_ssh_private_key_file="/none"))  # fmt: skip
    place.hosts("own", **reached(known))
    (place.state / "known_hosts").write_text(known.known)
    playbook = place.playbook(
        "- hosts: all\n  gather_facts: false\n  remote_user: nobody-reads\n  vars: {ansible_user: nobody-reads}\n"
        "  tasks:\n    - name: write\n      ansible.builtin.copy:\n"
        '        {content: "x", dest: "{{ out }}/{{ inventory_hostname }}", mode: "0600"}\n'
    )
    rehearser = PlaybookRehearser(Settings("", place.state), ("inventory/hosts",))
    ids = [f"host/{name}" for name in place.variables]
    readings = rehearser.rehearse(place.repository(), converge(playbook), ids)
    unread = {name for name, reading in readings.items() if isinstance(reading, Unknown)}
    assert unread == {"host/own"}, readings  # the play's own user is its, and nobody knows that one
    wrote = run_playbook(place.job(place.tasks(WRITE), forks=4))
    assert {name for name, host in wrote.hosts.items() if host.end is End.DONE} == {"own"}


def sleeping(place: Place, server: Server, seconds: str) -> None:
    place.hosts(*HOSTS, **reached(server, ansible_ssh_common_args="-o ControlPersist=600"))
    (place.state / "known_hosts").write_text(server.known)
    place.tasks(f"- ansible.builtin.command: sleep {seconds}")


def masters(pids: set[int]) -> set[int]:
    return {pid for pid in pids if b"[mux]" in guardian._read(pid, "cmdline")}


def end_on_the_host(seconds: str) -> None:
    """End what was begun on the host itself: ssh without a terminal leaves it to finish its one task."""
    for pid in running(seconds):
        os.kill(pid, signal.SIGKILL)


def test_kill_9_of_the_agent_ends_its_connections(place: Place, servers: tuple[Server, Server]) -> None:
    seconds = f"7{os.getpid()}.1"
    sleeping(place, servers[0], seconds)
    with agent(place, *HOSTS) as (process, group):
        wait_until(lambda: len(running(seconds)) >= len(HOSTS), "both hosts sleep")
        family = guardian.below(group, guardian.processes()) | {group}
        assert masters(family)
        process.kill()
        wait_until(lambda: not any(map(alive, family)), "the run has ended")
    end_on_the_host(seconds)
    assert recover(place.state / "runs")


def test_the_next_start_ends_connections_that_all_others_left(place: Place, servers: tuple[Server, Server]) -> None:
    seconds = f"7{os.getpid()}.2"
    sleeping(place, servers[0], seconds)
    with agent(place, *HOSTS) as (process, group):
        wait_until(lambda: len(running(seconds)) >= len(HOSTS), "both hosts sleep")
        family = guardian.below(group, guardian.processes())
        os.kill(process.pid, signal.SIGSTOP)
        os.kill(group, signal.SIGKILL)
        process.kill()
        process.wait()
    left = {pid for pid in masters(family) if alive(pid)}
    assert left
    recover(place.state / "runs")
    assert not any(map(alive, family))
    end_on_the_host(seconds)
