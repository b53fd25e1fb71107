"""Why verdicts change: the cause of each turn of a finding, the waiver it stands under, and versions of policies."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns, empty: what happened before has no known cause."""
    for table, column, target in (
        ("finding", "waiver", "name"),
        ("finding", "cause", "wording"),
        ("finding", "ended", "wording"),
        ("past", "waiver", "name"),
        ("past", "cause", "wording"),
    ):
        # Not op.add_column: alembic would rebuild the table for the reference, and with it a year of findings.
        name = f"fk_{table}_{column}"
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column} INTEGER CONSTRAINT {name} REFERENCES {target} (id)")
    op.create_table(
        "edition",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("policy", sa.Integer(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("file", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_edition"),
        sa.ForeignKeyConstraint(["policy"], ["name.id"], name="fk_edition_policy"),
        sa.ForeignKeyConstraint(["run"], ["run.number"], name="fk_edition_run"),
        sa.ForeignKeyConstraint(["file"], ["name.id"], name="fk_edition_file"),
    )
    op.create_index("ix_edition_policy", "edition", ["policy"])
