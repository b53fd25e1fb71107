"""Snow days: they hold at once, are written down for the next commit, and can be undone by who may."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.calendars.snow import CHICAGO, LOGIN, PEOPLE, SITES, number, tomorrow, why

if TYPE_CHECKING:
    from tests.cli.fixtures import Driftbell


def test_a_snow_day_holds_at_once_and_is_written_down_and_can_be_undone(school: Driftbell) -> None:
    day = tomorrow()
    said = school("calendar", "close", "--site", "all", "--date", "tomorrow", "--why", "snow")
    assert said.code == 0, said.err
    assert f"All 2 sites are closed on {datetime.fromisoformat(day):%a} {day} (snow)." in said.out
    assert f"Recorded as {LOGIN}: the server's settings do not say who that is" in said.out
    assert "stands in policies/calendars/changes.yaml for the next commit" in said.out
    assert "The reason is written down, and shown to everybody." in said.out
    assert "and shown to everybody" in " ".join(school("calendar", "close", "--help").out.replace("│", " ").split())
    change = number(said)
    assert why(school, "west", f"{day}T10:00") == f"closed: snow (change {change}, by {LOGIN})"
    written = yaml.safe_load((school.repo / "policies/calendars/changes.yaml").read_text(encoding="utf-8"))
    assert [(c["change"], c["what"], c["sites"]) for c in written["calendar_changes"]] == [(change, "closed", ["all"])]
    assert (school.state / "calendar_changes.yaml").stat().st_mode & 0o077 in {0, 0o044}
    # Committed, and the server's own file lost: it still holds.
    (school.state / "calendar_changes.yaml").unlink()
    assert why(school, "west", f"{day}T10:00").startswith("closed: snow")
    undone = school("calendar", "undo", change)
    assert undone.code == 0, undone.err
    assert f"The change {change} counts no more" in undone.out
    assert why(school, "west", f"{day}T10:00").startswith("open: 08:00-12:00")
    again = school("calendar", "undo", change)
    assert again.code == 2
    assert f"was taken back by {LOGIN}" in again.err
    # A commit that still has it standing comes back: the undoing wins.
    text = (school.repo / "policies/calendars/changes.yaml").read_text(encoding="utf-8")
    standing = "".join(line for line in text.splitlines(keepends=True) if "undone" not in line)
    assert standing != text
    (school.repo / "policies/calendars/changes.yaml").write_text(standing, encoding="utf-8")
    assert why(school, "west", f"{day}T10:00").startswith("open: 08:00-12:00")
    listed = school("calendar", "changes")
    assert "taken back by" in listed.out


def test_delays_and_early_releases_say_what_they_move(school: Driftbell) -> None:
    day = tomorrow()
    late = school("calendar", "delay", "--site", "east", "--date", "tomorrow", "--from", "10:10", "--why", "ice")
    assert f"East High opens at 10:10 in place of 08:00 on {datetime.fromisoformat(day):%a} {day} (ice)." in late.out
    early = school("calendar", "early", "--site", "all", "--date", day, "--until", "11:30", "--why", "heat")
    assert "All 2 sites close at 11:30 in place of 15:00" in early.out
    json = school("calendar", "east", "--at", f"{day}T11:00", "--json").json
    assert json["at"]["closes"].startswith(f"{day}T11:30")
    assert [d["open"] for d in json["days"] if d["day"] == day] == [[["10:10", "11:30"]]]
    corrected = school("calendar", "delay", "--site", "east", "--date", day, "--from", "09:00", "--why", "less ice")
    assert corrected.code == 2  # it opens at 10:10 that day: what was said is taken back first
    school("calendar", "undo", number(late))
    assert school("calendar", "delay", "--site", "east", "--date", day, "--from", "09:00", "--why", "ice").code == 0


def test_only_who_may_and_their_deputy_may(school: Driftbell) -> None:
    words = ("calendar", "close", "--site", "east", "--date", "tomorrow", "--why", "snow")
    days = (datetime.now(CHICAGO).date() + timedelta(days=n) for n in (-1, 1))
    away = {"director": {**PEOPLE["director"], "away": [dict(zip(("first", "last"), map(str, days), strict=True))]}}
    for person, code, sentence in (
        ("helpdesk", 4, "D. Example (helpdesk) may not: `may: [calendar]` is missing"),
        ("nobody", 4, "whom policies/district.yaml does not know"),
        ("systems", 4, "B. Example (systems) stands in for A. Example only while A. Example is away"),
        ("director", 0, "East High is closed"),
        ("systems", 0, "East High is closed"),
    ):
        if (person, code) == ("systems", 0):
            school.district(sites=SITES, people={**PEOPLE, **away}, reports={})
        school.settings(people={LOGIN: person})
        said = school(*words)
        assert said.code == code, said.err
        assert sentence in said.out + said.err
        assert "Recorded as" not in said.out
        if code == 0:
            listed = school("calendar", "changes", "--json").json["changes"]
            assert listed[-1]["by"] == person
            school("calendar", "undo", number(said))
    school.settings(people={"somebody-else": "director"})
    said = school(*words)
    assert said.code == 4
    assert f"The login {LOGIN!r} is nobody in `people` of the server's settings" in said.err


def test_people_of_the_settings_are_checked(school: Driftbell) -> None:
    for content, sentence in (
        ({}, "`people` is a mapping of a login to a person of district.yaml"),
        ({"amy": 4}, "`amy` takes a person of district.yaml, not the number 4"),
        ("amy", "`people` is a mapping of a login to a person of district.yaml"),
    ):
        school.settings(people=content)
        said = school("calendar", "changes")
        assert said.code == 2
        assert sentence in said.err


def test_comments_and_layout_of_the_committed_file_stay(school: Driftbell) -> None:
    day = tomorrow()
    ours = school.write("policies/calendars/changes.yaml", f"""\
# Our own words.
calendar_changes:
- change: old-1          # the ice of January
  what: closed
  why: ice
  day: {day}
  sites: [west]
  by: director
  at: 2026-01-26T05:00:00-06:00
""")  # fmt: skip
    said = school("calendar", "close", "--site", "east", "--date", day, "--why", "snow: a lot")
    assert said.code == 0, said.err
    assert school("calendar", "undo", "old-1").code == 0
    text = ours.read_text(encoding="utf-8")
    assert text.startswith("# Our own words.\ncalendar_changes:\n- change: old-1          # the ice of January\n")
    found = {c["change"]: "undone" in c for c in yaml.safe_load(text)["calendar_changes"]}
    assert found == {"old-1": True, number(said): False}
    assert why(school, "west", f"{day}T10:00").startswith("open")
    assert "snow: a lot" in why(school, "east", f"{day}T10:00")


def test_where_the_repository_cannot_be_written_the_yaml_to_commit_is_printed(school: Driftbell) -> None:
    day = tomorrow()
    ours = school.repo / "policies/calendars/changes.yaml"
    ours.mkdir()  # nothing can be put in its place, by whoever runs this
    said = school("calendar", "close", "--site", "east", "--date", day, "--why", "snow")
    assert said.code == 0, said.err
    assert "It holds on this server at once, but not for the next commit:" in said.out
    assert why(school, "east", f"{day}T10:00").startswith("closed: snow")
    ours.rmdir()
    printed = school("calendar", "changes", "--yaml").out
    assert [c["change"] for c in yaml.safe_load(printed)["calendar_changes"]] == [number(said)]
    assert "not yet in policies/calendars/changes.yaml" in school("calendar", "changes").out
    ours.write_text(printed, encoding="utf-8")
    assert "not yet" not in school("calendar", "changes").out


def test_several_at_once_lose_nothing(school: Driftbell) -> None:
    day = tomorrow()
    words = ("calendar", "close", "--site", "east", "--date", day, "--why")
    running = [school.start(*words, f"snow {n}") for n in range(4)]
    # Each of them sees the changes of those before it, so that all but the first change nothing and say so.
    ended = [(process.communicate(timeout=240), process.returncode) for process in running]
    assert sorted(code for _, code in ended) == [0, 2, 2, 2]
    listed = school("calendar", "changes", "--json").json["changes"]
    assert len(listed) == 1
    running = [school.start(*words[:-1], "--role", "school", "--why", f"{n}", "--last", str(
        datetime.fromisoformat(day).date() + timedelta(days=n))) for n in range(1, 5)]  # fmt: skip
    ended = [(process.communicate(timeout=240), process.returncode) for process in running]
    done = sum(code == 0 for _, code in ended)
    assert done >= 1
    assert len(school("calendar", "changes", "--json").json["changes"]) == 1 + done
    text = (school.repo / "policies/calendars/changes.yaml").read_text(encoding="utf-8")
    assert len(yaml.safe_load(text)["calendar_changes"]) == 1 + done


def test_a_broken_file_of_changes_stops_the_load_with_its_name(school: Driftbell) -> None:
    school.state.mkdir(exist_ok=True)
    own = school.state / "calendar_changes.yaml"
    own.write_text("calendar_changes: [", encoding="utf-8")
    said = school("validate")
    assert said.code == 2
    assert f"{own}:1:" in said.err
    own.write_text("calendar_changes:\n  - {change: a1, what: closed, why: x, day: 2026-11-31, sites: [east], by: b, "
                   "at: 2026-11-30T05:00:00-06:00}\n", encoding="utf-8")  # fmt: skip
    said = school("validate")
    assert said.code == 2
    assert "'2026-11-31' is not on the calendar" in said.err


def test_a_site_that_is_gone_is_a_warning_in_the_servers_file_and_an_error_in_the_repository(
    school: Driftbell,
) -> None:
    text = ("calendar_changes:\n  - {change: a1, what: closed, why: x, day: 2026-11-30, sites: [eas], by: b, "
            "at: 2026-11-30T05:00:00-06:00}\n")  # fmt: skip
    school.state.mkdir(exist_ok=True)
    own = school.state / "calendar_changes.yaml"
    own.write_text(text, encoding="utf-8")
    said = school("validate")
    assert said.code == 0
    assert "There is no site 'eas' in district.yaml any more." in said.out + said.err
    own.unlink()
    school.write("policies/calendars/changes.yaml", text)
    said = school("validate")
    assert said.code == 2
    assert "There is no site 'eas' in district.yaml; did you mean 'east'?" in said.err


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
def test_a_state_directory_that_cannot_be_written_is_told(school: Driftbell) -> None:
    school.state.mkdir(mode=0o500)
    said = school("calendar", "close", "--site", "east", "--date", "tomorrow", "--why", "snow")
    assert said.code == 3
    assert "Name the server's state directory with --state" in said.err
