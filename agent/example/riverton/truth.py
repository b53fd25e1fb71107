"""The truth beside the data: what the generator put out of line, by policy and by the name of each resource."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path


@dataclass(slots=True)
class Truth:
    """What a look at these exports has to find: no more and no less.

    Attributes:
        out_of_line: policy id to the resource ids that break it.
        unknown: policy id to the resource ids that cannot be judged, because the exports contradict themselves.
        counts: kind to how many resources there are.
        causes: story to how many resources it touched, for the person who reads the report.
        groups: policies that measure to how the members of each of their groups stand.
    """

    seed: int
    scale: int
    at: datetime
    out_of_line: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    unknown: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    counts: Counter[str] = field(default_factory=Counter)
    causes: Counter[str] = field(default_factory=Counter)
    groups: dict[str, dict[str, Counter[str]]] = field(default_factory=lambda: defaultdict(dict))

    def out(self, resource: str, *policies: str) -> None:
        """Note that a resource is out of line with these policies."""
        for policy in policies:
            self.out_of_line[policy].add(resource)

    def dark(self, resource: str, *policies: str) -> None:
        """Note that a resource cannot be judged by these policies."""
        for policy in policies:
            self.unknown[policy].add(resource)

    def write(self, path: Path) -> None:
        """Write it as JSON, sorted, so that the same seed gives the same file."""
        document = {
            "seed": self.seed,
            "scale": self.scale,
            "at": self.at.isoformat(),
            "counts": dict(sorted(self.counts.items())),
            "causes": dict(sorted(self.causes.items())),
            "out_of_line": {policy: sorted(ids) for policy, ids in sorted(self.out_of_line.items())},
            "unknown": {policy: sorted(ids) for policy, ids in sorted(self.unknown.items())},
        }
        path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
