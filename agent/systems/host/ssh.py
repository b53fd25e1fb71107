"""SSH of one sweep, over paramiko: one session a host, strict host keys, and one deadline for all of it.

Handled here, because they bite: a channel closes when the last reference to it goes, so it is held until the read is
over; a call to paramiko may wait for ever, so a timer closes the connection under it.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Self

import paramiko

from agent.systems.host import link, login, shell
from agent.systems.host.answer import LIMIT, Answer, SilentError, first_line
from agent.systems.host.connection import Hop, Target
from agent.systems.host.keys import Keyring
from agent.systems.host.known_hosts import host_name

if TYPE_CHECKING:
    from agent.settings import HostSettings
    from agent.systems.host.known_hosts import KnownHosts

_CHUNK = 65536
_STATUS_WAIT = 2.0  # seconds between the end of the output and the exit code


class Ssh:
    """Reads each key and logs in to each jump host once, however many hosts a sweep has."""

    def __init__(self, known: KnownHosts, settings: HostSettings) -> None:
        """Take the trusted host keys and the time limits."""
        self._known, self._settings, self._keyring = known, settings, Keyring()
        self._lock = threading.Lock()
        self._gateways: dict[tuple[Hop, ...], _Gateway] = {}
        self._lines: set[link.Line] = set()

    def __enter__(self) -> Self:
        """Begin a sweep."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close whatever is still open, so that no thread goes on waiting."""
        with self._lock:
            lines = list(self._lines)
        for line in lines:
            line.cut()

    def ask(self, name: str, target: Target, script: bytes) -> Answer:
        """Run the script on a host; `name` is the host's name in the inventory, for reasons.

        A SilentError says why nothing was run there.
        """
        line = self.line()
        timer = threading.Timer(self._settings.deadline, line.cut)
        timer.daemon = True
        timer.start()
        try:
            return self._converse(self.enter(name, target, line), target, script, line)
        except SilentError as error:
            raise SilentError(self._late()) if line.expired else error from None
        finally:
            timer.cancel()
            line.close()
            with self._lock:
                self._lines.discard(line)

    def line(self) -> link.Line:
        """Give a line that is closed with the sweep, if not before."""
        line = link.Line()
        with self._lock:
            self._lines.add(line)
        return line

    def enter(self, name: str, target: Target, line: link.Line) -> paramiko.Transport:
        """Log in to a host, through its jump hosts. A SilentError says why we do not get in."""
        hop = _remote(target)
        transport = self.shake(name, hop, target.jumps, line)
        login.verify(login.server_key(transport), hop, self._known, name)
        login.log_in(transport, hop, self._keyring)
        return transport

    def shake(self, name: str, hop: Hop, jumps: tuple[Hop, ...], line: link.Line) -> paramiko.Transport:
        """Exchange keys with a server, through its jump hosts, without logging in to it.

        Types of key that are trusted for it come first, so that a server with several shows the one we know; as
        OpenSSH does it.
        """
        held = {key.type for key in self._known.keys(host_name(hop.host, hop.port))}
        types = sorted(link.SIGNATURES, key=lambda kind: kind not in held)
        limit = self._settings.connect_timeout
        way = link.through(self._gateway(name, jumps), jumps[-1], hop, limit) if jumps else link.dial(hop, limit)
        return link.shake(way, hop, types, limit, line)

    def _gateway(self, name: str, jumps: tuple[Hop, ...]) -> paramiko.Transport:
        with self._lock:
            gateway = self._gateways.setdefault(jumps, _Gateway())
        return gateway.open(self, name, jumps)

    def _converse(self, transport: paramiko.Transport, target: Target, script: bytes, line: link.Line) -> Answer:
        try:
            channel = transport.open_session(timeout=self._settings.connect_timeout)
            channel.exec_command(shell.command(target.become))
            channel.sendall(shell.stdin(target.become, script))
            channel.shutdown_write()
            return _listen(channel, line, self._late())
        except (paramiko.SSHException, OSError, EOFError) as error:
            msg = f"{target.hop} ended the session: {first_line(str(error)) or 'it gave no reason'}"
            raise SilentError(msg) from error

    def _late(self) -> str:
        return f"the look was cut off after {self._settings.deadline:g} s"


class _Gateway:
    """A jump host: the first thread logs in, the others wait for it and share its connection, or its failure."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._transport: paramiko.Transport | None = None
        self._why = ""

    def open(self, ssh: Ssh, name: str, jumps: tuple[Hop, ...]) -> paramiko.Transport:
        with self._lock:
            if self._transport is None and not self._why:
                try:
                    self._transport = ssh.enter(name, Target(jumps[-1], jumps[:-1]), ssh.line())
                except SilentError as error:
                    self._why = f"its jump host {jumps[-1]}: {error}"
            if self._transport is None:
                raise SilentError(self._why)
            return self._transport


def _remote(target: Target) -> Hop:
    if target.hop is None:
        msg = "this machine itself is not reached over SSH"
        raise SilentError(msg)
    return target.hop


def _listen(channel: paramiko.Channel, line: link.Line, late: str) -> Answer:
    chunks: list[bytes] = []
    size, cut = 0, ""
    while size <= LIMIT and (chunk := channel.recv(_CHUNK)):
        chunks.append(chunk)
        size += len(chunk)
    if size > LIMIT:
        cut = f"it said more than {LIMIT // 1024 // 1024} MiB, and was cut off"
    elif line.expired:
        cut = late
    elif not channel.status_event.wait(_STATUS_WAIT) or channel.exit_status < 0:
        cut = "the connection broke off"
    said = channel.recv_stderr(_CHUNK) if channel.recv_stderr_ready() else b""
    status = channel.exit_status if channel.status_event.is_set() and channel.exit_status >= 0 else None
    return Answer(b"".join(chunks), said, cut, status)
