"""Intents and outcomes: the journal that is written before anything else is, and what came of it."""

from __future__ import annotations

from itertools import starmap
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import func, insert, or_, select, update

from agent.errors import HeldError
from agent.ledger import names
from agent.ledger.evidence import deeds as deeds_of
from agent.ledger.evidence.chain import begin
from agent.ledger.packing import from_rows, pack, to_rows, unpack
from agent.ledger.tables import intent, name, run, wording
from agent.model.action import Action, Outcome, Result
from agent.model.ports import Begun, Deed, Intent

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Row, Select

    from agent.model.evidence import Grounds

_batch, _policy = name.alias("batch_name"), name.alias("policy_name")
_resource, _verb = name.alias("resource_name"), name.alias("verb_name")


def intend(
    connection: Connection, number: int, actions: Sequence[tuple[str, Action]], at: datetime, grounds: Grounds
) -> tuple[int, ...]:
    """Journal actions, in order, with the evidence of what they stand on; gives the intents' ids."""
    from agent.ledger import records  # ruff: ignore[import-outside-top-level] - cattrs costs 30 ms, which no reading command should pay

    begin(connection, at)
    words = [w for digest, a in actions for w in (digest, a.policy, a.resource, a.verb)]
    texts = names.name_ids(connection, words)
    bodies = [pack(records.action_to_json(a)) for _, a in actions]
    wordings = names.wording_ids(connection, bodies)
    made = []
    for (digest, action), body in zip(actions, bodies, strict=True):
        row = {
            "run": number,
            "batch": texts[digest],
            "policy": texts[action.policy],
            "resource": texts[action.resource],
            "verb": texts[action.verb],
            "asked": wordings[body],
            "at": at,
            "process_group": 0,
        }
        made.append(connection.execute(insert(intent).values(row).returning(intent.c.id)).scalar_one())
    deeds_of.intended(connection, number, list(zip(made, actions, strict=True)), at, grounds)
    return tuple(made)


def started(connection: Connection, intents: Sequence[int], group: int) -> None:
    """Note the process group that carries intents out.

    Raises:
        ValueError: it is none, which is a bug of the writer: without one they would count as never begun.
    """
    if group <= 0:
        msg = f"{group} is no process group"
        raise ValueError(msg)
    for start in range(0, len(intents), names.CHUNK):
        some = intent.c.id.in_(intents[start : start + names.CHUNK])
        connection.execute(update(intent).where(some).values(process_group=group))


def settle(connection: Connection, intents: Sequence[int], outcomes: Sequence[Outcome], at: datetime) -> None:
    """Record an outcome for each intent, once; only "pending" is not the last word.

    Raises:
        HeldError: an intent has its outcome already: another process settled it.
        ValueError: the two lists do not belong together.
    """
    for number, outcome in zip(intents, outcomes, strict=True):
        row = connection.execute(_query().where(intent.c.id == number)).one_or_none()
        if row is None or (row.policy, row.resource) != (outcome.policy, outcome.resource):
            msg = f"the intent {number} is not about {outcome.policy} on {outcome.resource}"
            raise ValueError(msg)
        if row.settled is not None:
            msg = (
                f"What came of {outcome.verb} on {outcome.resource} for {outcome.policy} is recorded already "
                f"({row.result}): another run settled it."
            )
            raise HeldError(msg)
        last_word = None if outcome.result is Result.PENDING else at
        values = {"settled": last_word, "told_at": at, "result": outcome.result.value, "told": _told(outcome)}
        connection.execute(update(intent).where(intent.c.id == number).values(values))
    deeds_of.settled(connection, list(zip(intents, outcomes, strict=True)), at)


def _told(outcome: Outcome) -> list[object]:
    told: list[object] = [to_rows(outcome.before), to_rows(outcome.after), outcome.said, outcome.why]
    return [*told, outcome.opinion, outcome.opinion_failed] if outcome.opinion else told


def unfinished(connection: Connection, since: datetime | None) -> tuple[Intent, ...]:
    """Give the intents without a last word, oldest first: those that a killed process left, and pending ones.

    With `since` also those whose last word came after that instant.
    """
    open_still = intent.c.settled.is_(None)
    wanted = open_still if since is None else or_(open_still, intent.c.settled >= since)
    rows = connection.execute(_query().where(wanted).order_by(intent.c.id))
    return tuple(Intent(r.id, r.run, r.batch, r.policy, r.resource, r.verb, r.at, r.process_group) for r in rows)


def asked(connection: Connection, number: int) -> Action | None:
    """Give the action that an intent was about, whole."""
    from agent.ledger import records  # ruff: ignore[import-outside-top-level] - as above

    wanted = select(wording.c.body).join(intent, intent.c.asked == wording.c.id).where(intent.c.id == number)
    body = connection.execute(wanted).scalar()
    return None if body is None else records.action_from_json(unpack(body))


def deeds(connection: Connection, in_run: str, on: str) -> tuple[Deed, ...]:
    """Give what a run began, or what was ever begun on a resource, oldest first."""
    from agent.ledger import records  # ruff: ignore[import-outside-top-level] - as above

    mine = [run.c.id == in_run] if in_run else []
    mine += [_resource.c.text == on] if on else []
    query = _query().add_columns(wording.c.body).join(wording, intent.c.asked == wording.c.id)
    return tuple(
        Deed(
            Intent(r.id, r.run, r.batch, r.policy, r.resource, r.verb, r.at, r.process_group),
            records.action_from_json(unpack(r.body)),
            None if r.result is None else Result(r.result),
        )
        for r in connection.execute(query.where(*mine).order_by(intent.c.id))
    )


def outcomes(connection: Connection, policy: str, resource: str, limit: int) -> tuple[tuple[datetime, Outcome], ...]:
    """Give what was tried, newest first."""
    about = (_policy.c.text == policy, _resource.c.text == resource, intent.c.result.is_not(None))
    rows = connection.execute(_query().where(*about).order_by(intent.c.told_at.desc(), intent.c.id.desc()).limit(limit))
    return tuple((row.told_at, _outcome(row)) for row in rows)


def told_since(connection: Connection, since: datetime) -> tuple[Outcome, ...]:
    """Give the last word on each intent that was said since an instant, oldest first."""
    rows = connection.execute(_query().where(intent.c.told_at >= since).order_by(intent.c.told_at, intent.c.id))
    return tuple(map(_outcome, rows))


def _outcome(row: Row[Any]) -> Outcome:
    before, after, said, why, *opinion = cast("list[Any]", row.told)
    return Outcome(
        batch=row.batch,
        policy=row.policy,
        resource=row.resource,
        verb=row.verb,
        result=Result(row.result),
        before=from_rows(before),
        after=from_rows(after),
        said=said,
        why=why,
        opinion=opinion[0] if opinion else "",
        opinion_failed=bool(opinion) and opinion[1],
    )


def begun(connection: Connection, since: datetime) -> tuple[Begun, ...]:
    """Count the intents since an instant, whatever came of them."""
    what = (_policy.c.text, _resource.c.text, _verb.c.text)
    wanted = (
        select(*what, func.count())
        .select_from(intent)
        .join(_policy, intent.c.policy == _policy.c.id)
        .join(_resource, intent.c.resource == _resource.c.id)
        .join(_verb, intent.c.verb == _verb.c.id)
        .where(intent.c.at >= since)
        .group_by(*what)
    )
    return tuple(starmap(Begun, connection.execute(wanted)))


def _query() -> Select[Any]:
    return (
        select(
            intent.c.id,
            run.c.id.label("run"),
            _batch.c.text.label("batch"),
            _policy.c.text.label("policy"),
            _resource.c.text.label("resource"),
            _verb.c.text.label("verb"),
            intent.c.at,
            intent.c.process_group,
            intent.c.settled,
            intent.c.told_at,
            intent.c.result,
            intent.c.told,
        )
        .join(run, intent.c.run == run.c.number)
        .join(_batch, intent.c.batch == _batch.c.id)
        .join(_policy, intent.c.policy == _policy.c.id)
        .join(_resource, intent.c.resource == _resource.c.id)
        .join(_verb, intent.c.verb == _verb.c.id)
    )
