"""Every file in tests/cases/exports is read as the .json beside it says. Its README says how to add one."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from agent.model.reading import NONE, Unknown
from agent.systems.csv.spec import PRESETS
from tests.exports.build import look, source

if TYPE_CHECKING:
    from tests.exports.build import Place_

CASES = Path(__file__).parent.parent / "cases" / "exports"
EXPECTED = sorted(CASES.glob("*.json"))
ASPECTS = ("expected", "seen", "proven", "membership", "trouble")


@pytest.mark.parametrize("file", EXPECTED, ids=lambda f: f.stem)
def test_a_case(file: Path, place: Place_) -> None:
    case = json.loads(file.read_text(encoding="utf-8"))
    data = next(f for f in CASES.glob(f"{file.stem}.*") if f.suffix != ".json")
    name = case.get("called", data.name)
    (place.exports / name).write_bytes(data.read_bytes())
    sweep = look(place, source(path=name, **case["system"]))
    for aspect in ASPECTS:
        if aspect in case:
            assert getattr(sweep, aspect) == case[aspect], (aspect, sweep.notes)
    if "as_of" in case:
        assert sweep.as_of == datetime.fromisoformat(case["as_of"])
    for resource, readings in case.get("resources", {}).items():
        assert resource in sweep.table.ids(), sweep.notes
        told = {field: shown(sweep.table.reading(resource, field), wanted) for field, wanted in readings.items()}
        assert told == readings
    for resource in case.get("absent", ()):
        assert resource not in sweep.table.ids()
    for resource, site in case.get("sites", {}).items():
        assert sweep.table.site(resource) == site
    for words in case.get("notes", ()):
        assert any(words in note for note in sweep.notes), sweep.notes


def shown(reading: object, wanted: object) -> Any:
    """Give a reading as a case writes it; of a reason as much as the case does."""
    if reading is NONE:
        return "none"
    if isinstance(reading, Unknown):
        full = f"unknown: {reading.why}"
        return wanted if isinstance(wanted, str) and full.startswith("unknown") and matches(full, wanted) else full
    if isinstance(reading, datetime):
        return reading.strftime("%Y-%m-%dT%H:%M:%SZ")
    return list(reading) if isinstance(reading, tuple) else reading


def matches(full: str, wanted: str) -> bool:
    return wanted.startswith("unknown") and wanted.removeprefix("unknown").lstrip(": ") in full


def test_every_preset_has_a_case() -> None:
    used = {json.loads(f.read_text(encoding="utf-8"))["system"].get("preset") for f in EXPECTED}
    assert set(PRESETS) <= used
