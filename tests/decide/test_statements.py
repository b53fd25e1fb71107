"""The text that is signed has one spelling: what is read is written again to the very same bytes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.decide import statements
from agent.model.approval import Statement, Word

LINES = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=40)
TIMES = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)).map(  # ruff: ignore[call-datetime-without-tzinfo] - hypothesis takes bounds without one
    lambda at: at.replace(microsecond=0)
)
HEX = "0123456789abcdef"
STATEMENTS = st.builds(
    Statement,
    st.sampled_from(Word),
    st.text(HEX, min_size=64, max_size=64).map("sha256:{}".format),
    LINES,
    LINES,
    TIMES,
    TIMES,
    st.text(HEX, min_size=32, max_size=32),
    LINES | st.just(""),
)
ARMOR = "-----BEGIN SSH SIGNATURE-----\nU1NIU0lH\n-----END SSH SIGNATURE-----\n"


@given(STATEMENTS)
def test_what_is_written_is_read_again(statement: Statement) -> None:
    assert statements.read(statements.written(statement)) == statement
    assert statements.parts(statements.written(statement) + ARMOR) == (statements.written(statement), ARMOR)


@given(STATEMENTS, st.data())
def test_no_two_texts_say_the_same(statement: Statement, data: st.DataObject) -> None:
    text = statements.written(statement)
    place = data.draw(st.integers(0, len(text) - 1))
    other = text[:place] + data.draw(st.sampled_from("\n\r\t :Z0a\u200e\u0660")) + text[place + 1 :]
    try:
        read = statements.read(other)
    except ValueError:
        return
    assert statements.written(read) == other
    assert (read == statement) is (other == text)


@pytest.mark.parametrize("value", ["two\nlines", " a blank before", "bell\a", "x" * 301, "left\u202eright"])
def test_what_cannot_stand_on_a_plain_line_is_not_written(value: str) -> None:
    now = datetime(2026, 10, 14, tzinfo=UTC)
    with pytest.raises(ValueError, match="one line of plain text"):
        statements.written(Statement(Word.DENY, "sha256:" + "a" * 64, "R", "sam", now, now, "0" * 32, value))


def test_a_statement_needs_its_person() -> None:
    now = datetime(2026, 10, 14, tzinfo=UTC)
    with pytest.raises(ValueError, match="cannot be empty"):
        statements.written(Statement(Word.DENY, "sha256:" + "a" * 64, "R", "", now, now, "0" * 32))
