"""Rings on real hosts: what breaks a service is halted where it was tried first, and the others stay as they are."""

from __future__ import annotations

import json
import os
import pwd
import time
from typing import TYPE_CHECKING, Any

from tests.cli.playbooks import WRITE
from tests.cli.test_loop import district_on

if TYPE_CHECKING:
    from tests.cli.fixtures import Driftbell
    from tests.lab.fixtures import Boot
    from tests.lab.host import Host
    from tests.lab.lab import Lab

BREAKS = (
    WRITE
    + """\
    - name: Stop what others need
      ansible.builtin.command: systemctl stop cron.service
"""
)
PATH = "/etc/app.conf"
SITES = {"east": {"name": "East High"}, "west": {"name": "West High"}}


def rolling_out(driftbell: Driftbell, lab: Lab, hosts: list[Host], playbook: str, **rings: Any) -> None:
    """Two hosts at each school; APP-01 writes a file, WATCH-01 wants cron to run."""
    one, two, three, four = hosts
    east, west = {"site": "east"}, {"site": "west"}
    driftbell.district(sites=SITES)
    district_on(driftbell, lab, hosts, **{one.name: east, two.name: east, three.name: west, four.name: west})
    driftbell.write("playbooks/app.yml", playbook)
    asking(driftbell, "first", **rings)
    driftbell.policy("WATCH-01", expect={"service.cron.running": True})


def asking(driftbell: Driftbell, text: str, **rings: Any) -> None:
    driftbell.policy(
        "APP-01",
        expect={f"file.{PATH}.content": text},
        mode="enforce",
        **({"guard": {"rings": rings}} if rings else {}),
        remedy=[{"do": "ansible.playbook", "risk": "reversible",
                 "with": {"playbook": "playbooks/app.yml", "vars": {"path": PATH, "text": text}}}],
    )  # fmt: skip


def ran(driftbell: Driftbell) -> dict[str, Any]:
    """Run once, and no sooner than a soak of one second allows the next ring."""
    time.sleep(1.1)  # the product's own clock: nothing else can be waited for
    return driftbell("run", "--json", "--mail", "never", timeout=500).json


def changed(document: dict[str, Any]) -> list[str]:
    return sorted(o["resource"].partition("/")[2] for o in document["outcomes"])


def rollouts(driftbell: Driftbell) -> list[tuple[str, str, bool]]:
    said = driftbell("rollouts", "--json").json["rollouts"]
    return [(r["ring"], r["progress"], r["current"]) for r in said]


def test_what_breaks_a_service_is_halted_at_the_first_ring_and_touches_no_other_host(
    driftbell: Driftbell, lab_pool: Lab, lab_hosts: Boot
) -> None:
    hosts = lab_hosts(4)
    rolling_out(driftbell, lab_pool, hosts, BREAKS, soak="1s")
    before = [h.snapshot() for h in hosts[1:]]

    first = ran(driftbell)
    assert [o["outcome"] for o in first["outcomes"]] == ["confirmed"], first["outcomes"]
    assert changed(first) == [hosts[0].name]
    (hold,) = [h for h in first["plan"]["holds"] if h["guard"] == "rings"]
    assert f"only {hosts[0].name} is changed at first, and 3 wait until" in hold["sentence"]
    assert rollouts(driftbell) == [("one", "running", True)]

    second = ran(driftbell)
    assert changed(second) == []
    (hold,) = [h for h in second["plan"]["holds"] if h["guard"] == "rings"]
    assert "halted in ring 1 of 3" in hold["sentence"]
    assert f"WATCH-01 on {hosts[0].name}" in hold["sentence"]
    assert rollouts(driftbell) == [("one", "halted", True)]
    assert [h.snapshot() for h in hosts[1:]] == before

    listed = driftbell("rollouts")
    assert "APP-01: halted, ring 1 of 3" in listed.out
    assert "WATCH-01" in listed.out
    assert changed(ran(driftbell)) == []

    hosts[0].exec("systemctl start cron.service")
    driftbell.write("playbooks/app.yml", WRITE)
    assert changed(ran(driftbell)) == []  # an edit of playbooks alone lets nothing go on
    resumed = driftbell("resume", "APP-01")
    assert resumed.code == 0, resumed.err
    assert "APP-01 begins anew with one: playbooks changed since it was halted" in resumed.out
    assert changed(ran(driftbell)) == [hosts[1].name]
    assert rollouts(driftbell) == [("one", "running", True)]
    assert changed(ran(driftbell)) == []  # its site has nothing left to do
    assert rollouts(driftbell) == [("site", "running", True)]
    assert changed(ran(driftbell)) == [hosts[2].name, hosts[3].name]
    assert changed(ran(driftbell)) == []
    assert rollouts(driftbell) == [("all", "passed", True)]


def test_a_policy_that_is_edited_in_its_second_ring_begins_anew_and_can_be_given_up(
    driftbell: Driftbell, lab_pool: Lab, lab_hosts: Boot
) -> None:
    hosts = lab_hosts(4)
    rolling_out(driftbell, lab_pool, hosts, WRITE, soak="1s", site="west")
    assert changed(ran(driftbell)) == [hosts[2].name]
    assert changed(ran(driftbell)) == [hosts[3].name]
    before = [h.snapshot() for h in (hosts[0], hosts[1], hosts[3])]

    asking(driftbell, "second", soak="1h", site="west")
    assert changed(ran(driftbell)) == [hosts[2].name]
    assert sorted(rollouts(driftbell)) == [("one", "running", True), ("site", "running", False)]
    assert changed(ran(driftbell)) == []  # an hour has not gone by
    assert [h.snapshot() for h in (hosts[0], hosts[1], hosts[3])] == before

    unknown = driftbell("abandon", "APP-02", "--why", "no such thing")
    assert (unknown.code, "There is no policy" in unknown.err) == (2, True)
    given_up = driftbell("abandon", "APP-01", "--why", "the vendor called it back")
    assert given_up.code == 0, given_up.err
    after = ran(driftbell)
    assert changed(after) == []
    (hold,) = [h for h in after["plan"]["holds"] if h["guard"] == "rings"]
    assert "abandoned in ring 1 of 3" in hold["sentence"]
    assert "the vendor called it back" in hold["sentence"]
    refused = driftbell("resume", "APP-01")
    assert (refused.code, "waits for a person" in refused.err) == (2, True)

    asking(driftbell, "third", soak="1h", site="west")
    assert changed(ran(driftbell)) == [hosts[2].name]


def test_what_a_cron_job_rewrites_is_quarantined_and_the_job_is_named(
    driftbell: Driftbell, lab_pool: Lab, lab_host: Host
) -> None:
    district_on(driftbell, lab_pool, [lab_host])
    driftbell.write("playbooks/app.yml", WRITE)
    asking(driftbell, "ours\n")
    theirs = f"* * * * * root test -s {PATH} && echo theirs > {PATH}\n"
    for _ in range(2):
        assert changed(ran(driftbell)) == [lab_host.name]
        lab_host.exec(f"echo theirs > {PATH}")
    assert changed(ran(driftbell)) == [lab_host.name]
    lab_host.exec(f"cat > /etc/cron.d/theirs <<'EOF'\n# {PATH} is ours\n{theirs}EOF")
    wait_for(lab_host, f"grep -q theirs {PATH}")

    held = ran(driftbell)
    assert changed(held) == []
    (hold,) = [h for h in held["plan"]["holds"] if h["guard"] == "quarantine"]
    assert "put it right 3 times" in hold["sentence"]
    assert "line 2 of /etc/cron.d/theirs names it" in hold["sentence"]
    assert "cron ran test as root" in hold["sentence"]
    assert f"Who else sets file.{PATH}.content on {lab_host.name}?" in hold["sentence"]
    assert changed(ran(driftbell)) == []

    lab_host.exec("rm /etc/cron.d/theirs")
    answered = driftbell("resume", "APP-01")
    assert answered.code == 0, answered.err
    assert lab_host.name in answered.out
    assert changed(ran(driftbell)) == [lab_host.name]


def wait_for(host: Host, condition: str, seconds: float = 180) -> None:
    """Wait until a command succeeds on a host: cron begins a job at the next minute."""
    deadline = time.monotonic() + seconds
    while host.exec(condition, check=False).returncode:
        assert time.monotonic() < deadline, f"{condition} never came true"
        time.sleep(1)


def test_whoever_may_not_approve_may_neither_resume_nor_give_up(driftbell: Driftbell) -> None:
    people = {"director": {"name": "A", "email": "a@riverton.example", "may": ["approve"]},
              "desk": {"name": "B", "email": "b@riverton.example", "may": ["stop"]}}  # fmt: skip
    driftbell.district(people=people, reports={})
    driftbell.hosts({"web1": {}})
    driftbell.policy("APP-01", expect={"time.synced": True})
    login = pwd.getpwuid(os.getuid()).pw_name
    driftbell.settings(people={login: "desk"})
    for words in (["resume", "APP-01"], ["abandon", "APP-01", "--why", "it is late"]):
        said = driftbell(*words)
        assert said.code == 4, said.out
        assert "`may: [approve]` is missing" in said.err
    driftbell.settings(people={login: "director"})
    assert (driftbell("resume", "APP-01").code, driftbell("abandon", "APP-01", "--why", "x").code) == (2, 2)
    assert "did you mean 'APP-01'" in driftbell("resume", "APP-1").err


def test_nothing_is_listed_where_nothing_was_rolled_out(driftbell: Driftbell) -> None:
    driftbell.district()
    driftbell.hosts({"web1": {}})
    said = driftbell("rollouts")
    assert (said.code, said.out.strip()) == (0, "Nothing was rolled out in rings yet.")
    assert json.loads(driftbell("rollouts", "--json").out)["rollouts"] == []
