"""What a second look says of a change: it decides, and what the writing system claimed does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.decide.evaluate import read_again
from agent.model.action import Outcome, Result

if TYPE_CHECKING:
    from datetime import datetime

    from agent.decide.columns import Columns
    from agent.model.action import Action, Written
    from agent.model.finding import Difference
    from agent.model.policy import Policy

GONE = "nothing can confirm it any more: the policy or the resource is no longer there"


def judge_outcome(
    batch: str, action: Action, written: Written, policy: Policy | None, table: Columns | None, now: datetime
) -> Outcome:
    """Judge one action by the fields that it was to put right, as they read now.

    All of them as the policy wants them is confirmed, one that is not is failed, and one that cannot be read leaves
    the action pending. `policy` or `table` None means that there is nothing left to judge by: failed.
    """
    result, left, why = _judge(action, written, policy, table, now)
    return Outcome(
        batch=batch,
        policy=action.policy,
        resource=action.resource,
        verb=action.verb,
        result=result,
        before=action.differences,
        after=left,
        said=written.said,
        why=why,
    )


def _judge(
    action: Action, written: Written, policy: Policy | None, table: Columns | None, now: datetime
) -> tuple[Result, tuple[Difference, ...], str]:
    if policy is None or table is None or action.resource not in table.index:
        return Result.FAILED, (), GONE
    left, unread = read_again(policy, table, action.resource, [d.field for d in action.differences], now)
    if left:
        what = "it" if written.ran else "it, and nothing ran,"
        return Result.FAILED, left, f"the second look still finds {what} out of line"
    if unread:
        return Result.PENDING, (), f"it could not be read again: {unread}"
    return Result.CONFIRMED, (), ""
