"""Sweeps: the last table of each system and kind, in place, and what identifies each machine."""

from __future__ import annotations

from dataclasses import replace
from itertools import starmap
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import delete, insert, select, update

from agent.ledger import names, runs
from agent.ledger.tables import identity, name, sweep
from agent.ledger.tables import population as populations
from agent.model.sweep import Sweep, Unseen

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Row, Select

    from agent.decide.columns import Columns
    from agent.model.kind import FieldRef
    from agent.model.sweep import Table

_system, _kind = name.alias("system"), name.alias("kind")


def record(
    connection: Connection, number: int, look: Sweep, fields: Sequence[FieldRef], *, whole: bool | None = None
) -> None:
    """Keep a sweep in place of the last one of its system and kind, or lay it over that one.

    The first sweep of a run replaces the last one. A later one of the same run is a second look at what was touched,
    and is laid over the first cell by cell. `whole` decides where the caller knows better.
    """
    seen = [look.system, look.kind, look.expected, look.seen, look.proven]
    runs.note_seen(connection, number, seen)
    table = _columns(look.table, fields)
    stored = _stored(connection, look.system, look.kind)
    again = stored is not None and stored.run == number if whole is None else not whole
    if stored is not None and again:
        look, table = _lay_over(_sweep(stored), replace(look, table=table))
    _keep(connection, number, look, table)


def last(connection: Connection, kind: str, system: str = "") -> Sweep | None:
    """Give the newest sweep of a kind, of one system where it is named, table included."""
    newest = _query().where(_kind.c.text == kind).order_by(sweep.c.run.desc(), sweep.c.as_of.desc()).limit(1)
    if system:
        newest = newest.where(_system.c.text == system)
    row = connection.execute(newest).one_or_none()
    return None if row is None else _sweep(row)


def _columns(table: Table, fields: Sequence[FieldRef]) -> Columns:
    from agent.decide.columns import Columns, Row, build  # ruff: ignore[import-outside-top-level] - polars costs 0.2 s

    if isinstance(table, Columns):
        return table
    rows = [Row(r, table.site(r), {f.name: table.reading(r, f.name) for f in fields}) for r in table.ids()]
    return build(fields, rows)


def _lay_over(older: Sweep, newer: Sweep) -> tuple[Sweep, Columns]:
    """Give the older sweep with what the newer one read again; its time stays the oldest of any cell."""
    from agent.decide.overlay import overlay  # ruff: ignore[import-outside-top-level] - polars costs 0.2 s

    old, new = cast("Columns", older.table), cast("Columns", newer.table)
    table = overlay(old, new)
    again = set(new.ids())
    unseen = (*(u for u in older.unseen if u.resource not in again), *newer.unseen)
    ids = table.ids()
    everything = again.issuperset(old.ids()) and set(new.fields).issuperset(old.fields)
    merged = replace(
        older,
        table=table,
        expected=max(older.expected, len(ids)),
        seen=len(ids) - len(unseen),
        as_of=newer.as_of if everything else min(older.as_of, newer.as_of),
        unseen=unseen,
        identities={**older.identities, **newer.identities},
    )
    return merged, table


def _keep(connection: Connection, number: int, look: Sweep, table: Columns) -> None:
    ids = names.name_ids(connection, [look.system, look.kind])
    system, kind = ids[look.system], ids[look.kind]
    connection.execute(delete(sweep).where(sweep.c.system == system, sweep.c.kind == kind))
    connection.execute(
        insert(sweep).values(
            system=system,
            kind=kind,
            run=number,
            as_of=look.as_of,
            expected=look.expected,
            seen=look.seen,
            proven=look.proven,
            membership=look.membership,
            unseen=[[u.resource, u.why] for u in look.unseen],
            identities=dict(look.identities),
            body=table.to_bytes(),
        )
    )


def _stored(connection: Connection, system: str, kind: str) -> Row[Any] | None:
    return connection.execute(_query().where(_system.c.text == system, _kind.c.text == kind)).one_or_none()


def _query() -> Select[Any]:
    return (
        select(sweep, _system.c.text.label("system_name"), _kind.c.text.label("kind_name"))
        .join(_system, sweep.c.system == _system.c.id)
        .join(_kind, sweep.c.kind == _kind.c.id)
    )


def _sweep(row: Row[Any]) -> Sweep:
    from agent.decide.columns import Columns  # ruff: ignore[import-outside-top-level] - as above

    return Sweep(
        system=row.system_name,
        kind=row.kind_name,
        table=Columns.from_bytes(row.body),
        expected=row.expected,
        seen=row.seen,
        proven=row.proven,
        membership=row.membership,
        as_of=row.as_of,
        unseen=tuple(starmap(Unseen, row.unseen)),
        identities=row.identities,
    )


def identities(connection: Connection) -> dict[str, str]:
    """Give each resource's machine identity as last read."""
    rows = connection.execute(select(name.c.text, identity.c.machine).join(name, identity.c.resource == name.c.id))
    return {row.text: row.machine for row in rows}


def remember_identities(connection: Connection, read: Mapping[str, str], at: datetime) -> None:
    """Keep identities; only those that changed cost a write."""
    known = identities(connection)
    fresh = {resource: machine for resource, machine in read.items() if known.get(resource) != machine}
    if not fresh:
        return
    ids = names.name_ids(connection, fresh)
    changed = [ids[resource] for resource in fresh if resource in known]
    for start in range(0, len(changed), names.CHUNK):
        connection.execute(delete(identity).where(identity.c.resource.in_(changed[start : start + names.CHUNK])))
    rows = [{"resource": ids[resource], "machine": machine, "at": at} for resource, machine in fresh.items()]
    connection.execute(insert(identity), rows)


def population(connection: Connection, kind: str) -> int | None:
    """Give how many resources of a kind there were at the last good look, or None before the first."""
    wanted = select(populations.c.number).join(name, populations.c.kind == name.c.id).where(name.c.text == kind)
    return cast("int | None", connection.execute(wanted).scalar())


def accept_population(connection: Connection, kind: str, number: int, at: datetime) -> None:
    """Keep the number of a good look."""
    values = {"number": number, "at": at}
    row = names.name_ids(connection, [kind])[kind]
    if not connection.execute(update(populations).where(populations.c.kind == row).values(values)).rowcount:
        connection.execute(insert(populations).values(kind=row, **values))
