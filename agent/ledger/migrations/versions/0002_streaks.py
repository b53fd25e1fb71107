"""How many looks in a row have found something out of line that is not open yet."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; nobody waited before there was one."""
    op.create_table(
        "streak",
        sa.Column("policy", sa.Integer(), nullable=False),
        sa.Column("resource", sa.Integer(), nullable=False),
        sa.Column("looks", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("policy", "resource", name="pk_streak"),
        sa.ForeignKeyConstraint(["policy"], ["name.id"], name="fk_streak_policy"),
        sa.ForeignKeyConstraint(["resource"], ["name.id"], name="fk_streak_resource"),
    )
