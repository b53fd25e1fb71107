"""Why a verdict changed: judged from what was read before and now, by the policy as it was and as it is. Pure.

Where policy and readings both changed, each is tried alone: the policy as it was on what is read now, and the policy
as it is on what was read before. One of them that does it alone, while the other does not, is the cause.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.model.cause import Because, Cause, Moved
from agent.model.comparison import Stand
from agent.model.finding import Closed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agent.model.cause import Turn
    from agent.model.finding import Difference
    from agent.model.ports import Opened

EITHER = "either alone would have done it"
TOGETHER = "only both together did it"
UNTOLD = "which of them did it cannot be told, as the older policy can no longer be read"
EXPIRED = "the values "  # how the reason begins where a values file is too old to be used
RENEWED = "a values file that it takes was renewed"
_NOT_HELD = frozenset({Stand.OUT_OF_SCOPE, Stand.NOT_THERE})


@dataclass(frozen=True, slots=True)
class Said:
    """What one judgement says of a resource: how the policy stands on it, and in what it differs."""

    stand: Stand
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """What can be known of a turn.

    Attributes:
        now: what the policy says of what is read now.
        was: what the policy as it was said of what was read before, or None where that cannot be told.
        replayed: what the policy as it is says of what was read before; None as above.
        rerun: what the policy as it was says of what is read now; None as above.
        edited: whether the policy changed.
        moved: the readings that changed, among the fields that the policy reads; `scope` those of its `where`.
        lasting: how many looks in a row the policy waits for.
    """

    now: Said
    was: Said | None
    replayed: Said | None
    rerun: Said | None
    edited: bool
    moved: Mapping[str, Moved]
    scope: frozenset[str] = frozenset()
    lasting: int = 1


def plain_cause(turn: Turn, deed: str = "", *, edited: bool) -> Cause | None:
    """Give the cause that a turn itself tells, or None where it has to be looked for.

    Args:
        turn: what changed.
        deed: what of ours put it right, where something did.
        edited: whether the policy changed.
    """
    if turn.how is Closed.FIXED:
        return Cause(Because.FIXED, Stand.OUT_OF_LINE, detail=deed)
    if turn.how is Closed.POLICY_REMOVED:
        return Cause(Because.REMOVED, _stood(turn.before))
    if turn.how is Closed.GONE:
        return Cause(Because.GONE, _stood(turn.before))
    if turn.before is None or turn.after is None:
        return None
    return _altered(turn.before, turn.after, edited=edited)


def _altered(before: Opened, after: Opened, *, edited: bool) -> Cause | None:
    if after.suspended and after.suspended.startswith(EXPIRED):
        return Cause(Because.EXPIRED, _stood(before), detail=after.suspended)
    if bool(after.suspended) != bool(before.suspended):
        if edited:
            return None
        if _renewed(before, after):
            return Cause(Because.POLICY, Stand.UNKNOWN, detail=RENEWED)
        because = Because.LOST if after.suspended else Because.BACK
        return Cause(because, _stood(before), detail=after.suspended or before.suspended)
    if after.waiver and after.waiver != before.waiver:
        return Cause(Because.WAIVED, _stood(before), detail=after.waiver)
    if before.waiver and not after.waiver:
        return Cause(Because.WAIVER_ENDED, Stand.EXCEPTED, detail=before.waiver)
    return None


def _renewed(before: Opened, after: Opened | None) -> bool:
    """Whether only expired values kept a finding from being judged; their date is in no policy's digest."""
    return before.suspended.startswith(EXPIRED) and not (after and after.suspended)


def _stood(opened: Opened | None) -> Stand | None:
    if opened is None:
        return None
    return Stand.UNKNOWN if opened.suspended else Stand.EXCEPTED if opened.waiver else Stand.OUT_OF_LINE


def cause(turn: Turn, known: Evidence) -> Cause:
    """Give the cause of a turn that neither the resource, nor a waiver, nor an action of ours brought about."""
    if turn.before is None and known.replayed is not None and known.replayed.stand is Stand.NOT_THERE:
        return Cause(Because.CAME, Stand.NOT_THERE)
    was = _stood(turn.before) or (known.was.stand if known.was else None)
    moved = _relevant(turn, known)
    if known.edited:
        because, detail = _of_two(known, whole=turn.before is not None and turn.after is not None)
        return Cause(because, was, moved if because is not Because.POLICY else (), detail)
    if turn.before is not None and _renewed(turn.before, turn.after):
        return Cause(Because.POLICY, was, moved, RENEWED)
    if was is Stand.UNKNOWN:
        return Cause(Because.BACK, was, moved, turn.before.suspended if turn.before else "")
    if turn.before is None and known.lasting > 1:
        return Cause(Because.LASTED, None, moved, str(known.lasting))
    return Cause(Because.REALITY if moved else Because.TIME, was, moved)


def _of_two(known: Evidence, *, whole: bool) -> tuple[Because, str]:
    """Say which of policy and readings did it, where the policy changed; `whole`: the differences count too."""
    if not known.moved:
        return Because.POLICY, ""
    by_policy, by_reading = (_like(s, known.now, whole=whole) for s in (known.replayed, known.rerun))
    if by_policy is None or by_reading is None:
        return Because.BOTH, UNTOLD
    if by_policy is by_reading:
        return Because.BOTH, EITHER if by_policy else TOGETHER
    return (Because.POLICY if by_policy else Because.REALITY), ""


def _like(said: Said | None, now: Said, *, whole: bool) -> bool | None:
    """Say whether a judgement comes to what is so now; None where there is none."""
    if said is None:
        return None
    return said == now if whole else said.stand is now.stand


def _relevant(turn: Turn, known: Evidence) -> tuple[Moved, ...]:
    """Give the readings that changed and that the verdict hangs on: of the selection where it is about that."""
    entered = known.was is not None and known.was.stand in _NOT_HELD
    if entered or known.now.stand in _NOT_HELD:
        scope = [m for f, m in known.moved.items() if f in known.scope]
        if scope:
            return tuple(scope)
    differing = {d.field for side in (turn.before, turn.after) if side for d in side.differences}
    about = [m for f, m in known.moved.items() if f in differing]
    return tuple(about or known.moved.values())
