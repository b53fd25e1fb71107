"""Freezes and windows through whole cycles: what they hold happens at the first run after them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from agent.errors import InputError
from agent.gating import shut
from agent.ledger.store import open_ledger
from agent.model.action import Result
from agent.model.books import Took
from agent.model.window import Override, Window
from tests.calendars.conftest import DISTRICT, SCHOOL
from tests.calendars.freezing import CHICAGO, PASSWORD, PLAYBOOK, ROOT, Hosts, holds, rule
from tests.guards.build import action, batch

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.intake.district import District

TESTS = "testing: [{name: State tests, first: 2027-04-12, last: 2027-04-30}]\n"
INVENTORY = """\
all:
  hosts:
    east1: {site: east}
    east2: {site: east}
    west1: {site: west}
"""
SITES = {"east1": "east", "east2": "east", "west1": "west"}
HOUR = timedelta(hours=1)


@pytest.fixture
def hosts(district: District, tmp_path: Path) -> Iterator[Hosts]:
    district.write("inventory/hosts.yml", INVENTORY)
    for name in ("ssh", "passwords"):
        district.write(f"playbooks/{name}.yml", PLAYBOOK)
    district.write("policies/hosts/HOST-01.yaml", rule("HOST-01", ROOT))
    district.write("policies/calendars/other.yaml", SCHOOL.replace("calendar: school", "calendar: other"))
    both = DISTRICT.replace("{name: West Middle, calendar: school}", "{name: West Middle, calendar: other}")
    district.write("policies/district.yaml", both.replace("percent: 50", "percent: 100"))
    district.write("policies/calendars/school.yaml", SCHOOL + TESTS)
    with open_ledger(tmp_path / "ledger.db") as store:
        yield Hosts(district, store, SITES)


def test_a_freeze_holds_a_repair_and_it_happens_at_the_next_run_when_the_freeze_ends(hosts: Hosts) -> None:
    during = hosts.run("2027-04-13T18:00")
    (hold,) = during.plan.holds
    assert hosts.written == [("HOST-01", "west1")]  # the other school takes no tests
    assert (hold.guard, hold.resources) == ("freeze", ("host/east1", "host/east2"))
    assert "East High is frozen until Sat 2027-05-01 00:00: State tests" in hold.sentence
    assert [f.name for f in during.freezes] == ["State tests"]
    assert holds(hosts.run("2027-04-30T23:59")) == ["freeze"]
    after = hosts.run("2027-05-01T00:00")
    assert holds(after) == []
    assert hosts.written[1:] == [("HOST-01", "east1"), ("HOST-01", "east2")]
    assert {o.result for o in after.outcomes} == {Result.CONFIRMED}
    assert after.counts.out_of_line == 0


def test_what_was_frozen_catches_up_by_severity_within_the_budget_of_each_day(hosts: Hosts) -> None:
    hosts.district.write("policies/hosts/HOST-02.yaml", rule("HOST-02", PASSWORD, "critical", playbook="passwords"))
    land = (hosts.district.root / "policies/district.yaml").read_text(encoding="utf-8")
    hosts.district.write("policies/district.yaml", land.replace("per_day: {", "per_credential: {count: 2}, per_day: {"))
    frozen = SCHOOL + TESTS
    hosts.district.write("policies/calendars/school.yaml", frozen)
    hosts.district.write("policies/calendars/other.yaml", frozen.replace("calendar: school", "calendar: other"))
    for day in (12, 21, 30):
        assert set(holds(hosts.run(f"2027-04-{day}T12:00"))) == {"freeze"}
    assert hosts.written == []
    for day, policies in ((1, ["HOST-02"] * 2), (2, ["HOST-02", "HOST-01"]), (3, ["HOST-01"] * 2)):
        hosts.written.clear()
        hosts.run(f"2027-05-0{day}T06:00")
        assert [policy for policy, _ in hosts.written] == policies
    assert len(hosts.wrong) == 6


def test_an_override_lets_a_repair_through_and_every_run_says_so_while_it_stands(hosts: Hosts) -> None:
    begins = datetime(2027, 4, 13, 17, 30, tzinfo=CHICAGO)
    given = Override("abc123", ("east",), "director", "printing is down", begins, begins + HOUR)
    hosts.ledger.overrides.keep(given)
    early = hosts.run("2027-04-13T17:00")  # by a clock that was set back since it was given
    assert holds(early) == ["freeze"]
    assert not any("abc123" in w for w in early.warnings)
    during = hosts.run("2027-04-13T18:00")
    assert holds(during) == []
    (warning,) = during.warnings
    assert warning == (
        "Override abc123 lifts every freeze of East High until 18:30, by director: printing is down. "
        "To take it back: `driftbell windows restore abc123`."
    )
    over = hosts.run("2027-04-13T18:30")
    assert over.warnings == ()
    hosts.wrong.clear()
    assert holds(hosts.run("2027-04-13T18:31"))[:1] == ["freeze"]
    hosts.ledger.overrides.keep(replace(given, until=begins + 3 * HOUR, ended_by="systems", ended_at=begins + HOUR))
    assert holds(hosts.run("2027-04-13T19:00"))[:1] == ["freeze"]


def test_a_window_opens_at_the_closing_bell_and_a_clock_that_is_set_back_closes_it(hosts: Hosts) -> None:
    hosts.district.write("policies/hosts/HOST-01.yaml", rule("HOST-01", ROOT, guard="{window: after-school}"))
    assert holds(hosts.run("2026-11-17T14:59")) == ["window", "window"]
    assert hosts.written == []
    hosts.run("2026-11-17T15:00")
    assert len(hosts.written) == 3
    hosts.wrong.clear()
    assert set(holds(hosts.run("2026-11-17T14:30"))) == {"window"}  # an hour back
    assert len(hosts.written) == 3


def test_what_took_too_long_before_waits_for_a_longer_opening(hosts: Hosts) -> None:
    hosts.district.write("policies/hosts/HOST-01.yaml", rule("HOST-01", ROOT, guard="{window: after-school}"))
    hosts.takes = timedelta(minutes=39, seconds=30)
    hosts.run("2026-11-16T15:00")
    assert hosts.ledger.durations.all()["playbooks/ssh.yml"][0].span >= hosts.takes
    hosts.wrong.clear()
    late = hosts.run("2026-11-17T06:30")  # until 07:00, an hour before the first bell
    assert set(holds(late)) == {"duration"}
    assert "That took up to 40 min before: it would not be over when its window closes, at 07:00." in (
        late.plan.holds[0].sentence
    )
    assert len(hosts.written) == 3
    hosts.run("2026-11-17T15:00")
    assert len(hosts.written) == 6


def test_a_window_that_closes_while_others_run_is_closed_for_what_has_not_begun(hosts: Hosts) -> None:
    hosts.district.write("policies/hosts/HOST-01.yaml", rule("HOST-01", ROOT, "critical", "{window: after-school}"))
    second = rule("HOST-02", PASSWORD, "low", "{window: after-school}", "passwords")
    hosts.district.write("policies/hosts/HOST-02.yaml", second)
    hosts.takes = timedelta(minutes=50)  # which nobody knows yet
    done = hosts.run("2026-11-17T06:30")
    assert {policy for policy, _ in hosts.written} == {"HOST-01"}
    (hold,) = done.plan.holds
    assert (hold.guard, len(hold.resources)) == ("window", 3)
    assert "HOST-02: 3 changes had not begun when its window closed" in hold.sentence
    assert not hosts.ledger.outcomes("HOST-02", "host/east1")


def test_what_goes_on_when_its_window_closes_is_told_and_by_how_much(hosts: Hosts) -> None:
    hosts.district.write("policies/hosts/HOST-01.yaml", rule("HOST-01", ROOT, guard="{window: after-school}"))
    hosts.takes = timedelta(minutes=41, seconds=30)
    done = hosts.run("2026-11-17T06:30")
    assert len(hosts.written) == 3
    told = [w for w in done.warnings if "went on" in w]
    said = (
        "HOST-01 went on when its window closed, at 07:00: playbooks/ssh.yml on {} was over at 07:11, 12 min too late."
    )
    assert told == [said.format("2 hosts at East High"), said.format("1 host at West Middle")]
    hosts.wrong.clear()
    hosts.takes = timedelta(minutes=29)
    assert not [w for w in hosts.run("2026-11-17T15:00").warnings if "went on" in w]


def test_what_goes_on_when_a_freeze_begins_is_told(hosts: Hosts) -> None:
    hosts.takes = timedelta(minutes=10)
    done = hosts.run("2027-04-11T23:55")
    (told,) = [w for w in done.warnings if "went on" in w]
    assert "HOST-01 went on when East High was frozen, Mon 2027-04-12 at 00:00: playbooks/ssh.yml on 2 hosts" in told
    assert "was over Mon 2027-04-12 at 00:05, 6 min too late" in told


def test_before_each_writing_it_is_asked_again_how_long_all_of_it_takes(hosts: Hosts) -> None:
    hosts.district.write("policies/hosts/HOST-01.yaml", rule("HOST-01", ROOT, "critical", "{window: after-school}"))
    second = rule("HOST-02", PASSWORD, "low", "{window: after-school}", "passwords")
    hosts.district.write("policies/hosts/HOST-02.yaml", second)
    hosts.ledger.durations.keep("playbooks/passwords.yml", hosts.now, Took(timedelta(minutes=8), 1))  # 24 for three
    hosts.takes = timedelta(minutes=10)  # which nobody knows yet of the first
    done = hosts.run("2026-11-17T06:30")
    assert {policy for policy, _ in hosts.written} == {"HOST-01"}
    assert "HOST-02: 3 changes had not begun" in done.plan.holds[0].sentence


def test_what_a_policy_that_is_gone_had_asked_for_is_frozen_all_the_same(hosts: Hosts) -> None:
    there = hosts.district.load()
    gone = replace(there, policies=())
    asked = batch(replace(action("east1"), site="east"))

    def shut_at(text: str) -> list[str]:
        moment = datetime.fromisoformat(text).replace(tzinfo=CHICAGO)
        return [hold.guard for hold in shut(hosts.ledger, gone, (asked,), moment)]

    assert shut_at("2027-04-13T12:00") == ["freeze"]
    assert shut_at("2027-05-03T12:00") == []
    gone = replace(gone, district=replace(gone.district, windows=(Window.OVERNIGHT,)))
    assert shut_at("2027-05-03T12:00") == ["window"]


def test_a_calendar_that_cannot_be_read_during_a_freeze_stops_the_run_before_anything_is_read(hosts: Hosts) -> None:
    hosts.district.write("policies/calendars/school.yaml", SCHOOL + TESTS.replace("]", ""))
    with pytest.raises(InputError) as error:
        hosts.run("2027-04-13T18:00")
    assert "policies/calendars/school.yaml" in str(error.value)
    assert hosts.written == []
    (hosts.district.root / "policies/calendars/school.yaml").unlink()
    with pytest.raises(InputError, match="no calendar 'school'"):
        hosts.run("2027-04-13T18:00")
    assert hosts.written == []


def test_a_season_brings_limits_of_its_own_and_every_run_says_so(hosts: Hosts) -> None:
    hosts.district.write("policies/calendars/school.yaml", SCHOOL + (
        "seasons: [{name: August rollover, first: 2027-07-26, last: 2027-08-10}]\n"
    ))  # fmt: skip
    land = (hosts.district.root / "policies/district.yaml").read_text(encoding="utf-8")
    land = land.replace("may: [calendar]", "may: [calendar, approve]").replace("Chicago}", "Chicago, calendar: school}")
    seasons = "seasons: {August rollover: {per_run: {count: 50}, approved_by: director}}"
    tight = land.replace("per_run: {count: 25, percent: 100}", f"per_run: {{count: 1}}, {seasons}")
    hosts.district.write("policies/district.yaml", tight)
    before = hosts.run("2027-07-25T12:00")
    assert holds(before) == ["tripwire"]
    assert before.warnings == ()
    during = hosts.run("2027-07-26T00:00")
    (warning,) = during.warnings
    assert warning == (
        "August rollover holds until the end of Tue 2027-08-10: at most 50 in a run, where it is 1 in a run else. "
        "A. Example (director) answers for it."
    )
    assert len(hosts.written) == 3
    hosts.wrong.clear()
    assert holds(hosts.run("2027-08-11T00:00")) == ["tripwire"]
