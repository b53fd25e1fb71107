"""Guards of who may do what to whom: the kill switch, modes, and what is never touched. Source: GUARDS.md."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from agent.decide.guards.context import apply_hint, hold, name_of, wanted
from agent.model.action import Hold
from agent.model.kind import Risk
from agent.model.policy import Mode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.decide.guards.context import Context
    from agent.model.action import Action, Batch, Plan


def kill_switch(batch: Batch, _plan: Plan, context: Context) -> Iterator[Hold]:
    """Nothing is written while the switch is on."""
    if context.stopped:
        yield hold(
            "kill switch",
            batch,
            f"Everything is stopped: {context.stopped} {wanted(batch)}",
            "`driftbell resume`, by a person who may",
        )


def modes(batch: Batch, _plan: Plan, context: Context) -> Iterator[Hold]:
    """Where a policy asks first it waits for its answer; where it only watches it never gets this far."""
    policy = context.policies[batch.policy]
    at = {mode: tuple(a for a in batch.actions if policy.mode_at(a.site) is mode) for mode in Mode}
    for mode, said, lifted_by in (
        (Mode.AUDIT, "only watches", "a reviewed change of its mode"),
        (Mode.PROPOSE, "asks first", _answer(batch)),
    ):
        if at[mode]:
            all_of_it = len(at[mode]) == len(batch.actions)
            yield Hold(
                "mode",
                batch.digest,
                () if all_of_it else tuple(a.resource for a in at[mode]),
                f"{wanted(batch)} {batch.policy} {said}" + ("." if all_of_it else f" for {len(at[mode])} of them."),
                lifted_by,
                approvable=mode is Mode.PROPOSE,  # by whose words, and how many, is asked where they are counted
            )


def _answer(batch: Batch) -> str:
    """Give the command that answers a batch which asks first; one that destroys takes signed approvals."""
    return f"`driftbell approve {batch.digest}`" if batch.risk is Risk.DESTRUCTIVE else apply_hint(batch)


def never_touch(batch: Batch, _plan: Plan, context: Context) -> Iterator[Hold]:
    """Protected resources are not written to, whatever name they go by; confined ones only below their folder."""
    for action in batch.actions:
        folder = context.confined.get(action.resource)
        if folder is not None:
            if not _stays_under(action, folder):
                sets = ", ".join(action.sets)
                said = f"{name_of(action)} may only be changed below {folder}, and {batch.policy} sets {sets}."
                yield hold("never touch", batch, said, "a policy that sets only files below that folder", action)
        elif action.resource in context.protected:
            said = f"Wanted to change {name_of(action)}, which is never touched: {context.protected[action.resource]}."
            yield hold("never touch", batch, said, "nothing; change that machine by hand", action)


def _stays_under(action: Action, folder: str) -> bool:
    """Say whether all that an action sets are files below a folder, by their plain paths."""
    base = posixpath.normpath(folder)
    if not base.startswith("/") or base == "/" or not action.sets:
        return False
    paths = [field.removeprefix("file.").rpartition(".")[0] for field in action.sets if field.startswith("file.")]
    plain = all(posixpath.normpath(p) == p and p.startswith(f"{base}/") for p in paths)
    return plain and len(paths) == len(action.sets)
