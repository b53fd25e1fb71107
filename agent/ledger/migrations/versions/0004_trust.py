"""Trust: signed approvals, rollouts, what was there before a change, what was taken back, overrides, durations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    _approvals()
    _rollouts()
    _undoing()
    _returns()
    _calendar()
    _indices()


def _approvals() -> None:
    """Make approvals anew: those given before were for the run that used them, and stay as they are."""
    op.execute("DROP INDEX ix_approval_batch")
    op.execute("ALTER TABLE approval RENAME TO approval_before")
    op.create_table(
        "approval",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("statement", sa.Text(), nullable=True),
        sa.Column("used_by", sa.Integer(), nullable=True),
        sa.Column("since_intent", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_approval"),
        sa.UniqueConstraint("statement", name="uq_approval_statement"),
        sa.ForeignKeyConstraint(["used_by"], ["run.number"], name="fk_approval_used_by"),
    )
    op.execute(
        "INSERT INTO approval (id, batch, who, word, at, why, key, used_by, since_intent) "
        "SELECT id, batch, who, 'approve', at, '', '', used_by, 0 FROM approval_before"
    )
    op.execute("DROP TABLE approval_before")
    op.create_index("ix_approval_batch", "approval", ["batch"])


def _rollouts() -> None:
    """Make what is known of rollouts."""
    op.create_table(
        "rollout",
        sa.Column("policy", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("verb", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("policy", "digest", "verb", name="pk_rollout"),
        sa.ForeignKeyConstraint(["policy"], ["name.id"], name="fk_rollout_policy"),
        sa.ForeignKeyConstraint(["verb"], ["name.id"], name="fk_rollout_verb"),
    )


def _undoing() -> None:
    """Make what was there before a change, and what was taken back."""
    op.create_table(
        "capture",
        sa.Column("intent", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("after", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("intent", name="pk_capture"),
        sa.ForeignKeyConstraint(["intent"], ["intent.id"], name="fk_capture_intent"),
    )
    op.create_table(
        "reversal",
        sa.Column("intent", sa.Integer(), nullable=False),
        sa.Column("policy", sa.Integer(), nullable=False),
        sa.Column("resource", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("run", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("action", sa.LargeBinary(), nullable=False),
        sa.Column("lifted", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("intent", name="pk_reversal"),
        sa.ForeignKeyConstraint(["intent"], ["intent.id"], name="fk_reversal_intent"),
        sa.ForeignKeyConstraint(["policy"], ["name.id"], name="fk_reversal_policy"),
        sa.ForeignKeyConstraint(["resource"], ["name.id"], name="fk_reversal_resource"),
    )


def _returns() -> None:
    """Make what keeps changing back, and what people said of it."""
    op.create_table(
        "witness",
        sa.Column("policy", sa.Integer(), nullable=False),
        sa.Column("resource", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("policy", "resource", name="pk_witness"),
        sa.ForeignKeyConstraint(["policy"], ["name.id"], name="fk_witness_policy"),
        sa.ForeignKeyConstraint(["resource"], ["name.id"], name="fk_witness_resource"),
    )
    op.create_table(
        "answer",
        sa.Column("policy", sa.Integer(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("policy", name="pk_answer"),
        sa.ForeignKeyConstraint(["policy"], ["name.id"], name="fk_answer_policy"),
    )


def _calendar() -> None:
    """Make what lifts freezes, and how long things took."""
    op.create_table(
        "override",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_override"),
    )
    op.create_table(
        "duration",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("what", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("microseconds", sa.BigInteger(), nullable=False),
        sa.Column("resources", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_duration"),
        sa.ForeignKeyConstraint(["what"], ["name.id"], name="fk_duration_what"),
    )
    op.create_index("ix_duration_what", "duration", ["what"])


def _indices() -> None:
    """Find what was begun by time, and by batch."""
    op.create_index("ix_intent_at", "intent", ["at"])
    op.create_index("ix_intent_batch", "intent", ["batch"])
