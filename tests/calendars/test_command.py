"""`driftbell calendar`, as a user runs it: a month, a moment, and what cannot be meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.calendars.conftest import SCHOOL
from tests.calendars.snow import SITES

if TYPE_CHECKING:
    from tests.cli.fixtures import Driftbell


def test_a_month_is_drawn_as_people_draw_it(driftbell: Driftbell) -> None:
    driftbell.district(sites=SITES)
    driftbell.hosts({})
    driftbell.write(
        "policies/calendars/school.yaml",
        SCHOOL.replace("{from: 2026-08-12, to: 2027-06-03}", """
    from: 2026-08-12
    to: 2027-06-03
    closed: [{name: Labor Day, day: 2026-09-07}]
    delays: [{name: Fog, day: 2026-09-08, from: "10:00"}]
    early_release: [{name: Conferences, day: 2026-09-09, until: "12:00"}]
    breaks: [{name: Assembly, day: 2026-09-10, spans: ["09:00-09:30"]}]
    hours: [{name: Fair, day: 2026-09-11, spans: ["10:00-11:00"]}]
    testing: [{name: Mock tests, first: 2026-09-14, last: 2026-09-15}]
seasons: [{name: Roll-out, first: 2026-08-20, last: 2026-09-02}]"""),
    )  # fmt: skip
    said = driftbell("calendar", "east", "--month", "2026-09", "--at", "2026-09-08T09:00")
    assert said.code == 0, said.err
    assert (
        said.out
        == """\
East High, September 2026 (Every school, school, America/Chicago)

 Sun        Mon        Tue        Wed        Thu        Fri        Sat
                        1 open     2 open     3 open     4 open     5 -
  6 -        7 closed   8 late     9 early   10 break   11 other   12 -
 13 -       14 open*   15 open*   16 open    17 open    18 open    19 -
 20 -       21 open    22 open    23 open    24 open    25 open    26 -
 27 -       28 open    29 open    30 open

 open     Mon 08:00-12:00, 13:00-15:00; Tue Thu Fri 08:00-15:00; Wed 09:00-15:00
          (policies/calendars/school.yaml:4:3)
 season   Sep 1-2 Roll-out (policies/calendars/school.yaml:19:11)
 closed   Sep 7 Labor Day (policies/calendars/school.yaml:13:14)
 late     Sep 8 Fog, opens at 10:00 (policies/calendars/school.yaml:14:14)
 early    Sep 9 Conferences, closes at 12:00
          (policies/calendars/school.yaml:15:21)
 break    Sep 10 Assembly, closed 09:00-09:30
          (policies/calendars/school.yaml:16:14)
 other    Sep 11 Fair, open 10:00-11:00 (policies/calendars/school.yaml:17:13)
 testing* Sep 14-15 Mock tests (policies/calendars/school.yaml:18:15)
 -        no bells on that day of the week

Tue 2026-09-08 09:00 CDT: closed: it opens late, at 10:00: Fog
  (policies/calendars/school.yaml:14:14); opens at 10:00
"""
    )
    assert max(map(len, said.out.splitlines())) <= 80
    json = driftbell("calendar", "east", "--month", "2026-09", "--at", "2026-09-08T11:00", "--json").json
    assert (json["driftbell"], json["schema"], json["site"], json["month"]) == ("0.1.0", 1, "east", "2026-09")
    assert json["days"][7] == {
        "day": "2026-09-08", "mark": "late", "open": [["10:00", "15:00"]], "testing": False, "season": None,
        "special": [{"what": "delay", "name": "Fog", "source": "policies/calendars/school.yaml:14:14"}],
    }  # fmt: skip
    assert json["at"]["open"] is True
    assert json["at"]["closes"] == "2026-09-08T15:00:00-05:00"
    assert json["at"]["opens"] == "2026-09-09T09:00:00-05:00"


def test_without_a_site_each_of_them_says_whether_it_is_open(school: Driftbell) -> None:
    said = school("calendar", "--at", "2026-09-08T12:30")
    assert (
        said.out
        == """\
East High    closed: between 12:00 and 13:00; opens at 13:00
West Middle  closed: between 12:00 and 13:00; opens at 13:00
"""
    )


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["eats"], "There is no site 'eats' in policies/district.yaml; did you mean 'east'?"),
        (["east", "--month", "2026-13"], "--month '2026-13' is not a month; write it like 2026-12."),
        (["east", "--at", "noon"], "--at 'noon' is not a time"),
        (["east", "--role", "stuff"], "--role is one of school, staff, desk, not 'stuff'; did you mean 'staff'?"),
        (["east", "--role", "desk"], "East High has no help-desk hours: write `hours: {desk: NAME}` at the site"),
        (["close", "--site", "est", "--why", "snow"], "There is no site 'est' in policies/district.yaml; did you mean"),
        (["close", "--site", "east", "--why", " "], "--why takes a few words that can be read"),
        (["close", "--site", "east", "--why", "snow\u202e"], "--why takes a few words that can be read"),
        (["close", "--site", "all", "--date", "2020-01-01", "--why", "snow"], "days ago: a change begins at most 31"),
        (["close", "--site", "all", "--date", "2199-01-01", "--why", "snow"], "days ahead: a change begins at most 31"),
        (["close", "--site", "all", "--date", "Friday", "--why", "snow"], "'Friday' is no day: write today, tomorrow"),
        (["close", "--site", "all", "--last", "2020-01-01", "--why", "x"], "--last 2020-01-01 is before --date"),
        (["delay", "--site", "east", "--from", "25:00", "--why", "ice"], "--from '25:00' is no time of the day"),
        (["delay", "--site", "east", "--from", "07:00", "--why", "x"], "Nothing would change. Nothing changes at East"),
        (["delay", "--site", "east", "--from", "15:00", "--why", "x"], "nothing would be left: use `driftbell"),
        (["early", "--site", "east", "--until", "08:00", "--why", "x"], "it opens at 08:00 that day, so nothing"),
        (["close", "--site", "east", "--role", "desk", "--why", "x"], "Nothing would change: East High has no help"),
        (["undo", "nothing"], "There is no change 'nothing'; see `driftbell calendar changes`."),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused_with_a_sentence(school: Driftbell, words: list[str], sentence: str) -> None:
    date = ["--date", "tomorrow"] if words[0] in {"delay", "early"} else []
    said = school("calendar", *words, *date)
    assert said.code == 2
    assert sentence in said.err
    assert not (school.state / "calendar_changes.yaml").exists()
