"""What the names of `never_touch` cover, from tests/cases/guards/never_touch.yaml, and who cannot slip past them."""

from __future__ import annotations

import operator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from agent.decide.protected import idle, named, protected_resources

CASES = yaml.safe_load((Path(__file__).parents[1] / "cases/guards/never_touch.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=operator.itemgetter("say"))
def test_a_name_covers_what_it_says(case: dict[str, Any]) -> None:
    found = named(case["never"], case["known"])
    assert sorted(r for r in case["known"] if r in found) == sorted(case["covered"])
    assert list(idle(case["never"], case["known"])) == case.get("idle", [])


def test_who_says_so_stands_in_the_reason() -> None:
    found = named(["host/mail1", "host/core-*"], ["host/mail1", "host/core-1"])
    assert found == {
        "host/mail1": "policies/district.yaml says so",
        "host/core-1": "policies/district.yaml says so of host/core-*",
    }


def test_a_plain_name_protects_also_what_no_list_shows_now() -> None:
    assert named(["host/mail1"], []) == {"host/mail1": "policies/district.yaml says so"}


def test_what_a_pattern_covers_is_protected_under_its_other_names_too() -> None:
    addresses = {"host/core-1": "10.0.0.1", "host/alias": "10.0.0.1", "host/clone": "10.0.0.2", "host/web": "10.0.0.3"}
    identities = {"host/core-1": "m1", "host/alias": "m9", "host/clone": "m1", "host/web": "m3"}
    protected = protected_resources(named(["host/core-*"], addresses), addresses, identities, "mine")
    assert set(protected) == {"host/core-1", "host/alias", "host/clone"}
    assert "core-1" in protected["host/clone"]


@given(st.text(min_size=1), st.text())
def test_no_text_in_a_name_slips_past_a_star(beginning: str, rest: str) -> None:
    name = f"host/x{beginning.replace('*', '')}"
    resource = f"{name}{rest}"
    assert resource in named([f"{name}*"], [resource])
