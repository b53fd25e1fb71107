"""What the mutations begin with: the example district, and every case of intake, each with the place that it is for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from agent.intake.files import FOLDERS, SHAPES, readable

ROOT = Path(__file__).parent.parent.parent
CASES = ROOT / "tests" / "cases" / "intake"
PLACES = {
    "policy": "policies/hosts/fuzzed.yaml",
    "district": "policies/district.yaml",
    "systems": "inventory/systems.yaml",
    "waivers": "policies/waivers.yaml",
    "calendar_changes": "policies/calendars/changes.yaml",
    **{shape: f"policies/{folder}/fuzzed.yaml" for folder, shape in SHAPES.items()},
}


@dataclass(frozen=True, slots=True)
class Seed:
    """A document to begin with: its text, and where in a repository it goes."""

    text: str
    place: str


@cache
def seeds() -> tuple[Seed, ...]:
    """Give all of them, in an order that does not depend on the machine."""
    cases = [_case(path) for path in sorted(CASES.rglob("*.yaml")) if path.relative_to(CASES).parts[0] in _OURS]
    return (*example() * 3, *(case for case in cases if case.text))


@cache
def example() -> tuple[Seed, ...]:
    """Give the documents of the example alone, none of which is wrong."""
    found = ((path.read_text(encoding="utf-8"), _place(path, shape)) for path, shape in readable(ROOT))
    return tuple(Seed(_one_calendar(text), place) for text, place in found)


@cache
def policies() -> dict[bytes, bytes]:
    """Give the policies of the example by their ids: a policy test is nothing without its policy."""
    found = ((path.stem.encode(), path.read_bytes()) for path, shape in readable(ROOT) if shape == "policy")
    return dict(found)


def _place(path: Path, shape: str) -> str:
    """Give where a file of the example goes: what others refer to by a name stays where it is."""
    return PLACES[shape] if shape in {"policy", "tests"} else path.relative_to(ROOT).as_posix()


def _one_calendar(text: str) -> str:
    """Let every school keep one calendar: reckoning three for each document would be most of the time."""
    return re.sub(r"\b(calendar|staff|desk): (primary|office)\b", r"\1: secondary", text)


_OURS = {**dict.fromkeys(PLACES), "formatting": None, **dict.fromkeys(FOLDERS)}


def _case(path: Path) -> Seed:
    shape = path.relative_to(CASES).parts[0]
    return Seed(path.read_bytes().decode("utf-8", "replace"), PLACES.get(shape, PLACES["policy"]))
