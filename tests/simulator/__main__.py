"""`python -m tests.simulator`: a school year of cycles; the figures as a table, and 1 where a write was wrong."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from datetime import UTC, date, datetime, time
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from tests.simulator import rules
from tests.simulator.soak import Form, Soak

if TYPE_CHECKING:
    from tests.simulator.tally import Tally

SHOWN = 5  # stories of each sort


def main() -> int:
    """Run it, and say what came of it."""
    form = _form()
    began = perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        tally = Soak(form, Path(folder)).run(lambda line: print(line, file=sys.stderr))
    print(table(form, tally, perf_counter() - began))
    _stories(form, tally)
    return 1 if tally.judge.wrong else 0


def _form() -> Form:
    parser = argparse.ArgumentParser(prog="python -m tests.simulator", description=__doc__)
    usual = Form()
    parser.add_argument("--days", type=int, default=usual.days)
    parser.add_argument("--devices", type=int, default=usual.devices)
    parser.add_argument("--seed", type=int, default=usual.seed)
    parser.add_argument("--hours", type=float, default=usual.hours, help="between two cycles")
    parser.add_argument("--break", dest="without", default="", metavar="GUARD", help="take one guard out")
    parser.add_argument("--only", default="", metavar="SORTS", help="of mishaps, such as `roster: half,stopped`")
    parser.add_argument("--start", type=_noon, default=usual.start, metavar="DATE", help="the first day")
    return Form(**vars(parser.parse_args()))


def _noon(text: str) -> datetime:
    return datetime.combine(date.fromisoformat(text), time(10, 10), rules.ZONE).astimezone(UTC)


def table(form: Form, tally: Tally, seconds: float) -> str:
    """Give the figures."""
    judge = tally.judge
    rows = [
        ("devices, days, cycles", f"{form.devices:,}, {form.days:,}, {tally.cycles:,}"),
        ("seed", str(form.seed)),
        ("seconds, and a cycle in ms", f"{seconds:.0f}, {seconds / max(1, tally.cycles) * 1000:.0f}"),
        ("mishaps", f"{len(tally.world.mishaps):,}"),
        ("times killed", f"{tally.deaths:,}"),
        ("batches approved, not approved", f"{tally.approvals:,}, {tally.denials:,}"),
        ("writes", f"{judge.writes:,}"),
        ("wrong writes", f"{len(judge.wrong):,}"),
        ("missed drift", f"{len(tally.missed):,}"),
        ("false drift", f"{len(tally.false):,}"),
        ("held that should have run", f"{len(tally.held):,}"),
        ("real drift that ended, that stands", f"{tally.ended:,}, {tally.open:,}"),
        ("hours that it stood on average", f"{tally.hours:.1f}"),
    ]
    return "\n".join(f"{name:<36} {value}" for name, value in rows)


def _stories(form: Form, tally: Tally) -> None:
    wrong = tally.judge.wrong
    for why, number in Counter(w.why.partition(":")[0] for w in wrong).most_common():
        print(f"\nWRONG, {number} times, seed {form.seed}:")
        for one in [w for w in wrong if w.why.startswith(why)][:SHOWN]:
            print(f"  {one}")
    for name, stories in (("missed", tally.missed), ("false", tally.false), ("held", tally.held)):
        for story in stories[:SHOWN]:
            print(f"\n{name}: {story}")


if __name__ == "__main__":
    raise SystemExit(main())
