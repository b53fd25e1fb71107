"""Letters handed to a mail server, at least once: a letter leaves the spool only behind the server's last 250."""

from __future__ import annotations

import contextlib
import ipaddress
import smtplib
import ssl
from dataclasses import dataclass, replace
from datetime import timedelta
from email.utils import parseaddr
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from agent.decide.amounts import length
from agent.errors import DriftbellError, InputError
from agent.report.plain import brief, plain
from agent.secrets import FORMS, Secret, read_secret, scrub

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping
    from datetime import datetime

    from agent.model.spool import Letter, Spool
    from agent.settings import MailSettings

FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=6)
_PORTS = {"smtp": 25, "smtps": 465}


class PostError(DriftbellError):
    """The mail server could not be used; nothing was handed over. The text is a sentence without its stop."""

    exit_code = 3


@dataclass(frozen=True, slots=True)
class Server:
    """Where the mail server is; `wrapped` says that TLS comes before the first word (smtps)."""

    host: str
    port: int
    wrapped: bool

    def __str__(self) -> str:
        """Give the words of a report."""
        return f"the mail server {self.host}:{self.port}"


def deliver(spool: Spool, settings: MailSettings, now: datetime, *, impatient: bool = False) -> list[str]:
    """Send every letter that is due, and say what was sent and what has to wait; `impatient` sends all that wait.

    A letter that fails stays in the spool and holds up no other; a server that cannot be used at all is tried
    once, and everything waits. Wrong settings are said like that too: they lose no letter.
    """
    said: list[str] = []
    waiting = list(spool.waiting() if impatient else spool.due(now))
    for index, letter in enumerate(waiting):
        try:
            said += _deliver(spool, settings, letter, now)
        except DriftbellError as error:
            said += [_postpone(spool, late, str(error).rstrip("."), now) for late in waiting[index:]]
            break
    return said


def knock(settings: MailSettings) -> None:
    """Connect, encrypt and log in as for a delivery, and leave again without sending anything.

    Raises:
        PostError: the server cannot be used like that; the text is a sentence without its stop.
        InputError: the settings name no server, or a secret that is not there.
    """
    with _session(settings, _password(settings)):
        return


def wait(attempts: int) -> timedelta:
    """Give how long to wait after so many failed attempts: 1 minute, doubling up to 6 hours."""
    doubled: timedelta = FIRST_WAIT * 2 ** min(attempts, 16)
    return min(doubled, LONGEST_WAIT)


def server(url: str) -> Server:
    """Read `smtp://HOST:PORT` or `smtps://HOST:PORT`.

    Raises:
        InputError: it has another form.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    extra = parts.path.strip("/") or parts.query or parts.fragment or parts.username or parts.password
    if parts.scheme not in _PORTS or not parts.hostname or extra:
        msg = "The setting mail.server is written smtp://HOST:PORT or smtps://HOST:PORT, without user or password."
        raise InputError(msg)
    return Server(parts.hostname, port or _PORTS[parts.scheme], parts.scheme == "smtps")


def _deliver(spool: Spool, settings: MailSettings, letter: Letter, now: datetime) -> list[str]:
    secret = _password(settings)
    with _session(settings, secret) as connection:
        try:
            refused = connection.sendmail(parseaddr(settings.sender)[1], letter.recipients, letter.body)
        except smtplib.SMTPRecipientsRefused as error:
            return [_postpone(spool, letter, _refusals(error.recipients, secret), now)]
        except smtplib.SMTPResponseException as error:
            return [_postpone(spool, letter, f"it was refused ({_answer(error, secret)})", now)]
        except (smtplib.SMTPException, OSError) as error:
            why = f"the connection was lost before the server had taken it ({_cause(error)})"
            return [_postpone(spool, letter, why, now)]
    taken = [r for r in letter.recipients if r not in refused]
    late = [_split(spool, letter, address, _refusals({address: refused[address]}, secret), now) for address in refused]
    spool.delivered(letter.message_id, now)
    return [f"Sent “{letter.subject}” to {', '.join(taken)}.", *late]


def _split(spool: Spool, letter: Letter, address: str, why: str, now: datetime) -> str:
    """Keep the letter for the one reader who was refused, so that the others do not get it again.

    The spool's key is new, the message inside is not: its Message-ID stays.
    """
    own = replace(letter, message_id=f"{letter.message_id} {address}", recipients=(address,), attempts=0)
    spool.put(own)
    return _postpone(spool, own, why, now)


def _postpone(spool: Spool, letter: Letter, why: str, now: datetime) -> str:
    pause = wait(letter.attempts)
    spool.postponed(letter.message_id, why, now + pause)
    readers = ", ".join(letter.recipients)
    return f"“{letter.subject}” waits for {readers}: {why}. It is kept; the next attempt is due in {length(pause)}."


def _password(settings: MailSettings) -> Secret | None:
    if not settings.user:
        return None
    if not settings.password:
        msg = f"mail.user is set and mail.password is not: name the password as {FORMS}"
        raise PostError(msg)
    return read_secret(settings.password, settings.vault_password_file)


@contextlib.contextmanager
def _session(settings: MailSettings, secret: Secret | None) -> Generator[smtplib.SMTP]:
    """Give a connection on which letters may be sent: encrypted where it must be, and logged in.

    Raises:
        PostError: there is none.
    """
    where = server(settings.server)
    context = _context(settings)
    with contextlib.ExitStack() as cleanup:
        try:
            connection = _connect(where, context, settings.timeout)
            cleanup.callback(_leave, connection)
            _encrypt(connection, where, context, settings)
            _log_in(connection, where, settings, secret)
        except smtplib.SMTPResponseException as error:
            msg = f"{where} answered {_answer(error, secret)}"
            raise PostError(msg) from error
        except (smtplib.SMTPException, OSError) as error:
            msg = f"{where} could not be used ({_cause(error)})"
            raise PostError(msg) from error
        yield connection


def _connect(where: Server, context: ssl.SSLContext, timeout: float) -> smtplib.SMTP:
    if where.wrapped:
        return smtplib.SMTP_SSL(where.host, where.port, timeout=timeout, context=context)
    return smtplib.SMTP(where.host, where.port, timeout=timeout)


def _leave(connection: smtplib.SMTP) -> None:
    """Say goodbye. What the server makes of that changes nothing: a letter is taken or it is not."""
    with contextlib.suppress(smtplib.SMTPException, OSError):
        connection.quit()
    connection.close()


def _context(settings: MailSettings) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=settings.ca_file or None)
    except OSError as error:
        msg = f"mail.ca_file {settings.ca_file} cannot be read as certificates ({_cause(error)})"
        raise PostError(msg) from error


def _encrypt(connection: smtplib.SMTP, where: Server, context: ssl.SSLContext, settings: MailSettings) -> None:
    """Begin TLS where the settings ask for it. There is no way back to a connection in the open."""
    connection.ehlo_or_helo_if_needed()
    if where.wrapped or not settings.starttls:
        return
    if not connection.has_extn("starttls"):
        msg = f"{where} offers no STARTTLS, and mail.starttls is on: nothing was sent in the open"
        raise PostError(msg)
    connection.starttls(context=context)
    connection.ehlo()


def _log_in(connection: smtplib.SMTP, where: Server, settings: MailSettings, secret: Secret | None) -> None:
    if secret is None:
        return
    if not isinstance(connection.sock, ssl.SSLSocket) and not _is_loopback(connection):
        msg = f"{where} is reached in the open, so the password was not sent: set mail.starttls, or use smtps://"
        raise PostError(msg)
    try:
        connection.login(settings.user, secret.reveal())
    except UnicodeError as error:
        msg = "mail.user or mail.password holds letters outside ASCII, which SMTP logins cannot carry"
        raise PostError(msg) from error


def _is_loopback(connection: smtplib.SMTP) -> bool:
    try:
        return ipaddress.ip_address(connection.sock.getpeername()[0]).is_loopback if connection.sock else False
    except (ValueError, IndexError):
        return False


def _refusals(refused: Mapping[str, tuple[int, bytes]], secret: Secret | None) -> str:
    each = (f"{plain(address)} was refused ({_words(code, said, secret)})" for address, (code, said) in refused.items())
    return "; ".join(each)


def _answer(error: smtplib.SMTPResponseException, secret: Secret | None) -> str:
    return _words(error.smtp_code, error.smtp_error, secret)


def _words(code: int, said: bytes | str, secret: Secret | None) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return brief(scrub(f"{code} {text}", (secret,) if secret else ()), 24, 160)


def _cause(error: Exception) -> str:
    """Give an error of the network in words, without the numbers and brackets that Python puts around them."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {plain(error.verify_message)}"
    if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):  # smtplib wraps one
        return "no answer in time"
    said = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return brief(said or type(error).__name__, 16, 120)
