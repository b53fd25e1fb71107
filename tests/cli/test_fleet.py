"""A whole fleet: what breaks a service is halted with its first host and undone; what is frozen waits for the thaw."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.fleet import FLEET, LONG, NAMES, PATIENT
from tests.cli.playbooks import WRITE
from tests.cli.test_loop import district_on
from tests.cli.test_rings import PATH, SITES, asking, changed, rollouts
from tests.cli.test_windows import DAYS, IN_TWO_DAYS, LATER, TODAY

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.cli.fixtures import Driftbell
    from tests.lab.fixtures import Boot
    from tests.lab.host import Host
    from tests.lab.lab import Lab

pytestmark = PATIENT
BREAKS = (
    WRITE.replace("  gather_facts", "  become: true\n  gather_facts")
    + """\
    - name: Stop what others need
      ansible.builtin.service: {name: cron, state: stopped}
"""
)


def ran(driftbell: Driftbell) -> dict[str, Any]:
    return driftbell("run", "--json", "--mail", "never", timeout=LONG).json


def disk(host: Host) -> dict[str, tuple[object, ...]]:
    """Give every file of the folder that is written to, but for the times, and how the service is."""
    files = {p: (e.mode, e.owner, e.size, e.content) for p, e in host.snapshot().items() if p.startswith("/etc")}
    service = host.exec("systemctl is-active cron; systemctl is-enabled cron", check=False).stdout.split()
    return {**files, "cron": tuple(service)}


def test_what_breaks_a_service_is_halted_and_undone_and_no_other_host_is_touched(
    driftbell: Driftbell, lab_pool: Lab, lab_hosts: Boot
) -> None:
    hosts = lab_hosts(NAMES)
    first, *others = hosts
    driftbell.district(sites=SITES)
    west = {h.name: {"site": "west"} for h in hosts[FLEET // 2 + 1 :]}
    district_on(driftbell, lab_pool, hosts, **west)
    driftbell.write("playbooks/app.yml", BREAKS)
    first.exec(f"echo old > {PATH}; chmod 0640 {PATH}; chgrp adm {PATH}")
    asking(driftbell, "first", soak="1s")
    driftbell.policy("WATCH-01", expect={"service.cron.running": True})
    before, untouched = disk(first), [h.snapshot() for h in others]
    assert before["cron"] == ("active", "enabled")

    began = ran(driftbell)
    assert changed(began) == [first.name], began["outcomes"]
    assert disk(first)["cron"] == ("inactive", "enabled")
    time.sleep(1.1)  # the soak, by the product's own clock: nothing else can be waited for
    halted = ran(driftbell)
    (hold,) = [h for h in halted["plan"]["holds"] if h["guard"] == "rings"]
    assert "halted in ring 1 of 3" in hold["sentence"]
    assert f"WATCH-01 on {first.name}" in hold["sentence"]
    assert changed(halted) == []

    undone = driftbell("undo", began["run"], "--yes", timeout=LONG)
    assert undone.code == 0, undone.out + undone.err
    assert f"{first.name}: takes back" in undone.out
    assert "exact" in undone.out
    assert "taken back and confirmed" in undone.out
    assert disk(first) == before
    after = ran(driftbell)
    assert changed(after) == []
    assert [f["policy"] for f in after["findings"]] == ["APP-01"] * FLEET  # and cron runs everywhere
    assert rollouts(driftbell) == [("one", "halted", True)]
    assert disk(first) == before
    assert [h.snapshot() for h in others] == untouched


def calendar_with(driftbell: Driftbell, *freezes: dict[str, str]) -> None:
    """Write the calendar of East High."""
    bells = {day: ["08:00-15:00"] for day in DAYS}
    content = {"calendar": "tests", "name": "With tests", "bells": bells, "testing": list(freezes)}
    driftbell.write("policies/calendars/tests.yaml", content)


def by_an_override(driftbell: Driftbell) -> None:
    said = driftbell("windows", "override", "--site", "east", "--until", LATER, "--why", "the banner has to be right")
    assert said.code == 0, said.err


def by_the_calendar(driftbell: Driftbell) -> None:
    yesterday = str(TODAY - timedelta(days=1))
    calendar_with(driftbell, {"name": "State tests", "first": yesterday, "last": yesterday})


@pytest.mark.parametrize("thaw", [by_an_override, by_the_calendar])
def test_a_freeze_holds_a_repair_and_it_happens_at_the_next_run_when_the_freeze_ends(
    thaw: Callable[[Driftbell], None], driftbell: Driftbell, lab_pool: Lab, lab_hosts: Boot
) -> None:
    hosts: Sequence[Host] = lab_hosts(NAMES)
    driftbell.district(sites={"east": {"name": "East High", "calendar": "tests"}})
    calendar_with(driftbell, {"name": "State tests", "first": str(TODAY - timedelta(days=1)), "last": str(IN_TWO_DAYS)})
    district_on(driftbell, lab_pool, hosts)
    driftbell.write("playbooks/app.yml", WRITE)
    asking(driftbell, "ours")
    before = [h.snapshot() for h in hosts]
    held = ran(driftbell)
    (hold,) = held["plan"]["holds"]
    assert (hold["guard"], hold["resources"]) == ("freeze", [])  # all of them
    assert "East High is frozen until" in hold["sentence"]
    assert "State tests" in hold["sentence"]
    assert changed(held) == []
    assert [h.snapshot() for h in hosts] == before

    thaw(driftbell)
    after = ran(driftbell)
    assert after["plan"]["holds"] == []
    assert changed(after) == list(NAMES)
    assert {o["outcome"] for o in after["outcomes"]} == {"confirmed"}, after["outcomes"]
    assert {h.path(PATH).read_text("utf-8") for h in hosts} == {"ours"}
    assert after["findings"] == []
