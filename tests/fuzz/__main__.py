"""`python -m tests.fuzz [--count N] [--seed N] [--only NUMBER]`: every document has a number, and stays the same."""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.fuzz.harness import Harness, Tally, bounded
from tests.fuzz.mutations import dice, mutated

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

EVERY = 1000  # documents: how often it says how far it is
PATIENCE = 0.02  # seconds to wait for news of one process
AT_ONCE = 50  # pieces of news that are taken from one process before the next has its turn
HANGS = 120.0  # seconds without a sign of life from a process; other things may run on this machine


def work(seed: int, numbers: range, pipe: Connection) -> None:
    """Try documents, and say of each that it begins and what came of it."""
    bounded()
    with tempfile.TemporaryDirectory() as folder:
        harness = Harness(Path(folder))
        for number in numbers:
            tally = Tally()
            pipe.send(number)
            harness.try_one(seed, number, tally)
            pipe.send(tally)
    pipe.close()


class Worker:
    """A process with its own share of the numbers; one that hangs is ended, and another goes on behind that number."""

    def __init__(self, seed: int, numbers: range) -> None:
        """Start it."""
        ours, theirs = multiprocessing.Pipe(duplex=False)
        self.seed, self.numbers, self.pipe = seed, numbers, ours
        self.process = multiprocessing.Process(target=work, args=(seed, numbers, theirs))
        self.process.start()
        theirs.close()
        self.at, self.heard = numbers[0] if numbers else 0, time.monotonic()

    def news(self, tally: Tally) -> Worker | None:
        """Take in what it says, and give who goes on: itself, another in its place, or nobody."""
        try:
            for _ in range(AT_ONCE):  # one that always has news may not keep the others waiting
                if not self.pipe.poll(PATIENCE):
                    break
                self._take(self.pipe.recv(), tally)
        except EOFError:
            return self._ended(tally)
        if time.monotonic() - self.heard < HANGS:
            return self
        self.process.kill()
        return self._next(tally, f"It hung: nothing came back for {HANGS:.0f} s.")

    def _take(self, said: Any, tally: Tally) -> None:
        self.heard = time.monotonic()
        if isinstance(said, Tally):
            tally.add(said)
        else:
            self.at = said

    def _ended(self, tally: Tally) -> Worker | None:
        self.process.join()
        if self.process.exitcode == 0:
            return None
        return self._next(tally, f"The process ended with {self.process.exitcode}.")

    def _next(self, tally: Tally, why: str) -> Worker | None:
        tally.bugs.append((self.at, why))
        left = self.numbers[self.numbers.index(self.at) + 1 :]
        return Worker(self.seed, left) if left else None


def fuzz(seed: int, count: int, workers: int) -> Tally:
    """Try so many documents in so many processes."""
    tally = Tally()
    working: list[Worker | None] = [Worker(seed, range(first, count, workers)) for first in range(min(workers, count))]
    told = 0
    try:
        while any(working):
            working = [worker and worker.news(tally) for worker in working]
            if (done := tally.verdicts["accepted"] + tally.verdicts["refused"]) >= told + EVERY:
                told = done
                print(f"{done:,} documents, {len(tally.bugs)} bugs", file=sys.stderr, flush=True)
    except KeyboardInterrupt:
        print("Stopped from the keyboard; so far:")
        for worker in filter(None, working):
            worker.process.kill()
    return tally


def report(tally: Tally, seed: int, count: int, seconds: float) -> None:
    """Print what came of it."""
    done = tally.verdicts["accepted"] + tally.verdicts["refused"]
    print(f"{done:,} of {count:,} documents, seed {seed}, {seconds:.0f} s")
    print(", ".join(f"{number:,} {verdict}" for verdict, number in sorted(tally.verdicts.items())))
    print(f"slowest: {tally.slowest[0]:.2f} s of a processor (document {tally.slowest[1]})")
    print(f"largest process: {tally.memory[0]:.0f} MB (document {tally.memory[1]})")
    print(f"{len(tally.sentences):,} different sentences; the most frequent:")
    for sentence, number in tally.sentences.most_common(30):
        print(f"  {number:7,}  {sentence}")
    for number, why in sorted(tally.bugs)[:20]:
        print(f"\nBUG in document {number} (python -m tests.fuzz --seed {seed} --only {number})\n{why}")
    print(f"{len(tally.bugs)} bugs")


def main() -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=4)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--only", type=int, help="show one document, and try it in this process")
    chosen = parser.parse_args()
    tally = Tally()
    began = time.monotonic()
    if chosen.only is not None:
        place, data = mutated(dice(chosen.seed, chosen.only))
        print(place, data[:5000].decode("utf-8", "backslashreplace"), sep="\n")
        with tempfile.TemporaryDirectory() as folder:
            Harness(Path(folder)).try_one(chosen.seed, chosen.only, tally)
    else:
        tally = fuzz(chosen.seed, chosen.count, chosen.workers)
    report(tally, chosen.seed, 1 if chosen.only is not None else chosen.count, time.monotonic() - began)
    return 1 if tally.bugs else 0


if __name__ == "__main__":
    sys.exit(main())
