"""The files of a bundle: records, seals, keys, a manifest, a program that verifies them, and a page in plain words."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from agent import __version__
from agent.decide.evidence import chain, ed25519
from agent.report.evidence import verifier
from agent.report.plain import plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from agent.model.evidence import Record, Sealed

Json = dict[str, object]
SPKI = bytes.fromhex("302a300506032b6570032100")  # what stands before an Ed25519 public key in DER (RFC 8410)


@dataclass(frozen=True, slots=True)
class Contents:
    """What goes into a bundle: every record, which of them are shown, the seals, and how they were chosen."""

    records: Sequence[Record]
    shown: frozenset[int]
    seals: Sequence[Sealed]
    district: str
    made: str
    chosen: Mapping[str, str]


def files(contents: Contents) -> dict[str, bytes]:
    """Give the bundle's files by their names."""
    rows = [entry(r, shown=r.number in contents.shown) for r in contents.records]
    seals = [
        {"number": s.number, "at_us": s.at, "hash": s.own, "key": s.key, "signature": s.signature}
        for s in spread(contents.seals)
    ]
    shown = sum("body" in row for row in rows)
    manifest = {
        "bundle": 1,
        "driftbell": __version__,
        "district": contents.district,
        "made": contents.made,
        "chosen": dict(contents.chosen),
        "records": len(rows),
        "shown": shown,
        "seals": len(seals),
    }
    return {
        "README.txt": readme(contents, shown).encode("utf-8", "backslashreplace"),
        "manifest.json": (json.dumps(manifest, indent=2) + "\n").encode(),
        "records.jsonl": _lines(rows),
        "seals.jsonl": _lines(seals),
        "public-keys.pem": _keys(contents.records).encode(),
        "verify.py": script().encode(),
    }


def spread(seals: Sequence[Sealed]) -> tuple[Sealed, ...]:
    """Give the last seal of each key in each month: one covers all before it, and verifying costs 10 ms there."""
    lasts = {(s.key, chain.when(s.at)[:7]): s for s in seals}
    return tuple(s for s in seals if lasts[s.key, chain.when(s.at)[:7]] is s)


def entry(record: Record, *, shown: bool) -> Json:
    """Give a record as a line of a bundle; one that is not shown, or was pruned, is its hashes alone."""
    row: Json = {
        "number": record.number,
        "at_us": record.at,
        "class": record.kept,
        "what": record.what,
        "digest": record.digest,
        "previous": record.previous,
        "hash": record.own,
    }
    body = _read(record) if shown else None
    return row if body is None else {**row, "body": body}


def script() -> str:
    """Give verify.py: our own modules, one behind the other, without what they import of each other."""
    modules = [Path(str(module.__file__)).read_text("utf-8") for module in (ed25519, chain, verifier)]
    bodies = [_alone(text) for text in modules]
    head = f"#!/usr/bin/env python3\n{_docstring(modules[-1])}\nfrom __future__ import annotations\n"
    return head + "\n\n".join(bodies)


def readme(contents: Contents, shown: int) -> str:
    """Say what the bundle is, how it is verified, and what that does not prove."""
    chosen = "; ".join(f"{key} {plain(value)}" for key, value in contents.chosen.items()) or "everything"
    return README.format(
        district=plain(contents.district) or "a school district",
        made=contents.made,
        chosen=chosen,
        shown=f"{shown:,}",
        records=f"{len(contents.records):,}",
    )


def _lines(rows: Sequence[Json]) -> bytes:
    return b"".join(chain.canonical(row) + b"\n" for row in rows)


def _read(record: Record) -> object:
    """Give what a record says, or None where there is nothing, or something that nobody recorded."""
    try:
        body = json.loads(record.body or b"null")
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) and chain.canonical(body) == record.body else None


def _keys(records: Sequence[Record]) -> str:
    """Give the public keys that the chain names, as other programs read them."""
    return "".join(
        f"Key {name}\n-----BEGIN PUBLIC KEY-----\n{base64.b64encode(SPKI + key.public).decode()}\n"
        "-----END PUBLIC KEY-----\n"
        for name, key in chain.named_keys(records).items()
    )


def _alone(text: str) -> str:
    text = text.replace(_docstring(text), "", 1).replace("from __future__ import annotations\n", "")
    text = re.sub(r"^if TYPE_CHECKING:\n(?:(?: .*)?\n)+?(?=\S)", "", text, flags=re.MULTILINE)
    return re.sub(r"^from agent\..*\n", "", text, flags=re.MULTILINE).strip("\n") + "\n"


def _docstring(text: str) -> str:
    return text[: text.index('"""', 3) + 3]


README = """\
Evidence of changes at {district}
Made {made} by Driftbell. Chosen: {chosen}.

What this is
  Driftbell changes computers the way the district's written rules say. Before each change it records
  what it is about to do and by what right (the rule's text, its revision, its author, who approved it),
  and afterwards what it saw when it looked again. records.jsonl holds these records, one a line: {shown}
  of {records} with what they say, the others as hashes alone, so that you can see that none is missing.

How to verify it
  You need Python 3.8 or later and nothing else; no network. In this folder:

      python3 -I verify.py

  It ends with 0 and "Nothing is wrong." where every record stands as it was written, with 1 and plain
  sentences where one was changed, removed, put in or put elsewhere, with 2 where it cannot tell.
  Read verify.py first if you like: it is short, and it is all there is.

What makes it worth anything
  The key. Whoever makes a bundle can make a key. Ask the district for the hash of its key on another way
  (`driftbell evidence key` prints it) and compare it with what verify.py prints, or say

      python3 -I verify.py --key HASH

  The mailed reports. Each carries the number and the beginning of the hash of the newest record of that
  day. Take one from somebody's mailbox, outside of the server, and say

      python3 -I verify.py --anchor NUMBER:HASH

  Then nobody rewrote anything up to that record since that mail.

What it does not prove
  Whoever owns the server can write other records from the start, or rewrite what stands behind the newest
  hash that somebody else holds. Records behind the newest seal are chained and not sealed yet.
  That a record is true rests on the server that wrote it; the record shows what it read and when.

Files
  records.jsonl    the records; `at_us` is microseconds since 1970 UTC
  seals.jsonl      signatures (Ed25519) over the chain, each up to a record
  public-keys.pem  the keys that the chain names, for other programs
  manifest.json    what was chosen; nobody signs it
  verify.py        the program that verifies
"""
