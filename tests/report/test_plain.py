from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.report.plain import brief, ended, plain, sentence
from tests.report.reading import unsafe


@pytest.mark.parametrize(
    ("given_text", "shown"),
    [
        ("web1", "web1"),
        ("", ""),
        ("Šárka's naïve café → ✓", "Šárka's naïve café → ✓"),
        ("שלום", "שלום"),
        ("a\nb\r\nc\td", r"a\nb\r\nc\td"),
        ("\x1b[31mred\x1b[0m", r"\x1b[31mred\x1b[0m"),
        ("\u202egnp.exe\u202c", r"\u202egnp.exe\u202c"),
        ("zero\u200bwidth\ufeff", r"zero\u200bwidth\ufeff"),
        ("line\u2028sep\u2029", r"line\u2028sep\u2029"),
        ("lone\udce9", r"lone\udce9"),
        ("tag\U000e0041", r"tag\U000e0041"),
        ("\x9b31m", r"\x9b31m"),
        ("no\u00a0break", "no break"),
        ("<script>{{ 7*7 }}$(reboot)", "<script>{{ 7*7 }}$(reboot)"),
    ],
)
def test_what_cannot_be_seen_is_made_visible_and_the_rest_stays(given_text: str, shown: str) -> None:
    assert plain(given_text) == shown


@given(st.text(alphabet=st.characters(codec=None)))
def test_no_text_keeps_a_control_character(text: str) -> None:
    shown = plain(text)
    assert not unsafe(shown)
    assert "\n" not in shown
    assert plain(shown) == shown
    shown.encode("utf-8")


@given(st.text(), st.integers(1, 20), st.integers(2, 80))
def test_a_brief_text_keeps_to_its_words_and_characters(text: str, words: int, characters: int) -> None:
    cut = brief(text, words, characters)
    assert len(cut) <= characters
    assert len(cut.split()) <= words


def test_a_cut_says_so() -> None:
    assert brief("one two three", 2) == "one two…"
    assert brief("abcdefgh", 5, 4) == "abc…"
    assert brief("one two", 2) == "one two"


def test_sentences_end_and_names_keep_their_first_letter() -> None:
    assert ended("web1 may not be changed") == "web1 may not be changed."
    assert ended("Why?") == "Why?"
    assert not ended("")
    assert sentence("timed out") == "Timed out."
