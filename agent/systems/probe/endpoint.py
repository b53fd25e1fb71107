"""Where a check asks: a host, and a port where there is one."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv6Address

from agent.systems.probe.failures import printable

LAST_PORT = 65535


class TargetError(ValueError):
    """A check's target or option cannot be understood. Its text is a phrase without a final stop."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A host by name or address, and a port, 0 where none is named."""

    host: str
    port: int = 0


def endpoint(text: str, *, port: int | None = None) -> Endpoint:
    """Read `host:port`, `[IPv6]:port`, or a host alone, whose port is then `port`.

    Raises:
        TargetError: there is no host, or no port where `port` is None, or it is not a port.
    """
    host, named = _split(text.strip())
    if any(c.isspace() or not c.isprintable() for c in host) or not _can_be_asked_for(host):
        msg = f"{printable(text)} names no host"
        raise TargetError(msg)
    if not named and port is not None:
        return Endpoint(host, port)
    if not (named.isascii() and named.isdigit() and 0 < int(named[:6]) <= LAST_PORT):
        msg = f"{printable(text)} names no port from 1 to {LAST_PORT}"
        raise TargetError(msg)
    return Endpoint(host, int(named))


def _split(text: str) -> tuple[str, str]:
    if text.startswith("["):
        host, _, rest = text[1:].partition("]")
        return host, rest.removeprefix(":")
    if text.count(":") > 1 and _is_address(text):
        return text, ""
    host, _, port = text.rpartition(":") if ":" in text else (text, "", "")
    return host, port


def _can_be_asked_for(host: str) -> bool:
    try:
        return bool(host.rstrip(".").encode("idna"))
    except UnicodeError:  # an empty label, or one of more than 63 bytes
        return _is_address(host)


def _is_address(text: str) -> bool:
    try:
        IPv6Address(text)
    except ValueError:
        return False
    return True
