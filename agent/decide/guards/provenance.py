"""The guard of where rules come from: while the newest revision is refused, nothing is changed. GUARDS.md, 13."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.decide.guards.context import hold, wanted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.decide.guards.context import Context
    from agent.model.action import Batch, Hold, Plan


def provenance(batch: Batch, _plan: Plan, context: Context) -> Iterator[Hold]:
    """The last good revision only looks while a newer one is refused: nobody knows what is meant to hold."""
    if context.refused:
        lifted_by = "a newer revision that is in order; `driftbell revisions` shows what was refused and why"
        yield hold("provenance", batch, f"{wanted(batch)} {context.refused}", lifted_by)
