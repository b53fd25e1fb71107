"""What would be done after a change of the policies, on hosts that a recorded look saw. Nothing is reached."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from agent.bootstrap import catalog, read_settings
from agent.bootstrap.revisions import Wanted, compared
from agent.decide.columns import Row, build
from agent.ledger.store import open_ledger
from agent.model.comparison import How, Stand
from agent.model.sweep import Sweep
from agent.report.comparison import exit_code, lines
from agent.report.comparison_document import document
from agent.report.comparison_markdown import markdown
from tests.cli.committed import District
from tests.cli.playbooks import WRITE
from tests.ledger.nouns import run

if TYPE_CHECKING:
    from agent.model.comparison import Comparison
    from tests.cli.fixtures import Driftbell

AT = datetime(2026, 10, 14, 12, 30, tzinfo=UTC)
HOSTS = [f"web{n:02}" for n in range(40)]
REMEDY = [{"do": "ansible.playbook", "with": {"playbook": "playbooks/write.yml", "vars": {
    "path": "/etc/motd", "text": "welcome\n"}}}]  # fmt: skip


def policy(district: District, **content: Any) -> None:
    base = {"expect": {"file./etc/motd.content": "welcome\n"}, "mode": "audit", "remedy": REMEDY}
    district.driftbell.policy("MOTD-01", **{**base, **content})


def told(district: District, older: str = "HEAD", newer: str = "") -> Comparison:
    settings = read_settings(None).at(str(district.driftbell.repo), district.driftbell.state)
    return compared(settings, Wanted(older, newer, AT), lambda _what: None)


@pytest.fixture
def district(driftbell: Driftbell) -> District:
    """Give a district of 40 hosts whose last look found the wrong text on all of them."""
    made = District(driftbell)
    driftbell.hosts({name: {"site": "east"} for name in HOSTS})
    driftbell.write("playbooks/write.yml", WRITE)
    policy(made)
    made.commit("Watch")
    kind = catalog().kinds["host"]
    fields = [kind.resolve("file./etc/motd.content"), kind.resolve("groups")]
    rows = [Row(f"host/{n}", "east", {fields[0].name: "mine\n", "groups": ("all",)}) for n in HOSTS]
    look = Sweep("hosts", "host", build(fields, rows), 40, 40, True, "the inventory lists them", AT, ())
    driftbell.state.mkdir(exist_ok=True)
    with open_ledger(driftbell.state / "ledger.db") as ledger:
        ledger.begin("r1", "run", made.git("rev-parse", "HEAD"), AT)
        ledger.record_sweep("r1", look, ())
        ledger.accept_population("host@hosts", 40, AT)
        ledger.finish(run("r1", AT), 0)
    return made


def test_letting_a_policy_act_shows_what_it_would_do_and_what_holds_it(district: District) -> None:
    policy(district, mode="enforce")
    comparison = told(district)
    (one,) = comparison.policies
    assert (one.how, one.mode, one.shifts) == (How.CHANGED, "audit -> enforce", ())
    (acted,) = comparison.actions
    assert (len(acted.before), len(acted.after), acted.held) == (0, 40, 40)
    assert "tripwire" in {guard for guard, _, _ in acted.holds}
    said = " ".join("\n".join(lines(comparison)).split())
    assert "MOTD-01 runs playbooks/write.yml: would change 40 servers" in said
    assert "held (tripwire)" in said
    assert "apply --plan" not in said, "a plan that was only thought through cannot be approved"
    assert max(map(len, lines(comparison))) <= 80
    assert exit_code(comparison) == 1
    back = told(district, "HEAD", "HEAD")
    assert (back.actions, back.policies, exit_code(back)) == ((), (), 0)


def test_a_changed_playbook_is_a_new_plan_and_a_deleted_policy_a_vanished_one(district: District) -> None:
    policy(district, mode="enforce")
    district.commit("Act")
    district.driftbell.write("playbooks/write.yml", WRITE.replace("0644", "0600"))
    (acted,) = told(district).actions
    assert acted.anew
    assert "an approval given before no longer counts" in " ".join("\n".join(lines(told(district))).split())
    (district.driftbell.repo / "policies" / "hosts" / "MOTD-01.yaml").unlink()
    gone = told(district)
    assert [(a.policy, len(a.before), a.after) for a in gone.actions] == [("MOTD-01", 40, ())]
    assert gone.policies[0].how is How.REMOVED
    assert {s.after for s in gone.policies[0].shifts} == {Stand.NOT_THERE}
    said = lines(gone)
    assert "    40 findings close with it" in said
    assert "would no longer change 40 servers" in "\n".join(said)
    assert "and 30 more" in "\n".join(said)


def test_the_inventory_of_a_revision_is_its_own(district: District) -> None:
    """A host that moves into a group, or leaves, is judged so, though the last look saw it otherwise."""
    policy(district, applies_to={"kind": "host", "where": {"groups": {"contains": "mail"}}})
    district.commit("Only mail servers")
    groups = {"hosts": {n: {"site": "east"} for n in HOSTS[1:]}, "children": {"mail": {"hosts": {"web01": {}}}}}
    groups["hosts"]["newcomer"] = {"site": "east"}
    district.driftbell.write("inventory/hosts.yml", {"all": groups})
    comparison = told(district)
    shifts = {s.resource: (s.before, s.after) for p in comparison.policies for s in p.shifts}
    assert shifts == {"host/web01": (Stand.OUT_OF_SCOPE, Stand.OUT_OF_LINE)}
    assert any("newcomer" in caveat for caveat in comparison.caveats)


def test_a_playbook_under_review_is_not_run(district: District) -> None:
    policy(district, expect=None, remedy=None, converge={"playbook": "playbooks/write.yml"})
    path = district.driftbell.repo / "policies" / "hosts" / "MOTD-01.yaml"
    path.write_text("\n".join(line for line in path.read_text().splitlines() if "null" not in line) + "\n")
    comparison = told(district)
    assert comparison.policies[0].untold
    assert exit_code(comparison) == 3
    assert "tried only once it is merged" in " ".join("\n".join(lines(comparison)).split())


def test_a_dynamic_inventory_under_review_is_not_run(district: District) -> None:
    from agent.errors import InputError

    ran = district.driftbell.folder / "ran"
    script = district.driftbell.write("inventory/hosts.yml", f"#!/bin/sh\ntouch {ran}\necho '{{}}'\n")
    script.chmod(0o755)
    evil = district.commit("A program for an inventory")
    district.git("reset", "--quiet", "--hard", "HEAD~1")
    with pytest.raises(InputError, match="what is under review is not run"):
        told(district, "HEAD", evil)
    assert not ran.exists()


def test_hostile_names_are_letters_in_markdown(district: District) -> None:
    name = "x](http://evil/)<img src=x onerror=alert(1)>|`@team #1 **b** [a]: http://y"
    policy(district, title=name, mode="enforce")
    written = markdown(told(district))
    for mark in ("](http", "<img", "|`", "@team", "#1 *", "**b**", "://evil"):
        assert mark not in written, mark
    assert document(told(district))["policies"]
