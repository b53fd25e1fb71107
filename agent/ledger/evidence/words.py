"""The evidence of what people and the server said: approvals, revisions, overrides, undoing, and the kill switch."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from agent.ledger.evidence import chain

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from agent.model.approval import Approval
    from agent.model.books import Reversal
    from agent.model.evidence import Record
    from agent.model.provenance import Belief
    from agent.model.window import Override

SWITCH = "switch"


def said(connection: Connection, approval: Approval) -> None:
    """Record a person's word on a batch."""
    from agent.decide.evidence import bodies  # ruff: ignore[import-outside-top-level] - no reading command needs it

    what = "approval" if approval.word == "approve" else "denial"
    chain.add(connection, what, approval.at, bodies.word(approval))


def decided(connection: Connection, belief: Belief) -> None:
    """Record that a revision of the rules may be run, or why it may not."""
    from agent.decide.evidence import bodies  # ruff: ignore[import-outside-top-level] - as above

    chain.add(connection, "refused" if belief.why else "revision", belief.at, bodies.belief(belief))


def overridden(connection: Connection, override: Override) -> None:
    """Record a person's word against a freeze, and its end before its time."""
    from agent.decide.evidence import bodies  # ruff: ignore[import-outside-top-level] - as above

    chain.add(connection, "override", override.ended_at or override.at, bodies.override(override))


def undone(connection: Connection, reversals: Sequence[Reversal]) -> None:
    """Record that a person has changes taken back."""
    from agent.decide.evidence import bodies  # ruff: ignore[import-outside-top-level] - as above

    if reversals:
        chain.add(connection, "undo", reversals[0].at, bodies.undone(reversals))


def switched(connection: Connection, run: str, stopped: str, at: datetime) -> None:
    """Record that a run found everything stopped, or free again; nothing while that is as the last one found it."""
    if stopped == _why(chain.known(connection, SWITCH)):
        return
    chain.add(connection, "stopped" if stopped else "resumed", at, {"run": run, "why": stopped}, subject=SWITCH)


def _why(last: Record | None) -> str:
    """Give the reason that was recorded last; nothing where that was pruned, or somebody changed it."""
    try:
        said = json.loads((last and last.body) or b"{}")
    except (ValueError, RecursionError):
        return ""
    return str(said.get("why", "")) if isinstance(said, dict) else ""
