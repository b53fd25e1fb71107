"""The first version of the ledger."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make every table."""
    _shared()
    _runs_and_sweeps()
    _findings()
    _plans()
    _intents()
    _letters()


def _number(name: str = "id") -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _ref(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=nullable)


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _instant(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _bytes(name: str, *, nullable: bool = False) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary(), nullable=nullable)


def _foreign(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=f"fk_{table}_{column}")


def _shared() -> None:
    op.create_table(
        "name",
        _number(),
        _text("text"),
        sa.PrimaryKeyConstraint("id", name="pk_name"),
        sa.UniqueConstraint("text", name="uq_name_text"),
    )
    op.create_table(
        "wording",
        _number(),
        _bytes("digest"),
        _bytes("body"),
        sa.PrimaryKeyConstraint("id", name="pk_wording"),
        sa.UniqueConstraint("digest", name="uq_wording_digest"),
    )


def _runs_and_sweeps() -> None:
    op.create_table(
        "run",
        _number("number"),
        *(_text(c) for c in ("id", "command", "revision")),
        _instant("at"),
        _instant("finished", nullable=True),
        *(_ref(c, nullable=True) for c in ("exit_code", "in_line", "out_of_line", "unknown", "excepted")),
        *(_bytes(c, nullable=True) for c in ("seen", "record")),
        sa.PrimaryKeyConstraint("number", name="pk_run"),
        sa.UniqueConstraint("id", name="uq_run_id"),
    )
    op.create_table(
        "sweep",
        *(_ref(c) for c in ("system", "kind", "run")),
        _instant("as_of"),
        *(_ref(c) for c in ("expected", "seen")),
        sa.Column("proven", sa.Boolean(), nullable=False),
        _text("membership"),
        *(_bytes(c) for c in ("unseen", "identities", "body")),
        sa.PrimaryKeyConstraint("system", "kind", name="pk_sweep"),
        *(_foreign("sweep", c, "name.id") for c in ("system", "kind")),
        _foreign("sweep", "run", "run.number"),
    )
    op.create_table(
        "identity",
        _ref("resource"),
        _text("machine"),
        _instant("at"),
        sa.PrimaryKeyConstraint("resource", name="pk_identity"),
        _foreign("identity", "resource", "name.id"),
    )
    op.create_table(
        "population",
        _ref("kind"),
        _ref("number"),
        _instant("at"),
        sa.PrimaryKeyConstraint("kind", name="pk_population"),
        _foreign("population", "kind", "name.id"),
    )


def _findings() -> None:
    op.create_table(
        "finding",
        _number(),
        *(_ref(c) for c in ("policy", "resource", "site", "wording")),
        _ref("suspended", nullable=True),
        _instant("opened"),
        _ref("opened_run"),
        _instant("closed", nullable=True),
        *(_ref(c, nullable=True) for c in ("closed_run", "how")),
        sa.PrimaryKeyConstraint("id", name="pk_finding"),
        *(_foreign("finding", c, "name.id") for c in ("policy", "resource", "site", "suspended", "how")),
        *(_foreign("finding", c, "run.number") for c in ("opened_run", "closed_run")),
        _foreign("finding", "wording", "wording.id"),
    )
    op.create_index("ix_finding_policy_resource", "finding", ["policy", "resource"])
    still_open = sa.text("closed IS NULL")
    op.create_index(
        "uq_finding_open",
        "finding",
        ["policy", "resource"],
        unique=True,
        sqlite_where=still_open,
        postgresql_where=still_open,
    )
    op.create_table(
        "past",
        _number(),
        _ref("finding"),
        _instant("until"),
        _ref("wording"),
        _ref("suspended", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_past"),
        _foreign("past", "finding", "finding.id"),
        _foreign("past", "wording", "wording.id"),
        _foreign("past", "suspended", "name.id"),
    )
    op.create_index("ix_past_finding", "past", ["finding"])


def _plans() -> None:
    op.create_table(
        "batch",
        _text("digest"),
        _instant("at"),
        _bytes("body"),
        sa.PrimaryKeyConstraint("digest", name="pk_batch"),
    )
    op.create_index("ix_batch_at", "batch", ["at"])
    op.create_table(
        "approval",
        _number(),
        *(_text(c) for c in ("batch", "who")),
        _instant("at"),
        _ref("used_by", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_approval"),
        _foreign("approval", "used_by", "run.number"),
    )
    op.create_index("ix_approval_batch", "approval", ["batch"])


def _intents() -> None:
    op.create_table(
        "intent",
        _number(),
        *(_ref(c) for c in ("run", "batch", "policy", "resource", "verb", "asked")),
        _instant("at"),
        _ref("process_group"),
        *(_instant(c, nullable=True) for c in ("settled", "told_at")),
        _text("result", nullable=True),
        _bytes("told", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_intent"),
        _foreign("intent", "run", "run.number"),
        *(_foreign("intent", c, "name.id") for c in ("batch", "policy", "resource", "verb")),
        _foreign("intent", "asked", "wording.id"),
    )
    op.create_index("ix_intent_policy_at", "intent", ["policy", "at"])
    op.create_index("ix_intent_policy_resource", "intent", ["policy", "resource"])
    unsettled = sa.text("settled IS NULL")
    op.create_index("ix_intent_unsettled", "intent", ["id"], sqlite_where=unsettled, postgresql_where=unsettled)


def _letters() -> None:
    op.create_table(
        "letter",
        _number(),
        _text("message_id"),
        _bytes("recipients"),
        _text("subject"),
        _bytes("body", nullable=True),
        _instant("spooled"),
        _ref("attempts"),
        _instant("next_attempt", nullable=True),
        _text("last_error"),
        _instant("delivered", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_letter"),
        sa.UniqueConstraint("message_id", name="uq_letter_message_id"),
    )
    waiting = sa.text("delivered IS NULL")
    op.create_index("ix_letter_waiting", "letter", ["spooled"], sqlite_where=waiting, postgresql_where=waiting)
