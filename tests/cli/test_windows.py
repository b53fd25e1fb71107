"""`driftbell windows`: what is open and frozen, and lifting a freeze: by who may, with a reason, for a while."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.calendars.snow import CHICAGO, LOGIN
from tests.cli.test_completion import completed

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.fixtures import Driftbell

NOW = datetime.now(CHICAGO)
TODAY, IN_TWO_DAYS = NOW.date(), NOW.date() + timedelta(days=2)
LATER = f"{TODAY + timedelta(days=1)} 06:00"
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
PEOPLE = {
    "director": {"name": "A. Example", "email": "a@riverton.example", "may": ["approve"], "deputy": "systems"},
    "systems": {"name": "B. Example", "email": "b@riverton.example"},
    "helpdesk": {"name": "D. Example", "email": "d@riverton.example"},
}

SITES = {
    "east": {"name": "East High", "calendar": "tests"},
    "west": {"name": "West Middle", "calendar": "plain"},
    "depot": {"name": "Bus Depot"},
}


@pytest.fixture
def frozen(driftbell: Driftbell) -> Driftbell:
    """Give a district of three schools, of which one takes tests today and one keeps no calendar."""
    driftbell.district(sites=SITES, people=PEOPLE, reports={})
    bells = {day: ["08:00-15:00"] for day in DAYS}
    testing = [{"name": "State tests", "first": str(TODAY - timedelta(days=1)), "last": str(IN_TWO_DAYS)}]
    tests = {"calendar": "tests", "name": "With tests", "bells": bells, "testing": testing}
    driftbell.write("policies/calendars/tests.yaml", tests)
    driftbell.write("policies/calendars/plain.yaml", {"calendar": "plain", "name": "Plain", "bells": bells})
    driftbell.hosts({})
    return driftbell


def lift(frozen: Driftbell, *words: str, until: str = LATER, why: str = "printing is down") -> tuple[int, str]:
    said = frozen("windows", "override", *words, "--until", until, "--why", why)
    return said.code, said.out + said.err


def test_what_is_open_and_frozen_is_told_for_each_site(frozen: Driftbell) -> None:
    said = frozen("windows")
    assert said.code == 0
    east, west, depot = (said.out.partition(name)[2].partition("\n\n")[0] for name in ("East High", "West Mid", "Bus"))
    thaws = IN_TWO_DAYS + timedelta(days=1)
    assert f"frozen   until {thaws:%a %Y-%m-%d} 00:00: State tests" in east
    assert "policies/calendars/tests.yaml" in " ".join(east.split())
    assert "frozen" not in west
    assert "in breaks; no opening is known" in west
    assert "unknown  after school, on days without school, in breaks: Bus Depot keeps no" in depot
    document = frozen("windows", "--site", "east", "--json").json
    (site,) = document["sites"]
    assert [f["name"] for f in site["frozen"]] == ["State tests"]
    assert site["thaws"].startswith(str(thaws))
    assert {w["window"] for w in (*site["open"], *site["next"])} == {"after-school", "overnight"}
    assert [f["site"] for f in document["freezes"]] == ["east"]


def test_another_time_can_be_asked_about(frozen: Driftbell) -> None:
    document = frozen("windows", "--site", "west", "--at", "2026-11-17T21:00", "--json").json
    assert document["at"] == "2026-11-17T21:00:00-06:00"
    assert {w["window"]: w["until"][11:16] for w in document["sites"][0]["open"]} == {
        "overnight": "05:00",
        "after-school": "07:00",
    }
    for wrong in ("yesterday", "0001-01-01T00:00", "9999-12-31T23:59"):
        said = frozen("windows", "--at", wrong)
        assert (said.code, said.err.count("\n")) == (2, 1)
        assert f"--at '{wrong}' is not a time; write it like" in said.err


def test_an_override_is_kept_with_who_why_and_until_when_and_can_be_ended(frozen: Driftbell) -> None:
    code, said = lift(frozen, "--all")
    assert code == 0
    assert f"Lifted for East High until {datetime.fromisoformat(LATER):%a %Y-%m-%d %H:%M}: State tests" in said
    assert f"Recorded as {LOGIN}: the server's settings do not say who that is" in said
    number = said.rpartition("windows restore ")[2].split()[0]
    document = frozen("windows", "--site", "east", "--json").json
    (kept,) = document["overrides"]
    assert (kept["id"], kept["sites"], kept["no_site"], kept["by"], kept["why"]) == (
        number, ["east"], False, LOGIN, "printing is down",
    )  # fmt: skip
    assert document["sites"][0]["override"] == number
    assert document["sites"][0]["freezes"] == kept["until"]
    assert f"lifted until {datetime.fromisoformat(LATER):%a %Y-%m-%d} 06:00 by override {number}" in " ".join(
        frozen("windows").out.split()
    )
    for command in ("check", "run"):
        assert f"Override {number} lifts every freeze of East High" in " ".join(frozen(command).out.split()), command
    ended = frozen("windows", "restore", number)
    assert ended.code == 0
    assert f"Override {number} counts no more: freezes hold again at East High." in ended.out
    assert frozen("windows", "--json").json["overrides"] == []
    assert number not in frozen("check").out
    again = frozen("windows", "restore", number)
    assert again.code == 2
    assert f"Override {number} was ended by {LOGIN}, {TODAY}" in again.err


def test_only_who_may_approve_and_their_deputy_may(frozen: Driftbell) -> None:
    for person, code, sentence in (
        ("helpdesk", 4, "D. Example (helpdesk) may not: `may: [approve]` is missing"),
        ("nobody", 4, "whom policies/district.yaml does not know"),
        ("systems", 4, "B. Example (systems) stands in for A. Example only while A. Example is away"),
        ("director", 0, "Lifted for East High"),
        ("systems", 0, "Lifted for East High"),
    ):
        if (person, code) == ("systems", 0):
            away = [{"first": str(TODAY - timedelta(days=1)), "last": str(IN_TWO_DAYS)}]
            people = {**PEOPLE, "director": {**PEOPLE["director"], "away": away}}
            frozen.district(sites=SITES, people=people, reports={})
        frozen.settings(people={LOGIN: person})
        came, said = lift(frozen, "--site", "east")
        assert came == code, said
        assert sentence in said
    number = said.rpartition("windows restore ")[2].split()[0]
    frozen.settings(people={LOGIN: "helpdesk"})
    refused = frozen("windows", "restore", number)
    assert refused.code == 4
    assert "may not" in refused.err
    assert frozen("windows", "--json").json["overrides"][0]["by"] in {"systems", "director"}


NEXT_MONTH = NOW + timedelta(days=30)


@pytest.mark.parametrize(
    ("words", "until", "why", "sentence"),
    [
        (["--site", "eastt"], LATER, "x", "There is no site 'eastt' in policies/district.yaml; did you mean 'east'?"),
        (["--site", ""], LATER, "x", "--no-site is what belongs to none"),
        ([], LATER, "x", "Name the sites with --site or --no-site, or every one with --all; not both."),
        (["--all", "--site", "east"], LATER, "x", "not both"),
        (["--site", "west"], LATER, "x", "Nothing is frozen at West Middle until"),
        (["--no-site"], LATER, "x", "Nothing is frozen at what belongs to no site until"),
        (["--site", "east"], "soon", "x", "--until 'soon' is not a time: write 18:00 for today, or '"),
        (["--site", "east"], "25:00", "x", "--until '25:00' is not a time"),
        (["--site", "east"], str(IN_TWO_DAYS), "x", f"names no time of that day: write it like '{IN_TWO_DAYS} 18:00'."),
        (["--site", "east"], "2020-01-01 10:00", "x", "--until 2020-01-01 10:00 is over: it is "),
        (["--site", "east"], f"{NEXT_MONTH:%Y-%m-%d} 10:00", "x", "is more than 7 days ahead"),
        (["--site", "east"], "9999-12-31 23:59", "x", "is not a time"),
        (["--site", "east"], LATER, "  ", "--why takes a few words that can be read, at most 200 characters."),
        (["--site", "east"], LATER, "w" * 201, "--why takes a few words"),
        (["--site", "east"], LATER, "a\x1b[31m", "--why takes a few words"),
    ],
)
def test_what_cannot_be_meant_is_a_sentence_and_lifts_nothing(
    frozen: Driftbell, words: list[str], until: str, why: str, sentence: str
) -> None:
    code, said = lift(frozen, *words, until=until, why=why)
    assert code == 2, said
    assert sentence in said
    assert said.count("\n") == 1
    assert frozen("windows", "--json").json["overrides"] == []


def test_a_number_that_is_none_is_told(frozen: Driftbell) -> None:
    said = frozen("windows", "restore", "abc")
    assert said.code == 2
    assert said.err == "There is no override 'abc'; none stands now.\n"


def test_a_calendar_that_does_not_load_stops_everything_with_its_place(frozen: Driftbell) -> None:
    frozen.write("policies/calendars/tests.yaml", "calendar: tests\nbells: {mon: [\n")
    for words in (("run",), ("windows",), ("windows", "override", "--all", "--until", LATER, "--why", "x")):
        said = frozen(*words)
        assert said.code == 2
        assert "policies/calendars/tests.yaml:" in said.err
    assert not (frozen.state / "ledger.db").exists()  # nothing began


def test_the_shell_completes_sites(frozen: Driftbell) -> None:
    assert completed(frozen, "driftbell windows --site e") == ["east"]
    assert completed(frozen, "driftbell windows override --site w") == ["west"]
    assert completed(frozen, "driftbell windows o") == ["override"]


def test_a_report_says_what_is_lifted(frozen: Driftbell, tmp_path: Path) -> None:
    assert lift(frozen, "--site", "east")[0] == 0
    assert frozen("run", "--mail", "never").code in {0, 3}
    said = frozen("report", "--format", "text")
    assert "lifts every freeze of East High" in " ".join(said.out.split()), tmp_path
