"""What `guard`, `guards` and `away` say is understood, and a policy can only be stricter than its district."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from agent.model.policy import Limit
from agent.model.window import Window
from tests.intake.conftest import DISTRICT

if TYPE_CHECKING:
    from tests.intake.district import District

RULE = """\
policy: A-1
title: A rule
applies_to: {{kind: host}}
expect: {{sshd.permitrootlogin: "no"}}
{more}remedy: [{{do: ansible.playbook, with: {{playbook: playbooks/good.yml}}}}]
"""
SITES = "sites: {east: {name: East High, calendar: school}, west: {name: West Middle}}"
CALENDAR = """\
calendar: school
bells: {mon: ["08:00-15:00"], tue: ["08:00-15:00"], wed: ["08:00-15:00"], thu: ["08:00-15:00"], fri: ["08:00-15:00"]}
seasons: [{name: August rollover, first: 2027-07-26, last: 2027-08-10}]
"""


def land(guards: str, calendar: str = "") -> str:
    """Give a district.yaml with more among its guards; `calendar` is what the district itself keeps."""
    text = DISTRICT.replace("guards: {", f"guards: {{{guards}, ") if guards else DISTRICT
    text = text.replace("sites: {east: {name: East High}, west: {name: West Middle}}", SITES)
    return text.replace("Chicago}", f"Chicago, calendar: {calendar}}}") if calendar else text


def rule(district: District, guard: str = "", guards: str = "", calendar: str = "") -> None:
    district.write("policies/hosts/a.yaml", RULE.format(more=f"guard: {guard}\n" if guard else ""))
    district.write("policies/district.yaml", land(guards, calendar))
    district.write("policies/calendars/school.yaml", CALENDAR)


@pytest.mark.parametrize(
    ("guard", "guards", "expected"),
    [
        ("", "", ()),
        ("{window: overnight}", "", (Window.OVERNIGHT,)),
        ("{window: [overnight, breaks]}", "", (Window.OVERNIGHT, Window.BREAKS)),
        ("", "window: after-school", (Window.AFTER_SCHOOL,)),
        ("{window: overnight}", "window: [after-school, overnight]", (Window.OVERNIGHT,)),
        ("{window: breaks}", "window: after-school", (Window.BREAKS,)),  # no break lies in school
        ("{window: breaks}", "window: no-school-days", (Window.BREAKS,)),
    ],
)
def test_a_policy_acts_in_its_own_windows_or_else_in_those_of_its_district(
    district: District, guard: str, guards: str, expected: tuple[Window, ...]
) -> None:
    rule(district, guard, guards)
    assert district.load().policies[0].windows == expected


@pytest.mark.parametrize(
    ("guard", "guards", "sentence"),
    [
        ("{window: overnight}", "window: after-school", "after-school only, so 'overnight' would be looser."),
        ("{window: [breaks, after-school]}", "window: breaks", "breaks only, so 'after-school' would be looser."),
        ("{window: no-school-days}", "window: [breaks, overnight]", "breaks or overnight only, so 'no-school-days'"),
        ("{per_site: {count: 6}}", "per_site: {count: 5}", "The per_site count of 6 is looser than the district's 5"),
        ("{per_credential: {percent: 3}}", "per_credential: {percent: 2}", "The per_credential percent of 3 is looser"),
    ],
)
def test_what_would_be_looser_is_refused_with_its_place(
    district: District, guard: str, guards: str, sentence: str
) -> None:
    rule(district, guard, guards)
    (problem,) = district.problems()
    assert problem.startswith("policies/hosts/a.yaml:5:")
    assert sentence in problem


def test_a_window_of_the_defaults_holds_for_every_policy(district: District) -> None:
    rule(district)
    district.write("policies/district.yaml", land("") + "defaults: {guard: {window: overnight}}\n")
    assert district.load().policies[0].windows == (Window.OVERNIGHT,)


SEASON = "seasons: {August rollover: {per_run: {count: 200}, per_site: {percent: 50}, approved_by: director}}"


def test_a_season_has_limits_of_its_own_and_somebody_who_answers_for_them(district: District) -> None:
    rule(district, guards=SEASON, calendar="school")
    (season,) = district.load().district.seasons
    assert (season.season, season.approved_by) == ("August rollover", "director")
    assert (season.caps.per_run, season.caps.per_day) == (Limit(count=200), None)
    assert season.caps.per_site == Limit(percent=50)


@pytest.mark.parametrize(
    ("guards", "calendar", "sentence"),
    [
        (SEASON, "", "need a calendar of the district's own: `district: {calendar: NAME}`."),
        (SEASON.replace("rollover", "rolover"), "school", "No calendar has a season 'August rolover'; did you mean"),
        (SEASON, "plain", "The district's own calendar, 'plain', has no season 'August rollover'."),
        (SEASON.replace("200", "-1"), "school", "`count` takes a whole number of 0 or more, not the number -1."),
    ],
)
def test_a_season_that_would_never_hold_is_refused(
    district: District, guards: str, calendar: str, sentence: str
) -> None:
    rule(district, guards=guards, calendar=calendar)
    district.write("policies/calendars/plain.yaml", 'calendar: plain\nbells: {mon: ["08:00-15:00"]}\n')
    (problem,) = district.problems()
    assert problem.startswith("policies/district.yaml:")
    assert sentence in problem


def test_when_somebody_is_away_is_read(district: District) -> None:
    away = "may: [approve, stop], away: [{first: 2026-12-21, last: 2027-01-01}, {first: 2027-03-22, last: 2027-03-22}]"
    district.write("policies/district.yaml", DISTRICT.replace("may: [approve, stop]", away))
    assert district.load().district.people["director"].away == (
        (date(2026, 12, 21), date(2027, 1, 1)),
        (date(2027, 3, 22), date(2027, 3, 22)),
    )


@pytest.mark.parametrize(("said", "lasts"), [("", 3), ("approval_lasts: 1 day", 1), ("approval_lasts: 30 days", 30)])
def test_how_long_an_approval_counts(district: District, said: str, lasts: int) -> None:
    rule(district, guards=said)
    assert district.load().district.approval_lasts == timedelta(days=lasts)


@pytest.mark.parametrize(
    ("guards", "said"),
    [
        (
            "",
            "per_run and per_day: at most 25 resources in a run and 100 in a day hold in their place, for each policy.",
        ),
        ("guards: {per_run: {count: 5}}", "per_day: at most 100 in a day hold in their place, for each policy."),
        (
            "guards: {per_day: {count: 5}}",
            "per_run: at most 25 resources in a run hold in their place, for each policy.",
        ),
        ("guards: {per_run: {count: 5}, per_day: {count: 5}}", ""),
    ],
)
def test_what_holds_where_a_district_sets_no_limits_is_said_to_hold_for_each_policy(
    district: District, guards: str, said: str
) -> None:
    district.write("policies/district.yaml", f"district: {{name: R, timezone: UTC}}\n{guards}\n")
    told = [w.partition(" sets no guards for ")[2] for w in district.load().warnings if "no guards" in w]
    assert told == ([said] if said else [])


def test_a_window_that_never_opens_somewhere_is_a_warning(district: District) -> None:
    rule(district, guard="{window: [breaks, no-school-days]}")
    (warning,) = [w for w in district.load().warnings if "only" in w]
    assert warning == (
        "policies/hosts/a.yaml:1:1: A-1 acts in breaks or on days without school only, and so never at West Middle: "
        "West Middle keeps no school calendar."
    )
    rule(district, guard="{window: breaks}")
    (east, west) = sorted(w for w in district.load().warnings if "only" in w)
    assert east.endswith("never at East High: no such time is known.")
    assert "West Middle" in west
    rule(district, guard="{window: overnight}")
    assert not [w for w in district.load().warnings if "only" in w]


def test_a_window_of_a_policy_that_changes_nothing_is_no_matter(district: District) -> None:
    rule(district, guard="{window: breaks}")
    watching = RULE.format(more="guard: {window: breaks}\n").partition("remedy")[0]
    district.write("policies/hosts/a.yaml", watching)
    assert not [w for w in district.load().warnings if "only" in w]
