"""The first mail of a new district is what its own lists say when they are laid side by side; and it comes once."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from agent.example import root
from agent.example.riverton import generate

if TYPE_CHECKING:
    from tests.cli.fixtures import Driftbell, Mailbox


def lists(driftbell: Driftbell) -> None:
    for part in ("policies", "inventory"):
        shutil.copytree(root() / part, driftbell.repo / part, dirs_exist_ok=True)
    shutil.rmtree(driftbell.repo / "policies" / "hosts")
    (driftbell.repo / "inventory" / "hosts.yml").unlink()
    generate(driftbell.state / "exports", at=datetime.now(UTC))


def test_found_money_comes_first_and_once(driftbell: Driftbell, mailbox: Mailbox) -> None:
    lists(driftbell)
    driftbell.settings(mail=mailbox.settings())
    driftbell("run")
    first, second = mailbox.messages()
    subjects = {first["Subject"], second["Subject"]}
    assert sum("worth a look" in s for s in subjects) == 1, subjects
    for mail in (first, second):
        text = mail.get_body(("plain",)).get_content()
        page = mail.get_body(("html",)).get_content()
        assert "@students.riverton.example" not in text + page, "a mail names no person"
    driftbell("run")
    assert len(mailbox.messages()) == 3, "the second run mails its drift report alone"


def test_found_money_waits_for_lists_and_for_a_mail_server(driftbell: Driftbell, mailbox: Mailbox) -> None:
    lists(driftbell)
    driftbell("run")  # nobody to mail to
    driftbell.settings(mail=mailbox.settings())
    exports = driftbell.state / "exports"
    exports.rename(driftbell.state / "away")
    driftbell("run")  # nothing to show
    assert not any("worth a look" in m["Subject"] for m in mailbox.messages())
    (driftbell.state / "away").rename(exports)
    driftbell("run")
    assert sum("worth a look" in m["Subject"] for m in mailbox.messages()) == 1


def test_a_district_without_lists_gets_the_drift_report_alone(driftbell: Driftbell, mailbox: Mailbox) -> None:
    driftbell.hosts({"here": {"ansible_connection": "local", "site": "east"}})
    driftbell.policy("NEVER-01", expect={"file./no/such/file.exists": True})
    driftbell.settings(mail=mailbox.settings())
    driftbell("run")
    assert len(mailbox.messages()) == 1
