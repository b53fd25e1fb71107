"""Servers that misbehave on purpose."""

from __future__ import annotations

import socket
import threading
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Generator


class Quit(threading.Event):
    """Set once the test is over; a server that is slow waits for it between bytes."""


@contextmanager
def serving(behave: Callable[[socket.socket, Quit], None]) -> Generator[int]:
    """Accept whoever comes on a port of loopback, and behave like that towards each; gives the port."""
    over = Quit()
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:

        def each(link: socket.socket) -> None:
            with closing(link), suppress(OSError):
                behave(link, over)

        def serve() -> None:
            while True:
                try:
                    link, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=each, args=(link,), daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        try:
            yield listener.getsockname()[1]
        finally:
            over.set()
            listener.shutdown(socket.SHUT_RDWR)


@contextmanager
def answering(*answers: Callable[[bytes], bytes]) -> Generator[int]:
    """Answer every datagram to a port of loopback, once or more; an empty answer is none; gives the port."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.settimeout(0.05)
        over = threading.Event()

        def serve() -> None:
            while not over.is_set():
                with suppress(TimeoutError, ConnectionError):
                    asked, sender = sock.recvfrom(65535)
                    for said in (answer(asked) for answer in answers):
                        if said:
                            sock.sendto(said, sender)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield sock.getsockname()[1]
        finally:
            over.set()
            thread.join()


def silent(_: socket.socket, over: Quit) -> None:
    """Say nothing, and keep the line open."""
    over.wait()


def hang_up(_: socket.socket, __: Quit) -> None:
    """Accept, and close at once."""


def says(greeting: bytes) -> Callable[[socket.socket, Quit], None]:
    """Hear the question, say this, and close."""

    def behave(link: socket.socket, _: Quit) -> None:
        link.settimeout(5)
        link.recv(65536)
        link.sendall(greeting)
        link.shutdown(socket.SHUT_WR)
        with suppress(TimeoutError):
            while link.recv(65536):  # closing on unread bytes would reset what was said
                pass

    return behave


def trickles(begin: bytes, drop: bytes, every: float = 1.0) -> Callable[[socket.socket, Quit], None]:
    """Say the beginning, then one more drop every so many seconds, for ever."""

    def behave(link: socket.socket, over: Quit) -> None:
        link.sendall(begin)
        while not over.wait(every):
            link.sendall(drop)

    return behave


def pours(begin: bytes, flood: bytes) -> Callable[[socket.socket, Quit], None]:
    """Say the beginning, then the flood, as fast as it is taken, for ever."""

    def behave(link: socket.socket, over: Quit) -> None:
        link.sendall(begin)
        while not over.is_set():
            link.sendall(flood)

    return behave
