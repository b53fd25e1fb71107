"""Connections: TCP or a channel of a jump host, and the SSH key exchange on top. Nobody is logged in here."""

from __future__ import annotations

import logging
import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

import paramiko

from agent.systems.host.answer import SilentError, first_line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agent.systems.host.connection import Hop

# paramiko's threads log what goes wrong, with tracebacks; where nobody listens that would end up on stderr. Every
# such error comes back to us as an exception as well.
_LOG = "driftbell.ssh"
logging.getLogger(_LOG).addHandler(logging.NullHandler())
logging.getLogger(_LOG).propagate = False

# Types of host key as known_hosts names them, best first, and the signatures that go with each.
SIGNATURES = {
    "ssh-ed25519": ("ssh-ed25519",),
    "ecdsa-sha2-nistp256": ("ecdsa-sha2-nistp256",),
    "ecdsa-sha2-nistp384": ("ecdsa-sha2-nistp384",),
    "ecdsa-sha2-nistp521": ("ecdsa-sha2-nistp521",),
    "ssh-rsa": ("rsa-sha2-512", "rsa-sha2-256"),
}
_REFUSALS = {  # RFC 4254, section 5.1
    1: "does not allow a connection through it to",
    2: "could not connect to",
    3: "does not know how to connect to",
    4: "has no resources left to connect to",
}

Socket = socket.socket | paramiko.Channel


class Connections:
    """Everything that one look keeps open, so that a deadline can close it from outside."""

    def __init__(self) -> None:
        """Start with nothing open."""
        self._open: list[tuple[Socket, paramiko.Transport]] = []
        self._lock = threading.Lock()
        self.expired = False

    def hold(self, link: Socket, transport: paramiko.Transport) -> None:
        """Take a connection into care."""
        with self._lock:
            self._open.append((link, transport))
        if self.expired:
            self.close()

    def cut(self) -> None:
        """End the look now: whoever waits on it gets an error at once."""
        self.expired = True
        self.close()

    def close(self) -> None:
        """Close everything. Shutting the link down first wakes paramiko's thread, which polls ten times a second."""
        with self._lock:
            going, self._open = self._open, []
        for link, transport in reversed(going):
            with suppress(OSError, EOFError, paramiko.SSHException):
                link.shutdown(socket.SHUT_RDWR)
            transport.close()
            link.close()


def dial(hop: Hop, timeout: float) -> socket.socket:
    """Connect to a server over TCP.

    Raises:
        SilentError: there is no connection to be had, with the reason.
    """
    try:
        link = socket.create_connection((hop.host, hop.port), timeout=timeout)
    except (socket.gaierror, UnicodeError) as error:
        why = error.strerror if isinstance(error, socket.gaierror) else "it is not a valid name"
        msg = f"the name {first_line(hop.host)} is not found: {why}"
        raise SilentError(msg) from error
    except TimeoutError as error:
        msg = f"no answer from {hop} within {timeout:g} s"
        raise SilentError(msg) from error
    except ConnectionRefusedError as error:
        msg = f"{hop} refuses connections"
        raise SilentError(msg) from error
    except OSError as error:
        msg = f"{hop} cannot be reached: {error.strerror or error}"
        raise SilentError(msg) from error
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return link


def through(gateway: paramiko.Transport, jump: Hop, hop: Hop, timeout: float) -> paramiko.Channel:
    """Connect to a server through a jump host.

    Raises:
        SilentError: the jump host does not connect us, with the reason.
    """
    try:
        return gateway.open_channel("direct-tcpip", (hop.host, hop.port), ("127.0.0.1", 0), timeout=timeout)
    except paramiko.ChannelException as error:
        msg = f"the jump host {jump} {_REFUSALS.get(error.code, 'refused')} {hop}"
        raise SilentError(msg) from error
    except Exception as error:  # whatever a server's bytes did to paramiko's thread
        msg = f"the jump host {jump} gave no connection to {hop} within {timeout:g} s"
        raise SilentError(msg) from error


def shake(link: Socket, hop: Hop, types: Iterable[str], timeout: float, held: Connections) -> paramiko.Transport:
    """Exchange keys with a server over a connection; `types` are the host key types that are acceptable, best first.

    Raises:
        SilentError: there is no SSH server to talk to, or none with such a key.
    """
    transport = paramiko.Transport(link)
    held.hold(link, transport)
    transport.set_log_channel(_LOG)
    transport.banner_timeout = transport.handshake_timeout = transport.auth_timeout = timeout
    options = transport.get_security_options()
    options.key_types = tuple(name for kind in types for name in SIGNATURES[kind])
    # One pass in C for each packet, where the others take a second one for the MAC, compared in Python.
    options.ciphers = ("aes128-gcm@openssh.com", *(name for name in options.ciphers if "gcm" not in name))
    try:
        transport.start_client(timeout=2 * timeout)  # one for the greeting, one for the key exchange
        transport.get_remote_server_key()  # start_client returns without a word when its time is up
    except Exception as error:  # whatever a server's bytes did to paramiko's thread
        raise SilentError(_why_no_handshake(error, hop, timeout)) from error
    return transport


def _why_no_handshake(error: Exception, hop: Hop, timeout: float) -> str:
    if isinstance(error, paramiko.ssh_exception.IncompatiblePeer):
        return f"{hop} and Driftbell have no method of SSH in common: {first_line(str(error))}"
    cause = error.__context__
    if isinstance(cause, TimeoutError):
        return f"{hop} accepts connections, but its SSH server says nothing for {timeout:g} s"
    if isinstance(cause, EOFError | ConnectionError) or isinstance(error, EOFError | ConnectionError):
        return f"{hop} closes connections before saying anything (too many at once, or not allowed from here)"
    if "protocol version" in str(error) or "banner" in str(error):
        return f"what answers on {hop} is not an SSH server"
    if "No existing session" in str(error) or isinstance(error, TimeoutError):
        return f"the SSH server of {hop} did not finish the key exchange within {timeout:g} s"
    return f"the key exchange with {hop} failed: {first_line(str(error)) or 'the connection broke off'}"
