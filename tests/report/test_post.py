"""Letters against a real mail server: at least once, and one that fails holds up no other."""

from __future__ import annotations

import socket
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from agent.errors import InputError
from agent.model.policy import Person
from agent.report.mail import letter
from agent.report.post import LONGEST_WAIT, deliver, wait
from agent.report.post import server as parsed
from tests.fakes.smtp import MailServer, Mode
from tests.report.conftest import USER
from tests.report.runs import busy_morning, run

if TYPE_CHECKING:
    from agent.model.spool import Letter, Spool
    from agent.settings import MailSettings

NOW = datetime(2025, 10, 14, 11, 31, tzinfo=UTC)
DIRECTOR = Person("director", "A. Example", "director@riverton.example")
SYSTEMS = Person("systems", "B. Example", "systems@riverton.example")


def report(name: str = "first", *people: Person) -> Letter:
    return letter(run(id=name), people or (DIRECTOR,), "bell@riverton.example")


def waiting(spool: Spool) -> list[str]:
    return [found.message_id for found in spool.waiting()]


def test_a_letter_goes_out_encrypted_and_logged_in_exactly_as_written(
    spool: Spool, settings: MailSettings, server: MailServer
) -> None:
    written = letter(busy_morning(), (DIRECTOR, SYSTEMS), settings.sender)
    assert spool.put(written)
    said = deliver(spool, settings, NOW)
    taken = server.wait_for(1)[0]
    assert said == [f"Sent “{written.subject}” to director@riverton.example, systems@riverton.example."]
    assert (taken.encrypted, taken.user) == (True, USER)
    assert taken.recipients == written.recipients
    assert taken.body == written.body
    assert not waiting(spool)
    assert deliver(spool, settings, NOW + timedelta(days=1)) == []
    assert len(server.taken()) == 1


def test_the_same_run_spooled_again_is_no_second_letter(
    spool: Spool, settings: MailSettings, server: MailServer
) -> None:
    assert spool.put(report())
    deliver(spool, settings, NOW)
    assert not spool.put(report())
    assert deliver(spool, settings, NOW) == []
    assert len(server.taken()) == 1


def test_a_server_that_is_down_delays_and_loses_nothing(
    spool: Spool, settings: MailSettings, server: MailServer
) -> None:
    server.__exit__(None, None, None)
    spool.put(report("first"))
    spool.put(report("second"))
    said = deliver(spool, settings, NOW)
    assert len(said) == 2
    assert all("could not be used (Connection refused)" in s and "due in 1 min" in s for s in said)
    assert deliver(spool, settings, NOW + timedelta(seconds=59)) == []
    with server:
        assert len(deliver(spool, settings, NOW + timedelta(minutes=1))) == 2
        assert [t.message["Message-ID"] for t in server.wait_for(2)] == [
            "<drift-first@riverton.example>",
            "<drift-second@riverton.example>",
        ]
    assert not waiting(spool)


def test_a_connection_cut_behind_the_body_is_a_second_copy_of_the_same_message(
    spool: Spool, settings: MailSettings, server: MailServer
) -> None:
    server.mode = Mode.DROP
    spool.put(report())
    said = deliver(spool, settings, NOW)
    assert "the connection was lost before the server had taken it" in said[0]
    left = spool.waiting()
    assert [(found.message_id, found.attempts) for found in left] == [("<drift-first@riverton.example>", 1)]
    server.mode = Mode.NORMAL
    assert deliver(spool, settings, NOW + timedelta(seconds=59)) == []
    deliver(spool, settings, NOW + timedelta(minutes=1))
    first, second = server.wait_for(2)
    assert first.message["Message-ID"] == second.message["Message-ID"] == "<drift-first@riverton.example>"
    assert first.body == second.body
    assert not waiting(spool)


def test_a_refused_letter_is_kept_said_and_tried_again_ever_more_seldom(
    spool: Spool, settings: MailSettings, server: MailServer
) -> None:
    server.mode = Mode.REJECT
    spool.put(report())
    now, pauses = NOW, []
    for _ in range(12):
        said = deliver(spool, settings, now)
        assert "it was refused (550 5.7.1 Message refused by policy). It is kept" in said[0]
        following = spool.waiting()[0].next_attempt
        assert following is not None
        pauses.append(following - now)
        now = following
    assert pauses[:4] == [timedelta(minutes=m) for m in (1, 2, 4, 8)]
    assert pauses[-1] == pauses[-2] == LONGEST_WAIT
    assert "550 5.7.1" in spool.waiting()[0].last_error
    server.mode = Mode.NORMAL
    deliver(spool, settings, now)
    assert not waiting(spool)
    assert len(server.wait_for(1)) == 1


def test_one_letter_that_fails_holds_up_no_other(spool: Spool, settings: MailSettings, server: MailServer) -> None:
    nobody = Person("gone", "C. Example", "nobody@riverton.example")
    spool.put(report("first", nobody))
    spool.put(report("second"))
    said = deliver(spool, settings, NOW)
    assert "nobody@riverton.example was refused (550 5.1.1 No such person here)" in said[0]
    assert said[1].startswith("Sent")
    assert waiting(spool) == ["<drift-first@riverton.example>"]
    assert len(server.wait_for(1)) == 1


def test_a_busy_server_is_asked_again(spool: Spool, settings: MailSettings, server: MailServer) -> None:
    server.mode = Mode.BUSY
    spool.put(report())
    assert "451 4.3.0 Try again later" in deliver(spool, settings, NOW)[0]
    server.mode = Mode.NORMAL
    assert deliver(spool, settings, NOW + timedelta(minutes=1))[0].startswith("Sent")


def test_one_reader_refused_is_said_and_the_others_get_it_once(
    spool: Spool, settings: MailSettings, server: MailServer
) -> None:
    server.mode = Mode.GREY
    later = Person("later", "C. Example", "later@riverton.example")
    gone = Person("gone", "D. Example", "nobody@riverton.example")
    spool.put(report("first", DIRECTOR, later, gone))
    said = deliver(spool, settings, NOW)
    assert said[0].endswith("to director@riverton.example.")
    assert "later@riverton.example was refused (451 4.7.1" in said[1]
    assert "nobody@riverton.example was refused (550 5.1.1" in said[2]
    server.mode = Mode.NORMAL
    again = deliver(spool, settings, NOW + timedelta(minutes=1))
    assert again[0].endswith("to later@riverton.example.")
    first, second = server.wait_for(2)
    assert (first.recipients, second.recipients) == (
        ("director@riverton.example",),
        ("later@riverton.example",),
    )
    assert first.body == second.body
    left = spool.waiting()
    assert [(found.recipients, found.attempts) for found in left] == [(("nobody@riverton.example",), 2)]
    assert "550 5.1.1" in left[0].last_error


def test_a_server_that_falls_silent_is_given_up_after_the_timeout(
    spool: Spool, settings: MailSettings, server: MailServer
) -> None:
    server.mode = Mode.SLOW
    spool.put(report())
    said = deliver(spool, replace(settings, timeout=1.0), NOW)
    assert "no answer in time" in said[0]
    assert len(waiting(spool)) == 1


def test_a_server_that_never_greets_is_tried_once_for_all_letters(spool: Spool, settings: MailSettings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        address = f"smtp://127.0.0.1:{mute.getsockname()[1]}"
        for name in ("first", "second", "third"):
            spool.put(report(name))
        said = deliver(spool, replace(settings, server=address, timeout=0.5), NOW)
        mute.settimeout(0)
        mute.accept()
        with pytest.raises(BlockingIOError):
            mute.accept()
    assert len(said) == len(waiting(spool)) == 3
    assert all("no answer in time" in s for s in said)


def test_the_waits_double_from_a_minute_to_six_hours() -> None:
    assert [wait(n) for n in (0, 1, 8, 9, 10_000)] == [
        timedelta(minutes=1),
        timedelta(minutes=2),
        timedelta(minutes=256),
        LONGEST_WAIT,
        LONGEST_WAIT,
    ]


@pytest.mark.parametrize(
    ("url", "host", "port", "wrapped"),
    [
        ("smtp://127.0.0.1:1025", "127.0.0.1", 1025, False),
        ("smtps://mail.riverton.example", "mail.riverton.example", 465, True),
        ("smtp://[::1]:25", "::1", 25, False),
        ("smtp://mail", "mail", 25, False),
    ],
)
def test_addresses_of_servers(url: str, host: str, port: int, wrapped: bool) -> None:
    found = parsed(url)
    assert (found.host, found.port, found.wrapped) == (host, port, wrapped)


@pytest.mark.parametrize(
    "url", ["", "mail:25", "http://mail:25", "smtp://", "smtp://u:p@mail:25", "smtp://mail:99999", "smtp://mail/x"]
)
def test_addresses_that_are_none(url: str) -> None:
    with pytest.raises(InputError, match=r"smtp://HOST:PORT"):
        parsed(url)


def test_an_impatient_delivery_waits_for_no_next_attempt(
    spool: Spool, settings: MailSettings, server: MailServer
) -> None:
    server.mode = Mode.BUSY
    spool.put(report())
    deliver(spool, settings, NOW)
    server.mode = Mode.NORMAL
    assert deliver(spool, settings, NOW) == []
    assert deliver(spool, settings, NOW, impatient=True)[0].startswith("Sent")
    assert len(server.wait_for(1)) == 1
