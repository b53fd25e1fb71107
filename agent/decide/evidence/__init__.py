"""The chain of evidence: how it is hashed and checked, and what a record says. Nothing here reads or writes.

`chain` and `ed25519` need Python's own library alone, 3.8 or later: both stand in each bundle's verify.py as they are.
"""
