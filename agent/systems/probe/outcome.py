"""What one sample gives: an answer, or why there is none."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from agent.model.reading import Reading

Readings = dict[str, "Reading"]


@dataclass(frozen=True, slots=True)
class Answer:
    """A sample that was answered: how long it took, in milliseconds, what it showed, and what to say of it."""

    latency: float
    readings: Mapping[str, Reading] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """A sample that was not answered.

    Attributes:
        why: a phrase for a person, without a final stop.
        ours: whether the trouble is this machine's own, so that it proves nothing about the service.
        readings: what the failure shows all the same.
    """

    why: str
    ours: bool = False
    readings: Mapping[str, Reading] = field(default_factory=dict)


Outcome = Answer | NoAnswer


class NoAnswerError(Exception):
    """A sample that was not answered, with its reason."""

    def __init__(self, outcome: NoAnswer) -> None:
        """Take the reason."""
        self.outcome = outcome
        super().__init__(outcome.why)


class Probe(Protocol):
    """One check, ready to be asked. Time limits are the caller's: a probe may be cancelled at any await."""

    async def ask(self) -> Answer:
        """Ask once.

        Raises:
            NoAnswerError: it was not answered, and the probe knows why.
            OSError: it was not answered; `failures` says why.
        """

    def choose(self, answers: Sequence[Answer]) -> Mapping[str, Reading]:
        """Give what the answers, at least one, say together."""
