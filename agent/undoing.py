"""Undoing: take back what a run or one action of it changed, through the guards, as a change like any other.

What was kept before the change goes back; it is itself kept before that, so that an undo can be undone. A person asked
for it: so it waits for no mode, no ring and no approval, and what was undone is not done again at once.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from agent.decide import reverting
from agent.decide.guards import GUARDS, NOT_OF_UNDOING, guard
from agent.decide.stand_ins import with_stand_ins
from agent.deliberate import facts
from agent.errors import InputError
from agent.model.action import Action, Batch, Hold, Plan
from agent.model.books import Reversal
from agent.model.capture import Capture
from agent.model.kind import Effect, Risk, Undo, nearest
from agent.model.reading import Unknown
from agent.model.run import UndoNote

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from agent.deliberate import Ports
    from agent.model.capture import Restoration
    from agent.model.policy import Repository
    from agent.model.ports import Deed, Ledger
    from agent.observe import View

CHANGED, UNREAD = "changed since", "not read"  # guards that only an undo has


@dataclass(frozen=True, slots=True)
class Backward:
    """One undo: what was named, by whom, the deeds that it takes back, and what is to be put back where."""

    ports: Ports
    repository: Repository
    target: str
    by: str
    only: frozenset[str]
    deeds: tuple[Deed, ...]
    restorations: Mapping[str, Restoration]
    overwrite: bool = False  # whether what somebody changed since goes back too
    now: Mapping[str, Capture | Unknown] = field(default_factory=dict)

    def planned(self, view: View) -> Plan:
        """Give the plan with what holds it."""
        plan = Plan(tuple(self._batches(view)))
        if not plan.batches:
            return plan
        around = with_stand_ins(self.repository, (b.policy for b in plan.batches))
        checks = tuple(g for g in GUARDS if g.__name__ not in NOT_OF_UNDOING)
        own = tuple(h for b in plan.batches for h in self._own_holds(b))
        held = guard(Plan(plan.batches, own), facts(self.ports, around, view, plan), checks)
        return reverting.together(replace(held, holds=tuple(map(_answerable, held.holds))), self.target)

    def begin(self, run: str, plan: Plan) -> None:
        """Note what is taken back before it is, so that no run does it again at once, whatever becomes of this one."""
        free = {(a.policy, a.resource) for b in plan.batches for a in plan.free(b)}
        digests = {p.id: p.digest for p in self.repository.policies}
        ledger, kept = self.ports.hands.ledger, []
        for deed in self.deeds:
            policy, resource = deed.intent.policy, deed.intent.resource
            if (policy, resource) not in free:
                continue
            if reverting.takes_back(deed.action):
                ledger.reversals.forget(policy, resource)
            else:
                digest, at = digests.get(policy, ""), self.ports.clock()
                kept.append(Reversal(deed.intent.id, policy, resource, digest, run, self.by, at, deed.action))
        ledger.reversals.keep(kept)

    @property
    def notes(self) -> tuple[UndoNote, ...]:
        """Say of each resource what goes back and what is left."""
        return tuple(self._note(resource) for resource in sorted(self.restorations))

    def _note(self, resource: str) -> UndoNote:
        wanted = self.restorations[resource].wanted
        mine = [d for d in self.deeds if d.intent.resource == resource]
        things = (*(f.path for f in wanted.files), *(s.name for s in wanted.services), *wanted.sysctls)
        again = all(reverting.takes_back(d.action) for d in mine)
        return UndoNote(
            resource=resource,
            undo=reverting.exactness(wanted),
            deeds=tuple(d.name for d in mine),
            things=tuple(map(reverting.printable, things)),
            left=wanted.left,
            again=again,
        )

    def _batches(self, view: View) -> Iterator[Batch]:
        wanted: dict[str, list[Action]] = {}
        for deed in self.deeds:
            if not self.restorations[deed.intent.resource].wanted.empty:
                wanted.setdefault(deed.intent.policy, []).append(self._action(deed, view))
        for policy, actions in sorted(wanted.items()):
            ordered = tuple(sorted(actions, key=lambda a: a.resource))
            exact = all(self._undo(a) is Undo.EXACT for a in ordered)
            undo = Undo.EXACT if exact else Undo.PARTIAL
            yield Batch(_digest(ordered), policy, 0, ordered[0].verb, Effect.SETS, Risk.DISRUPTIVE, undo, ordered)

    def _undo(self, action: Action) -> Undo:
        return reverting.exactness(self.restorations[action.resource].wanted)

    def _action(self, deed: Deed, view: View) -> Action:
        """Give the action that takes a deed back: the same fields, to read as they did."""
        resource, was = deed.intent.resource, deed.action
        kept = self.ports.hands.ledger.captures.of(deed.intent.id)
        table = view.tables.get(resource.partition("/")[0])
        site = table.site(resource) if table is not None and resource in table.index else was.site
        differences = reverting.differences(kept, was, table) if kept else ()
        return Action(
            policy=was.policy,
            resource=resource,
            site=site,
            verb=f"{was.verb.partition('.')[0]}.{reverting.RESTORE}",
            arguments={"undo": self.target, "only": sorted(self.only), "overwrite": self.overwrite},
            differences=differences,
            sets=was.sets,
        )

    def _own_holds(self, batch: Batch) -> Iterator[Hold]:
        """Hold what somebody changed since, and what cannot be read now."""
        for action in batch.actions:
            name, one = action.resource.partition("/")[2], self.restorations[action.resource]
            now = self.now.get(action.resource)
            if not isinstance(now, Capture):
                said = f"What is on {name} now cannot be read: {now.why if now else 'it was not asked'}."
                yield Hold(UNREAD, batch.digest, (action.resource,), said, "the host answering again")
            elif said := self._moved(name, one, now):
                again = f"`driftbell undo {self.target} --only {name} --overwrite`"
                lifted_by = f"looking at it, then {again}, which overwrites what was changed since"
                yield Hold(CHANGED, batch.digest, (action.resource,), said, lifted_by)

    @staticmethod
    def _moved(name: str, one: Restoration, now: Capture) -> str:
        if one.overrides:
            return ""
        if one.left_by_us is None:
            return f"Nobody saw how our change left {name}: it was cut short, so what is there may be somebody else's."
        moved = reverting.named(reverting.moved_since(one, now))
        return f"Somebody changed {name} since: {moved}. Taking it back would undo that too." if moved else ""


def backward(
    ports: Ports, repository: Repository, target: str, only: Sequence[str], by: str, *, overwrite: bool = False
) -> Backward:
    """Work out what an undo is about, and look at what is there now. `only` narrows it and changes nothing else.

    Raises:
        InputError: nothing of that name is known, nothing was changed, it was taken back already, or what somebody
            changed since is to be overwritten without a host being named.
    """
    if overwrite and not only:
        msg = "--overwrite puts back over what somebody changed since: name the hosts that you looked at, --only HOST."
        raise InputError(msg)
    ledger = ports.hands.ledger
    deeds = _named(ledger, target)
    chosen = _only(deeds, only)
    mine = _standing(ledger, target, [d for d in deeds if not chosen or d.intent.resource in chosen])
    about = sorted({d.intent.resource for d in mine})
    found = {r: _restoration(ledger, [d for d in mine if d.intent.resource == r], overwrite=overwrite) for r in about}
    known = {r: one for r, one in found.items() if not isinstance(one, Unknown)}
    if not known:
        msg = f"Nothing was kept of how it was before {target}, so it cannot be taken back. {_reason(found)}"
        raise InputError(msg)
    deeds = tuple(d for d in mine if d.intent.resource in known)
    undoing = Backward(ports, repository, target, by, chosen, deeds, known, overwrite)
    return replace(undoing, now=_now(undoing))


def restoration(ledger: Ledger, action: Action) -> Restoration | Unknown:
    """Give what an action that takes back is to put back, from what was kept."""
    target, overwrite = str(action.arguments.get("undo")), action.arguments.get("overwrite") is True
    mine = [d for d in _chosen(ledger, target) if d.intent.resource == action.resource]
    later = ledger.deeds(resource=action.resource)
    return _restoration(ledger, [d for d in mine if reverting.undone_by(d, later) is None], overwrite=overwrite)


def _named(ledger: Ledger, target: str) -> tuple[Deed, ...]:
    run, slash, number = target.partition("/")
    deeds = _chosen(ledger, target)
    if deeds:
        return deeds
    if slash and (named := ledger.deeds(run=run)):
        names = ", ".join(d.name.rpartition("/")[2] for d in named[:10])
        msg = f"The run {run} has no action {number!r}: its actions are {names}."
        raise InputError(msg)
    if ledger.knows(run):
        msg = f"The run {run} changed nothing, so there is nothing to take back."
        raise InputError(msg)
    msg = (
        f"No run or action {target!r} is known here. Runs are named in reports and by `driftbell history RESOURCE`, "
        "and their actions as RUN/N."
    )
    raise InputError(msg)


def _chosen(ledger: Ledger, target: str) -> tuple[Deed, ...]:
    """Give the deeds of a run, or one of them with those that were written in the same stroke."""
    run, slash, number = target.partition("/")
    deeds = tuple(ledger.deeds(run=run)) if run else ()
    if not slash:
        return deeds
    one = next((d for d in deeds if str(d.intent.id) == number), None)
    if one is None:
        return ()
    stroke = (one.intent.resource, one.action.verb, one.action.arguments)
    return tuple(d for d in deeds if (d.intent.resource, d.action.verb, d.action.arguments) == stroke)


def _only(deeds: Sequence[Deed], only: Iterable[str]) -> frozenset[str]:
    there = sorted({d.intent.resource for d in deeds})
    chosen = set()
    for word in only:
        match = next((r for r in there if word in {r, r.partition("/")[2]}), None)
        if match is None:
            names = [r.partition("/")[2] for r in there]
            msg = f"--only {word}: nothing was changed there{nearest(word, names) or '.'}"
            raise InputError(msg)
        chosen.add(match)
    return frozenset(chosen)


def _standing(ledger: Ledger, target: str, deeds: Sequence[Deed]) -> tuple[Deed, ...]:
    """Leave out what was taken back already."""
    undone = {d.intent.id: reverting.undone_by(d, ledger.deeds(resource=d.intent.resource)) for d in deeds}
    left = tuple(d for d in deeds if undone[d.intent.id] is None)
    if not left:
        by = next(one for one in undone.values() if one is not None)
        msg = (
            f"{target} was taken back already, on {by.intent.at:%Y-%m-%d %H:%M %Z} by {by.intent.run}. "
            f"`driftbell undo {by.intent.run}` takes that back, which does the change again."
        )
        raise InputError(msg)
    return left


def _restoration(ledger: Ledger, deeds: Sequence[Deed], *, overwrite: bool) -> Restoration | Unknown:
    kept = [(one, ledger.captures.after(d.intent.id)) for d in deeds if (one := ledger.captures.of(d.intent.id))]
    if not kept:
        return Unknown("nothing was written there, or it was more than 90 days ago")
    return reverting.restoration(kept, overrides=overwrite)


def _reason(found: Mapping[str, Restoration | Unknown]) -> str:
    why = next((one.why for one in found.values() if isinstance(one, Unknown)), "")
    return f"{why[:1].upper()}{why[1:]}." if why else ""


def _now(undoing: Backward) -> dict[str, Capture | Unknown]:
    """Read what is there now, system by system."""
    hands, found = undoing.ports.hands, dict[str, Capture | Unknown]()
    for system in sorted({d.action.verb.partition(".")[0] for d in undoing.deeds}):
        mine = {d.intent.resource for d in undoing.deeds if d.action.verb.partition(".")[0] == system}
        kept = {r: undoing.restorations[r].wanted for r in sorted(mine)}
        found |= hands.writers[system].reread(undoing.repository, kept, hands.clearance)
    return found


def _digest(actions: Sequence[Action]) -> str:
    text = json.dumps([[a.policy, a.resource, a.verb, dict(a.arguments)] for a in actions], sort_keys=True)
    return f"sha256:{hashlib.sha256(text.encode('utf-8', 'backslashreplace')).hexdigest()}"


def _answerable(hold: Hold) -> Hold:
    """An undo has no approval beside the person who asks for it: what a yes would lift is lifted by asking for less."""
    if not hold.approvable:
        return hold
    return replace(hold, approvable=False, lifted_by="taking back some of them at a time, with --only HOST")
