"""Parsers, on transcripts. A case is a file in tests/cases/probes/FAMILY/; its README says how to add one."""

from __future__ import annotations

import base64
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from agent.catalog.host import HOST
from agent.model.reading import NONE, Unknown
from agent.systems.host.answer import Frame, Heard
from agent.systems.host.probes import PROBES
from agent.systems.host.script import compose
from agent.systems.host.spec import FROM_INVENTORY

if TYPE_CHECKING:
    from agent.model.reading import Reading

CASES = Path(__file__).parents[1] / "cases" / "probes"
FILES = sorted(CASES.glob("*/*.yaml"))


@pytest.mark.parametrize("path", FILES, ids=[f"{path.parent.name}/{path.stem}" for path in FILES])
def test_transcript(path: Path) -> None:
    case = yaml.safe_load(path.read_text(encoding="utf-8"))
    refs = [HOST.resolve(name) for name in case["fields"]]
    asked = {step.name: step for step in compose(refs).keys}
    unasked = {answer["step"] for answer in case["answers"]} - set(asked)
    assert not unasked, f"none of the fields needs the steps {unasked}"
    frames = {(a["step"], a.get("key", "")): Frame(_body(a), a.get("status", 0)) for a in case["answers"]}
    heard = Heard(frames, {name: step.tool for name, step in asked.items()})
    for ref in refs:
        _compare(ref.name, PROBES[ref.family].read(heard, ref), case["fields"][ref.name])


def test_every_family_of_the_kind_is_read_and_has_a_case() -> None:
    families = {field.name for field in HOST.fields} | {family.name for family in HOST.families}
    assert families - FROM_INVENTORY == set(PROBES)
    covered = {HOST.resolve(name).family for path in FILES for name in yaml.safe_load(path.read_text())["fields"]}
    assert covered == set(PROBES)


def _body(answer: dict[str, Any]) -> bytes:
    return base64.b64decode(answer["base64"]) if "base64" in answer else answer.get("output", "").encode("utf-8")


def _compare(name: str, reading: Reading, expected: object) -> None:
    if isinstance(expected, dict):
        assert isinstance(reading, Unknown), f"{name} is {reading!r}"
        assert expected["unknown"] in reading.why
        return
    wanted = NONE if expected is None else tuple(expected) if isinstance(expected, list) else expected
    assert reading == wanted, name
    assert isinstance(reading, datetime) or type(reading) is type(wanted), f"{name} is a {type(reading).__name__}"
