"""Letters against a real mail server: never in the open, never to a stranger, and no password shown."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from agent.model.policy import Person
from agent.report.mail import letter
from agent.report.post import deliver
from tests.fakes.certificates import make_certificates
from tests.fakes.smtp import MailServer, Mode
from tests.report.conftest import PASSWORD, USER
from tests.report.runs import run

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from agent.model.spool import Letter, Spool
    from agent.settings import MailSettings
    from tests.fakes.certificates import Certificates

NOW = datetime(2025, 10, 14, 11, 31, tzinfo=UTC)
DIRECTOR = Person("director", "A. Example", "director@riverton.example")
SYSTEMS = Person("systems", "B. Example", "systems@riverton.example")


def report(name: str = "first", *people: Person) -> Letter:
    return letter(run(id=name), people or (DIRECTOR,), "bell@riverton.example")


def waiting(spool: Spool) -> list[str]:
    return [found.message_id for found in spool.waiting()]


def test_without_starttls_on_offer_nothing_is_sent_in_the_open(
    tmp_path: Path, spool: Spool, settings: MailSettings
) -> None:
    with MailServer(tmp_path / "open") as plain_server:
        spool.put(report())
        said = deliver(spool, replace(settings, server=plain_server.url), NOW)
        assert "offers no STARTTLS, and mail.starttls is on: nothing was sent in the open" in said[0]
        assert not plain_server.taken()
    assert len(waiting(spool)) == 1


def test_a_certificate_of_another_authority_is_not_trusted(
    tmp_path: Path, spool: Spool, settings: MailSettings, server: MailServer
) -> None:
    stranger = make_certificates(tmp_path)
    spool.put(report())
    for authority in (str(stranger.authority), ""):
        said = deliver(spool, replace(settings, ca_file=authority), NOW)
        assert "its certificate is not trusted" in said[0]
        spool.postponed(spool.waiting()[0].message_id, "", NOW)
    assert not server.taken()


def test_a_certificate_for_another_name_is_not_trusted(tmp_path: Path, spool: Spool, settings: MailSettings) -> None:
    other = make_certificates(tmp_path, "mail.riverton.example")
    with MailServer(tmp_path / "other", other, login=(USER, PASSWORD)) as running:
        spool.put(report())
        said = deliver(spool, replace(settings, server=running.url, ca_file=str(other.authority)), NOW)
        assert "its certificate is not trusted" in said[0]
        assert not running.taken()


def test_a_wrong_password_is_said_without_showing_it(
    spool: Spool, settings: MailSettings, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_MAIL_PASSWORD", "wrong-guess")
    spool.put(report())
    said = deliver(spool, settings, NOW)
    assert "answered 535" in said[0]
    assert "wrong-guess" not in said[0]
    assert not server.taken()


def test_what_a_server_says_is_shown_as_text_and_without_the_password(
    spool: Spool, settings: MailSettings, server: MailServer
) -> None:
    server.mode = Mode.CHATTY
    spool.put(report())
    said = deliver(spool, settings, NOW)[0]
    assert PASSWORD not in said + spool.waiting()[0].last_error
    assert "\x1b" not in said
    assert "\\x1b[31mno" in said


def test_a_missing_password_or_a_wrong_address_keeps_the_letter(
    spool: Spool, settings: MailSettings, monkeypatch: pytest.MonkeyPatch, server: MailServer
) -> None:
    monkeypatch.delenv("TEST_MAIL_PASSWORD")
    wrong = (
        (settings, "set the environment variable TEST_MAIL_PASSWORD"),
        (replace(settings, password=""), "mail.user is set and mail.password is not"),
        (replace(settings, user="", server="mail.riverton.example:25"), "is written smtp://HOST:PORT"),
        (replace(settings, user="", ca_file="/nowhere/ca.pem"), "mail.ca_file /nowhere/ca.pem cannot be read"),
    )
    spool.put(report())
    for setting, words in wrong:
        said = deliver(spool, setting, NOW)
        assert words in said[0]
        spool.postponed(spool.waiting()[0].message_id, "", NOW)
    assert len(waiting(spool)) == 1
    assert not server.taken()


def test_smtps_speaks_tls_from_the_first_word(
    tmp_path: Path, spool: Spool, settings: MailSettings, certificates: Certificates
) -> None:
    with MailServer(tmp_path / "wrapped", certificates, login=(USER, PASSWORD), wrapped=True) as running:
        address = running.url.replace("smtp://", "smtps://")
        spool.put(report())
        assert deliver(spool, replace(settings, server=address), NOW)[0].startswith("Sent")
        assert running.wait_for(1)[0].encrypted


def test_in_the_open_a_password_goes_only_to_this_machine(tmp_path: Path, spool: Spool, settings: MailSettings) -> None:
    with MailServer(tmp_path / "open", login=(USER, PASSWORD)) as running:
        spool.put(report())
        assert deliver(spool, replace(settings, server=running.url, starttls=False), NOW)[0].startswith("Sent")
        assert running.wait_for(1)[0].user == USER


def test_in_the_open_a_password_goes_to_no_other_address(tmp_path: Path, namespace: list[str]) -> None:
    done = subprocess.run(
        [*namespace, sys.executable, "-m", "tests.report.far", str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    found = json.loads(done.stdout)
    assert "is reached in the open, so the password was not sent" in found["said"][0]
    assert (found["greeted"], found["bytes"]) == (True, 0)


def test_a_password_may_come_from_a_file(
    tmp_path: Path, spool: Spool, settings: MailSettings, server: MailServer
) -> None:
    secret = tmp_path / "password"
    secret.write_text(PASSWORD + "\n", encoding="utf-8")
    secret.chmod(stat.S_IRUSR)
    spool.put(report())
    assert deliver(spool, replace(settings, password=f"file:{secret}"), NOW)[0].startswith("Sent")
    assert server.wait_for(1)[0].user == USER
