"""The tables as the newest migration leaves them; a test compares the two.

Texts that come again and again (policies, resources, reasons) stand once in `name`, differences once in
`wording`: a finding that opens and closes costs about a hundred bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, LargeBinary, MetaData, Table

from agent.ledger.column_types import Instant, Packed, Words

if TYPE_CHECKING:
    from sqlalchemy.types import TypeEngine

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _key(column: str = "id") -> Column[int]:
    return Column(column, Integer, primary_key=True)


def _must(column: str, kind: type[TypeEngine[Any]], *, unique: bool = False, index: bool = False) -> Column[Any]:
    return Column(column, kind, nullable=False, unique=unique or None, index=index or None)


def _ref(column: str, target: str, *, nullable: bool = False, primary_key: bool = False) -> Column[int]:
    return Column(column, Integer, ForeignKey(target), nullable=nullable, primary_key=primary_key)


name = Table("name", metadata, _key(), _must("text", Words, unique=True))

wording = Table("wording", metadata, _key(), _must("digest", LargeBinary, unique=True), _must("body", LargeBinary))

run = Table(
    "run",
    metadata,
    _key("number"),
    _must("id", Words, unique=True),
    _must("command", Words),
    _must("revision", Words),
    _must("at", Instant),
    Column("finished", Instant),
    Column("exit_code", Integer),
    Column("in_line", Integer),
    Column("out_of_line", Integer),
    Column("unknown", Integer),
    Column("excepted", Integer),
    Column("seen", Packed),  # [[system, kind, expected, seen, proven], ...]
    Column("record", Packed),  # the whole Run, of the newest runs only
)

sweep = Table(
    "sweep",
    metadata,
    _ref("system", "name.id", primary_key=True),
    _ref("kind", "name.id", primary_key=True),
    _ref("run", "run.number"),
    _must("as_of", Instant),
    _must("expected", Integer),
    _must("seen", Integer),
    _must("proven", Boolean),
    _must("membership", Words),
    _must("unseen", Packed),
    _must("identities", Packed),
    _must("body", LargeBinary),
)

identity = Table(
    "identity",
    metadata,
    _ref("resource", "name.id", primary_key=True),
    _must("machine", Words),
    _must("at", Instant),
)

population = Table(  # how many there were at the last good look, which the next one is measured against
    "population",
    metadata,
    _ref("kind", "name.id", primary_key=True),
    _must("number", Integer),
    _must("at", Instant),
)

finding = Table(
    "finding",
    metadata,
    _key(),
    _ref("policy", "name.id"),
    _ref("resource", "name.id"),
    _ref("site", "name.id"),
    _ref("wording", "wording.id"),
    _ref("suspended", "name.id", nullable=True),
    _must("opened", Instant),
    _ref("opened_run", "run.number"),
    Column("closed", Instant),
    _ref("closed_run", "run.number", nullable=True),
    _ref("how", "name.id", nullable=True),
    _ref("waiver", "name.id", nullable=True),
    _ref("cause", "wording.id", nullable=True),  # why it opened
    _ref("ended", "wording.id", nullable=True),  # why it closed
)
_OPEN = finding.c.closed.is_(None)
Index("ix_finding_policy_resource", finding.c.policy, finding.c.resource)
Index(
    "uq_finding_open",
    finding.c.policy,
    finding.c.resource,
    unique=True,
    sqlite_where=_OPEN,
    postgresql_where=_OPEN,
)

streak = Table(  # what is out of line and not open yet: in how many looks in a row, and when that of the last was so
    "streak",
    metadata,
    _ref("policy", "name.id", primary_key=True),
    _ref("resource", "name.id", primary_key=True),
    _must("looks", Integer),
    _must("at", Instant),
)

past = Table(  # how an open finding stood until something about it changed
    "past",
    metadata,
    _key(),
    _ref("finding", "finding.id"),
    _must("until", Instant),
    _ref("wording", "wording.id"),
    _ref("suspended", "name.id", nullable=True),
    _ref("waiver", "name.id", nullable=True),
    _ref("cause", "wording.id", nullable=True),  # why it stood so no longer
)
Index("ix_past_finding", past.c.finding)

edition = Table(  # from which run on a policy had which content; an empty digest: it was no longer there
    "edition",
    metadata,
    _key(),
    _ref("policy", "name.id"),
    _ref("run", "run.number"),
    _must("digest", Words),
    _ref("file", "name.id"),
)
Index("ix_edition_policy", edition.c.policy)

batch = Table(
    "batch",
    metadata,
    Column("digest", Words, primary_key=True),
    _must("at", Instant, index=True),
    _must("body", Packed),
)

approval = Table(
    "approval",
    metadata,
    _key(),
    _must("batch", Words, index=True),
    _must("who", Words),
    _must("word", Words),  # approve, deny
    _must("at", Instant),
    Column("until", Instant),
    _must("why", Words),
    _must("key", Words),  # the fingerprint of the SSH key, or empty
    Column("statement", Words, unique=True),  # sha256 of what was signed, so that it counts once
    _ref("used_by", "run.number", nullable=True),
    _must("since_intent", Integer),  # the newest intent when it was given: what was begun before is none of its own
)

intent = Table(
    "intent",
    metadata,
    _key(),
    _ref("run", "run.number"),
    _ref("batch", "name.id"),
    _ref("policy", "name.id"),
    _ref("resource", "name.id"),
    _ref("verb", "name.id"),
    _ref("asked", "wording.id"),
    _must("at", Instant),
    _must("process_group", Integer),
    Column("settled", Instant),  # when the last word on it was said: NULL while that is nothing, or "pending"
    Column("told_at", Instant),
    Column("result", Words),
    Column("told", Packed),
)
_UNSETTLED = intent.c.settled.is_(None)
Index("ix_intent_policy_at", intent.c.policy, intent.c.at)
Index("ix_intent_at", intent.c.at)
Index("ix_intent_batch", intent.c.batch)
Index("ix_intent_policy_resource", intent.c.policy, intent.c.resource)
Index("ix_intent_unsettled", intent.c.id, sqlite_where=_UNSETTLED, postgresql_where=_UNSETTLED)

capture = Table(  # what was there before an intent was carried out
    "capture",
    metadata,
    _ref("intent", "intent.id", primary_key=True),
    _must("body", Packed),
    Column("after", Packed),  # the same things once it was carried out, without contents
)

reversal = Table(  # what a person took back, so that it is not done again at once
    "reversal",
    metadata,
    _ref("intent", "intent.id", primary_key=True),
    _ref("policy", "name.id"),
    _ref("resource", "name.id"),
    _must("digest", Words),
    _must("run", Words),
    _must("by", Words),
    _must("at", Instant),
    _must("action", Packed),
    _must("lifted", Packed),  # digests of policies that may do it again
)

witness = Table(  # who else writes what keeps changing back, as its resource told
    "witness",
    metadata,
    _ref("policy", "name.id", primary_key=True),
    _ref("resource", "name.id", primary_key=True),
    _must("at", Instant),
    _must("body", Packed),
)

answer = Table(  # who answered for what keeps changing back: what was before counts no more
    "answer",
    metadata,
    _ref("policy", "name.id", primary_key=True),
    _must("by", Words),
    _must("at", Instant),
)

rollout = Table(  # how far a content of a policy was rolled out by a verb
    "rollout",
    metadata,
    _ref("policy", "name.id", primary_key=True),
    Column("digest", Words, primary_key=True),
    _ref("verb", "name.id", primary_key=True),
    _must("body", Packed),
)

belief = Table(  # what was decided of each revision of the rules
    "belief",
    metadata,
    _key(),
    _must("source", Words),
    _must("revision", Words),
    _must("accepted", Boolean),
    _must("at", Instant),
    _must("body", Packed),
)
Index("ix_belief_source", belief.c.source, belief.c.accepted)

override = Table(  # what was said against freezes
    "override",
    metadata,
    Column("id", Words, primary_key=True),
    _must("at", Instant),
    _must("body", Packed),
)

duration = Table(  # how long things took: the newest of each
    "duration",
    metadata,
    _key(),
    _ref("what", "name.id"),
    _must("at", Instant),
    _must("microseconds", BigInteger),
    _must("resources", Integer),  # that were changed in that time
)
Index("ix_duration_what", duration.c.what)

letter = Table(
    "letter",
    metadata,
    _key(),
    _must("message_id", Words, unique=True),
    _must("recipients", Packed),
    _must("subject", Words),
    Column("body", LargeBinary),
    _must("spooled", Instant),
    _must("attempts", Integer),
    Column("next_attempt", Instant),
    _must("last_error", Words),
    Column("delivered", Instant),
)
_WAITING = letter.c.delivered.is_(None)
Index("ix_letter_waiting", letter.c.spooled, sqlite_where=_WAITING, postgresql_where=_WAITING)
