"""What the district's own tests say of a resource after it was changed: beside the second look, never in its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from agent.model.policy import Repository
    from agent.model.ports import Clearance


@dataclass(frozen=True, slots=True)
class Opinion:
    """One resource's: `said` is a clause ("passed 3 tests"); `failed` is whether a test does not hold."""

    said: str
    failed: bool = False


class Examiner(Protocol):
    """Runs modules of tests, with the credentials that read."""

    def lack(self) -> str:
        """Say in a sentence why no module can be run on this server, or give nothing."""

    def examine(
        self, repository: Repository, modules: Sequence[str], resources: Sequence[str], clearance: Clearance
    ) -> Mapping[str, Opinion]:
        """Run modules on exactly these resources; every one of them has its opinion."""
