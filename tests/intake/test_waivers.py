"""policies/waivers.yaml: what is read, and what is refused with its place."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from agent.errors import Place
from agent.model.waiver import REASONS, Waiver

if TYPE_CHECKING:
    from tests.intake.district import District

FILE = "policies/waivers.yaml"
TODAY = datetime.now(ZoneInfo("America/Chicago")).date()
SOON = TODAY + timedelta(days=20)
NOTHING = "The waiver W-1 shields nothing of"
SYSTEMS = """\
systems:
  google: {type: csv, kind: device, preset: google_devices, path: google.csv}
"""


def entry(**changes: str | None) -> str:
    """Give an entry, a line a key; None leaves one out."""
    keys = {
        "waiver": "W-1", "policies": "[HOST-01]", "resources": "[host/web1]", "owner": "director",
        "reason": "vendor", "ticket": '"4711"', "until": str(SOON),
    }  # fmt: skip
    lines = [f"{key}: {value}" for key, value in (keys | changes).items() if value is not None]
    return "  - " + "\n    ".join(lines) + "\n"


def write(district: District, *entries: str) -> None:
    for name, kind, field in (("HOST-01", "host", "hostname: a"), ("DEV-01", "device", "platform: chromeos")):
        text = f"policy: {name}\ntitle: a\napplies_to: {{kind: {kind}}}\nexpect: {{{field}}}\n"
        district.write(f"policies/{kind}s/{name}.yaml", text)
    district.write(FILE, "waivers:\n" + "".join(entries))


def problems(district: District, *entries: str) -> list[str]:
    write(district, *entries)
    return district.problems()


def test_a_waiver_is_read_whole(district: District) -> None:
    write(
        district,
        entry(),
        entry(waiver="W-2", policies="[DEV-01, HOST-01]", resources=None, sites="[east, west]", ticket="0047"),
    )
    assert district.load().waivers == (
        Waiver("W-1", ("HOST-01",), ("host/web1",), (), "director", "vendor", "4711", SOON, Place(FILE, 2, 5)),
        Waiver(
            "W-2", ("DEV-01", "HOST-01"), (), ("east", "west"), "director", "vendor", "0047", SOON, Place(FILE, 9, 5)
        ),
    )


@pytest.mark.parametrize("text", ["waivers: []\n", "waivers:\n", "waivers: # none yet\n", "\ufeffwaivers:\r\n"])
def test_no_waivers_are_none(district: District, text: str) -> None:
    """A blank list of exceptions widens nothing, unlike a blank selector."""
    district.write(FILE, text)
    assert district.load().waivers == ()


@pytest.mark.parametrize("reason", REASONS)
def test_each_reason_is_a_code(district: District, reason: str) -> None:
    assert problems(district, entry(reason=reason)) == []


@pytest.mark.parametrize("key", ["waiver", "policies", "owner", "reason", "ticket", "until"])
def test_nothing_may_be_left_out(district: District, key: str) -> None:
    (problem,) = problems(district, entry(**{key: None}))
    assert problem.startswith(f"{FILE}:2:5: `{key}` is missing in `waivers`: ")


def line(key: str) -> int:
    return 2 + ["waiver", "policies", "resources", "owner", "reason", "ticket", "until"].index(key)


KIND_NAME = "a resource as kind/name, such as device/5CD1234"
REMOVED = "There is no policy 'HOST-02'; did you mean 'HOST-01'? If it was removed, take it out here too."
TICKET = (
    '`ticket` takes a ticket\'s number, such as "4711" or INC-4711: no blanks, at most 40 characters, not the text '
    "'ask Maria'."
)
WRONG = [
    ("until", "soon", "`until` takes a date, such as 2027-01-31, not the text 'soon'."),
    ("until", "2027-1-5", "`until` takes a date, such as 2027-01-31, not the text '2027-1-5'."),
    ("until", "", "`until` is blank: write a date, such as 2027-01-31, or take it out."),
    ("until", "2027-02-30", "'2027-02-30' is not on the calendar: write a date, such as 2027-01-31."),
    ("until", "0000-01-01", "'0000-01-01' is not on the calendar: write a date, such as 2027-01-31."),
    ("until", "20270131", "`until` takes a date, such as 2027-01-31, not the number 20270131."),
    ("owner", "directr", "There is no 'directr' among `people` in district.yaml; did you mean 'director'?"),
    ("reason", "vendr", f"`reason` is one of {', '.join(REASONS)}, not the text 'vendr'; did you mean 'vendor'?"),
    ("ticket", "ask Maria", TICKET),
    ("ticket", "Maria", TICKET.replace("ask Maria", "Maria")),
    ("ticket", "-5", "'-5' is no ticket's number."),
    ("waiver", "'a b'", "`waiver` takes an id such as W-2026-001: letters, digits, -, _ and ., not the text 'a b'."),
    ("policies", "[]", "`policies` is a list without members: fill it or take it out."),
    ("resources", "[]", "`resources` is a list without members: fill it or take it out."),
    ("resources", "['']", f"A member of `resources` is blank: write {KIND_NAME}, or take it out."),
    ("resources", "[web1]", f"A member of `resources` is {KIND_NAME}, not the text 'web1'."),
    ("resources", "['host/*']", "'host/*' is a pattern: a waiver names exact ids, or `sites`."),
    ("resources", "['host/web?']", "'host/web?' is a pattern: a waiver names exact ids, or `sites`."),
    ("resources", "['host/web[1:9]']", "'host/web[1:9]' is a pattern: a waiver names exact ids, or `sites`."),
    ("resources", "['host/{a,b}']", "'host/{a,b}' is a pattern: a waiver names exact ids, or `sites`."),
    ("resources", "['host/web1 ']", "'host/web1 ' is not an exact id: write kind/name, such as device/5CD1234."),
    ("resources", "[hosts/web1]", "'hosts/web1' is not what HOST-01 is about: host/NAME; did you mean 'host'?"),
    ("resources", "[device/A]", "'device/A' is not what HOST-01 is about: host/NAME."),
    ("policies", "[HOST-02]", REMOVED),
    ("policies", "[HOST-01, HOST-01]", "'HOST-01' stands here twice."),
    ("policies", "[HOST-01, DEV-01]", "DEV-01 is about device/NAME, of which `resources` names none."),
]  # fmt: skip


@pytest.mark.parametrize(("key", "value", "sentence"), WRONG)
def test_what_is_wrong_is_told_where_it_stands(district: District, key: str, value: str, sentence: str) -> None:
    (problem,) = problems(district, entry(**{key: value}))
    place, _, said = problem.partition(": ")
    assert said == sentence
    assert place.split(":")[:2] == [FILE, str(line(key))]


def test_it_ends_within_four_hundred_days(district: District) -> None:
    last = TODAY + timedelta(days=400)
    assert problems(district, entry(until=str(last))) == []
    (problem,) = problems(district, entry(until=str(last + timedelta(days=1))))
    assert f"is 401 days ahead, and a waiver ends within 400: {last} at the latest; it can be renewed then." in problem
    assert problem.startswith(f"{FILE}:8:12: ")


def test_one_that_is_over_may_stay(district: District) -> None:
    write(district, entry(until="2020-02-29"))
    assert [w.until.isoformat() for w in district.load().waivers] == ["2020-02-29"]


def test_resources_or_sites_and_not_both(district: District) -> None:
    assert problems(district, entry(sites="[east]")) == [
        f"{FILE}:9:5: A waiver has `resources` or `sites`, not both: make two of it."
    ]
    assert problems(district, entry(resources=None)) == [
        f"{FILE}:2:5: This waiver names nothing: it needs `resources`, or `sites`."
    ]
    assert problems(district, entry(resources=None, sites="[eastt]")) == [
        f"{FILE}:8:13: There is no site 'eastt' in district.yaml; did you mean 'east'?"
    ]


def test_an_id_is_taken_once(district: District) -> None:
    assert problems(district, entry(), entry(policies="[DEV-01]", resources="[device/A]")) == [
        f"{FILE}:9:13: The waiver 'W-1' is taken: {FILE}:2:13 has it."
    ]


def test_a_waiver_for_a_policy_that_was_removed_shields_nothing_and_says_so(district: District) -> None:
    write(district, entry(until="2020-01-01", policies="[HOST-02]"), entry(waiver="W-2", policies="[HOST-01, ZEBRA]"))
    warnings = [w for w in district.load().warnings if FILE in w]
    assert warnings == [
        f"{FILE}:3:16: There is no policy 'HOST-02' (any more), so the waiver W-1 shields nothing of it: take it out.",
        f"{FILE}:10:25: There is no policy 'ZEBRA' (any more), so the waiver W-2 shields nothing of it: take it out.",
    ]


def test_a_policy_that_cannot_be_read_is_there_all_the_same(district: District) -> None:
    write(district, entry(policies="[HOST-03]", resources="[host/a]", owner="nobody"))
    district.write(
        "policies/hosts/x.yaml", "policy: HOST-03\ntitle: a\napplies_to: {kind: host}\nexpect: {hostnam: a}\n"
    )
    assert [p.partition(":")[0] for p in district.problems()] == ["policies/hosts/x.yaml", FILE]


def test_a_measuring_policy_is_waived_by_its_groups(district: District) -> None:
    text = (
        "policy: M-1\ntitle: a\napplies_to: {kind: device}\nexpect: {platform: chromeos}\n"
        "measure: {by: site, share: {at_least: 98%}}\n"
    )
    district.write("policies/devices/m.yaml", text)
    assert problems(district, entry(policies="[M-1]", resources="[site/east]")) == []
    (problem,) = problems(district, entry(policies="[M-1]", resources="[device/A]"))
    assert "'device/A' is not what M-1 is about: site/NAME" in problem


def test_ids_of_several_systems(district: District) -> None:
    """Where several systems list a kind, an id ends in its system's name; where one does, none has it."""
    district.write("inventory/systems.yaml", SYSTEMS)
    write(district, entry(policies="[DEV-01]", resources="[device/A@google, device/B]"))
    assert [w for w in district.load().warnings if "W-1" in w] == [
        f"{FILE}:4:17: {NOTHING} 'device/A@google': only google lists devices, so write device/A."
    ]
    district.write(
        "inventory/systems.yaml",
        SYSTEMS + "  intune: {type: csv, kind: device, preset: intune_devices, path: intune.csv}\n",
    )
    assert [w for w in district.load().warnings if "W-1" in w] == [
        f"{FILE}:4:34: {NOTHING} 'device/B': several systems list devices, so write device/B@google or device/B@intune."
    ]


HOSTILE = ['a"b', "a'b", "a: b #c", "two\nlines", "- [x", "a\u2028b", "שלום", "a\x85b"]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_may_be_anything(district: District, name: str) -> None:
    quoted = "".join(f"\\u{ord(c):04x}" for c in name)
    write(district, entry(resources=f'["host/{quoted}"]'))
    assert district.load().waivers[0].resources == (f"host/{name}",)


@pytest.mark.parametrize(
    "text",
    [
        *("- a\n", "waivers: {}\n", "waivers: 7\n", "waivers: [7]\n", "waivers:\n\t- a\n", "x: 1\n"),
        "waivers: [{waiver: W}]\n",
        "waivers: [{waiver: [], policies: {}, resources: 1, sites: x, until: [], ticket: {}, owner: 1, reason: }]\n",
    ],
)
def test_what_is_no_list_of_waivers_is_a_sentence(district: District, text: str) -> None:
    write(district)
    district.write(FILE, text)
    assert district.problems()
    assert all(p.startswith(f"{FILE}:") for p in district.problems())


def test_what_shields_from_too_many_policies_is_no_exception(district: District) -> None:
    names = ", ".join(f"P-{n}" for n in range(101))
    found = problems(district, entry(policies=f"[{names}]"))
    assert "A waiver shields from at most 100 policies, not from 101." in found[0]


def test_a_file_as_large_as_is_read_is_no_burden(district: District) -> None:
    one = entry(resources=None, sites="[east, west]")
    write(district, *(one.replace("W-1", f"W-{n}") for n in range(5000)))
    district.load()  # once for the schema
    began = time.process_time()
    assert len(district.load().waivers) == 5000
    assert time.process_time() - began < 5
