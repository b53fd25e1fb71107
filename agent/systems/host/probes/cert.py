"""Family cert: certificates in PEM files, taken apart on our side."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from agent.model.reading import Unknown
from agent.systems.host.answer import first_line
from agent.systems.host.probe import Needs, Probe
from agent.systems.host.probes.file import CONTENT, content

if TYPE_CHECKING:
    from agent.model.kind import FieldRef
    from agent.model.reading import Reading
    from agent.systems.host.answer import Heard


def _needs(ref: FieldRef) -> Needs:
    return {CONTENT: ref.key} if ref.key.startswith("/") else {}


def _read(heard: Heard, ref: FieldRef) -> Reading:
    if not ref.key.startswith("/"):
        return Unknown("a path begins with /")
    said = content(heard, ref.key)
    return _parse(said, ref) if isinstance(said, bytes) else said


def _parse(pem: bytes, ref: FieldRef) -> Reading:
    from cryptography import x509  # ruff: ignore[import-outside-top-level]  slow, and few policies ask for it

    try:
        certificate = x509.load_pem_x509_certificate(pem)
        end, subject = certificate.not_valid_after_utc, certificate.subject.rfc4514_string()
    except ValueError:
        return Unknown(f"{first_line(ref.key)} holds no certificate in PEM form that can be read")
    return end.replace(tzinfo=UTC) if ref.attribute == "expires" else subject


PROBE = Probe(_needs, _read)
