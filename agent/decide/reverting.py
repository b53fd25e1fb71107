"""Taking back: what several changes of one resource come to together, and whether it is as it was. Pure."""

from __future__ import annotations

import posixpath
from dataclasses import replace
from typing import TYPE_CHECKING

from agent.decide import words
from agent.decide.findings import difference
from agent.model.action import Hold, Plan, Result
from agent.model.capture import Capture, Restoration
from agent.model.kind import Undo
from agent.model.reading import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from agent.decide.columns import Columns
    from agent.model.action import Action, Written
    from agent.model.capture import FileBefore, ServiceBefore
    from agent.model.finding import Difference
    from agent.model.ports import Deed

RESTORE = "restore"  # the last part of the name of every verb that takes back
NAMED = 3  # paths that a sentence names


def takes_back(action: Action) -> bool:
    """Say whether an action takes another one back."""
    return action.verb.rpartition(".")[2] == RESTORE


def restoration(kept: Sequence[tuple[Capture, Capture | None]], *, overrides: bool) -> Restoration:
    """Put the changes of one resource together, given oldest first: what each found, and what it left.

    What the first found of a thing is what goes back; what the last left of it is what is expected there.
    """
    first: dict[str, FileBefore] = {}
    afters = [after for _, after in kept if after]
    for before, _ in kept:
        first = {f.path: f for f in before.files} | first
    known = all(after is not None or before.empty for before, after in kept)
    oldest = [before for before, _ in kept]
    services = {s.name: s for b in reversed(oldest) for s in b.services}
    sysctls = {name: value for b in reversed(oldest) for name, value in b.sysctls.items()}
    wanted = replace(
        oldest[0],
        fields={name: text for b in reversed(oldest) for name, text in b.fields.items()},
        files=tuple(first.values()),
        units=tuple(dict.fromkeys(u for b in oldest for u in b.units)),
        left=tuple(dict.fromkeys(s for b in oldest for s in b.left)),
        services=tuple(services.values()),
        sysctls=sysctls,
    )
    last = {f.path: f for after in afters for f in after.files}
    units = {s.name: s for after in afters for s in after.services}
    values = {name: value for after in afters for name, value in after.sysctls.items()}
    return Restoration(wanted, tuple(last.values()) if known else None, overrides, tuple(units.values()), values)


def exactness(wanted: Capture) -> Undo:
    """Say how much of a change can be taken back."""
    return Undo.NONE if wanted.empty else Undo.PARTIAL if wanted.left else Undo.EXACT


def moved_since(one: Restoration, now: Capture) -> tuple[str, ...]:
    """Give the paths, units and kernel values that are neither as our change left them nor as they are to be."""
    parts = (
        (_files(one.left_by_us or ()), _files(one.wanted.files), _files(now.files)),
        (_units(one.services), _units(one.wanted.services), _units(now.services)),
        (one.sysctls, one.wanted.sysctls, now.sysctls),
    )
    return tuple(
        name
        for left, wanted, there in parts
        for name, state in left.items()
        if there.get(name) not in {state, wanted.get(name)}
    )


def _files(files: Iterable[FileBefore]) -> Mapping[str, object]:
    return {f.path: f.state for f in files}


def _units(services: Iterable[ServiceBefore]) -> Mapping[str, object]:
    return {s.name: (s.enabled, s.running) for s in services}


def beyond(there: Capture, folder: str) -> tuple[str, ...]:
    """Give what a change reaches that is not below a folder; the folder itself may be made where there is none."""
    base = posixpath.normpath(folder)
    made = {f.path for f in there.files if f.kind == "absent"} & {base}
    reached = dict.fromkeys((*(f.path for f in there.files), *there.reaches))
    inside = f"{base.rstrip('/')}/"
    paths = [p for p in reached if p not in made and not posixpath.normpath(p).startswith(inside)]
    others = [*(f"the unit {s.name}" for s in there.services), *(f"the kernel value {v}" for v in there.sysctls)]
    return (*paths, *others)


def unlike(wanted: Capture, now: Capture) -> str:
    """Say what is not as it was to be, or give nothing."""
    there, states = _files(now.files), _units(now.services)
    odd = [path for path, state in _files(wanted.files).items() if there.get(path) != state]
    odd += [name for name, state in _units(wanted.services).items() if states.get(name) != state]
    odd += [name for name, value in wanted.sysctls.items() if now.sysctls.get(name) != value]
    return named(odd)


def named(paths: Sequence[str]) -> str:
    """Name a few paths, and say how many more there are."""
    more = len(paths) - NAMED
    return ", ".join(map(printable, paths[:NAMED])) + (f" and {more} more" if more > 0 else "")


def printable(path: str) -> str:
    """Give a path as a sentence can hold it."""
    return path if path.isprintable() else ascii(path)[1:-1]


def differences(wanted: Capture, action: Action, table: Columns | None) -> tuple[Difference, ...]:
    """Give the fields that are to read as they did, with what they read now; those alone that can be read at all."""
    hidden = {d.field for d in action.differences if d.sensitive}
    found = []
    for field, text in wanted.fields.items():
        now = _text(table, action.resource, field, sensitive=field in hidden)
        if now is not None and field != "converge":
            found.append(replace(difference(field, text, now, sensitive=False), sensitive=field in hidden))
    return tuple(found)


def judge(action: Action, written: Written, table: Columns | None) -> tuple[Result, tuple[Difference, ...], str]:
    """Judge a change that was to be taken back: by how its fields read now, and by what was read of its files again."""
    now = [(d, _text(table, action.resource, d.field, sensitive=d.sensitive)) for d in action.differences]
    odd = tuple(replace(d, observed=text) for d, text in now if text is not None and text != d.expected)
    if odd:
        return Result.FAILED, odd, "the second look does not find it as it was before the change"
    if written.unlike:
        return Result.FAILED, (), f"not as it was before the change: {written.unlike}"
    unread = [d.field for d, text in now if text is None]
    if unread or written.unlike is None:
        what = ", ".join(unread) if unread else "what was to be put back"
        return Result.PENDING, (), f"{what} could not be read again"
    return Result.REVERTED, (), ""


def _text(table: Columns | None, resource: str, field: str, *, sensitive: bool) -> str | None:
    if table is None or field not in table.fields or resource not in table.index:
        return None
    reading = table.reading(resource, field)
    if isinstance(reading, Unknown):
        return None
    return difference(field, "", words.show(reading), sensitive=sensitive).observed


def undone_by(deed: Deed, later: Iterable[Deed]) -> Deed | None:
    """Give what took a change back and was not taken back itself, or None. `later` is what came after on a resource."""
    after = sorted((d for d in later if d.intent.id > deed.intent.id), key=lambda d: d.intent.id)
    for one in reversed(after):
        if covers(one, deed) and one.result is Result.REVERTED and undone_by(one, after) is None:
            return one
    return None


def covers(one: Deed, deed: Deed) -> bool:
    """Say whether a deed was to take another one back."""
    about = str(one.action.arguments.get("undo", "")).partition("/")[0]
    same = (one.intent.policy, one.intent.resource) == (deed.intent.policy, deed.intent.resource)
    return takes_back(one.action) and same and about == deed.intent.run


def together(plan: Plan, target: str) -> Plan:
    """Hold what is taken back on a resource together with something that is held: it goes back whole or not at all."""
    stopped = {r for b in plan.batches for r in plan.held(b)}
    holds = []
    for batch in plan.batches:
        for action in plan.free(batch):
            if action.resource in stopped:
                name = action.resource.partition("/")[2]
                said = f"What {target} changed on {name} goes back together, and another part of it is held."
                lifted_by = "what lifts that, or naming one action alone as RUN/N"
                holds.append(Hold("together", batch.digest, (action.resource,), said, lifted_by))
    return replace(plan, holds=(*plan.holds, *holds))
