"""Trouble of this machine's own proves nothing about the services: from networks that lead nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.services.apart import Network, observe_apart
from tests.services.conftest import a_check

if TYPE_CHECKING:
    from pathlib import Path

UP = "ip link set lo up"
ONE_OF_EACH = (
    a_check("tcp", "192.0.2.1:22", "tcp"),
    a_check("tls", "192.0.2.1:993", "tls"),
    a_check("http", "http://192.0.2.1/", "http"),
    a_check("http", "https://192.0.2.1/", "https"),
    a_check("dns", "x.example", "dns", server="192.0.2.1"),
    a_check("ping", "192.0.2.1:443", "ping"),
    a_check("tcp", "[2001:db8::1]:22", "six"),
)


def test_without_a_route_nothing_is_known(tmp_path: Path) -> None:
    told = observe_apart(tmp_path, Network(UP), *ONE_OF_EACH, samples=2)
    why = "this machine has no way there: network is unreachable"
    for name, readings in told.readings.items():
        assert readings["up"] == f"unknown ({why})", name
        assert readings["failed_percent"] == readings["latency"] == readings["up"]
    assert told.unseen == {f"service/{check.name}": why for check in ONE_OF_EACH}
    assert told.readings["https"]["tls.expires"] == told.readings["dns"]["dns.blocked"] == f"unknown ({why})"
    assert told.notes[0] == f"Nothing could be asked, because of this machine itself and not of the services: {why}."
    assert told.seconds < 30


def test_a_way_that_is_forbidden_here_proves_nothing(tmp_path: Path) -> None:
    network = Network(f"{UP} && ip route add prohibit 192.0.2.0/24")
    told = observe_apart(
        tmp_path, network, a_check("tcp", "192.0.2.1:22"), a_check("http", "http://192.0.2.1/", "page")
    )
    why = "unknown (this machine has no way there: permission denied)"
    assert told.readings["it"]["up"] == told.readings["page"]["up"] == why


def test_one_service_without_a_route_is_not_the_whole_network(tmp_path: Path) -> None:
    refused = a_check("tcp", "127.0.0.1:1", "near")
    told = observe_apart(tmp_path, Network(UP), refused, a_check("tcp", "192.0.2.1:22", "far"))
    assert told.readings["near"]["up"] == "False"
    assert list(told.unseen) == ["service/far"]
    assert told.notes == ["None of 2 services gave an answer: look first whether this machine's own network works."]


NAMED = (
    a_check("tcp", "gate.example:22", "tcp"),
    a_check("http", "https://www.example/", "http"),
    a_check("ping", "core.example:443", "ping"),
    a_check("dns", "x.example", "dns"),
)


def test_no_resolver_at_all(tmp_path: Path) -> None:
    network = Network(UP, files={"/etc/resolv.conf": "# nothing\n"})
    told = observe_apart(tmp_path, network, *NAMED)
    assert told.readings["tcp"]["up"] == "unknown (this machine's resolver gives no answer for the name gate.example)"
    assert told.readings["http"]["up"] == "unknown (this machine's resolver gives no answer for the name www.example)"
    assert told.readings["ping"]["up"] == "unknown (this machine's resolver gives no answer for the name core.example)"
    assert told.readings["dns"]["up"] == "unknown (this machine has no resolver: /etc/resolv.conf names none)"
    assert len(told.unseen) == 4


def test_a_resolver_that_says_nothing_holds_nothing_up(tmp_path: Path) -> None:
    files = {"/etc/resolv.conf": "nameserver 127.0.0.1\noptions timeout:30 attempts:5\n"}
    told = observe_apart(tmp_path, Network(UP, (("127.0.0.1", 53),), files), *NAMED[:3], samples=2, timeout=1.0)
    names = {"tcp": "gate.example", "http": "www.example", "ping": "core.example"}
    assert told.unseen == {
        f"service/{check}": f"this machine's resolver gives no answer for the name {name}"
        for check, name in names.items()
    }
    assert told.seconds < 15


def test_the_second_resolver_answers_for_the_first(tmp_path: Path) -> None:
    """A resolver that refuses a connection is passed over; here the second one is refused too."""
    files = {"/etc/resolv.conf": "nameserver 127.0.0.1\nnameserver 127.0.0.2\n"}
    told = observe_apart(tmp_path, Network(UP, (("127.0.0.1", 53),), files), NAMED[3], timeout=2.0)
    assert told.readings["dns"]["dns.blocked"] == "unknown (the connection was refused)"
    assert told.readings["dns"]["up"] == "False"


PINGS = (a_check("ping", "127.0.0.1", "bare"), a_check("ping", "127.0.0.1:1", "port"), a_check("ping", "::1", "six"))
ALLOWED = f"{UP} && echo 0 2147483647 > /proc/sys/net/ipv4/ping_group_range"
FORBIDDEN = f"{UP} && echo 1 0 > /proc/sys/net/ipv4/ping_group_range"


def test_pings_where_they_are_allowed(tmp_path: Path) -> None:
    told = observe_apart(tmp_path, Network(ALLOWED), *PINGS, samples=3)
    assert {readings["up"] for readings in told.readings.values()} == {"True"}
    assert told.notes == ["Pings were sent as ICMP echoes."]


def test_pings_where_they_are_not(tmp_path: Path) -> None:
    """A refused connection is a sign of life; without a port nothing can be said."""
    told = observe_apart(tmp_path, Network(FORBIDDEN), *PINGS)
    assert told.readings["port"]["up"] == "True"
    assert told.readings["bare"]["up"].startswith("unknown (this machine may not send ICMP echoes")
    assert told.notes[0].startswith("This machine may not send ICMP echoes")


def test_a_host_that_answers_no_pings_may_answer_a_connection(tmp_path: Path) -> None:
    ignoring = Network(f"{ALLOWED} && echo 1 > /proc/sys/net/ipv4/icmp_echo_ignore_all")
    told = observe_apart(tmp_path, ignoring, *PINGS[:2], timeout=2.0)
    assert (told.readings["bare"]["up"], told.readings["port"]["up"]) == ("False", "True")
    assert told.notes[1:] == ["port did not answer ICMP echoes, but TCP port 1."]


def test_a_host_that_is_away(tmp_path: Path) -> None:
    """A neighbour that nobody answers for: silence, and later the kernel's own word that there is nobody."""
    setup = f"{ALLOWED} && ip link add d0 type veth peer name d1 && ip link set d0 up && ip link set d1 up"
    network = Network(f"{setup} && ip address add 192.0.2.1/24 dev d0")
    away = (
        a_check("ping", "192.0.2.9", "bare"),
        a_check("ping", "192.0.2.9:22", "port"),
        a_check("tcp", "192.0.2.9:22", "tcp"),
        a_check("dns", "x.example", "dns", server="192.0.2.9"),
    )
    told = observe_apart(tmp_path, network, *away, samples=2, timeout=1.0)
    assert {name: readings["up"] for name, readings in told.readings.items()} == dict.fromkeys(told.readings, "False")
    assert told.readings["dns"]["dns.blocked"].startswith("unknown (")
    assert told.seconds < 15


def test_version_six(tmp_path: Path) -> None:
    checks = (
        a_check("tcp", "[::1]:7777", "tcp"),
        a_check("dns", "x.example", "dns", server="[::1]:7777"),
        a_check("dns", "x.example", "closed", server="[::1]:7778"),
        a_check("http", "http://[::1]:7778/", "http"),
        a_check("tls", "[::1]:7778", "tls"),
    )
    told = observe_apart(tmp_path, Network(UP, (("::1", 7777),)), *checks, timeout=2.0)
    assert {name: readings["up"] for name, readings in told.readings.items()} == {
        "tcp": "True",
        "dns": "False",
        "closed": "False",
        "http": "False",
        "tls": "False",
    }
    refused = "unknown (the connection was refused)"
    assert told.readings["dns"]["dns.blocked"] == "unknown (no answer within 2 s)"
    assert told.readings["closed"]["dns.blocked"] == told.readings["http"]["http.status"] == refused


def test_an_address_that_leads_nowhere_beside_one_that_answers(tmp_path: Path) -> None:
    files = {"/etc/hosts": "2001:db8::9 both.example\n192.0.2.9 both.example\n127.0.0.1 both.example\n"}
    network = Network(UP, (("127.0.0.1", 7777),), files)
    told = observe_apart(tmp_path, network, a_check("tcp", "both.example:7777"), a_check("ping", "both.example:1", "p"))
    assert (told.readings["it"]["up"], told.readings["p"]["up"]) == ("True", "True")
