"""What hosts that exist on paper alone have in common: a clock to be set, and a writer that keeps what it was shown."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from agent.model.capture import Capture

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from agent.model.action import Action
    from agent.model.policy import Repository
    from agent.model.ports import Clearance


class OnPaper:
    """`now` goes on by a millisecond each time that somebody asks."""

    now: datetime

    def clock(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now

    def capture(self, _repository: Repository, actions: Sequence[Action], _c: Clearance) -> Mapping[str, Capture]:
        return {a.resource: Capture(a.resource, self.now) for a in actions}

    def reread(self, _repository: Repository, kept: Mapping[str, Capture], _c: Clearance) -> Mapping[str, Capture]:
        return kept
