"""What alembic runs: the migrations, in the transaction that `agent.ledger.versions` has begun."""

from __future__ import annotations

from alembic import context

from agent.ledger.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
