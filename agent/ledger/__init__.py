"""The ledger: what was seen, found, intended and done, in SQLite through SQLAlchemy Core, and the mail spool.

Nothing here decides: a finding's life follows LANGUAGE.md's rules (`openings.py`), all else is kept and given
back as it came. Every public call is one transaction, durable when it returns. No other room knows SQL.
"""
