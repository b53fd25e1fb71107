"""The policy tests of the example: each goes where the policies go that it tests."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from agent.example.composed import read

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TESTS = "tests"


def tests(source: Path, folder: Path, later: str) -> Iterator[tuple[Path, Path]]:
    """Give each file of tests, and where it belongs in a folder that has its policies already.

    What tests a policy that waits in `later` waits beside it, and goes with it.
    """
    there = {path.stem for path in (folder / "policies").rglob("*.yaml")}
    for path in sorted((source / TESTS).rglob("*.yaml")):
        whole = set(_policies(path)) <= there
        yield path, folder / ("policies" if whole else later) / path.relative_to(source)


def _policies(path: Path) -> list[str]:
    """Give the policies that a file tests; a name that is not an id stands for those that its cases name."""
    said = read(path)["tests"]
    named = [str(s) for s in (said if isinstance(said, list) else [said])]
    if all(re.fullmatch(r"[A-Za-z][\w.-]*", name) for name in named):
        return named
    cases = read(path)["cases"]
    return [str(key) for case in cases for key in case["expect"] if "/" not in key]
