"""The chain of evidence in the ledger.

Records are added in the transaction of what they are about, so that neither is there without the other; nothing here
ever changes one, but pruning, which takes a body away and leaves every hash.
"""
