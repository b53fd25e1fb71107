"""What a second look says of a change: it decides, and what the writing system claimed does not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.decide import reverting
from agent.decide.evaluate import read_again
from agent.model.action import Outcome, Result

if TYPE_CHECKING:
    from datetime import datetime

    from agent.decide.columns import Columns
    from agent.model.action import Action, Written
    from agent.model.finding import Difference
    from agent.model.policy import Policy

CUT_OFF = "cut off: all changes were stopped while this one was being made"
NOT_BEGUN = "not begun: all changes were stopped, or the run ended, before this one was made"
MISSING = "it is in no list now, and they may not be whole"
GONE = "nothing can confirm it any more: the policy or the resource is no longer there"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a reading is worth as evidence of a change, in the district's zone.

    Attributes:
        begun: when the change was about to be made.
        ended: when the writing system was done with it; where nobody saw that, when it was begun.
        read: the data's own time of the newest reading, or None without one.
        until: how long the change may stay unconfirmed.
        now: when it is judged.
        shows: until when the system may go on showing what was there before, or None where it shows a change at once.
        whole: whether what no list shows is known not to be there.
    """

    begun: datetime
    ended: datetime
    read: datetime | None
    until: datetime
    now: datetime
    shows: datetime | None = None
    whole: bool = True


def judge_outcome(
    batch: str, action: Action, written: Written, policy: Policy | None, table: Columns | None, evidence: Evidence
) -> Outcome:
    """Judge one action by the fields that it was to put right, as they read now.

    All of them as the policy wants them is confirmed (needless where nothing ran), one that is not is failed, and one
    that cannot be read leaves the action pending until its deadline, after which it has failed. A reading that is not
    from after the change says nothing. `policy` None means that there is nothing left to judge by: failed. So does a
    resource that is gone; one that is only missing, in a list that may not be whole, is waited for.
    """
    judge = _judge_back if reverting.takes_back(action) else _judge
    result, left, why = _halted(action, written, *judge(action, written, policy, table, evidence))
    if result is Result.PENDING:
        result, why = _within_time(why, evidence)
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
        until=evidence.until if result is Result.PENDING else None,
    )


def _halted(
    action: Action, written: Written, result: Result, left: tuple[Difference, ...], why: str
) -> tuple[Result, tuple[Difference, ...], str]:
    """Say of what the kill switch ended that it was stopped, unless it is done all the same: it failed at nothing."""
    if not written.halted or why == GONE:
        return result, left, why
    if not written.ran and result in {Result.FAILED, Result.PENDING}:
        return Result.STOPPED, left or action.differences, NOT_BEGUN
    return (Result.STOPPED, left, f"{CUT_OFF}; {why}") if result is Result.FAILED else (result, left, why)


def _judge(
    action: Action, written: Written, policy: Policy | None, table: Columns | None, evidence: Evidence
) -> tuple[Result, tuple[Difference, ...], str]:
    if policy is None:
        return Result.FAILED, (), GONE
    if table is None or action.resource not in table.index:
        return (Result.FAILED, (), GONE) if table is not None and evidence.whole else (Result.PENDING, (), MISSING)
    if evidence.read is None or evidence.read <= evidence.ended:
        return Result.PENDING, (), _too_old(evidence)
    left, unread = read_again(policy, table, action.resource, [d.field for d in action.differences], evidence.now)
    if left and written.ran and evidence.shows is not None and evidence.now < evidence.shows:
        return Result.PENDING, left, "it does not show yet, as may be with this system"
    if left:
        what = "it" if written.ran else "it, and nothing ran,"
        return Result.FAILED, left, f"the second look still finds {what} out of line"
    if unread:
        return Result.PENDING, (), f"it could not be read again: {unread}"
    return (Result.CONFIRMED, (), "") if written.ran else (Result.NEEDLESS, (), "nothing was written")


def _judge_back(
    action: Action, written: Written, _policy: Policy | None, table: Columns | None, evidence: Evidence
) -> tuple[Result, tuple[Difference, ...], str]:
    """Judge a change that was to be taken back: nothing hangs on its policy, which may be gone."""
    if action.differences and (evidence.read is None or evidence.read <= evidence.ended):
        return Result.PENDING, (), _too_old(evidence)
    if not written.ran:
        return Result.FAILED, action.differences, "nothing was put back"
    return reverting.judge(action, written, table)


def _too_old(evidence: Evidence) -> str:
    if evidence.read is None:
        return "nothing shows it since the change"
    return f"the newest reading is from {_time(evidence.read)}, and the change from {_time(evidence.ended)}"


def _within_time(why: str, evidence: Evidence) -> tuple[Result, str]:
    """Leave it pending until its deadline; after that it has failed."""
    until = _time(evidence.until)
    if evidence.now <= evidence.until:
        return Result.PENDING, f"{why}; it has until {until} to be confirmed"
    said = f"begun at {_time(evidence.begun)}, it had until {until} to be confirmed, and still {why}"
    return Result.FAILED, f"{said}. A person is asked: look at it, and put right by hand what is wrong"


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M %Z}"
