"""What a second look says of a change: it decides, and what the writing system claimed does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.model.action import Outcome, Result
from agent.model.finding import Finding, Verdict

if TYPE_CHECKING:
    from agent.model.action import Action, Batch, Written
    from agent.model.finding import Difference


def judge_outcome(batch: Batch, action: Action, written: Written, after: Finding | None) -> Outcome:
    """Judge one action by the finding of the second look; None there means that the policy is in line now."""
    result, left, why = _judge(action, written, after)
    return Outcome(
        batch.digest, batch.policy, action.resource, batch.verb, result, action.differences, left, written.said, why
    )


def _judge(action: Action, written: Written, after: Finding | None) -> tuple[Result, tuple[Difference, ...], str]:
    if after is not None and after.verdict is Verdict.UNKNOWN:
        return Result.PENDING, (), f"it could not be read again: {after.why}"
    left = _left(action, after)
    if not left:
        return Result.CONFIRMED, (), ""
    return (
        Result.FAILED,
        left,
        f"the second look still finds {'it' if written.ran else 'it, and nothing ran,'} out of line",
    )


def _left(action: Action, after: Finding | None) -> tuple[Difference, ...]:
    if after is None or after.verdict is not Verdict.OUT_OF_LINE:
        return ()
    mine = set(action.sets)
    return tuple(d for d in after.differences if d.field in mine)
