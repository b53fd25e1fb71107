"""Sessions that are kept: no second login, and nothing is taken for alive or for trusted because it once was."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from agent.catalog.host import HOST
from agent.model.sweep import Request
from agent.settings import HostSettings
from agent.systems.host.read import HostReader
from agent.systems.host.sessions import Sessions
from tests.hosts.conftest import a_repository, reading, why
from tests.hosts.places import listed, program
from tests.lab.commands import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from agent.model.sweep import Sweep
    from tests.lab.fixtures import Boot
    from tests.lab.host import Host as Machine
    from tests.lab.lab import Lab

    Look = Callable[..., Sweep]

pytestmark = pytest.mark.usefixtures("quiet")


@pytest.fixture
def machine(lab_hosts: Boot) -> Machine:
    return lab_hosts(["web1"])[0]


@pytest.fixture
def sessions() -> Iterator[Sessions]:
    made = Sessions()
    yield made
    made.close()


@pytest.fixture
def look(lab_pool: Lab, machine: Machine, sessions: Sessions, tmp_path: Path) -> Look:
    """Give what looks at the host once; `known` are host keys to trust in place of the lab's."""
    host = listed(lab_pool, machine)

    def once(known: str | None = None, **settings: float) -> Sweep:
        trusted = lab_pool.known_hosts
        if known is not None:
            trusted = tmp_path / "known_hosts"
            trusted.write_text(known, encoding="utf-8")
        given = HostSettings(**({"connect_timeout": 10.0, "deadline": 60.0} | settings))  # type: ignore[arg-type]
        reader = HostReader(trusted, given, lambda: datetime.now(UTC), sessions)
        return reader.observe(a_repository(lab_pool.folder, host), Request("host", (HOST.resolve("hostname"),)))

    return once


def logins(machine: Machine) -> int:
    told = machine.exec("journalctl --no-pager").stdout.splitlines()
    return sum("Accepted publickey for admin" in line for line in told)


def test_the_second_look_needs_no_login(machine: Machine, look: Look, sessions: Sessions) -> None:
    for _ in range(4):
        assert reading(look(), "web1", "hostname") == "web1"
    assert len(sessions) == 1
    assert logins(machine) == 1


def test_a_host_that_was_restarted_is_logged_in_to_again(machine: Machine, look: Look, sessions: Sessions) -> None:
    look()
    machine.exec("systemctl restart ssh; pkill -f 'sshd.*admin' || true", check=False)
    wait_until(lambda: look().seen == 1, 30, "it is read again")
    assert len(sessions) == 1


def test_a_key_that_is_trusted_no_more_ends_a_kept_session(look: Look, sessions: Sessions) -> None:
    assert look().seen == 1
    sweep = look(known="")
    assert sweep.seen == 0
    assert "its host key is not trusted yet" in why(sweep, "web1")
    assert len(sessions) == 0


def test_what_was_cut_off_is_not_kept(machine: Machine, look: Look, sessions: Sessions) -> None:
    look()
    machine.exec("mv /usr/bin/sudo /usr/bin/sudo.real")
    program(machine, "/usr/bin/sudo", "exec sleep 1000")
    sweep = look(deadline=2.0)
    assert "cut off after 2 s" in why(sweep, "web1")
    assert len(sessions) == 0


def test_there_is_room_for_so_many_and_what_nobody_used_for_long_is_closed(lab_pool: Lab, lab_hosts: Boot) -> None:
    kept = Sessions(most=1)
    hosts = [listed(lab_pool, machine) for machine in lab_hosts(["one", "two"])]
    reader = HostReader(lab_pool.known_hosts, HostSettings(), lambda: datetime.now(UTC), kept)
    request = Request("host", (HOST.resolve("hostname"),))
    for _ in range(2):
        assert reader.observe(a_repository(lab_pool.folder, *hosts), request).seen == 2
    assert len(kept) == 1
    kept.close()
    idle = Sessions(idle=0.0)
    reader = HostReader(lab_pool.known_hosts, HostSettings(), lambda: datetime.now(UTC), idle)
    reader.observe(a_repository(lab_pool.folder, hosts[0]), request)
    reader.observe(a_repository(lab_pool.folder, hosts[1]), request)
    assert len(idle) == 1  # the first one's time was over when the second was kept
    idle.close()
