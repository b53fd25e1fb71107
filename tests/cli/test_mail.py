"""Mail at the end of a run: at least once, the same message when repeated, nothing lost, nothing spooled alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fakes.smtp import Mode

if TYPE_CHECKING:
    from tests.cli.fixtures import Driftbell, Mailbox


def watching(driftbell: Driftbell) -> None:
    driftbell.hosts({"here": {"ansible_connection": "local", "site": "east"}})
    driftbell.policy("NEVER-01", expect={"file./no/such/file.exists": True})


def test_a_run_mails_its_report_to_the_director(driftbell: Driftbell, mailbox: Mailbox) -> None:
    watching(driftbell)
    driftbell.settings(mail=mailbox.settings())
    ran = driftbell("run")
    assert ran.code == 1
    (mail,) = mailbox.messages()
    assert mail["Subject"].endswith(tuple("0123456789"))
    assert "Riverton Unified" in mail["Subject"]
    assert {part.get_content_type() for part in mail.walk()} >= {"text/plain", "text/html"}
    assert mailbox.server.taken()[0].encrypted


def test_without_mail_settings_it_says_so_and_spools_nothing(driftbell: Driftbell, mailbox: Mailbox) -> None:
    watching(driftbell)
    ran = driftbell("run")
    assert "no report was mailed" in ran.err
    driftbell.settings(mail=mailbox.settings())
    driftbell("run")
    assert len(mailbox.messages()) == 1  # the second run's own; the first left none behind


def test_a_server_that_is_down_delays_and_loses_nothing(driftbell: Driftbell, mailbox: Mailbox) -> None:
    watching(driftbell)
    driftbell.settings(mail=mailbox.settings())
    mailbox.server.__exit__(None, None, None)
    down = driftbell("run")
    assert down.code == 1
    assert "127.0.0.1" in down.err
    with mailbox.server:
        driftbell("report", "--send")
        assert len(mailbox.messages()) == 1


def test_a_connection_cut_behind_the_body_is_repeated_as_the_same_message(
    driftbell: Driftbell, mailbox: Mailbox
) -> None:
    watching(driftbell)
    driftbell.settings(mail=mailbox.settings())
    mailbox.server.mode = Mode.DROP
    driftbell("run")
    mailbox.server.mode = Mode.NORMAL
    driftbell("report", "--send")
    first, second = mailbox.messages()
    assert first["Message-ID"] == second["Message-ID"]
    driftbell("report", "--send")
    assert len(mailbox.messages()) == 2


def test_a_server_that_rejects_is_told_and_the_run_stands(driftbell: Driftbell, mailbox: Mailbox) -> None:
    watching(driftbell)
    driftbell.settings(mail=mailbox.settings())
    mailbox.server.mode = Mode.REJECT
    ran = driftbell("run")
    assert ran.code == 1
    assert "550" in ran.err
    assert driftbell("report").code == 0


def test_mail_can_be_left_out(driftbell: Driftbell, mailbox: Mailbox) -> None:
    watching(driftbell)
    driftbell.settings(mail=mailbox.settings())
    driftbell("run", "--mail", "never")
    assert mailbox.messages() == []
