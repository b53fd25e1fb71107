"""A name, asked of one server; and whether a filter answers in its place."""

from __future__ import annotations

import asyncio
import socket
import time
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING

import dns.asyncbackend
import dns.asyncquery
import dns.exception
import dns.inet
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.resolver

from agent.model.reading import Unknown
from agent.systems.probe.endpoint import Endpoint, TargetError, endpoint
from agent.systems.probe.failures import no_answer, printable
from agent.systems.probe.outcome import Answer, NoAnswer, NoAnswerError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from agent.model.reading import Reading

FIELDS = ("dns.answers", "dns.blocked")
PORT = 53
NOWHERE = frozenset({"0.0.0.0", "::"})  # ruff: ignore[hardcoded-bind-all-interfaces] - what filters answer
_FOR_ALL = 0.9  # of a sample's time, so that the last server's silence is heard as such
_NO_RESOLVER = NoAnswer("this machine has no resolver: /etc/resolv.conf names none", ours=True)
_NO_RECORD = Unknown("the server knows the name and has no such record: neither blocked nor let through")
_REFUSED = Unknown("the server refuses to answer")


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and which answers are a filter's."""

    name: dns.name.Name
    record: dns.rdatatype.RdataType
    blocked: frozenset[str]


def question(name: str, options: Mapping[str, str]) -> Question:
    """Read what a check asks for: the options `record` and `blocked_answers`, the latter with commas between.

    Raises:
        TargetError: the name or the record is none.
    """
    if not name.strip():
        msg = "no name is asked for"
        raise TargetError(msg)
    try:
        asked = dns.name.from_text(name.strip())
    except (dns.exception.DNSException, ValueError) as error:
        msg = f"{printable(name)} is not a name that can be asked for: {error}"
        raise TargetError(msg) from error
    try:
        record = dns.rdatatype.from_text(options.get("record") or "A")
    except (dns.exception.DNSException, ValueError) as error:
        msg = f"there is no record {options['record']!r}"
        raise TargetError(msg) from error
    if dns.rdatatype.is_metatype(record):
        msg = f"{options['record']!r} is not a record that can be asked for"
        raise TargetError(msg)
    listed = options.get("blocked_answers", "").replace(",", " ").split()
    return Question(asked, record, NOWHERE | {_plain(text) for text in listed})


def server(text: str) -> Endpoint:
    """Read the option `server`: an address, or an address and a port.

    Raises:
        TargetError: it is not an address.
    """
    found = endpoint(text, port=PORT)
    try:
        ip_address(found.host)
    except ValueError as error:
        msg = f"the server {printable(text)} is not an address"
        raise TargetError(msg) from error
    return found


def own_servers(file: str = "/etc/resolv.conf") -> tuple[Endpoint, ...]:
    """Give the servers that this machine itself asks; none where it has no resolver."""
    try:
        found = dns.resolver.Resolver(filename=file)
    except (dns.exception.DNSException, OSError, ValueError):
        return ()
    return tuple(Endpoint(str(each), found.port) for each in found.nameservers)


@dataclass(frozen=True, slots=True)
class DnsProbe:
    """Asks the servers in turn until one answers; what one of them says is believed. `limit` is for all of them."""

    question: Question
    servers: tuple[Endpoint, ...]
    limit: float

    async def ask(self) -> Answer:
        """Ask once."""
        last = _NO_RESOLVER
        share = self.limit * _FOR_ALL / len(self.servers) if len(self.servers) > 1 else None  # the caller's is enough
        for each in self.servers:
            try:
                async with asyncio.timeout(share):
                    return await self._ask(each)
            except TimeoutError:
                last = NoAnswer(f"no answer from {printable(each.host)}")
            except OSError as error:
                last = no_answer(error)
            except NoAnswerError as error:
                last = error.outcome
        raise NoAnswerError(last)

    def choose(self, answers: Sequence[Answer]) -> Mapping[str, Reading]:
        """Give the answer that a name is let through by, if there is one: one in three is not blocked."""
        return min((answer.readings for answer in reversed(answers)), key=_proof)

    async def _ask(self, server: Endpoint) -> Answer:
        begun = time.perf_counter()
        response = await _exchange(dns.message.make_query(self.question.name, self.question.record), server)
        return Answer((time.perf_counter() - begun) * 1000, _readings(response, self.question))


async def _exchange(query: dns.message.Message, server: Endpoint) -> dns.message.Message:
    backend = dns.asyncbackend.get_backend("asyncio")
    family = dns.inet.af_for_address(server.host)
    # A connected socket hears of refusals, and hears nobody else. What is no answer to the query is not heard either.
    connecting = backend.make_socket(family, socket.SOCK_DGRAM, 0, None, (server.host, server.port))  # type: ignore[no-untyped-call]
    async with await connecting as sock:
        try:
            return await dns.asyncquery.udp(
                query, server.host, port=server.port, sock=sock, ignore_errors=True, raise_on_truncation=True
            )
        except dns.message.Truncated:
            pass
    return await dns.asyncquery.tcp(query, server.host, port=server.port, backend=backend)


def _readings(response: dns.message.Message, question: Question) -> dict[str, Reading]:
    rcode = response.rcode()
    if rcode == dns.rcode.NXDOMAIN:
        return {"dns.answers": (), "dns.blocked": True}
    if rcode == dns.rcode.REFUSED:
        return {"dns.answers": _REFUSED, "dns.blocked": True}
    if rcode != dns.rcode.NOERROR or not isinstance(response, dns.message.QueryMessage):
        raise NoAnswerError(NoAnswer(f"the server says {printable(dns.rcode.to_text(rcode))}"))
    answers = _answers(response)
    if not answers:
        return {"dns.answers": (), "dns.blocked": _NO_RECORD}
    return {"dns.answers": answers, "dns.blocked": all(_plain(text) in question.blocked for text in answers)}


def _answers(response: dns.message.QueryMessage) -> tuple[str, ...]:
    """Give the records at the end of the chain of aliases, sorted."""
    try:
        found = response.resolve_chaining().answer
        return tuple(sorted(record.to_text() for record in found or ()))
    except (dns.exception.DNSException, ValueError) as error:
        raise NoAnswerError(NoAnswer(f"the answer makes no sense ({type(error).__name__})")) from error


def _plain(text: str) -> str:
    """Write an address in its one shortest form; other text in small letters without its last dot."""
    try:
        return str(ip_address(text))
    except ValueError:
        return text.lower().rstrip(".")


def _proof(readings: Mapping[str, Reading]) -> int:
    blocked = readings["dns.blocked"]
    return 2 if blocked is True else int(isinstance(blocked, Unknown))
