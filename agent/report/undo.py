"""What an undo does, or did: which resources, how exactly, what is left, what holds it and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.model.action import Result
from agent.model.kind import Undo
from agent.report import words
from agent.report.fitting import fitted
from agent.report.masks import masked, private
from agent.report.plain import ended, plain
from agent.report.standing import single_outcomes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.model.action import Outcome
    from agent.model.run import Run, UndoNote

MOST = 12  # files that are named of one resource
_EXACT = {
    Undo.EXACT: "exact",
    Undo.PARTIAL: "partial",
    Undo.NONE: "nothing of it can be taken back",
}
_CAME = {
    Result.REVERTED: "taken back and confirmed",
    Result.CONFIRMED: "confirmed",
    Result.PENDING: "sent, waiting to be confirmed",
    Result.NEEDLESS: "as it was, before it was our turn",
    Result.FAILED: "not taken back",
    Result.STOPPED: "stopped before it was taken back",
}


def exit_code(run: Run, *, done: bool) -> int:
    """Give what the command ends with: 4 held, 3 not seen again yet, 1 failed, 0 taken back, or free to be."""
    if run.plan.holds:
        return 4
    results = {o.result for o in run.outcomes if o.verb.endswith(".restore")}
    if Result.PENDING in results:
        return 3
    return 1 if results & {Result.FAILED, Result.STOPPED} or (done and not results) else 0


def lines(run: Run, width: int, *, done: bool) -> list[str]:
    """Give the lines, none wider than `width` where words allow."""
    return [line for text in _lines(run, done=done) for line in fitted(text, width, 4)]


def _lines(run: Run, *, done: bool) -> Iterator[str]:
    for one in run.undone:
        yield from _note(one)
    for hold in run.plan.holds:
        yield f"Held ({plain(hold.guard)}): {ended(plain(hold.sentence))}"
        yield f"    What lifts it: {plain(hold.lifted_by)}"
    outcomes = [o for o in single_outcomes(run) if o.verb.endswith(".restore")]
    for outcome in sorted(outcomes, key=lambda o: (o.resource, o.policy)):
        yield from _outcome(outcome)
    if any(o.result is Result.REVERTED for o in outcomes):
        held = "It is not done again before the policy is changed or somebody says so (`driftbell resume POLICY`)."
        again = all(n.again for n in run.undone)
        yield f"Recorded as {run.id}: `driftbell undo {run.id}` takes this back." + ("" if again else f" {held}")
    elif done and not outcomes:
        yield "Nothing was taken back."


def _note(one: UndoNote) -> Iterator[str]:
    name = words.own_name(one.resource)
    does = "does again" if one.again else "takes back"
    yield plain(f"{name}: {does} {', '.join(one.deeds)}: {_EXACT[one.undo]}")
    for thing in one.things[:MOST]:
        yield f"    goes back: {plain(thing)}"
    if len(one.things) > MOST:
        yield f"    and {len(one.things) - MOST} more"
    for left in one.left:
        yield f"    left as it is: {ended(plain(left))}"


def _outcome(outcome: Outcome) -> Iterator[str]:
    secrets = private((*outcome.before, *outcome.after))
    yield plain(f"{words.own_name(outcome.resource)}  {outcome.policy}: {_CAME[outcome.result]}.")
    if outcome.result is not Result.REVERTED:
        for text in (outcome.why, outcome.said):
            if text:
                yield f"    {ended(plain(masked(text, secrets)))}"
