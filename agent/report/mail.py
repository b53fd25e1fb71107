"""Reports as letters: one run is one message, byte for byte, however often it is sent."""

from __future__ import annotations

import contextlib
import hashlib
import re
from dataclasses import dataclass
from datetime import UTC
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from agent.errors import InputError
from agent.model.spool import Letter
from agent.report import found_money, html, text
from agent.report.drift import drift_report
from agent.report.plain import brief, plain
from agent.report.refused import refused_report

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from agent.model.policy import District, Person
    from agent.model.provenance import Belief
    from agent.model.run import FoundMoney, Run

# RFC 5322's dot-atom. What else the RFC allows (quoted names, comments, literals) no district uses.
_ADDRESS = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*", re.ASCII)
_SAFE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,39}")


def letter(run: Run, recipients: Sequence[Person], sender: str, sort: str = "drift", key: str = "") -> Letter:
    """Write the drift report of a run to people. The same run, people and sender give the same bytes.

    Args:
        run: what was seen and done.
        recipients: who gets it.
        sender: `mail.from` of the settings.
        sort: what sort of letter it is; of each sort there is one for a key.
        key: what it is known by, where that is not its run: a day has one report, whichever run it is made of.

    Raises:
        InputError: nobody to write to, or an address that no mail server would take.
    """
    report = drift_report(run)
    content = _Content(sort, key or run.id, report.subject, text.layout(report), html.layout(report), _local(run))
    return _letter(content, recipients, sender)


def refused_letter(
    refused: Belief, last: Belief | None, district: District, recipients: Sequence[Person], sender: str
) -> Letter:
    """Write to people that a revision of the policies is not run: once for each revision and reason.

    Raises:
        InputError: nobody to write to, or an address that no mail server would take.
    """
    report = refused_report(refused, last, district)
    key = _hash(f"{refused.source} {refused.commit} {refused.why}")[:24]
    at = refused.at.astimezone(ZoneInfo(district.timezone))
    content = _Content("refused", key, report.subject, text.layout(report), html.layout(report), at)
    return _letter(content, recipients, sender)


def money_letter(money: FoundMoney, recipients: Sequence[Person], sender: str) -> Letter:
    """Write the found-money report to people: the first letter of a new district, once for one time and revision.

    Raises:
        InputError: nobody to write to, or an address that no mail server would take.
    """
    report = found_money.money_report(money)
    key = _hash(f"{money.at.isoformat()} {money.revision.id}")[:24]
    subject = f"{report.title.rstrip('.')} - {report.district}, {report.day}"
    at = money.at.astimezone(ZoneInfo(money.timezone))
    content = _Content("found-money", key, subject, found_money.text(money), found_money.html(money), at)
    return _letter(content, recipients, sender)


@dataclass(frozen=True, slots=True)
class _Content:
    """What a letter says. `at` is its date, in the district's zone; `key` tells it from every other of its sort."""

    sort: str
    key: str
    subject: str
    text: str
    page: str
    at: datetime


def _local(run: Run) -> datetime:
    return run.finished.astimezone(ZoneInfo(run.timezone))


def _letter(content: _Content, recipients: Sequence[Person], sender: str) -> Letter:
    if not recipients:
        msg = "The drift report has no reader: name people under reports.drift in policies/district.yaml."
        raise InputError(msg)
    origin = _sender(sender)
    readers = [_address(p.name, p.email, f"people.{plain(p.id)}.email in policies/district.yaml") for p in recipients]
    identity = message_id(content.key, origin.domain, content.sort)
    message = _message(content, origin, readers, identity)
    addresses = tuple(dict.fromkeys(r.addr_spec for r in readers))
    return Letter(identity, addresses, message["Subject"], message.as_bytes(), content.at.astimezone(UTC))


def message_id(run: str, domain: str, sort: str = "drift") -> str:
    """Give the Message-ID of a run's report. An unusual run id is hashed: it must fit a header as it stands."""
    name = run if _SAFE_ID.fullmatch(run) else _hash(run)[:32]
    return f"<{sort}-{name}@{domain}>"


def _message(content: _Content, origin: Address, readers: list[Address], identity: str) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["From"] = origin
    message["To"] = readers
    message["Subject"] = _words(content.subject, 150)
    message["Date"] = format_datetime(content.at)
    message["Message-ID"] = identity
    message["List-Id"] = f"Driftbell drift report <drift.{origin.domain}>"
    # RFC 3834: no out-of-office answers to a machine.
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(content.text, cte="quoted-printable")
    message.add_alternative(content.page, subtype="html", cte="quoted-printable")
    message.set_boundary(f"drift-{_hash(content.key)[:32]}")
    return message


def _sender(sender: str) -> Address:
    # A sender with control characters is no sender: parseaddr would pick one of the addresses that it sees there.
    shown, address = parseaddr(sender) if sender == plain(sender) else ("", sender)
    return _address(shown or "Driftbell", address, "mail.from in the settings")


def _address(name: str, address: str, where: str) -> Address:
    """Give an address whose name cannot break out of its header.

    Raises:
        InputError: it has no such form; `where` says where to put it right.
    """
    local, _, domain = address.rpartition("@")
    with contextlib.suppress(UnicodeError):
        domain = domain.encode("idna").decode("ascii")
    if not _ADDRESS.fullmatch(f"{local}@{domain}"):
        msg = f"{plain(address)!r} is not a mail address: correct {where}."
        raise InputError(msg)
    return Address(display_name=_words(name, 60), username=local, domain=domain)


def _words(text: str, characters: int) -> str:
    """Give text for a header. The email package decodes encoded words that it is given as text, newlines in them too.

    So `=?utf-8?q?=0ABcc=3A_...?=` in a name would be a header of its own: no such word may be left whole.
    """
    return brief(text.replace("=?", "= ?"), 40, characters)


def _hash(run: str) -> str:
    return hashlib.sha256(run.encode("utf-8", "backslashreplace")).hexdigest()
