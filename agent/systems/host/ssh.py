"""SSH of one sweep, over paramiko: one session a host, strict host keys, and one deadline for all of it.

Handled here, because they bite: a channel closes when the last reference to it goes, so it is held until the read is
over; a call to paramiko may wait for ever, so a timer closes the connection under it.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Self

from agent.systems.host import link, login, shell
from agent.systems.host.answer import LIMIT, Answer, SilentError, first_line
from agent.systems.host.connection import Hop, Target
from agent.systems.host.keys import Keyring
from agent.systems.host.known_hosts import host_name

if TYPE_CHECKING:
    import paramiko

    from agent.settings import HostSettings
    from agent.systems.host.known_hosts import KnownHosts
    from agent.systems.host.sessions import Sessions

_CHUNK = 65536
_STATUS_WAIT = 2.0  # seconds between the end of the output and the exit code


class Ssh:
    """Reads each key and logs in to each jump host once, however many hosts a sweep has."""

    def __init__(self, known: KnownHosts, settings: HostSettings, sessions: Sessions | None = None) -> None:
        """Take the trusted host keys, the time limits, and what keeps sessions for the next sweep."""
        self._sessions = sessions
        self._known, self._settings, self._keyring = known, settings, Keyring()
        self._lock = threading.Lock()
        self._gateways: dict[tuple[Hop, ...], _Gateway] = {}
        self._open: set[link.Connections] = set()
        self._over = False

    def __enter__(self) -> Self:
        """Begin a sweep."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close whatever is still open, and begin nothing new: an interrupted sweep need not wait for anybody."""
        with self._lock:
            self._over, left = True, list(self._open)
        for connections in left:
            connections.cut()

    def ask(self, name: str, target: Target, script: bytes) -> Answer:
        """Run the script on a host; `name` is the host's name in the inventory, for reasons.

        A SilentError says why nothing was run there.
        """
        kept = self._sessions.take(target) if self._sessions else None
        if kept is not None:
            with suppress(SilentError):  # what became of it meanwhile: a new one says what is the matter
                return self._asked(name, target, script, kept.held, kept.transport)
        return self._asked(name, target, script, self.connections())

    def _asked(
        self, name: str, target: Target, script: bytes, held: link.Connections, kept: paramiko.Transport | None = None
    ) -> Answer:
        timer = threading.Timer(self._settings.deadline, held.cut)
        timer.daemon = True
        timer.start()
        try:
            transport = self.enter(name, target, held) if kept is None else self._trusted(name, target, kept)
            answer = self._converse(transport, target, script, held)
        except SilentError as error:
            held.close()
            raise SilentError(self._late()) if held.expired else error from None
        except BaseException:
            held.close()
            raise
        finally:
            timer.cancel()
            with self._lock:
                self._open.discard(held)
        self._leave(target, transport, held)
        return answer

    def _trusted(self, name: str, target: Target, transport: paramiko.Transport) -> paramiko.Transport:
        """Give a kept session, unless its host is no longer trusted. A SilentError says that it ended meanwhile."""
        try:
            key = login.server_key(transport)
        except Exception as error:  # whatever a server's bytes did to paramiko's thread
            msg = "the session that was kept has ended"
            raise SilentError(msg) from error
        login.verify(key, _remote(target), self._known, name)
        return transport

    def _leave(self, target: Target, transport: paramiko.Transport, held: link.Connections) -> None:
        """Keep the session for the next sweep, or close it."""
        if self._sessions is not None and not target.jumps and not held.expired:
            self._sessions.keep(target, transport, held)
        else:
            held.close()

    def connections(self) -> link.Connections:
        """Give a place for connections that is closed with the sweep, if not before."""
        held = link.Connections()
        with self._lock:
            if self._over:
                msg = "the sweep was stopped"
                raise SilentError(msg)
            self._open.add(held)
        return held

    def enter(self, name: str, target: Target, held: link.Connections) -> paramiko.Transport:
        """Log in to a host, through its jump hosts. A SilentError says why we do not get in."""
        hop = _remote(target)
        transport = self.shake(name, hop, target.jumps, held)
        login.verify(login.server_key(transport), hop, self._known, name)
        login.log_in(transport, hop, self._keyring)
        return transport

    def shake(self, name: str, hop: Hop, jumps: tuple[Hop, ...], held: link.Connections) -> paramiko.Transport:
        """Exchange keys with a server, through its jump hosts, without logging in to it.

        Types of key that are trusted for it come first, so that a server with several shows the one we know; as
        OpenSSH does it.
        """
        trusted = {key.type for key in self._known.keys(host_name(hop.host, hop.port))}
        types = sorted(link.SIGNATURES, key=lambda kind: kind not in trusted)
        limit = self._settings.connect_timeout
        way = link.through(self._gateway(name, jumps), jumps[-1], hop, limit) if jumps else link.dial(hop, limit)
        return link.shake(way, hop, types, limit, held)

    def _gateway(self, name: str, jumps: tuple[Hop, ...]) -> paramiko.Transport:
        with self._lock:
            gateway = self._gateways.setdefault(jumps, _Gateway())
        return gateway.open(self, name, jumps)

    def _converse(self, transport: paramiko.Transport, target: Target, script: bytes, held: link.Connections) -> Answer:
        try:
            channel = transport.open_session(timeout=self._settings.connect_timeout)
            channel.exec_command(shell.command(target.become))
            with suppress(OSError):  # a shell that ends at once takes nothing in; what it said and its code tell why
                channel.sendall(shell.stdin(target.become, script))
                channel.shutdown_write()
            return _listen(channel, held, self._late())
        except Exception as error:  # whatever a server's bytes did to paramiko's thread
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
                    self._transport = ssh.enter(name, Target(jumps[-1], jumps[:-1]), ssh.connections())
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


def _listen(channel: paramiko.Channel, held: link.Connections, late: str) -> Answer:
    chunks: list[bytes] = []
    size, cut = 0, ""
    while size <= LIMIT and (chunk := channel.recv(_CHUNK)):
        chunks.append(chunk)
        size += len(chunk)
    if size > LIMIT:
        cut = f"it said more than {LIMIT // 1024 // 1024} MiB, and was cut off"
    elif held.expired:
        cut = late
    elif not channel.status_event.wait(_STATUS_WAIT) or channel.exit_status < 0:
        cut = "the connection broke off"
    said = channel.recv_stderr(_CHUNK) if channel.recv_stderr_ready() else b""
    status = channel.exit_status if channel.status_event.is_set() and channel.exit_status >= 0 else None
    return Answer(b"".join(chunks), said, cut, status)
