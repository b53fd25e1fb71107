"""Why a sample was not answered, in words, and whether that is the service's doing or this machine's own."""

from __future__ import annotations

import errno
import socket
import ssl
from typing import TYPE_CHECKING

from agent.systems.probe.outcome import NoAnswer

if TYPE_CHECKING:
    from collections.abc import Iterator

# Errors that arise here, before anything was sent: no route, no address to send from, a local firewall, no means.
_OURS = frozenset({
    errno.ENETUNREACH,
    errno.ENETDOWN,
    errno.EADDRNOTAVAIL,
    errno.EAFNOSUPPORT,
    errno.EACCES,
    errno.EPERM,
    errno.EMFILE,
    errno.ENFILE,
    errno.ENOBUFS,
    errno.ENOMEM,
})
_WORDS = {
    errno.ECONNREFUSED: "the connection was refused",
    errno.ECONNRESET: "the connection was broken off",
    errno.EPIPE: "the connection was broken off",
    errno.EHOSTUNREACH: "the host cannot be reached",
    errno.ETIMEDOUT: "no answer in time",
}
_NO_SUCH_NAME = frozenset({socket.EAI_NONAME, getattr(socket, "EAI_NODATA", -5), getattr(socket, "EAI_ADDRFAMILY", -9)})
_LONGEST = 160


def no_answer(error: BaseException) -> NoAnswer:
    """Say why a connection failed, from the error itself and from those that it stands for."""
    causes = list(_roots(error))
    lookup = next((cause for cause in causes if isinstance(cause, socket.gaierror)), None)
    if lookup is not None:
        return _no_name(lookup)
    tls = next((cause for cause in causes if isinstance(cause, ssl.SSLError)), None)
    if tls is not None:
        return NoAnswer(tls_words(tls))
    system = [cause for cause in causes if isinstance(cause, OSError) and cause.errno]
    if not system:
        return NoAnswer("the connection was closed without an answer")
    theirs = [cause for cause in system if cause.errno not in _OURS]
    return (
        NoAnswer(_words(theirs[0]))
        if theirs
        else NoAnswer(f"this machine has no way there: {_words(system[0])}", ours=True)
    )


def refused(error: BaseException) -> bool:
    """Say whether somebody answered with a refusal."""
    return any(isinstance(cause, ConnectionRefusedError) for cause in _roots(error))


def no_lookup(name: str) -> NoAnswer:
    """Say that this machine's own resolver does not answer."""
    return NoAnswer(f"this machine's resolver gives no answer for the name {printable(name)}", ours=True)


def tls_words(error: ssl.SSLError) -> str:
    """Say why a handshake failed."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not accepted: {printable(error.verify_message)}"
    reason = (error.reason or "the handshake was broken off").lower().replace("_", " ")
    return f"no TLS was agreed on: {printable(reason)}"


def printable(text: str) -> str:
    """Give text that others wrote as one short line for a reason or a note."""
    shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
    return shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 1]}\N{HORIZONTAL ELLIPSIS}"


def _no_name(error: socket.gaierror) -> NoAnswer:
    """Say what a failed look-up means; `network.ProbeLoop` puts the name in place of the error's own text."""
    if error.errno in _NO_SUCH_NAME:
        return NoAnswer(f"the name {printable(error.strerror or '')} is not found")
    return no_lookup(error.strerror or "")


def _words(error: OSError) -> str:
    return _WORDS.get(error.errno or 0) or printable((error.strerror or type(error).__name__).lower())


def _roots(error: BaseException) -> Iterator[BaseException]:
    """Give the errors that an error was raised from, in their order, or the error itself."""
    # httpcore cuts the chain (`from None`) and keeps the error that it stands for as its argument.
    wrapped = next((one for one in error.args if isinstance(one, BaseException)), None)
    if isinstance(error, BaseExceptionGroup):
        for one in error.exceptions:
            yield from _roots(one)
    elif cause := error.__cause__ or wrapped:
        yield from _roots(cause)
    else:
        yield error
