"""The evidence of what the journal holds: changes that are begun, what was there, and what came of them."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from itertools import starmap
from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from agent.decide.evidence.chain import canonical, digest
from agent.ledger.evidence import chain
from agent.ledger.tables import approval, belief, run
from agent.model.evidence import YEAR

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from agent.model.action import Action, Outcome
    from agent.model.capture import Capture
    from agent.model.evidence import Grounds, PolicyText
    from agent.model.provenance import Belief

LASTS = YEAR - timedelta(days=1)  # a text that is older is recorded anew, so that the old record may be pruned


def intended(
    connection: Connection,
    number: int,
    actions: Sequence[tuple[int, tuple[str, Action]]],
    at: datetime,
    grounds: Grounds,
) -> None:
    """Record what is about to be written, and by what right: one record for one writing."""
    from agent.decide.evidence import bodies  # ruff: ignore[import-outside-top-level] - no reading command needs it

    if not actions:
        return
    named = sorted({action.policy for _, (_, action) in actions} & grounds.texts.keys())
    texts = {policy: grounds.texts[policy] for policy in named}
    body = {
        "run": connection.execute(select(run.c.id).where(run.c.number == number)).scalar_one(),
        "rules": bodies.rules(grounds, _believed(connection, grounds)),
        "policies": {
            policy: {"digest": one.digest, "file": one.file, "record": _text(connection, policy, one, at)}
            for policy, one in texts.items()
        },
        "words": _words(connection, number, {batch for _, (batch, _) in actions}),
        "changes": [bodies.change(intent, batch, action) for intent, (batch, action) in actions],
    }
    chain.add(connection, "intended", at, {key: value for key, value in body.items() if value})


def settled(connection: Connection, outcomes: Sequence[tuple[int, Outcome]], at: datetime) -> None:
    """Record what came of changes."""
    from agent.decide.evidence import bodies  # ruff: ignore[import-outside-top-level] - as above

    if outcomes:
        body = {"outcomes": list(starmap(bodies.outcome, outcomes))}
        chain.add(connection, "outcome", at, body)


def captured(connection: Connection, what: str, captures: Sequence[tuple[int, Capture]]) -> None:
    """Record what was there: `captured` before changes, `left` after them."""
    from agent.decide.evidence import bodies  # ruff: ignore[import-outside-top-level] - as above

    if captures:
        at = max(one.at for _, one in captures)
        chain.add(connection, what, at, {"there": list(starmap(bodies.capture, captures))})


def _text(connection: Connection, policy: str, one: PolicyText, at: datetime) -> int:
    """Give the number of the record that holds a policy's text, made where there is none of the last year."""
    written = one.text.encode("utf-8", "surrogatepass")
    content = digest(canonical([policy, one.digest, one.file, one.text]))
    before = chain.known(connection, f"policy:{content}", at - LASTS)
    if before is not None:
        return before.number
    body = {"policy": policy, "digest": one.digest, "file": one.file, "text": one.text}
    said = {**body, "masked": True} if one.masked else {**body, "sha256": hashlib.sha256(written).hexdigest()}
    return chain.add(connection, "policy", at, said, subject=f"policy:{content}")


def _words(connection: Connection, number: int, digests: Iterable[str]) -> list[dict[str, object]]:
    """Give what people said of batches and what still stands or is used up by this run."""
    mine = or_(approval.c.used_by.is_(None), approval.c.used_by == number)
    query = select(approval).where(approval.c.batch.in_(sorted(digests)), mine).order_by(approval.c.id)
    found = []
    for row in connection.execute(query):
        said = {"batch": row.batch, "who": row.who, "word": row.word, "at": row.at.isoformat(), "key": row.key}
        more = {"why": row.why, "until": row.until.isoformat() if row.until else "", "statement": row.statement}
        found.append({key: value for key, value in (said | more).items() if value})
    return found


def _believed(connection: Connection, grounds: Grounds) -> Belief | None:
    """Give what was decided of the revision that changes stand on."""
    from agent.ledger.books import nouns  # ruff: ignore[import-outside-top-level] - the books record evidence, too
    from agent.model.provenance import Belief  # ruff: ignore[import-outside-top-level] - as above

    if grounds.revision is None:
        return None
    mine = (belief.c.source == grounds.revision.source, belief.c.revision == grounds.revision.id, belief.c.accepted)
    body = connection.execute(select(belief.c.body).where(*mine).order_by(belief.c.id.desc()).limit(1)).scalar()
    return None if body is None else nouns.from_json(Belief, body)
