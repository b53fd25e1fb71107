"""The evidence at the command line: verified, given away in bundles, pruned, and its key."""

from __future__ import annotations

import os
import sys
import zipfile
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import TYPE_CHECKING

from agent import bootstrap
from agent.bootstrap.registry import now
from agent.errors import DriftbellError, InputError, UnseenError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from agent.decide.evidence.chain import Told
    from agent.ledger.store import LedgerStore
    from agent.model.evidence import Record
    from agent.model.policy import Repository
    from agent.settings import Settings

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
PRIVATE_FILE, PRIVATE_FOLDER = 0o600, 0o700


@dataclass(frozen=True, slots=True)
class Trusted:
    """What whoever asks holds of the evidence: hashes of keys, and numbers of records with their hashes."""

    keys: tuple[str, ...] = ()
    anchors: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Verified:
    """What came of verifying: of the chain, and of the journal beside it, a sentence each."""

    told: Told
    journal: tuple[str, ...]
    key: str  # the hash of this server's key, empty where there is none

    @property
    def good(self) -> bool:
        """Say whether nothing is wrong."""
        return not self.told.troubles and not self.journal


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a bundle is to show."""

    since: datetime | None = None
    until: datetime | None = None
    policies: tuple[str, ...] = ()
    controls: tuple[str, ...] = ()  # FRAMEWORK:ID


def verify(
    settings: Settings, trusted: Trusted, since: datetime | None = None, until: datetime | None = None
) -> Verified:
    """Verify the chain whole, the contents of records between two times, and the journal against both."""
    from agent.decide.evidence.chain import Asked, Trouble, digest, examine

    with bootstrap.ledger(settings, read_only=True) as store:
        records, seals = list(store.evidence.records()), store.evidence.seals()
        mine = digest(bytes.fromhex(public)) if (public := _own_key(store)) else ""
        asked = Asked(_verified, trusted.keys, trusted.anchors, since=_micros(since), until=_micros(until))
        told = examine(records, seals, asked)
        if seals and mine and seals[-1].key != mine and mine not in told.keys:
            said = f"The newest seal was made with the key {seals[-1].key[:16]}, and this server's is {mine[:16]}."
            told = told._replace(troubles=(*told.troubles, Trouble(seals[-1].number, said)))
        return Verified(told, _journal(store, records), mine)


def export(settings: Settings, target: Path, wanted: Wanted) -> tuple[int, int, Told]:
    """Write a bundle; gives how many records it shows, of how many, and what is wrong with the chain.

    Raises:
        InputError: nothing was recorded, the place is taken, or a policy or control is not known.
        UnseenError: it cannot be written.
    """
    from agent.decide.evidence.chain import Asked, examine
    from agent.decide.evidence.choosing import Choice, chosen
    from agent.report.evidence.bundle import Contents, files

    if target.exists():
        msg = f"{target} is there already: name a new folder or file for the bundle."
        raise InputError(msg)
    repository = _repository(settings)
    with bootstrap.ledger(settings, read_only=True) as store:
        records, seals = list(store.evidence.records()), store.evidence.seals()
        if not records:
            msg = "There is no evidence yet: it begins with the first change."
            raise InputError(msg)
        policies = _policies(repository, records, wanted)
        choice = Choice(_micros(wanted.since), _micros(wanted.until), policies, _batches(store, records))
    shown = chosen(records, choice)
    district = repository.district.name if repository else ""
    made = f"{datetime.now(UTC):%Y-%m-%d %H:%M UTC}"
    contents = Contents(records, shown, seals, district, made, _said(wanted, policies))
    _write(target, files(contents))
    held = sum(r.body is not None and r.number in shown for r in records)
    return held, len(records), examine(records, seals, Asked(_verified))


def prune(settings: Settings, at: datetime | None = None) -> int:
    """Forget what records held that are too old by the settings, and seal that; gives how many."""
    moment = at or now()
    with bootstrap.ledger(settings) as store:
        number = store.evidence.prune(settings.evidence_kept, moment)
        if number:
            store.evidence.seal(moment)
    return number


def key(settings: Settings, *, new: bool = False) -> str:
    """Give the public key, as hex; make a new one where that is wanted.

    Raises:
        InputError: there is none yet.
    """
    with bootstrap.ledger(settings, read_only=not new) as store:
        if new:
            store.evidence.renew(now())
        public = store.evidence.key()
    if not public:
        msg = "There is no key yet: the first change makes one, and so does `driftbell evidence key --new`."
        raise InputError(msg)
    return public


def _own_key(store: LedgerStore) -> str:
    """Give the public key of this server, where whoever asks may read it."""
    with suppress(DriftbellError):
        return store.evidence.key()
    return ""


def _verified(public: bytes, signature: bytes, message: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def _journal(store: LedgerStore, records: Sequence[Record]) -> tuple[str, ...]:
    """Compare with the journal what is not pruned."""
    from agent.decide.evidence.choosing import intents

    before, begun, ended = intents(records)
    if any(r.what == "intended" and r.body is None for r in records):
        before = min(begun, default=sys.maxsize) - 1  # what the pruned ones were about is not told any more
    journal = store.evidence.journal(before)
    said = [
        (sorted(journal.keys() - begun), "The journal has {}, of which there is no evidence."),
        (sorted(begun - journal.keys()), "There is evidence of {}, which the journal does not have."),
        (sorted(i for i, done in journal.items() if done and i in begun - ended), "What came of {} has no evidence."),
    ]
    return tuple(sentence.format(_changes(numbers)) for numbers, sentence in said if numbers)


def _changes(numbers: Sequence[int]) -> str:
    more = f" and {len(numbers) - 1} more" if len(numbers) > 1 else ""
    return f"change {numbers[0]}{more}"


def _repository(settings: Settings) -> Repository | None:
    """Give the policies as they are now, where they can be read: evidence is there without them."""
    with suppress(DriftbellError):
        return bootstrap.load(settings)
    return None


def _policies(repository: Repository | None, records: Sequence[Record], wanted: Wanted) -> frozenset[str] | None:
    """Give the policies that are asked for, by name or by what they serve, now or in any text that was recorded."""
    from agent.decide.evidence.choosing import texts
    from agent.intake.texts import serves

    if not wanted.policies and not wanted.controls:
        return None
    written, current = texts(records), repository.policies if repository else ()
    known = {p for p, _ in written} | {p.id for p in current}
    if missing := [p for p in wanted.policies if p not in known]:
        msg = f"There is no evidence of a policy {missing[0]!r}, and no such policy."
        raise InputError(msg)
    found = set(wanted.policies)
    for control in wanted.controls:
        framework, colon, number = control.partition(":")
        if not colon or not number:
            msg = f"--control {control!r}: name a framework and one of its safeguards, such as cis_v8:4.1."
            raise InputError(msg)
        serving = {p for p, text in written if number in serves(text).get(framework, ())}
        serving |= {p.id for p in current if number in p.frameworks.get(framework, ())}
        if not serving:
            msg = f"No policy says that it serves {control}; `driftbell coverage` shows what they serve."
            raise InputError(msg)
        found |= serving
    return frozenset(found)


def _batches(store: LedgerStore, records: Sequence[Record]) -> Mapping[str, str]:
    from agent.decide.evidence.choosing import batches

    known, spoken = batches(records)
    for digest in spoken:
        if (batch := store.batch(digest)) is not None:
            known[digest] = batch.policy
    return known


def _said(wanted: Wanted, policies: frozenset[str] | None) -> dict[str, str]:
    said = {
        "from": wanted.since.isoformat() if wanted.since else "",
        "to": wanted.until.isoformat() if wanted.until else "",
        "controls": ", ".join(wanted.controls),
        "policies": ", ".join(sorted(policies or ())),
    }
    return {key: value for key, value in said.items() if value}


def _write(target: Path, files: Mapping[str, bytes]) -> None:
    """Write a bundle, readable by its maker alone: it names machines and people."""
    try:
        if target.suffix == ".zip":
            _put(target, _zipped(files, target.stem))
            return
        target.mkdir(mode=PRIVATE_FOLDER)
        for name, content in files.items():
            _put(target / name, content)
    except OSError as error:
        msg = f"The bundle {target} cannot be written: {error.strerror}."
        raise UnseenError(msg) from error


def _put(file: Path, content: bytes) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE_FILE)
    with os.fdopen(descriptor, "wb") as opened:
        opened.write(content)


def _zipped(files: Mapping[str, bytes], folder: str) -> bytes:
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, content in files.items():
            opened.writestr(f"{folder}/{name}", content)
    return made.getvalue()


def _micros(at: datetime | None) -> int | None:
    return None if at is None else (at - EPOCH) // timedelta(microseconds=1)
