"""Sensitive readings kept in: a report names the field and never the value. Source: GUARDS.md 15."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from agent.secrets import MASK, SHORTEST, Secret, says_secret, scrub

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agent.model.action import Plan
    from agent.model.finding import Difference, Finding

Private = tuple[Secret, ...]


def private(differences: Iterable[Difference]) -> Private:
    """Give the readings among these differences that may not be shown, each once."""
    values = {v for d in differences if d.sensitive for v in (d.expected, d.observed)}
    return tuple(Secret(v) for v in sorted(values))


def private_in(plan: Plan) -> Private:
    """Give every reading of a plan that may not be shown: a hold's sentence may quote any of them."""
    return private({d for b in plan.batches for a in b.actions for d in a.differences if d.sensitive})


def masked(text: str, secrets: Private) -> str:
    """Give a text without these readings; one that is a part of a reading (a member of a list) goes as a whole."""
    if any(text == s.reveal() or (len(text) >= SHORTEST and text in s.reveal()) for s in secrets):
        return MASK
    return scrub(text, secrets)


def masked_value(value: object, secrets: Private) -> object:
    """Give an argument as JSON has it, without what its name calls a secret or what a `<field>` may have put there."""
    if isinstance(value, Mapping):
        return {str(k): MASK if says_secret(str(k)) else masked_value(v, secrets) for k, v in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [masked_value(v, secrets) for v in value]
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, (int, float)):
        return MASK if any(str(value) == s.reveal() for s in secrets) else value
    return masked(str(value), secrets)


def masked_sentence(finding: Finding) -> str:
    """Give a finding's sentence; where a reading is sensitive, one that names the fields alone."""
    if not any(d.sensitive for d in finding.differences):
        return finding.sentence
    fields = ", ".join(d.field for d in finding.differences)
    return f"{finding.resource.partition('/')[2]}: {fields} not as it should be (sensitive, not shown)."
