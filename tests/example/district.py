"""Riverton as a user has it: its policies and systems in a repository, its exports in the state directory."""

from __future__ import annotations

import csv
import re
import shutil
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from agent.example import root

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.fixtures import Driftbell

Row = dict[str, str]


def lay_down(driftbell: Driftbell) -> Path:
    """Lay down all policies but those on hosts, which no export shows; give the folder of exports."""
    for part in ("policies", "inventory"):
        shutil.copytree(root() / part, driftbell.repo / part, dirs_exist_ok=True)
    shutil.rmtree(driftbell.repo / "policies" / "hosts")
    shutil.rmtree(driftbell.repo / "policies" / "tests" / "hosts", ignore_errors=True)
    (driftbell.repo / "inventory" / "hosts.yml").unlink()
    keep_good(driftbell.repo / "policies")
    exports = driftbell.state / "exports"
    exports.mkdir(parents=True, exist_ok=True)
    return exports


def keep_good(policies: Path) -> None:
    """Let the dated values be good for as long as anybody may run these tests."""
    for path in (policies / "values").glob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        assert re.search(r"(?m)^expires: 20", text)
        path.write_text(re.sub(r"(?m)^expires: .*$", "expires: 2199-12-31", text), encoding="utf-8")


def by_policy(document: dict[str, Any], verdict: str) -> dict[str, set[str]]:
    """Give the resources of a document's findings with a verdict, by policy."""
    found: dict[str, set[str]] = defaultdict(set)
    for finding in document["findings"]:
        if finding["verdict"] == verdict:
            found[finding["policy"]].add(finding["resource"])
    return dict(found)


def unknown(document: dict[str, Any]) -> dict[str, set[str]]:
    """Give the resources that could not be judged, by policy."""
    found: dict[str, set[str]] = defaultdict(set)
    for finding in document["unknown"]:
        found[finding["policy"]].add(finding["resource"])
    return dict(found)


def rows(path: Path) -> list[Row]:
    """Read an export as it stands."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def change(path: Path, of: Callable[[Row], bool], header: str, text: str) -> Row:
    """Change one cell of the first row that fits, and give the row as it is then."""
    found = rows(path)
    assert header in found[0], f"{path.name} has no column {header}"
    row = next(row for row in found if of(row))
    row[header] = text
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(found[0]))
        writer.writeheader()
        writer.writerows(found)
    return row
