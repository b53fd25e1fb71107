"""Names, asked of a real unbound that filters, and of servers that answer what they like."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from agent.model.reading import NONE, Unknown
from agent.systems.probe.dns import own_servers
from agent.systems.probe.endpoint import Endpoint
from tests.services.conftest import Seen, a_check, look
from tests.services.mischief import answering
from tests.services.servers import free_port, unbound

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from tests.services.conftest import Observe

NOTHING = "0.0.0.0"  # ruff: ignore[hardcoded-bind-all-interfaces] - what filters answer
MANY = "\n".join(f'  local-data: "many.example. A 198.51.100.{n}"' for n in range(200))
ZONES = """
  local-zone: "open.example" static
  local-data: "open.example. A 198.51.100.7"
  local-data: "open.example. A 198.51.100.3"
  local-data: "open.example. AAAA 2001:db8::7"
  local-data: 'open.example. TXT "two words" "\\195\\255"'
  local-data: "alias.example. CNAME open.example."
  local-zone: "nx.example" always_nxdomain
  local-zone: "refused.example" always_refuse
  local-zone: "null.example" always_null
  local-zone: "nodata.example" always_nodata
  local-zone: "silent.example" always_deny
  local-zone: "page.example" redirect
  local-data: "page.example. A 192.0.2.1"
  local-data: "page.example. AAAA 2001:db8:0::1"
  local-data: "half.example. A 192.0.2.1"
  local-data: "half.example. A 198.51.100.7"
  local-zone: "broken.example" transparent
MANY
forward-zone:
  name: "broken.example"
  forward-addr: 127.0.0.1@UPSTREAM
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("dns")


@pytest.fixture(scope="module")
def port(folder: Path) -> Iterator[int]:
    chosen = free_port()
    with answering(lambda asked: reply(asked, broken)) as upstream:
        zones = ZONES.replace("MANY", MANY).replace("UPSTREAM", str(upstream))
        with unbound(folder, chosen, zones):
            yield chosen


def ask(folder: Path, port: int, name: str, options: Mapping[str, str] | None = None, **pace: float) -> Seen:
    check = a_check("dns", name, **{"server": f"127.0.0.1:{port}", **(options or {})})
    return look(folder, (check,), **pace)  # type: ignore[arg-type]


def read(seen: Seen) -> tuple[object, ...]:
    return tuple(seen["it", field] for field in ("dns.answers", "dns.blocked"))


def test_a_name_that_is_let_through(folder: Path, port: int) -> None:
    seen = ask(folder, port, "open.example", {"blocked_answers": "192.0.2.1"}, samples=3)
    assert (seen["it", "up"], seen["it", "failed_percent"]) == (True, 0)
    assert read(seen) == (("198.51.100.3", "198.51.100.7"), False)
    assert (seen["it", "http.status"], seen["it", "tls.version"]) == (NONE, NONE)


@pytest.mark.parametrize(
    ("name", "options", "answers", "blocked"),
    [
        ("nx.example", {}, (), True),
        ("nowhere.example", {}, (), True),
        ("null.example", {}, (NOTHING,), True),
        ("null.example", {"record": "AAAA"}, ("::",), True),
        ("page.example", {}, ("192.0.2.1",), False),
        ("a.page.example", {"blocked_answers": "192.0.2.9,192.0.2.1"}, ("192.0.2.1",), True),
        ("page.example", {"blocked_answers": "192.0.2.9"}, ("192.0.2.1",), False),
        ("page.example", {"record": "aaaa", "blocked_answers": "2001:DB8::0:1"}, ("2001:db8::1",), True),
        ("half.example", {"blocked_answers": "192.0.2.1"}, ("192.0.2.1", "198.51.100.7"), False),
        ("open.example", {"record": "AAAA"}, ("2001:db8::7",), False),
        ("alias.example", {"record": "CNAME"}, ("open.example.",), False),
        ("OPEN.example.", {}, ("198.51.100.3", "198.51.100.7"), False),
        ("open.example", {"record": "TXT"}, ('"two words" "\\195\\255"',), False),
    ],
)
def test_what_the_server_says(
    folder: Path, port: int, name: str, options: dict[str, str], answers: tuple[str, ...], blocked: bool
) -> None:
    seen = ask(folder, port, name, options)
    assert seen["it", "up"] is True
    assert read(seen) == (answers, blocked)


def test_a_refusal_blocks(folder: Path, port: int) -> None:
    assert read(ask(folder, port, "refused.example")) == (Unknown("the server refuses to answer"), True)


@pytest.mark.parametrize("name", ["nodata.example", "alias.example"])
def test_a_name_without_such_a_record_proves_nothing(folder: Path, port: int, name: str) -> None:
    """unbound gives no more than the alias of local data."""
    answers, blocked = read(ask(folder, port, name))
    assert answers == ()
    assert isinstance(blocked, Unknown)


def test_silence_proves_nothing(folder: Path, port: int) -> None:
    seen = ask(folder, port, "silent.example", timeout=0.5, samples=2)
    assert seen["it", "up"] is False
    assert read(seen) == (Unknown(why := "no answer within 0.5 s"), Unknown(why))


def test_a_server_that_cannot_find_out_proves_nothing(folder: Path, port: int) -> None:
    seen = ask(folder, port, "x.broken.example")
    assert seen["it", "up"] is False
    assert read(seen) == (Unknown("the server says SERVFAIL"), Unknown("the server says SERVFAIL"))


def test_a_long_answer_comes_over_tcp(folder: Path, port: int) -> None:
    answers, _ = read(ask(folder, port, "many.example"))
    assert isinstance(answers, tuple)
    assert len(answers) == 200
    assert answers == tuple(sorted(answers))


def test_nobody_listens(folder: Path) -> None:
    seen = ask(folder, free_port(), "open.example")
    assert seen["it", "up"] is False
    assert read(seen) == (Unknown("the connection was refused"), Unknown("the connection was refused"))


def test_one_answer_in_three_lets_it_through(folder: Path) -> None:
    """Several servers behind one address, of which one does not filter."""
    turns = iter([NOTHING, "198.51.100.7", NOTHING])

    def answer(asked: bytes) -> bytes:
        return reply(asked, lambda r: r.answer.append(dns.rrset.from_text("x.example.", 60, "IN", "A", next(turns))))

    with answering(answer) as port:
        assert read(ask(folder, port, "x.example", samples=3)) == (("198.51.100.7",), False)


def test_an_alias_is_followed(folder: Path) -> None:
    def aliased(response: dns.message.Message) -> None:
        response.answer.append(dns.rrset.from_text("x.example.", 60, "IN", "CNAME", "y.example."))
        response.answer.append(dns.rrset.from_text("y.example.", 60, "IN", "A", "192.0.2.1", "192.0.2.2"))

    with answering(lambda asked: reply(asked, aliased)) as port:
        seen = ask(folder, port, "x.example", {"blocked_answers": "192.0.2.2 192.0.2.1"})
    assert read(seen) == (("192.0.2.1", "192.0.2.2"), True)


def reply(asked: bytes, change: Callable[[dns.message.Message], object]) -> bytes:
    response = dns.message.make_response(dns.message.from_wire(asked))
    change(response)
    return response.to_wire()


def broken(response: dns.message.Message) -> None:
    response.set_rcode(dns.rcode.SERVFAIL)


def loop(response: dns.message.Message) -> None:
    for one, other in (("x", "y"), ("y", "x")):
        response.answer.append(dns.rrset.from_text(f"{one}.example.", 60, "IN", "CNAME", f"{other}.example."))


def elsewhere(response: dns.message.Message) -> None:
    response.question[0].name = dns.name.from_text("z.example.")


@pytest.mark.parametrize(
    "answer",
    [
        lambda _: b"",
        lambda _: b"\x00",
        lambda asked: asked,
        lambda asked: asked[:2] + b"\xff" * 300,
        lambda asked: asked[:2] + b"\x84\x00" + b"\xff" * 8,
        lambda asked: reply(asked, lambda r: setattr(r, "id", r.id ^ 1)),
        lambda asked: reply(asked, elsewhere),
        lambda asked: reply(asked, loop),
        lambda asked: reply(asked, lambda r: r.set_rcode(dns.rcode.NOTIMP)),
        lambda asked: reply(asked, lambda r: setattr(r, "flags", r.flags | dns.flags.TC)),
        # an address of three bytes
        lambda asked: (
            reply(asked, lambda _: None)[:6]
            + b"\x00\x01\x00\x00\x00\x00"
            + asked[12:]
            + b"\xc0\x0c"
            + struct.pack("!HHIH", 1, 1, 60, 3)
            + b"abc"
        ),
        # a name that points at itself
        lambda asked: asked[:2] + b"\x84\x00\x00\x01\x00\x01\x00\x00\x00\x00" + asked[12:] + b"\xc0\x1d" * 20,
    ],
)
def test_answers_that_are_none_are_never_a_block(folder: Path, answer: Callable[[bytes], bytes]) -> None:
    with answering(answer) as port:
        seen = ask(folder, port, "x.example", timeout=0.5)
    assert seen["it", "up"] is False
    assert isinstance(seen["it", "dns.blocked"], Unknown)
    assert isinstance(seen["it", "dns.answers"], Unknown)
    assert seen.seconds < 15


def test_forged_answers_before_the_real_one_are_passed_over(folder: Path) -> None:
    """Whoever cannot see the question cannot know its number."""

    def no_such_name(response: dns.message.Message) -> None:
        response.id ^= 1
        response.set_rcode(dns.rcode.NXDOMAIN)

    def forged(asked: bytes) -> bytes:
        return reply(asked, no_such_name)

    def real(asked: bytes) -> bytes:
        return reply(asked, lambda r: r.answer.append(dns.rrset.from_text("x.example.", 60, "IN", "A", "192.0.2.7")))

    with answering(forged, lambda asked: asked[:2] + b"\xff" * 30, real) as port:
        assert read(ask(folder, port, "x.example")) == (("192.0.2.7",), False)


def test_odd_bytes_are_escaped(folder: Path) -> None:
    def answer(asked: bytes) -> bytes:
        record = dns.rrset.from_text("x.example.", 60, "IN", "CNAME", "\\000\\027\\255\\.a.example.")
        return reply(asked, lambda r: r.answer.append(record))

    with answering(answer) as port:
        assert read(ask(folder, port, "x.example", {"record": "CNAME"}))[0] == ("\\000\\027\\255\\.a.example.",)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("", {}),
        ("a..b", {}),
        ("x" * 64 + ".example", {}),
        ("x." * 200, {}),
        ("x.example", {"record": "NONSENSE"}),
        ("x.example", {"record": "ANY"}),
        ("x.example", {"record": "AXFR"}),
        ("x.example", {"server": "dns.example"}),
        ("x.example", {"server": "127.0.0.1:0"}),
        ("x.example", {"server": "127.0.0.1:x"}),
    ],
)
def test_questions_that_are_none(observe: Observe, name: str, options: dict[str, str]) -> None:
    given = {"server": "127.0.0.1:1"} | options
    seen = observe(a_check("dns", name, **given))
    assert isinstance(seen["it", "up"], Unknown)
    assert [unseen.resource for unseen in seen.sweep.unseen] == ["service/it"]


def test_this_machines_own_servers(tmp_path: Path) -> None:
    file = tmp_path / "resolv.conf"
    file.write_text("search x.example\nnameserver 192.0.2.53\nnameserver ::1\n")
    assert own_servers(str(file)) == (Endpoint("192.0.2.53", 53), Endpoint("::1", 53))
    file.write_text("search x.example\n")
    assert own_servers(str(file)) == ()
    assert own_servers(str(tmp_path / "none")) == ()
