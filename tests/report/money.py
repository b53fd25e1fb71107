"""What Riverton's own lists say: the found-money report of a new district."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

from agent.model.policy import Revision
from agent.model.run import Found, FoundMoney
from tests.report.riverton import PLACES, SITES, device, looked
from tests.report.runs import AT, COMMIT, ZONE


def money(**parts: object) -> FoundMoney:
    """The first mail: five questions, of which one cannot be asked."""

    def assets(start: int, count: int) -> tuple[str, ...]:
        return tuple(f"asset/R{n:06d}" for n in range(start, start + count))

    def spread(count: int) -> dict[str, int]:
        return dict(Counter(PLACES[n * n % 8] for n in range(count)))

    found = (
        Found("unassigned", 5320, assets(0, 61), spread(61), 17_934.0, 58, 0),
        Found(
            "two_places",
            5088,
            tuple(device(n) for n in range(97)),
            spread(97),
            28_518.0,
            97,
            52,
            "the asset list names no school",
        ),
        Found("leavers", 3810, assets(500, 43), spread(43), 12_642.0, 43, 0),
        Found("past_support", 0, (), {}, 0.0, 0, 0, "no system shows devices"),
        Found("never_seen", 5100, assets(900, 11), spread(11), 0.0, 0, 3, "the serial number is a placeholder"),
    )
    base = FoundMoney(
        "Riverton Unified",
        ZONE,
        Revision(COMMIT, "/srv/policies", "A. Example"),
        AT,
        (looked("device", "google", 5140), looked("asset", "assets", 5320, stale=True, as_of=AT - timedelta(days=12))),
        found,
        SITES,
        things=189,
        cost=52_374.0,
    )
    return replace(base, **parts)  # type: ignore[arg-type]
