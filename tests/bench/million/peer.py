"""The peers on a sample, in a process of their own: `python -m tests.bench.million.peer custodian|closures DEVICES`."""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING

from tests.bench.million.devices import dictionaries
from tests.bench.million.rules import RULES, Resource, Rule, closure, custodian

if TYPE_CHECKING:
    from collections.abc import Callable


def main() -> None:
    """Print seconds per rule and device, and how many findings there were."""
    which, devices = sys.argv[1], int(sys.argv[2])
    sample = dictionaries(devices)
    judge = {"custodian": _custodian, "closures": _closures}[which]()
    began = time.perf_counter()
    found = [judge(rule)(device) for rule in RULES for device in sample]
    took = time.perf_counter() - began
    print(json.dumps({"each": took / len(found), "found": sum(found)}))


def _closures() -> Callable[[Rule], Callable[[Resource], bool]]:
    made = {rule.id: closure(rule) for rule in RULES}
    return lambda rule: made[rule.id]


def _custodian() -> Callable[[Rule], Callable[[Resource], bool]]:
    from c7n.filters.core import ValueFilter  # type: ignore[import-not-found]

    def one(part: tuple[str, str, object]) -> Callable[[Resource], bool]:
        said = ValueFilter(dict(custodian(part)))
        said.annotate = False  # else it writes into each resource what it matched
        if part[1].startswith("not_") or part[1] == "contains_only":
            return lambda device: not said(device)
        if part[0].startswith("version"):  # it breaks on a version that is not there
            return lambda device: part[0] in device and bool(said(device))
        judge: Callable[[Resource], bool] = said
        return judge

    made = {r.id: (one(r.where), one(r.expect)) for r in RULES}

    def rule_of(rule: Rule) -> Callable[[Resource], bool]:
        where, expect = made[rule.id]
        return lambda device: bool(where(device)) and not expect(device)

    return rule_of


if __name__ == "__main__":
    main()
