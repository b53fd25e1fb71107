"""Reversing: what a person took back and why no run does it again, as the ledger tells of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.decide.reversals import concerns, taken_back_before

if TYPE_CHECKING:
    from agent.model.action import Plan
    from agent.model.books import Reversal
    from agent.model.policy import Policy, Repository
    from agent.model.ports import Ledger


def reversed_by(ledger: Ledger, repository: Repository, plan: Plan) -> dict[tuple[str, str], str]:
    """Give, by policy and resource, who took back what a plan would do again."""
    kept: dict[str, list[Reversal]] = {}
    for one in ledger.reversals.all():
        kept.setdefault(one.resource, []).append(one)
    policies = {p.id: p for p in repository.policies}
    said = {
        (action.policy, action.resource): taken_back_before(kept[action.resource], action, policies)
        for batch in plan.batches
        for action in batch.actions
        if action.resource in kept
    }
    return {key: clause for key, clause in said.items() if clause}


def let_again(ledger: Ledger, policy: Policy) -> int:
    """Let a policy, as it is now, do what was taken back, whoever had done it; gives of how many resources."""
    number = ledger.reversals.forget(policy.id)
    others = [r for r in ledger.reversals.all() if concerns(r, policy) and policy.digest not in r.lifted]
    ledger.reversals.lift([r.intent for r in others], policy.digest)
    return number + len({r.resource for r in others})
