"""policies/waivers.yaml as text: whatever its layout, one entry more or another end, and every other byte as it was."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.errors import InputError, Place
from agent.intake import yaml
from agent.intake.nodes import Node, plain
from agent.intake.waiver_text import appended, with_end
from agent.model.waiver import Waiver

if TYPE_CHECKING:
    from collections.abc import Mapping

NEW = Waiver(
    "W-2026-002",
    ("DEV-02",),
    ("device/A", 'device/we: "ird\n#x\u2028\x85{,}\ufeff'),
    (),
    "director",
    "vendor",
    "4711",
    date(2027, 1, 31),
    Place("policies/waivers.yaml"),
)
TODAY = date(2026, 11, 22)
ONE = "  - waiver: W-1\n    policies: [A]  # why\n    until: 2027-01-01 # soon\n"

LAYOUTS = {
    "block": "waivers:\n" + ONE,
    "indentless": "# hi\nwaivers:\n- {waiver: W-1, until: 2027-01-01}\n",
    "deep": "waivers:\n      -   waiver: W-1\n          until: 2027-01-01\n",
    "dash alone": 'waivers:\n  -\n    waiver: W-1\n    until: "2027-01-01"\n',
    "no newline": "waivers:\n" + ONE.rstrip(),
    "comments at the end": "waivers:\n" + ONE + "\n# The end.\n   # Really.",
    "crlf": ("waivers:\n" + ONE + "# end").replace("\n", "\r\n"),
    "byte order mark": "\ufeffwaivers:\n" + ONE,
    "byte order mark and crlf": ("\ufeffwaivers:\n" + ONE).replace("\n", "\r\n"),
    "document marks": "---\nwaivers:\n" + ONE + "...\n# behind\n",
    "flow": "waivers: [{waiver: W-1, until: '2027-01-01'}] # c\n",
    "flow on lines": "waivers: [\n  {waiver: W-1, until: 2027-01-01}, # c\n]\n# e\n",
    "flow on lines, no comma": "waivers: [\n  {waiver: W-1, until: 2027-01-01} # c, d\n  ]",
    "flow, trailing comma": "waivers: [{waiver: W-1, until: 2027-01-01}, ]\n",
    "all flow": "{waivers: [{waiver: W-1, until: 2027-01-01}]}",
    "flow with crlf": "\ufeffwaivers: [\r\n  {waiver: W-1, until: 2027-01-01}\r\n]\r\n",
    "tabs behind words": "waivers:\t# tab\n  - waiver: W-1\n    until: 2027-01-01\t# tab\n",
    "wide letters": "# \U0001f600 é\nwaivers: [{waiver: W-1, owner: é\U0001f600, until: 2027-01-01}]\n",
}
EMPTY = {
    "blank": "waivers:\n",
    "blank with comments": "waivers: # none yet\n# end",
    "empty": "waivers: []\n",
    "empty on lines": "waivers: [\n]\n",
    "empty with a comment": "waivers: [ # none\n  ]\n",
    "no newline": "waivers:",
}


def read(data: bytes) -> list[dict[str, Any]]:
    listed = yaml.parse(data, "waivers.yaml").get("waivers")
    return cast("list[dict[str, Any]]", plain(listed) if isinstance(listed, Node) else [])


def entry(waiver: Waiver) -> Mapping[str, object]:
    return {
        "waiver": waiver.id, "policies": list(waiver.policies), "resources": list(waiver.resources),
        "owner": waiver.owner, "reason": waiver.reason, "ticket": waiver.ticket, "until": waiver.until.isoformat(),
    }  # fmt: skip


def check_added(before: bytes, after: bytes) -> None:
    """Every byte that was there is there still, in one piece before and one behind what is new."""
    head = next((i for i, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), len(before))
    assert after.endswith(before[head:])


@pytest.mark.parametrize("layout", [*LAYOUTS, *EMPTY])
def test_one_more_leaves_every_other_byte_as_it_was(layout: str) -> None:
    before = {**EMPTY, **LAYOUTS}[layout].encode()
    after = appended(before, NEW)
    assert read(after) == [*(read(before) or []), entry(NEW)]
    check_added(before, after)
    newlines = after.count(b"\r\n"), after.count(b"\n")
    assert newlines[0] in {0, newlines[1]}
    twice = appended(after, NEW)
    assert read(twice)[-2:] == [entry(NEW)] * 2


def test_a_file_that_is_not_there_is_begun() -> None:
    assert appended(None, NEW).decode().splitlines() == [
        "# Exceptions: who answers for each, why, and until when. `driftbell waivers` says how they stand.",
        "waivers:",
        "  - waiver: W-2026-002",
        "    policies: [DEV-02]",
        '    resources: [device/A, "device/we: \\"ird\\n#x\\u2028\\u0085{,}\\ufeff"]',
        "    owner: director",
        "    reason: vendor",
        '    ticket: "4711"',
        "    until: 2027-01-31",
    ]


def test_many_resources_stand_one_a_line() -> None:
    many = Waiver("W", ("A",), tuple(f"device/{n}" for n in range(30)), (), "o", "vendor", "1", TODAY, NEW.place)
    lines = appended(None, many).decode().splitlines()
    assert "    resources:" in lines
    assert "      - device/29" in lines


@pytest.mark.parametrize("layout", LAYOUTS)
def test_another_end_changes_the_date_alone(layout: str) -> None:
    before = LAYOUTS[layout].encode()
    after = with_end(before, "W-1", TODAY)
    assert after == before.replace(b"2027-01-01", b"2026-11-22")
    assert after != before


def test_of_several_the_named_one_ends() -> None:
    before = appended(LAYOUTS["crlf"].encode(), NEW)
    after = with_end(before, NEW.id, TODAY)
    assert [e["until"] for e in read(after)] == ["2027-01-01", "2026-11-22"]
    assert with_end(before, "W-1", TODAY) == before.replace(b"2027-01-01", b"2026-11-22")


@pytest.mark.parametrize("value", ["|-\n      2027-01-01", '"2027-\\x301-01"'])
def test_an_end_that_is_written_oddly_is_left_to_a_person(value: str) -> None:
    before = f"waivers:\n  - waiver: W-1\n    until: {value}\n".encode()
    with pytest.raises(InputError, match="cannot be replaced by itself: write `until: 2026-11-22` there"):
        with_end(before, "W-1", TODAY)


def test_an_end_that_two_share_is_left_to_a_person() -> None:
    text = "waivers:\n- {waiver: W-0, until: &u 2027-01-01}\n- {waiver: W-1, until: *u}\n"
    with pytest.raises(InputError, match=r"The end of W-1 cannot be replaced by itself"):
        with_end(text.encode(), "W-1", TODAY)


@pytest.mark.parametrize("text", ["waivers: ~\n", "waivers: null\n", "a: &x []\nwaivers: *x\n", "waivers: {}\n"])
def test_what_nothing_can_be_added_to_gives_the_lines_to_add(text: str) -> None:
    with pytest.raises(InputError, match=r"written in a way that nothing can be added to[^$]*- waiver: W-2026-002"):
        appended(text.encode(), NEW)


def test_a_file_that_would_grow_too_large_is_refused() -> None:
    before = ("waivers:\n" + ONE + "#" * ((1 << 20) - 150)).encode()
    with pytest.raises(InputError, match="nothing can be added to"):
        appended(before, NEW)


def test_a_name_that_no_file_can_hold_is_a_sentence() -> None:
    odd = Waiver("W", ("A",), ("device/\udce9",), (), "o", "vendor", "1", TODAY, NEW.place)
    with pytest.raises(InputError, match=r"device/\\udce9"):
        appended(b"waivers:\n", odd)


NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30).filter(lambda t: "\0" not in t)


@given(st.lists(NAMES, min_size=1, max_size=5), st.sampled_from([*LAYOUTS, *EMPTY]))
def test_any_name_at_all_is_read_back_as_it_was(names: list[str], layout: str) -> None:
    waiver = Waiver("W", ("A",), tuple(f"device/{n}" for n in names), (), "o", "vendor", "1", TODAY, NEW.place)
    before = {**EMPTY, **LAYOUTS}[layout].encode()
    after = appended(before, waiver)
    assert read(after)[-1] == entry(waiver)
    check_added(before, after)
