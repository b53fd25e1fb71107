"""Changes to have evidence of, short to write; and what a look at the evidence of a ledger says."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

from agent.decide.evidence.chain import Asked, examine
from agent.decide.evidence.ed25519 import verified
from agent.ledger.store import open_ledger
from agent.model.evidence import Grounds, PolicyText
from agent.model.policy import Revision
from tests.ledger.nouns import HOUR, START, action, digest, outcome

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from pathlib import Path

    from agent.decide.evidence.chain import Told
    from agent.ledger.store import LedgerStore

TEXT = 'policy: HOST-01  # a comment\ntitle: One\nframeworks: {cis_v8: ["4.1"]}\n'
GROUNDS = Grounds(
    Revision("c0ffee", "/srv/policies", "Ada Example <ada@riverton.example>", "2026-10-01"),
    {"HOST-01": PolicyText("d" * 64, "policies/hosts/HOST-01.yaml", TEXT)},
)


def change(ledger: LedgerStore, at: datetime = START, resource: str = "host/web1", grounds: Grounds = GROUNDS) -> int:
    """Make one change as a run does: the intent, and what came of it."""
    (intent,) = ledger.intend("r1", [(digest(), action(resource))], at, grounds)
    ledger.settle([intent], [outcome(action(resource))], at)
    return intent


def lived(path: Path, runs: int = 3) -> None:
    """Live through runs with one change each, every one sealed. The records are then:

    1 begun, 2 policy, 3 intended, 4 outcome, 5 key (sealed); 6 intended, 7 outcome (sealed); 8, 9 (sealed); ...
    """
    with open_ledger(path) as ledger:
        ledger.begin("r1", "run", "c0ffee", START)
        for number in range(runs):
            change(ledger, START + number * HOUR)
            ledger.evidence.seal(START + number * HOUR)


def looked(path: Path, **asked: Any) -> Told:
    """What a look at the chain of a ledger's file says."""
    with open_ledger(path, read_only=True) as ledger:
        return examine(list(ledger.evidence.records()), ledger.evidence.seals(), Asked(verified, **asked))


def sentences(path: Path, **asked: Any) -> list[str]:
    return [t.sentence for t in looked(path, **asked).troubles]


def bodies(ledger: LedgerStore, what: str = "") -> list[dict[str, Any]]:
    """What the records of a kind say."""
    return [json.loads(r.body or b"{}") for r in ledger.evidence.records() if what in {"", r.what}]


def kinds(ledger: LedgerStore) -> list[str]:
    return [r.what for r in ledger.evidence.records()]


def by_hand(path: Path, *statements: str | tuple[str, Iterable[Any]]) -> None:
    """Change the ledger's file behind its back."""
    with closing(sqlite3.connect(path)) as connection, connection:
        for one in statements:
            connection.execute(*((one,) if isinstance(one, str) else one))
