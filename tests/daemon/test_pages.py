"""The pages for machines: health, metrics, and the hook of a forge, whatever is sent there."""

from __future__ import annotations

import hashlib
import hmac
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import TYPE_CHECKING

import pytest

from agent.daemon.metrics import Numbers
from agent.daemon.pages import LONGEST, Hook, Pages
from agent.errors import UnseenError
from agent.secrets import Secret
from tests.report.runs import busy_morning

if TYPE_CHECKING:
    from collections.abc import Iterator

SECRET = b"correct horse battery"
PUSH = b'{"ref": "refs/heads/main"}'


@dataclass
class Site:
    """Pages on a port of their own, and how often the repository was to be looked at."""

    port: int
    nudges: list[int] = field(default_factory=list)
    health: tuple[bool, str] = (True, "ok\n")

    def __call__(self, verb: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, bytes]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request(verb, path, body, {k.replace("_", "-"): v for k, v in headers.items()})
        answer = connection.getresponse()
        said = answer.read()
        connection.close()
        return answer.status, said


def free_port() -> int:
    with socket.socket() as some:
        some.bind(("127.0.0.1", 0))
        return int(some.getsockname()[1])


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site(free_port())
    numbers = Numbers(busy_morning, lambda: 1.0)
    hook = Hook(Secret(SECRET.decode()), lambda: made.nudges.append(1))
    pages = Pages(f"127.0.0.1:{made.port}", lambda: made.health, numbers.page, hook)
    yield made
    pages.close()


def signed(body: bytes, secret: bytes = SECRET) -> str:
    return hmac.new(secret, body, hashlib.sha256).hexdigest()


def test_health_says_what_is_wrong(site: Site) -> None:
    assert site("GET", "/healthz") == (200, b"ok\n")
    site.health = (False, "look: the ledger is full\n")
    assert site("GET", "/healthz") == (503, b"look: the ledger is full\n")


def test_metrics_are_those_of_the_last_run(site: Site) -> None:
    status, page = site("GET", "/metrics")
    counts = busy_morning().counts
    assert status == 200
    for line in (f'driftbell_findings{{verdict="out_of_line"}} {counts.out_of_line}.0', "driftbell_stopped 0.0"):
        assert line.encode() in page.splitlines()


@pytest.mark.parametrize(
    "headers",
    [
        {"X_Hub_Signature_256": f"sha256={signed(PUSH)}", "X_GitHub_Delivery": "1"},
        {"X_Gitea_Signature": signed(PUSH), "X_Gitea_Delivery": "1"},
        {"X_Gitlab_Token": SECRET.decode(), "X_Gitlab_Event_UUID": "1"},
    ],
)
def test_each_forge_is_heard_once_for_a_delivery(site: Site, headers: dict[str, str]) -> None:
    assert site("POST", "/hook", PUSH, **headers)[0] == 202
    assert site("POST", "/hook", PUSH, **headers)[0] == 409
    assert len(site.nudges) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X_Hub_Signature_256": ""},
        {"X_Hub_Signature_256": "sha256="},
        {"X_Hub_Signature_256": f"sha256={signed(PUSH, b'another')}"},
        {"X_Hub_Signature_256": f"sha256={signed(b'another body')}"},
        {"X_Hub_Signature": f"sha1={signed(PUSH)}"},
        {"X_Gitlab_Token": "another"},
        {"X_Gitlab_Token": "another", "X_Hub_Signature_256": f"sha256={signed(PUSH)}"},
        {"X_Gitea_Signature": "\xe9"},
    ],
)
def test_a_call_that_is_not_signed_by_us_changes_nothing(site: Site, headers: dict[str, str]) -> None:
    assert site("POST", "/hook", PUSH, **headers)[0] == 403
    assert site.nudges == []


def test_what_is_too_long_is_not_even_read(site: Site) -> None:
    with socket.create_connection(("127.0.0.1", site.port), timeout=30) as caller:
        caller.sendall(b"POST /hook HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % (10 * LONGEST))
        assert b" 413 " in caller.recv(4096)
    assert site("GET", "/healthz")[0] == 200


@pytest.mark.parametrize("length", [b"", b"Content-Length: -1\r\n", b"Content-Length: many\r\n"])
def test_a_length_that_is_none_is_refused(site: Site, length: bytes) -> None:
    with socket.create_connection(("127.0.0.1", site.port), timeout=30) as caller:
        caller.sendall(b"POST /hook HTTP/1.1\r\nHost: x\r\n" + length + b"\r\n")
        assert b" 411 " in caller.recv(4096)


def test_callers_who_say_nothing_keep_nobody_out_for_long(site: Site) -> None:
    mute = [socket.create_connection(("127.0.0.1", site.port), timeout=30) for _ in range(40)]
    assert site("GET", "/healthz")[0] == 200
    for one in mute:
        one.close()


def test_a_thousand_calls_leave_no_thread_behind(site: Site) -> None:
    before = threading.active_count()
    with ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(lambda n: site("POST", "/hook", PUSH, X_Gitlab_Token=str(n))[0], range(1000)))
    assert set(codes) == {403}
    assert site.nudges == []
    end = time.monotonic() + 20
    while threading.active_count() > before and time.monotonic() < end:
        time.sleep(0.01)
    assert threading.active_count() <= before


def test_without_a_secret_there_is_no_hook() -> None:
    assert Hook(None, lambda: pytest.fail("nobody may nudge")).heard(lambda _name: "", PUSH) == 404


def test_a_port_that_is_taken_is_a_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        where = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(UnseenError, match=rf"cannot be served at {where} \(daemon.listen\): .*in use"):
            Pages(where, lambda: (True, ""), lambda: b"", Hook(None, lambda: None))
