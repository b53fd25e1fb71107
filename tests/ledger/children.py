"""Other processes at work on a ledger: `python -m tests.ledger.children VERB PATH ...`. They print what they did."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from agent.ledger.store import LedgerStore, open_ledger
from agent.model.finding import Streak
from tests.ledger.nouns import NOTHING_FIXED, START, action, digest, finding, judged, outcome


def say(word: object) -> None:
    print(word, flush=True)


def journal(ledger: LedgerStore) -> None:
    """Intend and settle for ever; each id is printed once it is safe."""
    for number in range(1_000_000):
        (intent,) = ledger.intend("r1", [(digest(), action(f"host/{number}"))], START)
        ledger.started([intent], 4711)
        say(f"intended {intent}")
        if number % 2:
            ledger.settle([intent], [outcome(action(f"host/{number}"))], START)
            say(f"settled {intent}")


def half(ledger: LedgerStore) -> None:
    """Begin to write, and never end."""
    with ledger._database.writing() as connection:
        connection.exec_driver_sql("UPDATE intent SET process_group = 9")
        connection.exec_driver_sql("DELETE FROM finding")
        say("half way")
        time.sleep(3600)


def write(ledger: LedgerStore, name: str, times: int) -> None:
    """Write as fast as it goes, in many small transactions."""
    for number in range(times):
        ledger.record_findings("r1", START, [judged("P", finding("P", "a", f"{name} {number}"))], NOTHING_FIXED)
        ledger.intend("r1", [(digest(), action(f"host/{name}/{number}"))], START)
    say("done")


def count(ledger: LedgerStore) -> None:
    """Count looks for ever, each with what it found; each is printed once it is safe."""
    for look in range(1, 1_000_000):
        streaks = [Streak("P", host, look, START) for host in ("a", "b")]
        ledger.record_findings("r1", START, [judged("P", finding("P", "z", f"look {look}"))], NOTHING_FIXED, streaks)
        say(f"counted {look}")


def main(verb: str, path: str, *more: str) -> None:
    with open_ledger(Path(path)) as ledger:
        if verb == "open":
            say(ledger.open_findings())
        elif verb == "journal":
            journal(ledger)
        elif verb == "count":
            count(ledger)
        elif verb == "half":
            half(ledger)
        else:
            write(ledger, more[0], int(more[1]))


if __name__ == "__main__":
    main(*sys.argv[1:])
