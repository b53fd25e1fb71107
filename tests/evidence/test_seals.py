"""The key that seals: who may read it, what another one has to show, and what happens when it is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agent.decide.evidence import chain
from agent.errors import InputError, UnseenError
from tests.evidence.deeds import change, kinds, looked, sentences
from tests.ledger.nouns import HOUR, START

if TYPE_CHECKING:
    from pathlib import Path

    from agent.ledger.store import LedgerStore


@pytest.fixture
def key(path: Path) -> Path:
    return path.with_name("evidence.key")


def test_a_key_is_made_at_first_use_for_its_owner_alone(ledger: LedgerStore, key: Path) -> None:
    assert not key.exists()
    change(ledger)
    made = ledger.evidence.seal(START)
    assert made is not None
    assert key.stat().st_mode & 0o777 == 0o600
    assert b"PRIVATE KEY" in key.read_bytes()
    assert made.key == chain.digest(bytes.fromhex(ledger.evidence.key()))
    assert [p.name for p in key.parent.iterdir() if "evidence" in p.name] == ["evidence.key"]


def test_what_is_sealed_already_is_not_sealed_again(ledger: LedgerStore) -> None:
    change(ledger)
    first = ledger.evidence.seal(START)
    assert ledger.evidence.seal(START + HOUR) == first
    change(ledger)
    second = ledger.evidence.seal(START + HOUR)
    assert second is not None
    assert len(ledger.evidence.seals()) == 2
    assert second.number == len(kinds(ledger))


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_that_others_may_read_is_refused(ledger: LedgerStore, key: Path, mode: int) -> None:
    change(ledger)
    ledger.evidence.seal(START)
    change(ledger)
    key.chmod(mode)
    with pytest.raises(InputError, match=r"others may read it .* `chmod 600 "):
        ledger.evidence.seal(START)
    assert len(ledger.evidence.seals()) == 1
    key.chmod(0o600)
    assert ledger.evidence.seal(START) is not None


@pytest.mark.parametrize("content", [b"", b"nonsense", b"\xff" * 20_000])
def test_a_file_that_is_no_key_is_refused_and_left_alone(ledger: LedgerStore, key: Path, content: bytes) -> None:
    key.write_bytes(content)
    key.chmod(0o600)
    change(ledger)
    with pytest.raises(InputError, match="is no Ed25519 key"):
        ledger.evidence.seal(START)
    assert key.read_bytes() == content


def test_a_key_in_a_place_that_cannot_be_written_is_a_sentence(ledger: LedgerStore, key: Path) -> None:
    change(ledger)
    key.with_name("evidence.key.part").mkdir()
    with pytest.raises(UnseenError, match="cannot be made"):
        ledger.evidence.seal(START)


def test_a_new_key_is_vouched_for_by_the_old_one(ledger: LedgerStore, path: Path) -> None:
    change(ledger)
    first = ledger.evidence.seal(START)
    name = ledger.evidence.renew(START + HOUR)
    change(ledger)
    second = ledger.evidence.seal(START + 2 * HOUR)
    assert first is not None
    assert second is not None
    assert (second.key, name != first.key) == (name, True)
    told = looked(path)
    assert (told.troubles, told.keys) == ((), (first.key, name))
    assert sentences(path, keys=[first.key]) != []  # whoever trusts the old one alone is told
    assert sentences(path, keys=[name]) == []


def test_a_lost_key_is_said_until_the_new_one_is_trusted(ledger: LedgerStore, path: Path, key: Path) -> None:
    change(ledger)
    ledger.evidence.seal(START)
    key.unlink()
    change(ledger)
    second = ledger.evidence.seal(START + HOUR)
    assert second is not None
    (said,) = sentences(path)
    assert f"The key {second.key[:16]} came in with record 8 without the word of the key before it" in said
    assert sentences(path, keys=[second.key[:16]]) == []


def test_a_first_key_may_be_asked_for_before_anything_is_recorded(ledger: LedgerStore, path: Path) -> None:
    assert not ledger.evidence.key()
    name = ledger.evidence.renew(START)
    assert chain.digest(bytes.fromhex(ledger.evidence.key())) == name
    change(ledger)
    ledger.evidence.seal(START)
    assert sentences(path) == []
