"""Benchmarks: `python -m tests.bench [NAME ...] [--short]`. Figures go to docs/benchmarks.md."""

from __future__ import annotations

import argparse

from tests.bench import big_export, drift, hours, ledger_size, linear, load, million, repair, scale, start


def main() -> None:
    """Run the named benchmarks, or all of them, and print their tables."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench", description="Ratios against named peers, in one run."
    )
    parser.add_argument(
        "which",
        nargs="*",
        choices=["exports", "drift", "repair", "start", "ledger", "scale", "linear", "hours", "load", "million"],
    )
    parser.add_argument("--short", action="store_true", help="few hosts, one round: to see that it works")
    chosen = parser.parse_args()
    small = chosen.short
    benchmarks = {
        "drift": lambda: drift.main(2, 1) if small else drift.main(),
        "repair": lambda: repair.main(10, 1) if small else repair.main(),
        "ledger": lambda: f"exit {ledger_size.main([])}",
        "scale": lambda: scale.main(1) if small else scale.main(),
        "exports": lambda: f"exit {big_export.main(['--short'] if small else [])}",
        "million": lambda: million.main(20_000, 500) if small else million.main(),
        "linear": lambda: linear.main([1, 2]) if small else linear.main(),
        "hours": lambda: hours.main(2_000, 1) if small else hours.main(),
        "load": lambda: load.main(60, 1) if small else load.main(),
        "start": lambda: start.main(2) if small else start.main(),
    }
    for name in chosen.which or benchmarks:
        print(benchmarks[name](), "\n", flush=True)


if __name__ == "__main__":
    main()
