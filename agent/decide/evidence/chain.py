"""The chain of evidence: what is hashed and signed, and what is wrong with a chain, record by record.

Each record's hash covers its own fields, the hash of its content and the hash of the record before it. A seal is a
signature over one such hash, so that it covers everything up to there.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from agent.model.evidence import Record, Sealed

FIRST = "0" * 64  # what the first record has for the hash of the one before it
SHORT = 16  # digits of a hash that people compare
EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


class Trouble(NamedTuple):
    """One thing that is wrong: at which record, and a sentence."""

    number: int
    sentence: str


class Key(NamedTuple):
    """A public key, the record that brings it in, and the hash of the key that it came after, or nothing."""

    public: bytes
    number: int
    after: str


class Told(NamedTuple):
    """What came of looking at a chain.

    `proven` are the ranges of records that a seal proves to stand as they were written. `seal` is the newest good one,
    `keys` the keys that made good seals, `unsealed` how many records stand behind the newest seal.
    """

    troubles: tuple[Trouble, ...]
    records: int
    bodies: int
    pruned: int
    proven: tuple[tuple[int, int], ...]
    seal: Sealed | None
    keys: tuple[str, ...]
    unsealed: int
    last: Record | None


class Asked(NamedTuple):
    """How a chain is looked at.

    `verify` takes a public key, a signature and a message. `keys` are those that whoever asks trusts (a beginning of
    their hash is enough); `anchors` numbers of records with the beginning of their hash, as kept elsewhere. `partial`
    is whether contents may be left out, `since` and `until` between which microseconds contents are looked at.
    """

    verify: Callable[[bytes, bytes, bytes], bool]
    keys: Collection[str] = ()
    anchors: Sequence[tuple[int, str]] = ()
    partial: bool = False
    since: int | None = None
    until: int | None = None


def canonical(value: object) -> bytes:
    """Give a JSON value in its one form: keys sorted, no blanks, ASCII alone."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return text.encode("ascii")


def digest(body: bytes) -> str:
    """Give the hash of a content, or of a public key."""
    return hashlib.sha256(body).hexdigest()


def link(record: Record) -> str:
    """Give the hash that a record must have."""
    return own(record.number, record.at, (record.kept, record.what), record.digest, record.previous)


def own(number: int, at: int, words: tuple[str, str], content: str, previous: str) -> str:
    """Give the hash of a record: its number, time (microseconds since 1970), class, kind and two hashes."""
    return digest(canonical(["driftbell record 1", number, at, *words, content, previous]))


def sealing(number: int, own: str, at: int, key: str) -> bytes:
    """Give what a seal signs."""
    return canonical(["driftbell seal 1", number, own, at, key])


def examine(records: Iterable[Record], seals: Sequence[Sealed], asked: Asked) -> Told:
    """Look at a whole chain."""
    rows = list(records)
    places: dict[str, int] = {}
    for row in rows:
        places.setdefault(row.own, row.number)
    known = {row.number: row for row in rows}
    troubles = [*_links(rows, places), *_bodies(rows, asked)]
    good, more = _seals(rows, known, seals, asked)
    troubles += more
    troubles += _anchored(known, good, asked)
    last = rows[-1] if rows else None
    newest = good[-1] if good else None
    return Told(
        troubles=tuple(sorted(troubles, key=lambda t: t.number)),
        records=len(rows),
        bodies=sum(row.body is not None for row in rows),
        pruned=0 if asked.partial else sum(row.body is None for row in rows),
        proven=tuple(_proven(rows, good)),
        seal=newest,
        keys=tuple(dict.fromkeys(s.key for s in good)),
        unsealed=sum(row.number > (newest.number if newest else 0) for row in rows),
        last=last,
    )


def named(row: Record) -> str:
    """Name a record for a person."""
    return f"record {row.number} ({row.what}, {when(row.at)})"


def when(at: int) -> str:
    """Give a time for a person."""
    try:
        return f"{EPOCH + timedelta(microseconds=at):%Y-%m-%d %H:%M:%S} UTC"
    except OverflowError:
        return f"at {at}, which is no time"


def _links(rows: Sequence[Record], places: dict[str, int]) -> Iterable[Trouble]:
    """Say where records were removed, put in, put elsewhere or changed."""
    number, previous = 0, FIRST
    for row in rows:
        if row.number > number + 1:
            yield Trouble(number + 1, f"{_span(number + 1, row.number - 1)} removed.")
        elif row.previous != previous:
            yield _misplaced(row, number, places.get(row.previous, 0 if row.previous == FIRST else None))
        if link(row) != row.own:
            yield Trouble(row.number, f"{_capital(named(row))} was changed: its hash is not that of its fields.")
        number, previous = row.number, row.own


def _misplaced(row: Record, before: int, follows: int | None) -> Trouble:
    if follows is None:
        said = f"What stood before {named(row)} was removed, or put in the place of what was."
        return Trouble(before or row.number, said)
    if follows >= row.number:
        said = f"The order was changed: {named(row)} was written after what is now record {follows}."
        return Trouble(row.number, said)
    if before > follows:
        said = f"{_span(follows + 1, before)} put in later: {named(row)} was written right after "
        return Trouble(follows + 1, said + (f"record {follows}." if follows else "nothing."))
    return Trouble(row.number, f"{_capital(named(row))} does not follow the one before it.")


def _span(first: int, last: int) -> str:
    return f"Record {first} was" if first == last else f"Records {first} to {last} were"


def _bodies(rows: Sequence[Record], asked: Asked) -> Iterable[Trouble]:
    """Say which contents are not those that were recorded, and which are gone without a record of it."""
    since, until = asked.since, asked.until
    pruned = _pruned(rows)
    for row in rows:
        if (since is not None and row.at < since) or (until is not None and row.at >= until):
            continue
        by, before = pruned.get(row.kept, (0, 0))
        if row.body is not None and digest(row.body) != row.digest:
            yield Trouble(row.number, f"{_capital(named(row))} was changed: its content is not what was recorded.")
        elif row.body is None and row.kept == "chain":
            said = f"The content of {named(row)} was removed; records of this kind are kept for ever."
            yield Trouble(row.number, said)
        elif row.body is None and not asked.partial and not (by > row.number and row.at < before):
            yield Trouble(row.number, f"The content of {named(row)} was removed, and nothing says that it was too old.")


def _pruned(rows: Sequence[Record]) -> dict[str, tuple[int, int]]:
    """Give, by class, the record of the pruning that reached furthest, and the time that it reached to."""
    found: dict[str, tuple[int, int]] = {}
    for row in rows:
        said = _content(row) if row.what == "pruned" else None
        if isinstance(said, dict) and isinstance(said.get("before_us"), int):
            kept, before = str(said.get("class")), int(said["before_us"])
            if before >= found.get(kept, (0, 0))[1]:
                found[kept] = (row.number, before)
    return found


def _content(row: Record) -> object:
    try:
        return json.loads(row.body or b"null")
    except (ValueError, RecursionError):
        return None


def named_keys(rows: Sequence[Record]) -> dict[str, Key]:
    """Give every key that the chain names, by its hash."""
    found: dict[str, Key] = {}
    for row in rows:
        said = _content(row) if row.what == "key" else None
        if isinstance(said, dict) and isinstance(said.get("public"), str):
            public = _bytes(said["public"])
            found.setdefault(digest(public), Key(public, row.number, str(said.get("after", ""))))
    return found


def _seals(
    rows: Sequence[Record], known: dict[int, Record], seals: Sequence[Sealed], asked: Asked
) -> tuple[list[Sealed], list[Trouble]]:
    """Give the good seals, oldest first, and what is wrong with the others."""
    keys = named_keys(rows)
    good: list[Sealed] = []
    troubles: list[Trouble] = []
    for seal in sorted(seals, key=lambda s: (s.number, s.at)):
        if wrong := _flaw(seal, known, keys, asked):
            troubles.append(Trouble(seal.number, f"The seal on record {seal.number} ({when(seal.at)}) {wrong}"))
        else:
            good.append(seal)
    for place, (key, one) in enumerate(keys.items()):
        vouched = not place or any(s.key == one.after and s.number >= one.number for s in good)
        if not vouched and not _trusts(asked, key):
            said = (
                f"The key {key[:SHORT]} came in with record {one.number} without the word of the key before it: that "
            )
            said += (
                "was lost, or somebody else's took its place. Name the new one with --key if you know that it is right."
            )
            troubles.append(Trouble(one.number, said))
    return good, troubles


def _trusts(asked: Asked, key: str) -> bool:
    return any(len(trusted) >= SHORT and key.startswith(trusted.lower()) for trusted in asked.keys)


def _flaw(seal: Sealed, known: dict[int, Record], keys: dict[str, Key], asked: Asked) -> str:
    if seal.key not in keys or keys[seal.key].number > seal.number:
        return f"was made with the key {seal.key[:SHORT]}, which no record before it names."
    message = sealing(seal.number, seal.own, seal.at, seal.key)
    if not asked.verify(keys[seal.key].public, _bytes(seal.signature), message):
        return "has a wrong signature."
    if seal.number not in known:
        gone = "the last records were" if seal.number > max(known, default=0) else "it was"
        return f"is about a record that is no longer there: {gone} removed."
    if known[seal.number].own != seal.own:
        return "is about another record than what stands there now: the chain was written anew up to there."
    return ""


def _anchored(known: dict[int, Record], told: Sequence[Sealed], asked: Asked) -> Iterable[Trouble]:
    """Say what is not as somebody outside holds it: hashes of records, and keys."""
    for number, start in asked.anchors:
        if number not in known:
            yield Trouble(number, f"Record {number}, whose hash you hold, is not there.")
        elif not known[number].own.startswith(start.lower()):
            said = f"{_capital(named(known[number]))} has not the hash that you hold: the chain was written anew."
            yield Trouble(number, said)
    if asked.keys and told and not _trusts(asked, told[-1].key):
        said = f"The newest seal was made with the key {told[-1].key[:SHORT]}, which is not one that you trust."
        yield Trouble(told[-1].number, said)


def _proven(rows: Sequence[Record], good: Sequence[Sealed]) -> Iterable[tuple[int, int]]:
    """Give the ranges of records that a good seal covers without a break, lowest first."""
    sealed = {s.number: s.own for s in good}
    found: list[tuple[int, int]] = []
    expected = ""
    for row in reversed(rows):
        expected = sealed.get(row.number, expected)
        whole = row.own == expected and link(row) == expected and (row.body is None or digest(row.body) == row.digest)
        if whole and found and found[-1][0] == row.number + 1:
            found[-1] = (row.number, found[-1][1])
        elif whole:
            found.append((row.number, row.number))
        expected = row.previous if row.own == expected and link(row) == expected else ""
    return reversed(found)


def _bytes(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except (ValueError, RecursionError):
        return b""


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
