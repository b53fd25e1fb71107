"""Revisions of the rules at the command line: what was decided of each, and accepting one against the rule of order."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from agent import bootstrap
from agent.bootstrap.people import allowed
from agent.bootstrap.syncing import accept as accepted
from agent.decide.deputies import DUTY
from agent.intake.git import shown

if TYPE_CHECKING:
    from agent.model.provenance import Belief
    from agent.settings import Settings


@dataclass(frozen=True, slots=True)
class Decided:
    """What was decided of the newest revisions of a source, the newest first, and whose signatures are asked for."""

    source: str
    beliefs: tuple[Belief, ...]
    signers: tuple[str, ...]


def decided(settings: Settings) -> Decided:
    """Give what was decided last."""
    source = shown(settings.repository)
    with bootstrap.ledger(settings, read_only=True) as store:
        return Decided(source, tuple(store.beliefs.newest(source)), tuple(settings.signers))


def accept(settings: Settings, commit: str, why: str) -> tuple[Belief, str]:
    """Accept a revision that is older than the last one, or does not come after it; gives a sentence beside it.

    Raises:
        InputError: there is no such revision, or it does not load.
        HeldError: the caller may not, a run is at work, or the revision is not signed as the settings ask for.
    """
    with bootstrap.exclusive(settings):
        district = bootstrap.load(settings).district  # of the last good revision: no other says who may
        who, unsaid = allowed(settings, district, DUTY, bootstrap.caller())
        with bootstrap.ledger(settings) as store:
            belief = accepted(settings, store, commit, f"{who}: {why}")
    return replace(belief, by=who), unsaid
