"""How large the ledger grows: 500 hosts, 50 policies, hourly, a year, 1% of the verdicts changing a cycle.

`python -m tests.bench.ledger_size` runs a fiftieth of a year and extrapolates; `--full` runs the year. DESIGN.md,
"Numbers to hold": under 200 MB.
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from agent.decide.columns import Row, build
from agent.ledger.store import LedgerStore, open_ledger
from agent.model.action import Action, Batch, Outcome, Plan, Result
from agent.model.cause import Because, Cause, Edition, Moved
from agent.model.comparison import Stand
from agent.model.finding import Closed, Counts, Difference, Finding, Verdict
from agent.model.kind import Effect, FieldRef, FieldType, Risk, Undo
from agent.model.policy import Mode, Revision, Severity
from agent.model.ports import Judged
from agent.model.run import PolicyNote, Run, Seen
from agent.model.spool import Letter
from agent.model.sweep import Sweep

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agent.model.cause import Turn

HOSTS = [f"host/school-{n % 12:02}-server-{n:03}" for n in range(500)]
POLICIES = [f"HOST-{n:02}" for n in range(50)]
CHANGING = len(HOSTS) * len(POLICIES) // 100  # verdicts that change in a cycle
YEAR = 365 * 24  # cycles
LIMIT = 200_000_000  # bytes
START = datetime(2026, 7, 1, tzinfo=UTC)
UNIQUE = 0.3  # the share of findings whose reading nobody has seen before, such as a percentage or a hash
PER_DAY = 100  # changes that the default daily budget allows
Pair = tuple[str, str]


@dataclass(slots=True)
class District:
    """What is out of line now. Half of a cycle's changes open a finding, half close one."""

    chance: random.Random
    out: dict[Pair, Finding] = field(default_factory=dict)

    def settle_in(self) -> None:
        """Begin with 5% out of line."""
        while len(self.out) < len(HOSTS) * len(POLICIES) // 20:
            self._open()

    def turn(self) -> list[Pair]:
        """Let an hour go by: verdicts change, some readings too, and one host is silent; gives what was put right."""
        mended = self.chance.sample(sorted(self.out), CHANGING // 2)
        for pair in mended:
            del self.out[pair]
        for _ in range(CHANGING - CHANGING // 2):
            self._open()
        for pair in self.chance.sample(sorted(self.out), len(self.out) // 100):
            self.out[pair] = self._finding(pair)
        return mended

    def judged(self) -> list[Judged]:
        """Give every policy's word; one host does not answer, which suspends what is open there."""
        silent, everyone = self.chance.choice(HOSTS), frozenset(HOSTS)
        by_policy: dict[str, list[Finding]] = {policy: [] for policy in POLICIES}
        for (policy, resource), found in self.out.items():
            if resource != silent:
                by_policy[policy].append(found)
        why = f"connection timed out after {self.chance.uniform(10, 11):.1f} s"
        quiet = {p: Finding(p, silent, "", Verdict.UNKNOWN, (), "", why) for p in POLICIES}
        return [Judged(p, (*found, quiet[p]), everyone, everyone, proven=True) for p, found in by_policy.items()]

    def _open(self) -> None:
        pair = self.chance.choice(POLICIES), self.chance.choice(HOSTS)
        while pair in self.out:
            pair = self.chance.choice(POLICIES), self.chance.choice(HOSTS)
        self.out[pair] = self._finding(pair)

    def _finding(self, pair: Pair) -> Finding:
        policy, resource = pair
        seen = f"{self.chance.getrandbits(64):x}" if self.chance.random() < UNIQUE else self.chance.choice("abcdefgh")
        wrong = Difference(f"file./etc/{policy.lower()}.conf.sha256", f"what {policy} wants", seen)
        sentence = f"{resource}: {wrong.field} is {seen}, and should be {wrong.expected}."
        return Finding(policy, resource, f"site-{resource[12:14]}", Verdict.OUT_OF_LINE, (wrong,), sentence)


def simulate(path: Path, cycles: int) -> list[int]:
    """Live through cycles; gives the ledger's size in bytes after each."""
    district, sizes = District(random.Random(1)), []  # ruff: ignore[suspicious-non-cryptographic-random-usage] - the same year each time
    district.settle_in()
    look = _sweep(district.chance)
    with open_ledger(path) as ledger:
        for cycle in range(cycles):
            _cycle(ledger, district, look, cycle)
            sizes.append(_size(path))
    return sizes


def _size(path: Path) -> int:
    """Give the ledger's size with all that was written in it: SQLite moves the log over when it pleases."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path.stat().st_size


def _cycle(ledger: LedgerStore, district: District, look: Sweep, cycle: int) -> None:
    name, at = f"{cycle:026}", START + timedelta(hours=cycle)
    mended = district.turn() if cycle else []
    ledger.begin(name, "run", "c0ffee" * 7, at)
    batches = _act(ledger, name, at, mended[: PER_DAY // 24])
    ledger.record_sweep(name, replace(look, as_of=at), ())
    ledger.remember_identities(look.identities, at)
    fixed = frozenset(mended[: PER_DAY // 24])
    changes = ledger.record_findings(name, at, district.judged(), fixed, why=_causes)
    ledger.record_editions(name, [Edition(p, f"{hash(p):x}{cycle // 168}", f"{p}.yaml") for p in POLICIES[:5]])
    ledger.evidence.seal(at)
    ledger.finish(replace(_run(name, at, district, batches), opened=changes.opened, closed=changes.closed), 1)
    if cycle % 24 == 0:
        message = f"<{name}@driftbell>"
        ledger.spool.put(Letter(message, ("director@riverton.example",), "2 need you", b"x" * 40_000, at))
        ledger.spool.delivered(message, at)


def _causes(turns: Sequence[Turn]) -> dict[Pair, Cause]:
    """Give the cause of each turn as a run finds it: a reading that changed, a look that was lost, what we fixed."""
    return {(t.policy, t.resource): _cause(t) for t in turns}


def _cause(turn: Turn) -> Cause:
    if turn.how is Closed.FIXED:
        return Cause(Because.FIXED, Stand.OUT_OF_LINE, detail=f"ansible.playbook playbooks/ssh.yml for {turn.policy}")
    if turn.before and turn.after and (turn.before.suspended or turn.after.suspended):
        lost = bool(turn.after.suspended)
        return Cause(Because.LOST if lost else Because.BACK, None, (), turn.after.suspended or turn.before.suspended)
    was, now = ({d.field: d for d in o.differences} if o else {} for o in (turn.before, turn.after))
    moved = tuple(
        Moved(f, was[f].observed if f in was else now[f].expected, now[f].observed if f in now else was[f].expected)
        for f in {**was, **now}
    )
    return Cause(Because.REALITY, Stand.OUT_OF_LINE if was else Stand.IN_LINE, moved)


def _act(ledger: LedgerStore, run: str, at: datetime, mended: Sequence[Pair]) -> tuple[Batch, ...]:
    actions = [
        Action(
            policy,
            resource,
            "",
            "ansible.playbook",
            {"playbook": "playbooks/ssh.yml"},
            (),
            ("x",),
            f"{hash(resource):x}",
        )
        for policy, resource in mended
    ]
    batches = tuple(
        Batch(f"sha256:{run[-12:]}{n:052}", a.policy, 0, a.verb, Effect.SETS, Risk.DISRUPTIVE, Undo.PARTIAL, (a,))
        for n, a in enumerate(actions)
    )
    ledger.store_batches(batches, at)
    intents = ledger.intend(run, [(b.digest, b.actions[0]) for b in batches], at)
    ledger.started(intents, 4711)
    outcomes = [
        Outcome(b.digest, b.policy, b.actions[0].resource, b.verb, Result.CONFIRMED, (), (), "changed=1")
        for b in batches
    ]
    ledger.settle(intents, outcomes, at)
    return batches


def _sweep(chance: random.Random) -> Sweep:
    fields = [FieldRef(f"file./etc/{p.lower()}.conf.sha256", "file", "", "", FieldType.TEXT) for p in POLICIES]
    rows = [Row(h, "", {f.name: f"{chance.getrandbits(64):x}" for f in fields}) for h in HOSTS]
    identities = {h: f"{chance.getrandbits(128):032x}" for h in HOSTS}
    table = build(fields, rows)
    return Sweep(
        "hosts", "host", table, len(HOSTS), len(HOSTS), True, "the inventory lists them", START, (), identities
    )


def _run(name: str, at: datetime, district: District, batches: tuple[Batch, ...]) -> Run:
    return Run(
        id=name,
        command="run",
        district="Riverton Unified",
        timezone="America/Chicago",
        revision=Revision("c0ffee" * 7, "git@example:policies"),
        at=at,
        finished=at + timedelta(seconds=4),
        seen=(Seen("host", "hosts", len(HOSTS), len(HOSTS) - 1, True, "the inventory lists them", at),),
        counts=Counts(len(HOSTS) * len(POLICIES) - len(district.out), len(district.out), len(POLICIES), 0),
        findings=tuple(district.out.values()),
        policies=tuple(PolicyNote(p, p, "why", Severity.MEDIUM, Mode.ENFORCE, f"{p}.yaml:1:1") for p in POLICIES),
        plan=Plan(batches),
    )


def a_year(sizes: Sequence[int]) -> int:
    """Extrapolate: the growth a cycle over the last half, where nothing is being filled for the first time."""
    middle = len(sizes) // 2
    growth = (sizes[-1] - sizes[middle]) / (len(sizes) - 1 - middle)
    return int(sizes[-1] + growth * (YEAR - len(sizes)))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, print the figures, and fail where the limit is passed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="run the whole year")
    cycles = YEAR if parser.parse_args(arguments).full else YEAR // 50
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "ledger.db"
        began = time.perf_counter()
        sizes = simulate(path, cycles)
        spent = time.perf_counter() - began
        closed = path.stat().st_size
    year = a_year(sizes)
    print(f"{cycles} cycles in {spent:.0f} s ({1000 * spent / cycles:.0f} ms each), ledger {closed / 1e6:.1f} MB")
    print(
        f"a year: {year / 1e6:.1f} MB (to hold: under {LIMIT / 1e6:.0f} MB): {'held' if year < LIMIT else 'NOT HELD'}"
    )
    return 0 if year < LIMIT else 1


if __name__ == "__main__":
    raise SystemExit(main())
