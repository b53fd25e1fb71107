"""Verify this bundle: what it shows of a district's evidence stands as it was written. It needs Python 3.8 alone.

python3 -I verify.py [FOLDER] [--key HASH] [--anchor NUMBER:HASH]
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any, NamedTuple

from agent.decide.evidence.chain import Asked, Told, canonical, examine, when
from agent.decide.evidence.ed25519 import verified


class Row(NamedTuple):
    """One record; `body` is None where the bundle gives its hash alone."""

    number: int
    at: int
    kept: str
    what: str
    body: bytes | None
    digest: str
    previous: str
    own: str


class Seal(NamedTuple):
    """One signature."""

    number: int
    own: str
    at: int
    key: str
    signature: str


def main(words: list[str]) -> int:
    """Verify; gives 0 where everything stands as it was written, 1 where not, 2 where it cannot be told."""
    options = argparse.ArgumentParser(description="Verify a bundle of evidence.")
    options.add_argument("folder", nargs="?", type=Path, default=Path(__file__).resolve().parent)
    options.add_argument("--key", action="append", default=[], help="the hash of a key that you trust")
    options.add_argument("--anchor", action="append", default=[], help="NUMBER:HASH, as a mailed report names it")
    given = options.parse_args(words)
    try:
        anchors = [anchor.replace(",", "").partition(":") for anchor in given.anchor]
        asked = Asked(verified, given.key, [(int(n), h.strip()) for n, _, h in anchors], partial=True)
        told = examine(_read_rows(given.folder), _read_seals(given.folder), asked)
        lines = _contradictions(_manifest(given.folder), told)
    except (OSError, ValueError, RecursionError) as error:
        return _say([f"This bundle cannot be verified: {error}"], 2)
    bad = bool(told.troubles or lines or told.seal is None)
    good = [] if bad else ["Nothing is wrong."]
    return _say([*[t.sentence for t in told.troubles], *lines, *_said(told), *good], int(bad))


def _say(lines: list[str], code: int) -> int:
    sys.stdout.write("".join(ascii(line)[1:-1] + "\n" for line in lines))
    return code


def _lines(file: Path) -> list[dict[str, object]]:
    """Give the lines of a file; each must be written in the one form that hashes are taken over."""
    found = []
    for number, line in enumerate(file.read_bytes().splitlines(), 1):
        value = json.loads(line)
        if not isinstance(value, dict) or canonical(value) != line:
            msg = f"{file.name}, line {number}, is not written as a bundle writes it."
            raise ValueError(msg)
        found.append(value)
    return found


def _read_rows(folder: Path) -> list[Any]:
    """Give the records; what looks at them asks for their fields alone."""
    rows = []
    for line in _lines(folder / "records.jsonl"):
        body = canonical(line["body"]) if "body" in line else None
        words = [line.get(name) for name in ("class", "what", "digest", "previous", "hash")]
        number, at = line.get("number"), line.get("at_us")
        if not isinstance(number, int) or not isinstance(at, int) or not all(isinstance(w, str) for w in words):
            msg = "records.jsonl holds a line that is no record."
            raise ValueError(msg)
        rows.append(Row(number, at, str(words[0]), str(words[1]), body, *map(str, words[2:])))
    return rows


def _read_seals(folder: Path) -> list[Any]:
    seals = []
    for line in _lines(folder / "seals.jsonl"):
        words = [line.get(name) for name in ("hash", "key", "signature")]
        number, at = line.get("number"), line.get("at_us")
        if not isinstance(number, int) or not isinstance(at, int) or not all(isinstance(w, str) for w in words):
            msg = "seals.jsonl holds a line that is no seal."
            raise ValueError(msg)
        seals.append(Seal(number, str(words[0]), at, str(words[1]), str(words[2])))
    return seals


def _manifest(folder: Path) -> dict[str, object]:
    found = json.loads((folder / "manifest.json").read_bytes())
    return found if isinstance(found, dict) else {}


def _contradictions(manifest: dict[str, object], told: Told) -> list[str]:
    """Say what the manifest says otherwise: it is signed by nobody, and only tells whether all of it arrived."""
    counted = {"records": told.records, "shown": told.bodies}
    wrong = [name for name, number in counted.items() if manifest.get(name) != number]
    return [f"The manifest says {manifest.get(name)} {name}, and there are {counted[name]}." for name in wrong]


def _said(told: Told) -> list[str]:
    """Say what is proven."""
    ranges = ", ".join(str(a) if a == b else f"{a} to {b}" for a, b in told.proven)
    if told.seal is None:
        return ["Nothing is proven: there is no good seal."]
    lines = [
        f"Proven to stand as they were written: records {ranges or 'none'} of {told.records}; {told.bodies} are shown.",
        f"The newest good seal is on record {told.seal.number}, of {when(told.seal.at)}.",
        f"It was made with the key {told.seal.key}.",
        "Compare that key with the one that the district gave you on another way, and the hash with a mailed report:",
        f"  record {told.seal.number}: {told.seal.own}",
    ]
    if told.unsealed:
        lines.append(f"{told.unsealed} records behind it were not sealed yet.")
    return lines


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
