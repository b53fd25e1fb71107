"""The letter: one run is one message, its headers cannot be broken into, and both parts say the same."""

from __future__ import annotations

from dataclasses import replace
from email import policy
from email.parser import BytesParser
from typing import TYPE_CHECKING

import pytest

from agent.errors import InputError
from agent.model.policy import Person
from agent.report.html import html
from agent.report.mail import letter
from agent.report.text import text
from tests.report.reading import Visible, unsafe
from tests.report.riverton import DAYS
from tests.report.runs import HOSTILE, busy_morning, hostile, quiet_day

if TYPE_CHECKING:
    from email.message import EmailMessage

    from agent.model.spool import Letter

DIRECTOR = Person("director", "A. Example", "director@riverton.example")
SENDER = "Driftbell <bell@riverton.example>"
HEADERS = {
    "From", "To", "Subject", "Date", "Message-ID", "List-Id", "Auto-Submitted", "X-Auto-Response-Suppress",
    "MIME-Version", "Content-Type",
}  # fmt: skip


def parsed(written: Letter) -> EmailMessage:
    return BytesParser(policy=policy.default).parsebytes(written.body)


def test_a_letter_has_the_headers_of_one_message_of_one_run() -> None:
    written = letter(busy_morning(), [DIRECTOR, replace(DIRECTOR, name="Ünï", email="s@riverton.example")], SENDER)
    message = parsed(written)
    assert message["Message-ID"] == written.message_id == "<drift-20251014T113000Z-7f3a@riverton.example>"
    assert message["Subject"] == written.subject
    assert written.subject.startswith("2 need you · 1 held · 1 not checked · 14 fixed - Riverton Unified, Tue Oct 14")
    assert message["Date"] == "Tue, 14 Oct 2025 06:30:41 -0500"
    assert message["From"] == "Driftbell <bell@riverton.example>"
    assert message["To"] == '"A. Example" <director@riverton.example>, Ünï <s@riverton.example>'
    assert message["Auto-Submitted"] == "auto-generated"
    assert written.recipients == ("director@riverton.example", "s@riverton.example")
    assert written.spooled == busy_morning().finished


def test_both_parts_are_the_report() -> None:
    message = parsed(letter(busy_morning(), [DIRECTOR], SENDER))
    assert message.get_content_type() == "multipart/alternative"
    first, second = message.iter_parts()
    assert first.get_content().replace("\r\n", "\n") == text(busy_morning())
    assert second.get_content_type() == "text/html"
    assert Visible(second.get_content()).text == Visible(html(busy_morning())).text


def test_the_same_run_gives_the_same_bytes_and_another_run_another_message() -> None:
    assert letter(busy_morning(), [DIRECTOR], SENDER) == letter(busy_morning(), [DIRECTOR], SENDER)
    other = letter(replace(busy_morning(), id="20251015T113000Z-0001"), [DIRECTOR], SENDER)
    assert other.message_id != letter(busy_morning(), [DIRECTOR], SENDER).message_id


@pytest.mark.parametrize("morning", DAYS)
def test_the_bytes_are_what_smtp_carries(morning: str) -> None:
    body = letter(DAYS[morning](), [DIRECTOR], SENDER).body
    assert body.isascii()
    assert b"\n" not in body.replace(b"\r\n", b"")
    assert b"\r" not in body.replace(b"\r\n", b"")
    assert max(map(len, body.split(b"\r\n"))) <= 998


@pytest.mark.parametrize(
    "name",
    [
        *HOSTILE,
        "A\nBcc: x@y.example",
        "A\r\n\r\nbody",
        "=?utf-8?q?=0ABcc=3A_x=40y?=",
        "==?utf-8?b?CkJjYzogeEB5?= x",
        "=\n?utf-8?q?=0ABcc=3A_x=40y?=",
        "=\u200b?utf-8?q?=0ABcc=3A_x=40y?=",
        ", b@c",
        '"',
        "\\",
    ],
)
def test_no_name_breaks_out_of_its_header(name: str) -> None:
    a_run = replace(hostile(), id=name, district=name)
    written = letter(a_run, [replace(DIRECTOR, name=name)], SENDER)
    message = parsed(written)
    assert set(message.keys()) == HEADERS
    assert [a.addr_spec for a in message["To"].addresses] == ["director@riverton.example"]
    assert [a.addr_spec for a in message["From"].addresses] == ["bell@riverton.example"]
    assert message["Message-ID"] == written.message_id
    assert len(list(message.iter_parts())) == 2
    for header in message.values():
        assert not unsafe(str(header))
        assert "\n" not in str(header)


@pytest.mark.parametrize("name", ["=?utf-8?q?=0ABcc=3A_x=40y?=", "Bell, the", '\\"quoted\\"', "Glocke für alle"])
def test_the_senders_name_is_kept_in_its_header_too(name: str) -> None:
    message = parsed(letter(quiet_day(), [DIRECTOR], f'"{name}" <bell@riverton.example>'))
    assert set(message.keys()) == HEADERS
    assert [a.addr_spec for a in message["From"].addresses] == ["bell@riverton.example"]
    assert not unsafe(str(message["From"]))


def test_a_sender_with_a_newline_is_no_sender() -> None:
    with pytest.raises(InputError, match=r"correct mail\.from"):
        letter(quiet_day(), [DIRECTOR], "Bell\r\nBcc: x@y.example <bell@riverton.example>")


@pytest.mark.parametrize(
    "address",
    [
        "", "director", "@riverton.example", "a@", "a b@riverton.example", "a@b\r\nBcc: x@y.example",
        "a@riverton.example>", "a,b@riverton.example", "ä@riverton.example", "a@b@c\n", "a@-\x00",
    ],
)  # fmt: skip
def test_an_address_that_is_none_is_named_with_its_place(address: str) -> None:
    with pytest.raises(InputError, match=r"is not a mail address: correct people\.director\.email") as raised:
        letter(quiet_day(), [replace(DIRECTOR, email=address)], SENDER)
    assert not unsafe(str(raised.value))
    with pytest.raises(InputError, match=r"correct mail\.from"):
        letter(quiet_day(), [DIRECTOR], "Driftbell")


def test_a_domain_of_another_script_is_written_as_dns_has_it() -> None:
    written = letter(quiet_day(), [replace(DIRECTOR, email="a@schüle.example")], SENDER)
    assert written.recipients == ("a@xn--schle-mva.example",)


def test_nobody_to_write_to_is_said() -> None:
    with pytest.raises(InputError, match=r"reports\.drift"):
        letter(quiet_day(), [], SENDER)
