"""The layout: each case as it shall be, nothing of the meaning changed, no comment lost, and done once is done."""

from __future__ import annotations

import re
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.bootstrap import catalog
from agent.errors import InputError
from agent.intake import yaml as intake_yaml
from agent.intake.formatting import digest, laid_out
from agent.intake.nodes import plain
from agent.intake.schema import schema
from tests.intake.cases import CASES
from tests.intake.scribbled import Scribbler

if TYPE_CHECKING:
    from pathlib import Path

WHOLE = schema(catalog())
LAYOUTS = sorted(path for path in (CASES / "formatting").glob("*.yaml") if not path.stem.endswith(".laid"))


def laid(text: str) -> str:
    return laid_out(text.encode(), "case.yaml", WHOLE)


def value(text: str) -> Any:
    return plain(intake_yaml.parse(text.encode(), "case.yaml"))


@pytest.mark.parametrize("case", LAYOUTS, ids=lambda path: path.stem)
def test_a_document_is_laid_out(case: Path) -> None:
    found = laid_out(case.read_bytes(), case.name, WHOLE)
    assert found == case.with_suffix(".laid.yaml").read_text(encoding="utf-8")
    assert laid(found) == found


@settings(max_examples=300, deadline=None)
@given(st.integers(min_value=0, max_value=2**32))
def test_no_meaning_changes_no_comment_gets_lost_and_done_once_is_done(seed: int) -> None:
    scribbler = Scribbler(Random(seed))  # ruff: ignore[suspicious-non-cryptographic-random-usage] - no secret
    text = scribbler.policy()
    found = laid(text)
    before, after = (intake_yaml.parse(one.encode(), "case.yaml") for one in (text, found))
    assert digest(before) == digest(after)
    assert plain(before) == plain(after)
    assert laid(found) == found
    for comment in scribbler.comments:
        assert found.count(comment + "\n") == 1, comment
    assert_order(value(found), plain(before))
    assert_company(found.split("\n"))


def assert_order(after: Any, before: Any) -> None:
    order = list(WHOLE["$defs"]["policy"]["properties"])
    assert list(after) == sorted(after, key=order.index)
    for part in ("expect", "frameworks"):
        assert list(after.get(part, {})) == list(before.get(part, {}))
    assert list(after["applies_to"]) == ["kind", "where"]
    assert list(after["applies_to"]["where"]) == list(before["applies_to"]["where"])
    assert all(next(iter(step)) == "do" for step in after.get("remedy", ()))


def assert_company(lines: list[str]) -> None:
    """Make sure that each comment is still where what it names is."""
    for number, line in enumerate(lines):
        for place, key in re.findall(r"# (above|behind) ((?:w|var)[.w0-9]+|[a-z_]+) \([0-9]+\)", line):
            rest = lines[number + 1 :] if line.lstrip().startswith("#") else [line, *reversed(lines[:number])]
            code = (re.split(r"\s#\s(?:above|behind|inside)", one)[0].strip() for one in rest)
            starts = (
                one
                for one in code
                if one and not one.startswith(("#", "{", "[", "one two", "three one", "two three", "end"))
            )
            assert re.match(rf"(- )?[\"']?{re.escape(key)}\b", next(starts, "")), (place, line)


def test_a_file_that_cannot_be_read_is_told_and_not_touched() -> None:
    with pytest.raises(InputError, match="A value is missing here"):
        laid("policy: [\n")


def test_a_file_of_somebody_else_is_left_alone() -> None:
    with pytest.raises(InputError, match="begins with none of the words"):
        laid("- hosts: all\n")


def test_an_alias_stays_behind_its_anchor_even_where_the_order_of_keys_is_another() -> None:
    text = "expect: &same {var.a: b}\npolicy: A-1\napplies_to: {where: *same, kind: host}\n"
    assert laid(text) == text.replace("{where", "{where")
    assert value(laid(text)) == value(text)


def test_a_layout_that_would_say_something_else_is_never_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agent.intake.formatting.written", lambda _: "policy: other\n")
    with pytest.raises(InputError, match="left as it is"):
        laid("policy: A-1\n")


def test_a_layout_that_lost_a_comment_is_never_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agent.intake.formatting.written", lambda _: "policy: A-1\n")
    with pytest.raises(InputError, match="left as it is"):
        laid("policy: A-1  # important\n")
