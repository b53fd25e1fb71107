"""Ports: open, closed, silent; and what a sample that fails says."""

from __future__ import annotations

import socket
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from agent.model.reading import NONE, Unknown
from tests.services.conftest import EVERYTHING, a_check
from tests.services.mischief import hang_up, serving, silent
from tests.services.servers import free_port

if TYPE_CHECKING:
    from tests.services.conftest import Observe


def test_an_open_port(observe: Observe) -> None:
    with serving(silent) as port:
        seen = observe(a_check("tcp", f"127.0.0.1:{port}", site="east"), samples=3)
    assert (seen["it", "up"], seen["it", "failed_percent"]) == (True, 0)
    assert 0 < float(str(seen["it", "latency"])) < 1000
    assert (seen["it", "check"], seen["it", "target"]) == ("tcp", f"127.0.0.1:{port}")
    assert (seen["it", "site"], seen.sweep.table.site("service/it")) == ("east", "east")


def test_a_server_that_hangs_up_was_there(observe: Observe) -> None:
    with serving(hang_up) as port:
        seen = observe(a_check("tcp", f"127.0.0.1:{port}"))
    assert seen["it", "up"] is True


def test_a_closed_port_is_a_reading(observe: Observe) -> None:
    seen = observe(a_check("tcp", f"127.0.0.1:{free_port()}"), samples=3)
    assert (seen["it", "up"], seen["it", "failed_percent"]) == (False, 100)
    assert seen["it", "latency"] is NONE
    assert (seen.sweep.expected, seen.sweep.seen, seen.sweep.unseen) == (1, 1, ())


def test_fields_of_other_checks_are_none(observe: Observe) -> None:
    seen = observe(a_check("tcp", f"127.0.0.1:{free_port()}"))
    assert {seen["it", name] for name in EVERYTHING if name.startswith(("tls.", "http.", "dns."))} == {NONE}
    assert seen["it", "site"] is NONE


def test_a_full_queue_is_no_answer(observe: Observe) -> None:
    with closing(socket.create_server(("127.0.0.1", 0), backlog=0)) as listener:
        port = listener.getsockname()[1]
        crowd = [socket.socket() for _ in range(8)]
        for one in crowd:
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", port))
        seen = observe(a_check("tcp", f"127.0.0.1:{port}"), timeout=0.5)
        for one in crowd:
            one.close()
    assert seen["it", "up"] is False
    assert seen.seconds < 10


def test_a_name_with_several_addresses(observe: Observe) -> None:
    """The first addresses that a name has may lead nowhere; any one that answers is enough."""
    with serving(silent) as port:
        assert observe(a_check("tcp", f"localhost:{port}"))["it", "up"] is True


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ("127.0.0.1", "names no port"),
        ("127.0.0.1:0", "names no port"),
        ("127.0.0.1:65536", "names no port"),
        ("127.0.0.1:99999999999999999999999", "names no port"),
        ("127.0.0.1:²", "names no port"),
        (":22", "names no host"),
        ("", "names no host"),
        ("a\x00b:22", "names no host"),
    ],
)
def test_a_target_that_is_none(observe: Observe, target: str, why: str) -> None:
    seen = observe(a_check("tcp", target))
    up = seen["it", "up"]
    assert isinstance(up, Unknown)
    assert why in up.why
    assert [unseen.resource for unseen in seen.sweep.unseen] == ["service/it"]


@pytest.mark.parametrize("host", ["a" * 64 + ".invalid", "a..b", "ex ample", "\N{SNOWMAN}" * 70, "xn--\x7f"])
def test_a_host_that_is_no_name(observe: Observe, host: str) -> None:
    for ask in ("tcp", "tls", "ping"):
        assert isinstance(observe(a_check(ask, f"{host}:22"))["it", "up"], Unknown)
