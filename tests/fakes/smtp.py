"""A real SMTP server in a process of its own, with STARTTLS and login, that misbehaves when it is told to.

It is aiosmtpd: the protocol is its own, only the misbehaviour is ours. What it took it keeps as files, in order.
Modes, which may change while it runs: see `Mode`. Started without certificates it offers no STARTTLS.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import select
import ssl
import subprocess
import sys
import time
from dataclasses import dataclass
from email import policy
from email.parser import BytesParser
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Self

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

if TYPE_CHECKING:
    from email.message import EmailMessage
    from types import TracebackType

    from tests.fakes.certificates import Certificates

DEADLINE = 30.0
REFUSED = "nobody@"  # a recipient that begins so does not exist
GREYLISTED = "later@"  # one that begins so is not taken yet in the mode `grey`


class Mode(StrEnum):
    """How the server behaves."""

    NORMAL = "normal"
    REJECT = "reject"  # 550 behind the body
    BUSY = "busy"  # 451 behind the body
    DROP = "drop"  # keeps the body, then cuts the connection instead of saying 250
    SLOW = "slow"  # does not answer behind the body
    GREY = "grey"  # 451 for recipients that begin with `later@`
    CHATTY = "chatty"  # 550 with escape sequences and the password in it


@dataclass(frozen=True, slots=True)
class Taken:
    """One message that the server has, and for whom."""

    sender: str
    recipients: tuple[str, ...]
    encrypted: bool
    user: str
    body: bytes

    @property
    def message(self) -> EmailMessage:
        """Give the message, parsed."""
        return BytesParser(policy=policy.default).parsebytes(self.body)


class MailServer:
    """The server as tests see it: start it, set its mode, read what it took."""

    def __init__(
        self,
        folder: Path,
        certificates: Certificates | None = None,
        *,
        login: tuple[str, str] | None = None,
        wrapped: bool = False,
        address: str = "127.0.0.1",
    ) -> None:
        """Keep what it takes in a folder. With a `login` it takes mail from that user alone."""
        self.folder = folder
        self.address = address
        self.port = 0
        self._arguments = ["--folder", str(folder), "--address", address]
        if certificates:
            self._arguments += ["--certificate", str(certificates.certificate), "--key", str(certificates.key)]
        if login:
            self._arguments += ["--user", login[0], "--password", login[1]]
        if wrapped:
            self._arguments.append("--wrapped")
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        """Start it and wait until it listens."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.mode = Mode.NORMAL
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.fakes.smtp", "--port", str(self.port), *self._arguments],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        ready, _, _ = select.select([self._process.stdout], [], [], DEADLINE)
        line = self._process.stdout.readline() if ready else ""
        if not line:
            self.__exit__(None, None, None)
            msg = "the mail server did not start"
            raise AssertionError(msg)
        self.port = int(line)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it; the port stays free, and a second start takes the same one."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            if self._process.stdout:
                self._process.stdout.close()
            self._process = None

    @property
    def url(self) -> str:
        """Give the setting `mail.server`."""
        return f"smtp://{self.address}:{self.port}"

    @property
    def mode(self) -> Mode:
        """Give how it behaves."""
        return _mode(self.folder)

    @mode.setter
    def mode(self, mode: Mode) -> None:
        (self.folder / "mode").write_text(mode.value, encoding="ascii")

    def taken(self) -> list[Taken]:
        """Give what it has taken, oldest first."""
        return [_taken(path) for path in sorted(self.folder.glob("*.eml"))]

    def wait_for(self, count: int) -> list[Taken]:
        """Give what it has taken, once that is so many messages."""
        end = time.monotonic() + DEADLINE
        while len(found := self.taken()) < count:
            if time.monotonic() > end:
                msg = f"{len(found)} of {count} messages came"
                raise AssertionError(msg)
            time.sleep(0.02)
        return found


def _taken(path: Path) -> Taken:
    about = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    recipients = tuple(about["recipients"])
    return Taken(about["sender"], recipients, about["encrypted"], about["user"], path.read_bytes())


def _mode(folder: Path) -> Mode:
    return Mode((folder / "mode").read_text(encoding="ascii"))


class Handler:
    """What aiosmtpd asks at each step."""

    def __init__(self, folder: Path, password: str) -> None:
        """Keep messages in a folder."""
        self.folder = folder
        self.password = password

    async def handle_RCPT(  # ruff: ignore[invalid-function-name]  aiosmtpd names it
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Take a recipient, or not."""
        if address.startswith(REFUSED):
            return "550 5.1.1 No such person here"
        if address.startswith(GREYLISTED) and _mode(self.folder) is Mode.GREY:
            return "451 4.7.1 Greylisted, try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # ruff: ignore[invalid-function-name]  aiosmtpd names it
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Take a body, and answer by the mode."""
        mode = _mode(self.folder)
        if mode is Mode.REJECT:
            return "550 5.7.1 Message refused by policy"
        if mode is Mode.BUSY:
            return "451 4.3.0 Try again later"
        if mode is Mode.CHATTY:
            return f"550 \x1b[31mno\x1b[0m {self.password}"
        self._keep(server, session, envelope)
        if mode is Mode.DROP and isinstance(server.transport, asyncio.WriteTransport):
            server.transport.abort()
        if mode is Mode.SLOW:
            await asyncio.sleep(DEADLINE)
        return "250 Taken"

    def _keep(self, server: SMTP, session: Session, envelope: Envelope) -> None:
        number = len(list(self.folder.glob("*.eml")))
        about = {
            "sender": envelope.mail_from,
            "recipients": envelope.rcpt_tos,
            "encrypted": server.transport is not None and server.transport.get_extra_info("ssl_object") is not None,
            "user": session.auth_data.login.decode() if isinstance(session.auth_data, LoginPassword) else "",
        }
        (self.folder / f"{number:05d}.json").write_text(json.dumps(about), encoding="utf-8")
        target = self.folder / f"{number:05d}.eml"
        partial = target.with_suffix(".part")
        partial.write_bytes(envelope.original_content or b"")
        partial.rename(target)


async def serve(arguments: argparse.Namespace) -> None:
    """Listen until killed; the port is printed as soon as it is open."""
    context = None
    if arguments.certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(arguments.certificate, arguments.key)

    def authenticate(_server: object, _session: object, _envelope: object, _mechanism: str, data: object) -> AuthResult:
        wanted = LoginPassword(arguments.user.encode(), arguments.password.encode())
        return AuthResult(success=data == wanted, handled=False, auth_data=data)

    def protocol() -> SMTP:
        return SMTP(
            Handler(arguments.folder, arguments.password),
            hostname="mail.test",
            tls_context=None if arguments.wrapped else context,
            require_starttls=bool(context) and not arguments.wrapped,
            authenticator=authenticate if arguments.user else None,
            auth_required=bool(arguments.user),
            auth_require_tls=bool(context) and not arguments.wrapped,
        )

    loop = asyncio.get_running_loop()
    listener = await loop.create_server(
        protocol, arguments.address, arguments.port, ssl=context if arguments.wrapped else None
    )
    print(listener.sockets[0].getsockname()[1], flush=True)
    await listener.serve_forever()


def main() -> None:
    """Start from a command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--folder", type=Path, required=True)
    for name in ("address", "certificate", "key", "user", "password"):
        parser.add_argument(f"--{name}", default="")
    parser.add_argument("--wrapped", action="store_true")
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
