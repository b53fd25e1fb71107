"""The policies that are laid down: valid, watched only, and written so that a technician learns from each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml

from agent.example import root
from tests.example.district import lay_down

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.cli.fixtures import Driftbell

FOLDERS = ("devices", "inventory", "network", "tickets", "vendors")
FILES = sorted(path for folder in FOLDERS for path in (root() / "policies" / folder).glob("*.yaml"))
OTHERS = "# Others, to be moved up"
KINDS = {"device", "asset", "person", "ticket", "printer", "service"}


def test_there_are_more_than_twenty_over_every_kind() -> None:
    kinds = [yaml.safe_load(path.read_text(encoding="utf-8"))["applies_to"]["kind"] for path in FILES]
    assert len(FILES) >= 30
    assert set(kinds) == KINDS


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_says_what_it_is_and_only_watches(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    said = yaml.safe_load(text)
    assert said["policy"] == path.stem
    assert said["mode"] == "audit"
    assert {"title", "why", "severity", "owner", "check_every"} <= set(said)
    assert said["owner"].endswith("@riverton.example")
    for words in (said["title"], said["why"]):
        assert "_" not in words
        assert len(words) < 130
    assert not said["title"].endswith("."), "a title is a line of the report"
    assert text.startswith("# yaml-language-server: $schema=../driftbell.schema.json\n#\n# ")
    assert len([line for line in text.splitlines() if line.startswith("# ")]) >= 3, "it teaches nothing"


def test_all_of_them_are_valid(driftbell: Driftbell) -> None:
    lay_down(driftbell)
    said = driftbell("validate")
    assert said.code == 0, said.err
    assert f"{len(FILES)} policies" in said.out + said.err


def test_the_whole_example_is_valid_as_it_stands(driftbell: Driftbell) -> None:
    said = driftbell("validate", "--repo", str(root()))
    assert said.code == 0, said.err


def _others() -> Iterator[str]:
    """Give each system that systems.yaml offers in its comments, as it stands there without the leading #."""
    text = (root() / "inventory" / "systems.yaml").read_text(encoding="utf-8")
    lines = [line[1:] for line in text[text.index(OTHERS) :].splitlines()[2:]]
    found: list[list[str]] = []
    for line in lines:
        if line[:2] == "  " and line[2:3].isalpha():
            found.append([])
        if found:
            found[-1].append(line)
    yield from ("\n".join(["systems:", *entry, ""]) for entry in found)


@pytest.mark.parametrize("text", list(_others()), ids=lambda text: text.split()[1].rstrip(":"))
def test_what_systems_yaml_offers_in_its_comments_is_valid_too(driftbell: Driftbell, text: str) -> None:
    lay_down(driftbell)
    driftbell.write("inventory/systems.yaml", text)
    said = driftbell("validate")
    assert said.code == 0, said.err


def test_a_calendar_that_is_written_wrongly_is_named_with_its_line(driftbell: Driftbell) -> None:
    lay_down(driftbell)
    path = driftbell.repo / "policies" / "calendars" / "primary.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace('"07:45-11:15"', '"7.45-11.15"', 1), encoding="utf-8")
    said = driftbell("validate")
    assert said.code == 2
    assert "policies/calendars/primary.yaml:8:" in said.err
