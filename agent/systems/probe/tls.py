"""A certificate, read even where it is bad, and judged in parts: its date, its name and its chain."""

from __future__ import annotations

import ssl
import time
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import anyio
from anyio.streams.tls import TLSAttribute

from agent.model.reading import NONE, Unknown
from agent.systems.probe import certificate
from agent.systems.probe.failures import tls_words
from agent.systems.probe.outcome import Answer, NoAnswer, NoAnswerError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from agent.model.reading import Reading
    from agent.systems.probe.certificate import Certificate
    from agent.systems.probe.endpoint import Endpoint

FIELDS = ("tls.expires", "tls.name_matches", "tls.chain_valid", "tls.issuer", "tls.version")
_OUT_OF_DATE = frozenset({9, 10})  # X509_V_ERR_CERT_NOT_YET_VALID, X509_V_ERR_CERT_HAS_EXPIRED
_NOT_TLS = "WRONG_VERSION_NUMBER"


@dataclass(frozen=True, slots=True)
class Contexts:
    """The three ways to shake hands. Where `strict` is unknown, there is no list of authorities to judge by."""

    strict: ssl.SSLContext | Unknown
    old: ssl.SSLContext | Unknown
    blind: ssl.SSLContext


@dataclass(frozen=True, slots=True)
class _Shaken:
    """What one handshake showed."""

    certificate: Certificate
    version: str
    latency: float


@dataclass(frozen=True, slots=True)
class TlsProbe:
    """Shakes hands, reads the certificate, and hangs up. `name` is what the certificate must be for."""

    endpoint: Endpoint
    name: str
    contexts: Contexts
    clock: Callable[[], datetime]

    async def ask(self) -> Answer:
        """Shake hands; again without any judgement where the certificate was not accepted, so as to read it."""
        try:
            shaken, chain = await self._look()
        except ssl.SSLError as error:
            spoken = error.reason != _NOT_TLS
            raise NoAnswerError(_refused(error) if spoken else _not_tls()) from error
        return Answer(shaken.latency, _readings(shaken, chain, self.name))

    def choose(self, answers: Sequence[Answer]) -> Mapping[str, Reading]:
        """Give the worst answer: behind one address stand several servers, and one of them may have been forgotten."""
        return min((answer.readings for answer in answers), key=_badness)

    async def _look(self) -> tuple[_Shaken, Reading]:
        if isinstance(self.contexts.strict, Unknown):
            return await self._shake(self.contexts.blind), self.contexts.strict
        try:
            return await self._shake(self.contexts.strict), True
        except ssl.SSLCertVerificationError as error:
            refused = error
        except ssl.SSLError as error:
            if error.reason == _NOT_TLS or isinstance(self.contexts.old, Unknown):
                raise
            try:
                return await self._shake(self.contexts.old), True
            except ssl.SSLCertVerificationError as again:
                refused = again
        shaken = await self._shake(self.contexts.blind)
        # OpenSSL judges dates last, the authority's before the server's own: only the date is wrong then, and that
        # is another field's to say.
        dated = refused.verify_code in _OUT_OF_DATE and shaken.certificate.out_of_date(self.clock())
        return shaken, dated

    async def _shake(self, context: ssl.SSLContext) -> _Shaken:
        begun = time.perf_counter()
        stream = await anyio.connect_tcp(
            self.endpoint.host,
            self.endpoint.port,
            ssl_context=context,
            tls_hostname=self.name,
            tls_standard_compatible=False,
        )
        async with stream:
            latency = (time.perf_counter() - begun) * 1000
            der = stream.extra_attributes[TLSAttribute.peer_certificate_binary]() or b""
            version = stream.extra_attributes[TLSAttribute.tls_version]()
        return _Shaken(certificate.read(der), version, latency)


def _readings(shaken: _Shaken, chain: Reading, name: str) -> dict[str, Reading]:
    found = shaken.certificate
    return {
        "tls.expires": found.expires,
        "tls.name_matches": found.is_for(name),
        "tls.chain_valid": chain,
        "tls.issuer": found.issuer,
        "tls.version": shaken.version,
    }


def _badness(readings: Mapping[str, Reading]) -> tuple[bool, bool, float]:
    expires = readings["tls.expires"]
    date = expires.timestamp() if isinstance(expires, datetime) else 0.0
    return readings["tls.chain_valid"] is not False, readings["tls.name_matches"] is not False, date


def _refused(error: ssl.SSLError) -> NoAnswer:
    return NoAnswer(tls_words(error))


def _not_tls() -> NoAnswer:
    return NoAnswer("what answers there does not speak TLS", readings=dict.fromkeys(FIELDS, NONE))
