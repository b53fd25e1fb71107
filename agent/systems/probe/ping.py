"""Whether a host is alive: an ICMP echo where the kernel lets everybody send one, and a TCP connection.

A refused connection is a sign of life too. No privilege is used: Linux has sockets for pings, which
net.ipv4.ping_group_range opens to groups.
"""

from __future__ import annotations

import asyncio
import secrets
import socket
import struct
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import anyio

from agent.systems.probe.failures import no_answer, refused
from agent.systems.probe.outcome import Answer, NoAnswer, NoAnswerError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from agent.model.reading import Reading
    from agent.systems.probe.endpoint import Endpoint

BY_ICMP = "Pings were sent as ICMP echoes."
BY_TCP = (
    "This machine may not send ICMP echoes (sysctl net.ipv4.ping_group_range), so pings were TCP connections "
    "to the port that the check names."
)
_NO_PORT = NoAnswer(
    "this machine may not send ICMP echoes, and the check names no port to connect to instead (host:port)", ours=True
)
_MOST_ADDRESSES = 4
_HEAD = struct.Struct("!BBHHH")  # type, code, checksum and identifier (the kernel's), sequence (RFC 792, RFC 4443)
_ECHO = {socket.AF_INET: (socket.IPPROTO_ICMP, 8), socket.AF_INET6: (socket.IPPROTO_ICMPV6, 128)}


def allowed() -> bool:
    """Say whether the kernel lets this account send ICMP echoes."""
    try:
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMP).close()
    except OSError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class PingProbe:
    """Asks for a sign of life. Port 0 means that no TCP connection may be tried; `limit` is seconds for a sample."""

    endpoint: Endpoint
    icmp: bool
    limit: float

    async def ask(self) -> Answer:
        """Ask by ICMP, then by TCP where a port is named: many a host answers only one of them."""
        if not self.icmp:
            return await self._connect() if self.endpoint.port else _cannot()
        if not self.endpoint.port:
            return await self._echo()
        try:
            async with asyncio.timeout(self.limit / 2):
                return await self._echo()
        except OSError:
            answer = await self._connect()
        return Answer(answer.latency, note=f"did not answer ICMP echoes, but TCP port {self.endpoint.port}")

    def choose(self, answers: Sequence[Answer]) -> Mapping[str, Reading]:
        """Give what the last answer says."""
        return answers[-1].readings

    async def _connect(self) -> Answer:
        begun = time.perf_counter()
        try:
            async with await anyio.connect_tcp(self.endpoint.host, self.endpoint.port):
                pass
        except OSError as error:
            if not refused(error):
                raise NoAnswerError(no_answer(error)) from error
        return Answer((time.perf_counter() - begun) * 1000)

    async def _echo(self) -> Answer:
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(self.endpoint.host, None, type=socket.SOCK_DGRAM)
        waiting = [asyncio.create_task(_echo(family, address)) for family, _, _, _, address in found[:_MOST_ADDRESSES]]
        try:
            return await _first(waiting)
        finally:
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)


def _cannot() -> Answer:
    raise NoAnswerError(_NO_PORT)


async def _first(waiting: list[asyncio.Task[float]]) -> Answer:
    """Give the first echo that comes back.

    Raises:
        OSError: none can; it stands for the reasons of all addresses.
    """
    errors: list[OSError] = []
    for each in asyncio.as_completed(waiting):
        try:
            return Answer(await each)
        except OSError as error:
            errors.append(error)
    msg = "no address can be asked"
    raise OSError(msg) from (ExceptionGroup(msg, errors) if errors else None)


async def _echo(
    family: socket.AddressFamily, address: tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]
) -> float:
    protocol, asks = _ECHO[family]
    loop = asyncio.get_running_loop()
    token = secrets.token_bytes(16)
    with socket.socket(family, socket.SOCK_DGRAM, protocol) as sock:
        sock.settimeout(0)
        sock.connect(address)  # sends nothing; it chooses who is heard
        begun = time.perf_counter()
        await loop.sock_sendall(sock, _HEAD.pack(asks, 0, 0, 0, 1) + token)
        while True:
            heard = await loop.sock_recv(sock, 1024)
            if heard[_HEAD.size :] == token:  # the kernel lets nothing through here but answers
                return (time.perf_counter() - begun) * 1000
