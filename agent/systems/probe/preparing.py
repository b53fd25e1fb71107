"""From a check, as the repository names it, to a probe that can ask it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agent.model.reading import Unknown
from agent.systems.probe.endpoint import TargetError, endpoint
from agent.systems.probe.failures import printable

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from pathlib import Path

    from agent.model.source import Check
    from agent.systems.probe.endpoint import Endpoint
    from agent.systems.probe.outcome import Probe
    from agent.systems.probe.tls import Contexts, TlsProbe


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes the probes of one look. Lists of authorities are read once a look: they are long.

    Attributes:
        root: what a relative `ca_file` starts from: the repository.
        limit: seconds for one sample.
        with_body: whether some policy reads a page's text.
        icmp: whether this account may send ICMP echoes.
    """

    root: Path
    limit: float
    with_body: bool
    icmp: bool
    clock: Callable[[], datetime]
    _contexts: dict[tuple[str, str], ssl.SSLContext | Unknown] = field(default_factory=dict)

    def probe(self, check: Check) -> Probe:
        """Make what asks a check. What no check needs is never imported.

        Raises:
            TargetError: the target or an option cannot be understood.
        """
        if check.ask not in _MAKERS:
            msg = f"there is no sort of check {check.ask!r}"
            raise TargetError(msg)
        return _MAKERS[check.ask](self, check)

    def certificate(self, check: Check) -> TlsProbe | None:
        """Make what reads the certificate of a page's own address; None where it is asked without TLS.

        Raises:
            TargetError: the address cannot be understood.
        """
        from agent.systems.probe import http  # ruff: ignore[import-outside-top-level]

        url = http.address(check.target)
        return self.tls(check, http.endpoint_of(url)) if url.scheme == "https" else None

    def tls(self, check: Check, where: Endpoint) -> TlsProbe:
        """Make what reads the certificate that is shown at a place."""
        from agent.systems.probe.tls import TlsProbe  # ruff: ignore[import-outside-top-level]

        return TlsProbe(where, server_name(check) or where.host, self._ways(check.options), self.clock)

    def _ways(self, options: Mapping[str, str]) -> Contexts:
        from agent.systems.probe.tls import Contexts  # ruff: ignore[import-outside-top-level]
        from agent.systems.probe.trust import blind  # ruff: ignore[import-outside-top-level]

        return Contexts(self.trust(options, "chain"), self.trust(options, "old"), blind())

    def trust(self, options: Mapping[str, str], use: str) -> ssl.SSLContext | Unknown:
        """Give what judges certificates: their `chain`, the chain of an `old` server, or chain and name for `http`."""
        from agent.systems.probe.trust import Trust, TrustError  # ruff: ignore[import-outside-top-level]

        named = options.get("ca_file", "")
        known = self._contexts.get((named, use))
        if known is None:
            trust = Trust(self.root / named if named else None)
            try:
                known = trust.naming() if use == "http" else trust.context(old=use == "old")
            except TrustError as error:
                known = Unknown(str(error))
            self._contexts[named, use] = known
        return known


def server_name(check: Check) -> str:
    """Give the option, or an empty text.

    Raises:
        TargetError: no certificate can be for it.
    """
    from agent.systems.probe.certificate import is_name  # ruff: ignore[import-outside-top-level]

    name = check.options.get("server_name", "").strip()
    if name and not is_name(name):
        msg = f"the server name {printable(name)} is none"
        raise TargetError(msg)
    return name


def _tcp(_: Maker, check: Check) -> Probe:
    from agent.systems.probe.tcp import TcpProbe  # ruff: ignore[import-outside-top-level]

    return TcpProbe(endpoint(check.target))


def _tls(maker: Maker, check: Check) -> Probe:
    return maker.tls(check, endpoint(check.target))


def _http(maker: Maker, check: Check) -> Probe:
    from agent.systems.probe import http  # ruff: ignore[import-outside-top-level]

    url = http.address(check.target)
    return http.HttpProbe(url, server_name(check), maker.trust(check.options, "http"), maker.limit, maker.with_body)


def _dns(maker: Maker, check: Check) -> Probe:
    from agent.systems.probe import dns  # ruff: ignore[import-outside-top-level]

    named = check.options.get("server", "")
    servers = (dns.server(named),) if named else dns.own_servers()
    return dns.DnsProbe(dns.question(check.target, check.options), servers, maker.limit)


def _ping(maker: Maker, check: Check) -> Probe:
    from agent.systems.probe.ping import PingProbe  # ruff: ignore[import-outside-top-level]

    return PingProbe(endpoint(check.target, port=0), maker.icmp, maker.limit)


_MAKERS: Mapping[str, Callable[[Maker, Check], Probe]] = {
    "tcp": _tcp,
    "tls": _tls,
    "http": _http,
    "dns": _dns,
    "ping": _ping,
}
