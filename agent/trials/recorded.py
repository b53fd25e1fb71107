"""A case made of the last recorded look: what a policy reads of a resource, and of what its links lead to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, cast

from agent.decide.evaluate import fields_read
from agent.decide.parts import tests
from agent.decide.references import needed
from agent.errors import InputError, UnseenError
from agent.model.kind import FieldRef
from agent.model.reading import NONE, Reading, Unknown
from agent.observe import SITE, judged, local
from agent.recall import policy_named, resource_named, unread
from agent.trials.running import outcome
from agent.trials.scrub import Scrub, canonical, secrets_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from agent.deliberate import Ports
    from agent.model.kind import Catalog, Kind, Link
    from agent.model.policy import Policy, Repository
    from agent.model.sweep import Sweep
    from agent.observe import View

AGED = timedelta(minutes=5)  # below this, a list is of the time of the look


@dataclass(frozen=True, slots=True)
class Recorded:
    """A case that was really seen, with stand-ins for everything that may not leave the district.

    `rows` are the readings by resource and field; `lists` says of each kind whether its list was whole; `as_of` is
    there for lists that are older than the look.
    """

    policy: str
    resource: str
    stands: str
    at: datetime
    rows: Mapping[str, Mapping[str, Reading]]
    lists: Mapping[str, bool]
    as_of: Mapping[str, datetime]


def recorded(ports: Ports, repository: Repository, policy_id: str, resource: str) -> Recorded:
    """Make a case of the last look.

    Raises:
        InputError: there is no such policy or resource, or the policy speaks of whole lists.
        UnseenError: nothing of the kind was recorded yet, or not what the policy asks for.
    """
    catalog = ports.eyes.catalog
    policy = policy_named(repository, policy_id)
    _about_one(policy)
    kind = catalog.kinds[policy.kind]
    fields = needed(fields_read(policy), kind, catalog)
    sweeps = _last(ports, fields)
    if not any(s.kind == policy.kind for s in sweeps):
        msg = f"No look at {policy.kind}s is recorded yet: `driftbell run` makes one."
        raise UnseenError(msg)
    missing = unread(policy, catalog, sweeps, ports.eyes.readers)
    if missing:
        them = "them" if len(missing) > 1 else "it"
        msg = f"The last look did not read {', '.join(missing)}: `driftbell run` reads {them}."
        raise UnseenError(msg)
    run = ports.hands.ledger.last_run()
    at = local(run.at if run else max(s.as_of for s in sweeps), repository).replace(microsecond=0)
    alone = replace(repository, policies=(policy,), waivers=())
    view = judged(catalog, alone, sweeps, at, _asked(policy, kind, catalog))
    name = resource_named(view.tables[policy.kind].ids(), policy.kind, resource)
    rows = dict(_rows(view, policy, name, fields, catalog))
    scrub = Scrub(_words(policy), secrets_of(_secret(rows, sweeps, catalog)))
    return Recorded(
        policy=policy.id,
        resource=scrub.resource(name),
        stands=outcome(view, policy.id, name)[0],
        at=at,
        rows={scrub.resource(r): dict(_scrubbed(r, row, scrub, catalog, at)) for r, row in rows.items()},
        lists={k: all(s.whole for s in sweeps if s.kind == k) for k in dict.fromkeys(s.kind for s in sweeps)},
        as_of={s.kind: local(s.as_of, repository).replace(microsecond=0) for s in sweeps if at - s.as_of > AGED},
    )


def _about_one(policy: Policy) -> None:
    """Refuse a policy that no single resource shows the readings of."""
    if policy.measure is not None or policy.converge is not None:
        what = "whole lists" if policy.measure else "what a playbook would change"
        msg = f"{policy.id} speaks of {what}, which no single resource shows: write its cases by hand."
        raise InputError(msg)


def _last(ports: Ports, kinds: Iterable[str]) -> tuple[Sweep, ...]:
    readers, ledger = ports.eyes.readers, ports.hands.ledger
    found = (ledger.last_sweep(kind, system) for kind in kinds for system in readers.get(kind, {}))
    return tuple(sweep for sweep in found if sweep is not None)


def _asked(policy: Policy, kind: Kind, catalog: Catalog) -> dict[str, frozenset[FieldRef]]:
    """Give what the policy reads, and the ids that each step of its links leads to."""
    asked: dict[str, set[FieldRef]] = {kind.name: set(fields_read(policy))}
    for ref in fields_read(policy):
        at = kind
        for step in ref.through:
            link = at.link(step)
            if link is None or link.kind == SITE:
                break
            asked.setdefault(at.name, set()).add(catalog.resolve(at, step))
            at = catalog.kinds[link.kind]
            asked.setdefault(at.name, set())
    return {name: frozenset(refs) for name, refs in asked.items()}


def _rows(
    view: View, policy: Policy, resource: str, fields: Mapping[str, frozenset[FieldRef]], catalog: Catalog
) -> Iterator[tuple[str, dict[FieldRef, Reading]]]:
    """Give the resource, and what its links lead to, each with the fields that are asked of its kind."""
    for name in dict.fromkeys(_reached(view, policy, resource, catalog)):
        kind = name.partition("/")[0]
        table = view.tables[kind]
        row = {ref: table.reading(name, ref.name) for ref in sorted(fields.get(kind, ())) if ref.name in table.fields}
        site = table.site(name)
        if site and kind != SITE and not any(ref.name == "site" for ref in row):
            row[catalog.kinds[kind].resolve("site") if _has_site(catalog.kinds[kind]) else _PLACE] = site
        yield name, row


def _has_site(kind: Kind) -> bool:
    return any(f.name == "site" for f in kind.fields)


_PLACE = replace(FieldRef("site", "site", "", "", None))  # type: ignore[arg-type]


def _reached(view: View, policy: Policy, resource: str, catalog: Catalog) -> Iterator[str]:
    yield resource
    for ref in fields_read(policy):
        at, name = catalog.kinds[policy.kind], resource
        for step in ref.through:
            link = at.link(step)
            table = view.tables.get(at.name)
            if link is None or table is None:
                break
            if link.kind == SITE:
                break  # district.yaml has it, and the case is judged with it
            leads = table.reading(name, step)
            if not isinstance(leads, str):
                yield from _rivals(view, link, name, at)
                break
            yield leads
            at, name = catalog.kinds[link.kind], leads


def _rivals(view: View, link: Link, name: str, at: Kind) -> Iterator[str]:
    """Give what a link could lead to where nobody can say to which of several."""
    table, target = view.tables[at.name], view.tables.get(link.kind)
    for own, theirs in link.by if target is not None else ():
        mine = table.reading(name, own)
        if target is not None and isinstance(mine, str):
            texts = target.texts(target.ids(), [theirs])
            yield from (r for r, t in texts.items() if canonical(t.get(theirs, "")) == canonical(mine))


def _words(policy: Policy) -> frozenset[str]:
    """Give the texts that a policy compares with."""
    found: set[str] = set()
    for test in (*tests(policy.where), *tests(policy.expect)):
        operands = test.operand if isinstance(test.operand, tuple) else (test.operand,)
        found.update(o for o in operands if isinstance(o, str))
    return frozenset(found)


def _secret(rows: Mapping[str, Mapping[FieldRef, Reading]], sweeps: Iterable[Sweep], catalog: Catalog) -> Iterator[str]:
    """Give what no text of the case may hold: ids, and every sensitive field or key of these rows, asked for or not."""
    for resource in rows:
        kind = catalog.kinds[resource.partition("/")[0]]
        yield resource.partition("/")[2]
        yield resource.partition("/")[2].partition("@")[0]
        names = [f.name for f in kind.fields if f.sensitive or f.match is not None]
        for sweep in sweeps:
            if sweep.kind == kind.name:
                readings = (sweep.table.reading(resource, name) for name in names)
                yield from (r for r in readings if isinstance(r, str))
    for row in rows.values():
        yield from (r for ref, r in row.items() if ref.sensitive and isinstance(r, str))


def _scrubbed(
    resource: str, row: Mapping[FieldRef, Reading], scrub: Scrub, catalog: Catalog, at: datetime
) -> Iterator[tuple[str, Reading]]:
    kind = catalog.kinds[resource.partition("/")[0]]
    keys = {f.name for f in kind.fields if f.match is not None}
    for ref, reading in row.items():
        if ref.name == "site" and not isinstance(reading, Unknown):
            yield "site", reading if reading is NONE else cast("str", reading)
        elif hasattr(reading, "astimezone"):
            yield ref.name, reading.astimezone(at.tzinfo)
        else:
            yield ref.name, scrub.reading(ref, reading, key=ref.name in keys)
