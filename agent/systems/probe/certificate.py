"""What a certificate says, whoever made it: pure, and never an exception for what stands in it."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TYPE_CHECKING, TypeVar

from cryptography import x509

from agent.model.reading import Unknown

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

_T = TypeVar("_T")
_UNREADABLE = Unknown("the certificate cannot be understood")


@dataclass(frozen=True, slots=True)
class Names:
    """For whom a certificate is: names (in small letters, `*.` in front of some) and addresses."""

    names: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Certificate:
    """What of a certificate was to be read; each part by itself may be unknown. `issuer` is RFC 4514 text."""

    begins: datetime | Unknown
    expires: datetime | Unknown
    issuer: str | Unknown
    names: Names | Unknown

    def out_of_date(self, now: datetime) -> bool:
        """Say whether it is known that it is not valid at this time."""
        if isinstance(self.begins, Unknown) or isinstance(self.expires, Unknown):
            return False
        return not self.begins <= now <= self.expires

    def is_for(self, name: str) -> bool | Unknown:
        """Say whether it is for a name or an address, by its alternative names alone, as browsers do."""
        if isinstance(self.names, Unknown):
            return self.names
        try:
            return _address(name) in self.names.addresses
        except ValueError:
            return any(_fits(pattern, _ascii(name)) for pattern in self.names.names)


def read(der: bytes) -> Certificate:
    """Read a certificate; bytes that are none give one of which nothing is known."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the library warns of odd certificates; they are not ours to mend
        try:
            found = x509.load_der_x509_certificate(der)
        except (ValueError, x509.InvalidVersion):
            return Certificate(_UNREADABLE, _UNREADABLE, _UNREADABLE, _UNREADABLE)
        return Certificate(
            begins=_part(lambda: found.not_valid_before_utc),
            expires=_part(lambda: found.not_valid_after_utc),
            issuer=_part(found.issuer.rfc4514_string),
            names=_part(lambda: _names(found)),
        )


def _part(read_one: Callable[[], _T]) -> _T | Unknown:
    try:
        return read_one()
    except (ValueError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType) as error:
        return Unknown(f"{_UNREADABLE.why} ({type(error).__name__})")


def _names(found: x509.Certificate) -> Names:
    try:
        names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return Names()
    addresses = (a for a in names.get_values_for_type(x509.IPAddress) if isinstance(a, (IPv4Address, IPv6Address)))
    return Names(
        tuple(name.lower().rstrip(".") for name in names.get_values_for_type(x509.DNSName)),
        tuple(str(address) for address in addresses),
    )


def _address(name: str) -> str:
    return str(ip_address(name.partition("%")[0]))


def is_name(name: str) -> bool:
    """Say whether a certificate can be for this: a name, or an address."""
    try:
        return bool(_address(name))
    except ValueError:
        return bool(_ascii(name)) and "\0" not in name


def _ascii(name: str) -> str:
    try:
        return name.lower().rstrip(".").encode("idna").decode("ascii")
    except UnicodeError:
        return ""


def _fits(pattern: str, name: str) -> bool:
    """Match as RFC 6125 6.4.3 does: a star is the whole first label, and stands for exactly one."""
    if not pattern.startswith("*."):
        return bool(name) and pattern == name
    first, _, rest = name.partition(".")
    return bool(first) and "." in rest and rest == pattern[2:]
