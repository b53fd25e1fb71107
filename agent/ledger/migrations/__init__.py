"""The steps from one version of the ledger to the next; alembic runs them, and nothing imports them."""
