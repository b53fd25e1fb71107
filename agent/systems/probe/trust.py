"""Whom a check trusts to sign certificates: this machine's own list, or one file."""

from __future__ import annotations

import os
import ssl
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

# Where distributions keep the list, for a Python that was built elsewhere and looks in places that are not there.
_LISTS = (Path("/etc/ssl/certs/ca-certificates.crt"), Path("/etc/pki/tls/certs/ca-bundle.crt"))
_OLDEST = "ALL:@SECLEVEL=0"


class TrustError(Exception):
    """There is no list of authorities to judge by. Its text is a phrase without a final stop."""


@dataclass(frozen=True, slots=True)
class Trust:
    """A file of authorities in PEM, or, where it is None, this machine's own list."""

    file: Path | None = None

    def context(self, *, old: bool = False) -> ssl.SSLContext:
        """Make what judges a chain and no name. `old` lets in what is no longer safe: nothing is ever sent over it.

        Raises:
            TrustError: the authorities cannot be read.
        """
        context = _context(old=old)
        # What is in the list is trusted, be it a root or not. Stricter rules on the form of certificates, which some
        # versions of Python bring, would refuse what browsers accept.
        context.verify_flags = ssl.VERIFY_X509_TRUSTED_FIRST | ssl.VERIFY_X509_PARTIAL_CHAIN
        if self.file is None:
            _load_own(context)
        else:
            _load(context, self.file)
        return context

    def naming(self) -> ssl.SSLContext:
        """Make what judges the chain and the name, by its alternative names alone, as browsers do.

        Raises:
            TrustError: the authorities cannot be read.
        """
        context = self.context()
        context.check_hostname = True
        context.hostname_checks_common_name = False
        return context


def blind() -> ssl.SSLContext:
    """Make what accepts every certificate, so that even a bad one can be read. Nothing is ever sent over it."""
    context = _context(old=True)
    context.verify_mode = ssl.CERT_NONE
    return context


def _context(*, old: bool) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    if old:
        with suppress(ssl.SSLError, ValueError):  # a system's policy may forbid even that
            context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
            context.set_ciphers(_OLDEST)
    return context


def _load(context: ssl.SSLContext, file: Path) -> None:
    try:
        context.load_verify_locations(file)
    except ssl.SSLError as error:
        msg = f"{file} holds no certificates in PEM"
        raise TrustError(msg) from error
    except OSError as error:
        msg = f"{file} cannot be read: {error.strerror}"
        raise TrustError(msg) from error


def _load_own(context: ssl.SSLContext) -> None:
    paths = ssl.get_default_verify_paths()
    if paths.cafile or (paths.capath and any(os.scandir(paths.capath))):
        context.set_default_verify_paths()
        return
    found = next((file for file in _LISTS if file.is_file()), None)
    if found is None:
        msg = "this machine has no list of trusted authorities (Debian: the package ca-certificates)"
        raise TrustError(msg)
    _load(context, found)
