"""Guards of consent: what somebody said no to, and what destroys without two people's word. Source: GUARDS.md, 2."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.decide.guards.context import Consent, hold, wanted
from agent.model.action import Hold
from agent.model.kind import Risk

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from agent.decide.guards.context import Context
    from agent.model.action import Batch, Plan

NEEDED = 2  # people, none of them an author, for what destroys
_SILENCE = Consent()


def denied(batch: Batch, _plan: Plan, context: Context) -> Iterator[Hold]:
    """What somebody said no to stays held: whoever else approves it, and whatever is planned beside it later."""
    consent = context.consents.get(batch.digest, _SILENCE)
    lifts = "whoever said no taking it back with `driftbell approve {}`, or a policy that wants something else"
    if consent.denied:
        said = f"{wanted(batch)} {_sentence(consent.denied)}"
        yield hold("denied", batch, said, lifts.format(batch.digest))
    for one in consent.refused:
        said = f"{wanted(batch)} {len(one.resources)} of them stood in {one.digest[:19]}: {_sentence(one.why)}"
        yield Hold("denied", batch.digest, one.resources, said, lifts.format(one.digest))


def risk(batch: Batch, _plan: Plan, context: Context) -> Iterator[Hold]:
    """What destroys is off, unless the server's settings name its verb and two people who did not write it agree."""
    if batch.risk is not Risk.DESTRUCTIVE:
        return
    missing = lacking(batch, context.consents.get(batch.digest, _SILENCE), context.enabled)
    if missing:
        said, lifted_by = missing
        yield hold("risk", batch, f"{wanted(batch)} {said}", lifted_by)


def lacking(batch: Batch, consent: Consent, enabled: Collection[str]) -> tuple[str, str] | None:
    """Give what a destructive batch lacks, as a sentence, and what lifts that; None where it lacks nothing."""
    approve = f"`driftbell approve {batch.digest}`, signed by two people who did not write {batch.policy}"
    if batch.verb not in enabled:
        said = f"That is destructive, and destructive changes by {batch.verb} are off on this server."
        return said, f"`destructive: [{batch.verb}]` in the server's own settings, then {approve}"
    if consent.authors is None:
        said = f"That is destructive, and nobody can tell who wrote all of {batch.policy} and its playbooks."
        where = "the address of everybody who committed a line of them standing in policies/district.yaml"
        return said, f"the policy and its playbooks being committed, and {where} (`git blame -e FILE` shows them)"
    others = consent.approved - consent.authors
    if len(others) >= NEEDED:
        return None
    so_far = f"so far {' and '.join(sorted(others))} did" if others else "so far nobody did"
    own = sorted(consent.approved & consent.authors)
    apart = f"; {' and '.join(own)} wrote it, which does not count" if own else ""
    said = f"That is destructive: {NEEDED} people who did not write {batch.policy} have to approve it, {so_far}{apart}."
    return said, approve


def _sentence(clause: str) -> str:
    return clause if clause.endswith((".", "!", "?")) else f"{clause}."
