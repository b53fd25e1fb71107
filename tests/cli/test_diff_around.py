"""What `diff` says around the policies: who is named, what was looked at, what changed where, and what is not known."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from agent.bootstrap import catalog, read_settings
from agent.bootstrap.revisions import Wanted, compared
from agent.decide.columns import Row, build
from agent.ledger.store import open_ledger
from agent.model.comparison import Stand
from agent.model.finding import Difference
from agent.model.history import Event, Story
from agent.model.reading import Unknown
from agent.model.sweep import Sweep, Unseen
from agent.report import history
from agent.report.comparison import exit_code, lines
from agent.report.comparison_document import document
from agent.report.comparison_markdown import markdown
from tests.cli.committed import LAST_DAY, SYSTEMS, District
from tests.ledger.nouns import run

if TYPE_CHECKING:
    from agent.model.comparison import Comparison
    from tests.cli.fixtures import Driftbell

AT = datetime(2026, 10, 14, 12, 30, tzinfo=UTC)
FIELD = "file./etc/motd.content"
HOSTS = [f"web{n:02}" for n in range(8)]
SCHOOL = {
    "calendar": "school",
    "name": "Every school",
    "bells": {"mon": ["08:00-15:00"], "tue": ["08:00-15:00"]},
    "years": {"2026-27": {"from": "2026-08-12", "to": "2027-06-03"}},
    "closed": [{"name": "Winter break", "first": "2026-12-21", "last": "2027-01-01"}],
}


def told(district: District, older: str = "HEAD", newer: str = "") -> Comparison:
    settings = read_settings(None).at(str(district.driftbell.repo), district.driftbell.state)
    return compared(settings, Wanted(older, newer, AT), lambda _what: None)


def said(comparison: Comparison) -> str:
    return " ".join("\n".join(lines(comparison)).split())


def around(comparison: Comparison) -> dict[str, tuple[str, str]]:
    return {e.what: (e.before, e.after) for e in comparison.surroundings}


def looked(district: District, *, dark: int = 0) -> None:
    """Record a look that saw the text of all hosts but the first few."""
    kind = catalog().kinds["host"]
    fields = [kind.resolve(FIELD), kind.resolve("groups")]
    unseen = tuple(Unseen(f"host/{n}", "it did not answer") for n in HOSTS[:dark])
    rows = [
        Row(f"host/{n}", "east", {FIELD: Unknown("it did not answer") if i < dark else "mine\n", "groups": ("all",)})
        for i, n in enumerate(HOSTS)
    ]
    look = Sweep("hosts", "host", build(fields, rows), 8, 8 - dark, True, "the inventory lists them", AT, unseen)
    with open_ledger(district.driftbell.state / "ledger.db") as ledger:
        ledger.begin("r1", "run", district.git("rev-parse", "HEAD"), AT)
        ledger.record_sweep("r1", look, ())
        ledger.finish(run("r1", AT), 0)


@pytest.fixture
def district(driftbell: Driftbell) -> District:
    """Give a district of 8 hosts under git, of which nothing was looked at yet."""
    made = District(driftbell)
    driftbell.hosts({name: {"site": "east"} for name in HOSTS})
    driftbell.policy("MOTD-01", expect={FIELD: "welcome\n"})
    driftbell.state.mkdir(exist_ok=True)
    made.commit("Watch")
    return made


@pytest.mark.parametrize(("dark", "checked"), [(8, "Checked 0 of 8 servers"), (3, "Checked 5 of 8 servers")])
def test_what_did_not_answer_was_not_checked(district: District, dark: int, checked: str) -> None:
    looked(district, dark=dark)
    comparison = told(district)
    assert document(comparison)["seen"]["host"]["seen"] == 8 - dark
    assert checked in said(comparison)


def test_people_under_a_waiver_are_counted(district: District) -> None:
    who = [f"person/s{n}@students.riverton.example" for n in (103718, 103719, 103720)]
    driftbell = district.driftbell
    content = {"policy": "INV-06", "title": "Second lock", "severity": "high", "owner": "it@riverton.example"}
    content |= {"applies_to": {"kind": "person"}, "expect": {"second_factor": True}}
    driftbell.write("policies/inventory/INV-06.yaml", content)
    one: dict[str, Any] = {"waiver": "W-1", "policies": ["INV-06"], "resources": who[:1], "owner": "director"}
    one |= {"reason": "vendor", "ticket": "4711", "until": LAST_DAY.isoformat()}
    driftbell.write("policies/waivers.yaml", {"waivers": [one, one | {"waiver": "W-2"}]})
    district.commit("Waive")
    driftbell.write("policies/waivers.yaml", {"waivers": [one | {"resources": who[1:]}, one | {
        "waiver": "W-2", "resources": who[2:]}]})  # fmt: skip
    for older in ("HEAD", "HEAD~1"):
        comparison = replace(told(district, older), caveats=(f"The waiver W-1 shields nothing of '{who[0]}'.",))
        for text in ("\n".join(lines(comparison)), markdown(comparison), json.dumps(document(comparison))):
            assert "students" not in text
            assert "s1037" not in text
    changed = around(told(district))
    assert "for 1 account until" in changed["waiver W-1"][0]
    assert "for 2 accounts until" in changed["waiver W-1"][1]
    assert changed["waiver W-2"][1].endswith(", but not the same"), "another person is a change"


def test_a_policy_that_was_not_read_is_not_judged_otherwise(district: District) -> None:
    looked(district)
    district.driftbell.policy("MOTD-02", expect={"file./etc/issue.content": "hello\n"})
    district.commit("Never looked at")
    comparison = told(district)
    assert (comparison.policies, comparison.unread, comparison.same, exit_code(comparison)) == ((), (), 2, 0)
    assert "otherwise" not in said(comparison)
    groups = {"hosts": {n: {"site": "east"} for n in HOSTS}, "children": {"mail": {"hosts": {"web01": {}}}}}
    district.driftbell.write("inventory/hosts.yml", {"all": groups})
    moved = told(district)
    assert (moved.policies, moved.unread, exit_code(moved)) == ((), ("MOTD-02",), 3)
    assert "Could not be told of 1 policy that did not change: MOTD-02." in said(moved)


def test_of_a_revision_that_does_not_load_no_number_is_invented(district: District) -> None:
    looked(district)
    path = district.driftbell.write("policies/hosts/MOTD-07.yaml", "policy: MOTD-07\nseverity: dreadful\n")
    district.commit("A mistake")
    path.unlink()
    comparison = told(district)
    text = said(comparison)
    assert "The newer revision has 1 policy. By it 8 findings are out of line." in text
    for invented in ("added", "Added", "as before", "open.", "none changes"):
        assert invented not in text, invented
    written = document(comparison)
    assert set(written["counts"].values()) == {None}
    assert [p["change"] for p in written["policies"]] == ["not_compared"]
    assert {f["before"] for p in written["policies"] for f in p["findings"]} == {None}
    assert "| added |" not in markdown(comparison)
    assert exit_code(comparison) == 3


def test_a_calendar_says_which_days_and_bells_moved(district: District) -> None:
    driftbell = district.driftbell
    driftbell.write("policies/calendars/school.yaml", SCHOOL)
    district.commit("Calendar")
    driftbell.write("policies/calendars/school.yaml", "# a comment moves every line\n" + json.dumps(SCHOOL))
    assert told(district).surroundings == ()
    days = [
        {"name": "Winter break", "first": "2026-12-18", "last": "2027-01-01"},
        {"name": "Founders day", "day": "2026-11-03"},
    ]
    driftbell.write("policies/calendars/school.yaml", SCHOOL | {"closed": days, "bells": SCHOOL["bells"] | {
        "mon": ["09:00-15:00"]}})  # fmt: skip
    assert around(told(district)) == {
        "calendar school, bells on Monday": ("08:00-15:00", "09:00-15:00"),
        "calendar school, Winter break": ("closed 2026-12-21 to 2027-01-01", "closed 2026-12-18 to 2027-01-01"),
        "calendar school, Founders day": ("", "closed 2026-11-03"),
    }


def test_a_list_a_guard_and_a_host_say_which_setting_changed(district: District) -> None:
    driftbell = district.driftbell
    mdm = SYSTEMS["systems"]["mdm"]
    checks = {"web": {"http": "https://east.riverton.example/up?token=hush-one&x=1"}}
    driftbell.write("inventory/systems.yaml", {"systems": {"mdm": mdm | {"fresh_for": "26 hours"}, "own": {
        "type": "probe", "kind": "service", "checks": checks}}})  # fmt: skip
    driftbell.hosts({name: {"site": "east", "motd": "vaulted-one"} for name in HOSTS[:1]})
    district.commit("Lists")
    checks["web"]["http"] = "https://east.riverton.example/up?token=hush-two&x=2"
    driftbell.write("inventory/systems.yaml", {"systems": {"mdm": mdm | {"fresh_for": "260 hours"}, "own": {
        "type": "probe", "kind": "service", "checks": checks}}})  # fmt: skip
    driftbell.hosts({name: {"site": "east", "motd": "vaulted-two"} for name in HOSTS[:1]})
    driftbell.district(guards={"per_run": {"count": 7}})
    comparison = told(district)
    changed = around(comparison)
    assert changed["list mdm fresh_for"] == ("26h", "260h")
    assert changed["district guard per_run"][1] == "7"
    assert changed["host web00 variables"] == ("", "other values of motd")
    assert changed["list own check web"][1].endswith("?token=********&x=2")
    text = json.dumps(document(comparison))
    assert "hush" not in text
    assert "vaulted" not in text
    assert "list mdm fresh_for: 26h -> 260h" in said(comparison)


def test_what_this_server_declared_covers_what_was_committed(district: District) -> None:
    driftbell = district.driftbell
    one = {"change": "2026-10-13-1", "what": "closed", "sites": ["east"], "day": "2026-10-13"}
    one |= {"why": "Snow", "by": "director", "at": "2026-10-13T05:00:00Z"}
    driftbell.write("policies/calendars/changes.yaml", {"calendar_changes": [one]})
    declared = told(district)
    assert around(declared) == {"declared change 2026-10-13-1": ("", "closed 2026-10-13 at East High (Snow)")}
    path = driftbell.repo / "policies" / "calendars" / "changes.yaml"
    (driftbell.state / "calendar_changes.yaml").write_bytes(path.read_bytes())
    covered = around(told(district))
    assert list(covered) == ["policies/calendars/changes.yaml"]
    assert "laid over both" in covered["policies/calendars/changes.yaml"][1]


def test_the_words_of_a_length_of_time_are_those_of_the_file() -> None:
    from datetime import timedelta

    from agent.decide.list_edits import of_lists
    from agent.errors import Place
    from agent.model.source import ExportSource

    source = ExportSource("mdm", "csv", "device", "https://who:hush@lists.example/x.csv", Place("systems.yaml"))
    spans = [timedelta(hours=26), timedelta(minutes=90), timedelta(seconds=45)]
    texts = [of_lists([replace(source, fresh_for=s)], [source])[0] for s in spans]
    assert [t["list mdm fresh_for"] for t in texts] == ["26h", "90 min", "45 s"]
    assert texts[0]["list mdm path"] == "https://lists.example/x.csv"


def test_the_history_of_a_policy_names_nobody_in_the_reading_of_one_account() -> None:
    who = "person/s103718@students.riverton.example"
    change = Difference("email", "equals x", "s103718@students.riverton.example")
    turned = Event(AT, "INV-06", who, Stand.IN_LINE, Stand.OUT_OF_LINE, None, (change,))
    story = Story("INV-06", "", (turned,), AT, 1, "UTC", frozenset({"person"}))
    text = "\n".join(history.lines(story))
    assert "email is" in text
    assert "s103718" not in text
    asked = "\n".join(history.lines(replace(story, resource=who)))
    assert "s103718" in asked, "who asks for one account is told of it"
