"""Somebody changes the ledger's file with sqlite3: each way is found and named, and what is still proven is said."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from agent.decide.evidence import chain
from tests.evidence.deeds import by_hand, lived, looked, sentences

if TYPE_CHECKING:
    from pathlib import Path

LAST = 9  # records that `lived` makes


@pytest.fixture(autouse=True)
def _lived(path: Path) -> None:
    lived(path)


def test_what_nobody_touched_is_proven(path: Path) -> None:
    told = looked(path)
    assert (told.troubles, told.records, told.proven, told.unsealed) == ((), LAST, ((1, LAST),), 0)


def test_a_changed_content(path: Path) -> None:
    by_hand(path, """UPDATE evidence SET body = '{"outcomes":[]}' WHERE number = 4""")
    told = looked(path)
    assert [t.sentence for t in told.troubles] == [
        "Record 4 (outcome, 2026-10-14 06:30:00 UTC) was changed: its content is not what was recorded."
    ]
    assert told.proven == ((1, 3), (5, LAST))


def test_a_content_taken_away(path: Path) -> None:
    by_hand(path, "UPDATE evidence SET body = NULL WHERE number = 6")
    assert sentences(path) == [
        "The content of record 6 (intended, 2026-10-14 07:30:00 UTC) was removed, and nothing says that it was too old."
    ]


@pytest.mark.parametrize(
    "change", ["at = at + 1", "kept = 'refusals'", "what = 'approval'", "digest = previous", "previous = own"]
)
def test_a_changed_field(path: Path, change: str) -> None:
    by_hand(path, f"UPDATE evidence SET {change} WHERE number = 7")  # ruff: ignore[hardcoded-sql-expression] - a test's own
    told = looked(path)
    assert told.troubles[0].number in {6, 7}
    assert any("Record 7 (" in t.sentence and "was changed" in t.sentence for t in told.troubles)
    assert told.proven[0] == (1, 5), "the seal before it still proves what is before it"
    assert not [span for span in told.proven if span[0] <= 7 <= span[1]]


def test_a_changed_hash(path: Path) -> None:
    by_hand(path, "UPDATE evidence SET own = zeroblob(32) WHERE number = 6")
    told = looked(path)
    assert "Record 6 (intended, 2026-10-14 07:30:00 UTC) was changed" in told.troubles[0].sentence
    assert told.proven == ((1, 5), (7, LAST))


def test_the_middle_removed(path: Path) -> None:
    by_hand(path, "DELETE FROM evidence WHERE number IN (3, 4)")
    assert sentences(path)[0] == "Records 3 to 4 were removed."
    assert looked(path).proven[-1] == (5, LAST)


def test_the_middle_removed_and_the_rest_numbered_anew(path: Path) -> None:
    by_hand(path, "DELETE FROM evidence WHERE number = 6", "UPDATE evidence SET number = number - 1 WHERE number > 6")
    said = sentences(path)
    assert (
        said[0]
        == "What stood before record 6 (outcome, 2026-10-14 07:30:00 UTC) was removed, or put in the place of what was."
    )
    assert looked(path).proven == ((1, 5),)


def test_the_first_record_removed(path: Path) -> None:
    by_hand(path, "DELETE FROM evidence WHERE number = 1")
    assert sentences(path)[0] == "Record 1 was removed."


def test_the_tail_removed_behind_a_seal(path: Path) -> None:
    by_hand(path, "DELETE FROM evidence WHERE number > 7")
    (said,) = sentences(path)
    assert said.startswith("The seal on record 9 (2026-10-14 08:30:00 UTC) is about a record that is no longer there")
    assert said.endswith("the last records were removed.")
    assert looked(path).proven == ((1, 7),)


def test_the_tail_removed_with_its_seals_is_found_by_a_mailed_hash_alone(path: Path) -> None:
    held = looked(path).seal
    assert held is not None
    by_hand(path, "DELETE FROM evidence WHERE number > 7", "DELETE FROM seal WHERE number > 7")
    assert sentences(path) == []
    assert sentences(path, anchors=[(held.number, held.own[:16])]) == ["Record 9, whose hash you hold, is not there."]


def test_a_record_put_in_with_right_hashes(path: Path) -> None:
    with closing(sqlite3.connect(path)) as opened, opened:
        for number in range(LAST, 5, -1):
            opened.execute("UPDATE evidence SET number = ? WHERE number = ?", (number + 1, number))
        previous, at = opened.execute("SELECT own, at FROM evidence WHERE number = 5").fetchone()
        body = b'{"outcomes":[]}'
        content = chain.digest(body)
        own = chain.own(6, at, ("changes", "outcome"), content, previous.hex())
        row = (6, at, "changes", "outcome", None, body, bytes.fromhex(content), previous, bytes.fromhex(own))
        opened.execute("INSERT INTO evidence VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    told = looked(path)
    assert told.troubles[0].sentence == (
        "Record 6 was put in later: record 7 (intended, 2026-10-14 07:30:00 UTC) was written right after record 5."
    )
    assert told.proven == ((1, 5),)


def test_two_records_swapped(path: Path) -> None:
    by_hand(
        path,
        "UPDATE evidence SET number = 100 WHERE number = 6",
        "UPDATE evidence SET number = 6 WHERE number = 7",
        "UPDATE evidence SET number = 7 WHERE number = 100",
    )
    said = [s for s in sentences(path) if s.startswith("The order was changed: record 6 (outcome")]
    assert [s.rpartition(" was written ")[2] for s in said] == ["after what is now record 7."]
    assert looked(path).proven[0] == (1, 5)


def test_everything_from_a_record_on_written_anew_with_right_hashes(path: Path) -> None:
    rewritten(path, 7)
    told = looked(path)
    assert {t.sentence.partition(") ")[2] for t in told.troubles} == {
        "is about another record than what stands there now: the chain was written anew up to there."
    }
    assert told.proven == ((1, 5),)


def test_everything_written_anew_and_sealed_with_another_key(path: Path) -> None:
    rewritten(path, 7)
    mine = Ed25519PrivateKey.generate()
    name = chain.digest(mine.public_key().public_bytes_raw())
    with closing(sqlite3.connect(path)) as opened, opened:
        for number, own, at in opened.execute("SELECT number, own, at FROM evidence WHERE number IN (7, 9)").fetchall():
            signature = mine.sign(chain.sealing(number, own.hex(), at, name))
            row = (own, bytes.fromhex(name), signature, number)
            opened.execute("UPDATE seal SET own = ?, key = ?, signature = ? WHERE number = ?", row)
    said = sentences(path)
    assert len(said) == 2
    assert all(f"was made with the key {name[:16]}, which no record before it names." in s for s in said)


@pytest.mark.parametrize("change", ["signature = zeroblob(64)", "signature = x''", "at = at + 1"])
def test_a_changed_seal(path: Path, change: str) -> None:
    by_hand(path, f"UPDATE seal SET {change} WHERE number = 7")  # ruff: ignore[hardcoded-sql-expression] - a test's own
    assert [s.partition(") ")[2] for s in sentences(path)] == ["has a wrong signature."]
    assert looked(path).proven == ((1, LAST),), "the next seal covers it all the same"


@pytest.mark.parametrize("column", ["at", "kept", "what", "body", "digest", "previous", "own"])
@pytest.mark.parametrize("value", ["'a text'", "7.5", "x'00'", "x''"])
def test_a_cell_of_another_type_is_found_and_no_crash(path: Path, column: str, value: str) -> None:
    by_hand(path, f"UPDATE evidence SET {column} = {value} WHERE number = 7")  # ruff: ignore[hardcoded-sql-expression] - a test's own
    assert any("Record 7 (" in s for s in sentences(path))


@pytest.mark.parametrize("column", ["number", "at", "own", "key", "signature"])
def test_a_cell_of_another_type_in_a_seal_is_found_and_no_crash(path: Path, column: str) -> None:
    by_hand(path, f"UPDATE seal SET {column} = 'a text' WHERE number = 7")  # ruff: ignore[hardcoded-sql-expression] - a test's own
    assert len(sentences(path)) == 1


def test_bytes_that_are_no_packed_content_are_a_sentence(path: Path) -> None:
    by_hand(path, "UPDATE evidence SET body = x'789cffff' WHERE number IN (3, 5)")
    assert "Record 3 (intended" in sentences(path)[0]


def test_a_look_at_some_contents_still_sees_every_link(path: Path) -> None:
    by_hand(path, """UPDATE evidence SET body = '{}' WHERE number = 9""", "DELETE FROM evidence WHERE number = 3")
    first = looked(path).last
    assert first is not None
    assert sentences(path, until=first.at)[0] == "Record 3 was removed."
    assert not any("Record 9" in s for s in sentences(path, until=first.at))
    assert any("Record 9" in s for s in sentences(path, since=first.at))


def rewritten(path: Path, start: int) -> None:
    """Change a record, and make every hash from there on right again, as somebody who knows how it is done would."""
    with closing(sqlite3.connect(path)) as opened, opened:
        opened.execute("""UPDATE evidence SET body = '{"outcomes":["all well"]}' WHERE number = ?""", (start,))
        (previous,) = opened.execute("SELECT own FROM evidence WHERE number = ?", (start - 1,)).fetchone()
        rows = opened.execute("SELECT number, at, kept, what, body, digest FROM evidence WHERE number >= ?", (start,))
        for number, at, kept, what, body, digest in rows.fetchall():
            content = chain.digest(body.encode()) if number == start else digest.hex()
            own = bytes.fromhex(chain.own(number, at, (kept, what), content, previous.hex()))
            row = (bytes.fromhex(content), previous, own, number)
            opened.execute("UPDATE evidence SET digest = ?, previous = ?, own = ? WHERE number = ?", row)
            previous = own
