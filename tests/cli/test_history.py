"""Each change of a verdict, with its cause: on a real repository, with real commits, through the real ledger."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from tests.cli.committed import begun, waiver
from tests.cli.test_loop import district_on, writing

if TYPE_CHECKING:
    from datetime import date

    from tests.cli.committed import District
    from tests.cli.fixtures import Driftbell
    from tests.lab.fixtures import Boot
    from tests.lab.lab import Lab

A = "device/A1"


def told(event: dict[str, Any]) -> tuple[str | None, str | None, str | None]:
    """What an event says in three words."""
    return event["before"], event["after"], event["cause"]


REST = {"B2": "128.0 active east /Students", "C3": "140.0 active"}


def test_reality_the_policy_and_sight_change_a_finding(driftbell: Driftbell) -> None:
    district = begun(driftbell)
    assert district.events("A1", "DEV-02") == []

    district.devices({"A1": "125.0 active east /Students", **REST})
    district.run()
    (opened,) = district.events("A1")
    assert told(opened) == ("in_line", "out_of_line", "reality")
    assert opened["readings"] == [{"field": "os_version", "before": "128.0", "after": "125.0"}]
    assert opened["commits"] == []

    district.policy("DEV-02", expect={"os_version": {"at_least": "130"}})
    stricter = district.commit("Chromebooks need 130")
    district.run()
    changed = district.events("A1")[-1]
    assert told(changed) == ("out_of_line", "out_of_line", "policy")
    assert [(c["id"], c["title"]) for c in changed["commits"]] == [(stricter, "Chromebooks need 130")]
    assert changed["commits"][0]["author"] == "Ada Example <ada@riverton.example>"
    assert told(district.events("B2")[-1]) == ("in_line", "out_of_line", "policy")
    assert district.events("C3") == []

    district.devices({"A1": "? active east /Students", **REST})
    district.run()
    assert told(district.events("A1")[-1]) == ("out_of_line", "unknown", "lost")
    assert district.events("A1")[-1]["detail"]

    district.devices({"A1": "125.0 active east /Students", **REST})
    district.run()
    assert told(district.events("A1")[-1]) == ("unknown", "out_of_line", "back")


def test_waivers_and_removals_change_a_finding(driftbell: Driftbell) -> None:
    district = begun(driftbell)
    district.devices({"A1": "125.0 active east /Students", **REST, "B2": "125.0 active"})
    district.run()
    path = driftbell.write("policies/waivers.yaml", waiver("W-2026-001", A))
    waived = district.commit("A1 waits for its vendor")
    district.run()
    began = district.events("A1")[-1]
    assert told(began) == ("out_of_line", "excepted", "waived")
    assert (began["detail"], [c["id"] for c in began["commits"]]) == ("W-2026-001", [waived])

    path.unlink()
    district.commit("The vendor came")
    district.run()
    ended = district.events("A1")[-1]
    assert told(ended) == ("excepted", "out_of_line", "waiver_ended")
    assert [c["title"] for c in ended["commits"]] == ["The vendor came"]

    district.devices({"A1": "131.0 active east /Students", **REST, "B2": "125.0 active"})
    district.run()
    mended = district.events("A1")[-1]
    assert told(mended) == ("out_of_line", "in_line", "reality")
    assert mended["readings"] == [{"field": "os_version", "before": "125.0", "after": "131.0"}]

    district.devices({"A1": "125.0 active east /Students", **REST, "B2": "125.0 active"})
    district.run()
    district.devices({**REST, "B2": "125.0 active"})
    district.run()
    assert told(district.events("A1")[-1]) == ("out_of_line", "not_there", "gone")

    (driftbell.repo / "policies" / "devices" / "DEV-02.yaml").unlink()
    district.policy("DEV-03", expect={"status": "active"})
    removed = district.commit("Another rule")
    district.run()
    last = district.events("B2")[-1]
    assert told(last) == ("out_of_line", "not_there", "removed")
    assert [c["id"] for c in last["commits"]] == [removed]
    of_policy = [e["cause"] for e in district.events("DEV-02") if e["resource"] is None]
    assert of_policy == ["removed"]
    assert [e["cause"] for e in district.events("dev-03")] == ["added"]


def test_which_of_two_changes_did_it(driftbell: Driftbell) -> None:
    """The policy and the reading change between two looks; each is tried alone."""
    district = begun(driftbell)
    district.devices({"A1": "127.0 active", "B2": "120.0 active", "C3": "110.0 active", "D4": "140.0 active"})
    district.policy("DEV-02", expect={"os_version": {"at_least": "128"}})
    district.commit("Need 128")
    district.run()
    # A1 was 128.0: only a policy of 128 calls 127 out of line, and only the reading of 127 is out of line by it.
    both = district.events("A1")[-1]
    assert told(both) == ("in_line", "out_of_line", "both")
    assert "only both together" in both["detail"]
    # B2 was 128.0 as well: 120 is out of line by either policy, 128 by neither.
    assert told(district.events("B2")[-1]) == ("in_line", "out_of_line", "reality")

    district.devices({"A1": "127.0 active", "B2": "120.0 active", "C3": "110.0 active", "D4": "139.0 active"})
    district.policy("DEV-02", expect={"os_version": {"at_least": "145"}})
    commit = district.commit("Need 145")
    district.run()
    # D4 was 140.0: out of line by the new policy whatever was read, in line by the old one.
    alone = district.events("D4")[-1]
    assert told(alone) == ("in_line", "out_of_line", "policy")
    assert [c["id"] for c in alone["commits"]] == [commit]


def test_an_older_policy_that_was_never_committed_leaves_it_open(driftbell: Driftbell) -> None:
    district = begun(driftbell)
    district.policy("DEV-02", expect={"os_version": {"at_least": "127"}})  # in use, and in no commit
    district.run()
    district.policy("DEV-02", expect={"os_version": {"at_least": "128.1"}})
    district.devices({"A1": "127.5 active", "B2": "128.0 active", "C3": "140.0 active"})
    district.run()
    unsure = district.events("A1")[-1]
    assert told(unsure) == (None, "out_of_line", "both")
    assert "cannot be told" in unsure["detail"]
    assert told(district.events("B2")[-1]) == (None, "out_of_line", "policy"), "nothing that is read of B2 changed"
    assert "not committed" in driftbell("history", "B2", "DEV-02").out


def test_time_alone_and_newcomers_are_told_apart(driftbell: Driftbell) -> None:
    district = begun(driftbell)
    district.devices({"A1": "128.0 active", "B2": "128.0 active", "C3": "140.0 active", "N9": "100.0 active"})
    district.run()
    assert told(district.events("N9")[-1]) == ("not_there", "out_of_line", "came")


def values(district: District, expires: date, title: str) -> str:
    """Commit policies/values/chromeos.yaml with a last good day, and look."""
    text = f'values: chromeos\nexpires: {expires}\nset: {{least: "126"}}\n'
    district.driftbell.write("policies/values/chromeos.yaml", text)
    made = district.commit(title)
    district.run()
    return made


def test_values_that_were_renewed_are_told_with_their_commit(driftbell: Driftbell) -> None:
    district, today = begun(driftbell), datetime.now(UTC).date()
    district.policy("DEV-02", expect={"os_version": {"at_least": {"value": "chromeos.least"}}})
    district.devices({"A1": "125.0 active east /Students", **REST, "B2": "125.0 active"})
    values(district, today + timedelta(days=90), "Look them up")
    values(district, today - timedelta(days=5), "A slip of the pen")
    assert told(district.events("A1")[-1]) == ("out_of_line", "unknown", "expired")
    district.devices({"A1": "125.0 active east /Students", **REST, "B2": "131.0 active"})
    renewed = values(district, today + timedelta(days=60), "Renewed")
    for name, after in (("A1", "out_of_line"), ("B2", "in_line")):
        event = district.events(name, "DEV-02")[-1]
        assert told(event) == ("unknown", after, "policy")
        assert [c["id"] for c in event["commits"]] == [renewed]
        assert bool(event["readings"]) is (name == "B2")
    said = driftbell("history", "A1", "DEV-02").out
    assert "unknown -> out of line: a values file that it takes was renewed" in " ".join(said.split())


def test_what_happened_between_findings_is_not_passed_over(driftbell: Driftbell) -> None:
    """In line, then left out by a narrower policy, then out of line: the middle step opens and closes no finding."""
    district = begun(driftbell)
    expect = {"os_version": {"at_least": "126"}}
    district.devices({"A1": "125.0 active east /Students", **REST})
    district.run()
    district.devices({"A1": "128.0 active east /Students", **REST})
    district.run()
    district.policy("DEV-02", applies_to={"kind": "device", "where": {"status": "disabled"}}, expect=expect)
    district.commit("Narrowed")
    district.run()
    district.policy("DEV-02", expect=expect)
    district.devices({"A1": "125.0 active east /Students", **REST})
    district.commit("Wide again")
    district.run()
    said = " ".join(driftbell("history", "A1", "DEV-02").out.split())
    assert "out of scope -> out of line" in said
    assert said.count("Before this it went from in line to out of scope: no finding, so not recorded by itself.") == 1
    assert said.count("Before this") == 1


def test_the_clock_is_the_districts_also_where_the_files_are_broken(driftbell: Driftbell) -> None:
    district = begun(driftbell)
    district.devices({"A1": "125.0 active east /Students", **REST})
    district.run()
    whole = driftbell("history", "A1", "DEV-02").out
    assert whole.splitlines()[0] == "DEV-02 on device/A1 (times in America/Chicago)"
    driftbell.write("policies/devices/DEV-02.yaml", "policy: [\n")
    assert driftbell("validate").code == 2
    assert driftbell("history", "A1", "DEV-02").out == whole


def test_what_is_told_in_words(driftbell: Driftbell) -> None:
    district = begun(driftbell)
    assert "No finding was ever opened here" in driftbell("history", "A1", "DEV-02").out
    district.devices({"A1": "125.0 active", "B2": "125.0 active", "C3": "140.0 active"})
    district.run()
    said = driftbell("history", "DEV-02").out
    assert "2 devices in line -> out of line: what was read changed" in said
    assert "A1, B2" in said
    assert all(len(line) <= 80 for line in said.splitlines())
    assert "os_version went from 128.0 to 125.0" in driftbell("history", "dev-02", "a1").out
    assert "did you mean 'A1'" in driftbell("history", "DEV-02", "AA1").err
    assert driftbell("history", "DEV-20").code == 2
    assert driftbell("history", "A1", "--since", "2099-01-01").out.count("->") == 0


def test_what_we_fixed_is_told_with_the_run_that_did_it(driftbell: Driftbell, lab_pool: Lab, lab_hosts: Boot) -> None:
    (host,) = lab_hosts(1)
    district_on(driftbell, lab_pool, [host])
    writing(driftbell, mode="audit")
    host.exec("echo welcome > /etc/motd")
    driftbell("run", "--mail", "never")
    host.exec("echo mine > /etc/motd")
    driftbell("run", "--mail", "never")
    writing(driftbell, mode="enforce")
    ran = driftbell("run", "--mail", "never", "--json").json
    assert [o["outcome"] for o in ran["outcomes"]] == ["confirmed"]
    events = [e for e in driftbell("history", host.name, "MOTD-01", "--json").json["events"] if e["resource"]]
    opened, fixed = events
    assert told(opened) == ("in_line", "out_of_line", "reality")
    assert told(fixed) == ("out_of_line", "in_line", "fixed")
    assert (fixed["run"], fixed["detail"]) == (ran["run"], "ansible.playbook playbooks/write.yml for MOTD-01")
    assert "we fixed it" in driftbell("history", host.name, "MOTD-01").out
