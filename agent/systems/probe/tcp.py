"""Whether a port accepts connections."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import anyio

from agent.systems.probe.outcome import Answer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from agent.model.reading import Reading
    from agent.systems.probe.endpoint import Endpoint


@dataclass(frozen=True, slots=True)
class TcpProbe:
    """Connects, and hangs up. Every address of the name is tried."""

    endpoint: Endpoint

    async def ask(self) -> Answer:
        """Connect once."""
        begun = time.perf_counter()
        async with await anyio.connect_tcp(self.endpoint.host, self.endpoint.port):
            return Answer((time.perf_counter() - begun) * 1000)

    def choose(self, answers: Sequence[Answer]) -> Mapping[str, Reading]:
        """Give what the last answer says."""
        return answers[-1].readings
