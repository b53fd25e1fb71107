"""Our side, in a process of its own: `python -m tests.bench.million.ours DEVICES FOLDER`."""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from agent.decide.evaluate import evaluate
from agent.intake.git import sync
from agent.intake.repository import load
from agent.ledger.store import open_ledger
from agent.model.kind import Catalog
from agent.model.ports import Judged
from tests.bench.million.devices import KIND, NOW, columns
from tests.bench.million.rules import RULES, policy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agent.decide.evaluate import Assessment

SAID = 10  # of so many rules, one rule's findings are said and written
DISTRICT = "district: {name: Benchmark, timezone: America/Chicago}\n"


def main() -> None:
    """Print the seconds to judge, to make each finding a sentence, how many there were, and the peak of memory."""
    devices, folder = int(sys.argv[1]), Path(sys.argv[2])
    lay_down(folder)
    repository = load(sync(str(folder), folder / "checkouts"), Catalog({"device": KIND}, {}), folder / "cache")
    table = columns(devices)
    before = _peak()
    began = time.perf_counter()
    assessments = [evaluate(one, table, NOW) for one in repository.policies]
    judged = time.perf_counter() - began
    held = _peak()
    counts = [a.counts for a in assessments]
    began = time.perf_counter()
    some = [a for a in assessments if a.counts.out_of_line][::SAID]
    sentences = sum(len(a.findings) for a in some)
    said = time.perf_counter() - began
    print(json.dumps({
        "each": judged / devices / len(RULES), "seconds": judged, "found": sum(c.out_of_line for c in counts),
        "unknown": sum(c.unknown for c in counts), "table": before, "peak": held, "sentence": said / max(1, sentences),
        "sentences": sentences, "written": _written(some, folder) / max(1, sentences),
    }))  # fmt: skip


def _written(assessments: Sequence[Assessment], folder: Path) -> float:
    """Give the seconds to record findings that all open now."""
    judged = [Judged(a.policy.id, a.findings, a.in_scope, a.in_scope, proven=True) for a in assessments]
    ledger = open_ledger(folder / "ledger.db")
    ledger.begin("first", "run", "none", NOW)
    began = time.perf_counter()
    ledger.record_findings("first", NOW, judged, frozenset())
    took = time.perf_counter() - began
    ledger.close()
    return took


def lay_down(folder: Path) -> None:
    """Write the policies as a district would."""
    devices = folder / "policies" / "devices"
    devices.mkdir(parents=True)
    (folder / "policies" / "district.yaml").write_text(DISTRICT)
    for rule in RULES:
        (devices / f"{rule.id}.yaml").write_text(policy(rule))


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024.0


if __name__ == "__main__":
    main()
