"""Reversing: what a person took back and why no run does it again, as the ledger tells of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agent.model.policy import Repository
    from agent.model.ports import Ledger


def reversed_by(ledger: Ledger, repository: Repository) -> dict[tuple[str, str], str]:
    """Give, by policy and resource, who took a change back; an edit of the policy lifts that."""
    digests = {p.id: p.digest for p in repository.policies}
    return {
        (r.policy, r.resource): f"{r.by} took this change back on {r.at:%Y-%m-%d %H:%M %Z} (run {r.run})"
        for r in ledger.reversals.all()
        if digests.get(r.policy) == r.digest
    }
