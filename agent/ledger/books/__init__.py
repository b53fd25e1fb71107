"""Books of the ledger beside its journal: one module each, one class that is a port of `agent.model.books`.

Nothing here decides; every call is one transaction.
"""

from agent.ledger.books.approvals import ApprovalBook
from agent.ledger.books.beliefs import BeliefBook
from agent.ledger.books.captures import CaptureBook
from agent.ledger.books.durations import DurationBook
from agent.ledger.books.overrides import OverrideBook
from agent.ledger.books.returns import ReturnBook
from agent.ledger.books.reversals import ReversalBook
from agent.ledger.books.rollouts import RolloutBook

__all__ = [
    "ApprovalBook",
    "BeliefBook",
    "CaptureBook",
    "DurationBook",
    "OverrideBook",
    "ReturnBook",
    "ReversalBook",
    "RolloutBook",
]
