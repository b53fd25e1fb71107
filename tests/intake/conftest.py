"""What the tests of intake share: a catalog with a field of every type, and repositories to write into."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agent.bootstrap import catalog as real_catalog
from agent.model.kind import Argument, Catalog, Effect, Field, FieldType, Kind, Risk, Undo, Verb
from tests.intake.district import District

if TYPE_CHECKING:
    from pathlib import Path

THING = Kind(
    "thing",
    "Something with a field of every type.",
    tuple(Field(str(t), t, f"A {t}.", past=t is FieldType.TIME) for t in FieldType)
    + tuple(Field(f"other_{field_type}", field_type, f"Another {field_type}.") for field_type in FieldType),
)
TELL = Verb(
    name="post.tell",
    system="post",
    description="Tell somebody.",
    kinds=frozenset({"host", "thing"}),
    effect=Effect.TELLS,
    risk=Risk.ADDITIVE,
    undo=Undo.NONE,
    arguments=(Argument("text", "text", "What to say.", required=True),),
)


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    """Give the real catalog, with a kind that has a field of every type and a verb that only tells."""
    real = real_catalog()
    return Catalog({**real.kinds, THING.name: THING}, {**real.verbs, TELL.name: TELL}, real.presets)


@pytest.fixture
def district(tmp_path: Path, catalog: Catalog) -> District:
    """Give a small district in a directory of its own, without hosts."""
    made = District(tmp_path / "repository", catalog, tmp_path / "cache")
    made.write("policies/district.yaml", DISTRICT)
    made.write("inventory/README", "No hosts here.\n")
    made.write("playbooks/good.yml", "- hosts: all\n  tasks: []\n")
    made.write("playbooks/no-list.yml", "hosts: all\n")
    made.write("playbooks/no-play.yml", "- hosts: all\n- name: nothing\n")
    made.write("playbooks/broken.yml", "- hosts: [all\n")
    return made


DISTRICT = """\
district: {name: Riverton Unified, timezone: America/Chicago}
sites: {east: {name: East High}, west: {name: West Middle}}
people:
  director: {name: A. Example, email: director@riverton.example, may: [approve, stop]}
reports: {drift: [director]}
guards: {per_run: {count: 25, percent: 50}, per_day: {count: 100}}
"""
