"""Certificates of a real nginx: good ones, and each way in which one can be bad, told apart."""

from __future__ import annotations

import socket
import ssl
import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from agent.model.reading import NONE, Unknown
from tests.services.authority import DAY, NOW, Pair, issue
from tests.services.conftest import Seen, a_check, look
from tests.services.mischief import hang_up, says, serving, silent, trickles
from tests.services.servers import free_port, nginx

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tests.services.conftest import Observe

VERSIONS = {"old": "TLSv1", "middle": "TLSv1.2"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tls")


@pytest.fixture(scope="module")
def shown(folder: Path) -> Iterator[dict[str, int]]:
    """Show each certificate on a port of its own."""
    root = issue("Test root", None, authority=True, days=(-900, 900))
    between = issue('Test, "between" \x1b[31m', root, authority=True, days=(-900, 900))
    lapsed = issue("Lapsed", root, authority=True, days=(-900, -1))
    stranger = issue("Stranger", None, authority=True)
    names = ("good.example", "localhost", "*.wild.example", "127.0.0.1")
    certificates: dict[str, tuple[Pair, ...]] = {
        "good": (issue("good", between, names=names, days=(-1, 20)), between),
        "expired": (issue("expired", between, names=names, days=(-30, -2)), between),
        "early": (issue("early", between, names=names, days=(2, 30)), between),
        "elsewhere": (issue("127.0.0.1", between, names=("else.example",)), between),
        "nameless": (issue("127.0.0.1", between), between),
        "common": (issue("common.example", between), between),
        "selfmade": (issue("selfmade", None, names=names),),
        "selfmade-expired": (issue("selfmade", None, names=names, days=(-30, -2)),),
        "incomplete": (issue("incomplete", between, names=names),),
        "foreign": (issue("foreign", stranger, names=names), stranger),
        "lapsed-authority": (issue("orphan", lapsed, names=names), lapsed),
        "old": (issue("old", root, names=names),),
        "middle": (issue("middle", root, names=names),),
    }
    ports = {name: free_port() for name in certificates}
    root.write(folder, "root")
    between.write(folder, "between")
    for name, chain in certificates.items():
        chain[0].write(folder, name, *chain[1:])
    away = f"location /away {{ return 302 https://localhost:{ports['good']}/; }}"
    servers = "\n".join(_server(folder, name, port, away) for name, port in ports.items())
    with nginx(folder, servers, list(ports.values())):
        yield ports


def _server(folder: Path, name: str, port: int, away: str) -> str:
    protocols = VERSIONS.get(name, "TLSv1.2 TLSv1.3")
    return (
        f"server {{ listen 127.0.0.1:{port} ssl; ssl_certificate {folder}/{name}.pem;"
        f" ssl_certificate_key {folder}/{name}.key; ssl_protocols {protocols};"
        f' ssl_ciphers ALL:@SECLEVEL=0; location / {{ return 200 "{name}"; }} {away} }}'
    )


def ask(folder: Path, port: int, **options: str) -> Seen:
    return look(folder, (a_check("tls", f"127.0.0.1:{port}", **{"ca_file": "root.pem"} | options),))


def judged(seen: Seen) -> tuple[object, ...]:
    return tuple(seen["it", field] for field in ("tls.name_matches", "tls.chain_valid"))


def test_a_good_one(folder: Path, shown: dict[str, int]) -> None:
    seen = ask(folder, shown["good"])
    assert seen["it", "up"] is True
    assert judged(seen) == (True, True)
    assert seen["it", "tls.expires"] == NOW + 20 * DAY
    assert seen["it", "tls.version"] == "TLSv1.3"
    assert str(seen["it", "tls.issuer"]).startswith('CN=Test\\, \\"between\\"')
    assert (seen["it", "http.status"], seen["it", "dns.answers"]) == (NONE, NONE)


@pytest.mark.parametrize(
    ("name", "matches", "valid", "ends"),
    [
        ("expired", True, True, -2),
        ("early", True, True, 30),
        ("elsewhere", False, True, 30),
        ("nameless", False, True, 30),  # the common name has not counted for long
        ("selfmade", True, False, 30),
        ("selfmade-expired", True, False, -2),
        ("incomplete", True, False, 30),
        ("foreign", True, False, 30),
        ("lapsed-authority", True, False, 30),
    ],
)
def test_each_fault_by_itself(
    folder: Path, shown: dict[str, int], name: str, matches: bool, valid: bool, ends: int
) -> None:
    seen = ask(folder, shown[name])
    assert seen["it", "up"] is True  # it answers, whatever it shows
    assert judged(seen) == (matches, valid)
    assert seen["it", "tls.expires"] == NOW + ends * DAY


@pytest.mark.parametrize(
    ("name", "matches"),
    [("good.example", True), ("GOOD.example.", True), ("a.wild.example", True), ("a.b.wild.example", False)],
)
def test_the_name_that_it_must_be_for(folder: Path, shown: dict[str, int], name: str, matches: bool) -> None:
    assert judged(ask(folder, shown["good"], server_name=name)) == (matches, True)


@pytest.mark.parametrize("name", ["a\x00b", ".", "a..b", "x" * 300, "\udcff"])
def test_a_server_name_that_is_none(folder: Path, shown: dict[str, int], name: str) -> None:
    for ask_by, target in (("tls", f"127.0.0.1:{shown['good']}"), ("http", f"https://127.0.0.1:{shown['good']}/")):
        seen = look(folder, (a_check(ask_by, target, server_name=name),))
        assert isinstance(seen["it", "up"], Unknown)  # the mistake is ours, and says nothing of the service
        assert "server name" in seen["it", "up"].why


@pytest.mark.parametrize(("name", "version"), VERSIONS.items())
def test_versions_of_tls(folder: Path, shown: dict[str, int], name: str, version: str) -> None:
    """A version that nobody should speak any more is a reading, and says nothing of the certificate."""
    seen = ask(folder, shown[name])
    assert seen["it", "tls.version"] == version
    assert judged(seen) == (True, True)


def test_the_systems_own_authorities_do_not_know_it(folder: Path, shown: dict[str, int]) -> None:
    assert judged(ask(folder, shown["good"], ca_file="")) == (True, False)


@pytest.mark.parametrize(("name", "file"), [("selfmade", "selfmade.pem"), ("good", "between.pem")])
def test_whoever_is_named_is_trusted(folder: Path, shown: dict[str, int], name: str, file: str) -> None:
    """A device's own certificate, or an authority that is not at the root."""
    assert judged(ask(folder, shown[name], ca_file=file)) == (True, True)


@pytest.mark.parametrize("file", ["none.pem", "root.key", "."])
def test_authorities_that_cannot_be_read_judge_nobody(folder: Path, shown: dict[str, int], file: str) -> None:
    seen = ask(folder, shown["good"], ca_file=file)
    assert isinstance(seen["it", "tls.chain_valid"], Unknown)
    assert (seen["it", "up"], seen["it", "tls.name_matches"]) == (True, True)


def test_no_list_of_authorities_at_all(
    folder: Path, shown: dict[str, int], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "empty"))
    monkeypatch.setattr("agent.systems.probe.trust._LISTS", ())
    seen = ask(folder, shown["good"], ca_file="")
    chain = seen["it", "tls.chain_valid"]
    assert isinstance(chain, Unknown)
    assert "no list of trusted authorities" in chain.why
    page = look(folder, (a_check("http", f"https://127.0.0.1:{shown['good']}/"),))
    assert page["it", "up"] == chain  # whether the page is there cannot be told without trust


def balanced(folder: Path, shown: dict[str, int], turns: Sequence[str]) -> Seen:
    """Ask a balancer, in front of two servers, that gives each connection to the next."""
    order = iter(turns)

    def relay(link: socket.socket, _: object) -> None:
        with socket.create_connection(("127.0.0.1", shown[next(order)])) as behind:
            back = threading.Thread(target=_pump, args=(behind, link), daemon=True)
            back.start()
            _pump(link, behind)
            back.join()

    with serving(relay) as port:
        return look(folder, (a_check("tls", f"127.0.0.1:{port}", ca_file="root.pem"),), samples=3)


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)


def test_the_worst_of_several_servers_is_what_counts(folder: Path, shown: dict[str, int]) -> None:
    """One of them was forgotten when the certificates were renewed: every sample asks twice where it is refused."""
    seen = balanced(folder, shown, ["good", "expired", "expired", "good"])
    assert seen["it", "tls.expires"] == NOW - 2 * DAY


def test_servers_in_strict_turns_are_not_in_line_either(folder: Path, shown: dict[str, int]) -> None:
    """The bad certificate itself is never read then, but that there is one is seen."""
    seen = balanced(folder, shown, ["good", "expired", "good", "good"])
    assert judged(seen) == (True, False)


def test_nothing_listens(observe: Observe) -> None:
    seen = observe(a_check("tls", f"127.0.0.1:{free_port()}"), samples=2)
    assert seen["it", "up"] is False
    assert seen["it", "tls.expires"] == Unknown("the connection was refused")


def test_what_speaks_no_tls_has_no_certificate(observe: Observe) -> None:
    with serving(says(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as port:
        seen = observe(a_check("tls", f"127.0.0.1:{port}"))
    assert (seen["it", "up"], seen["it", "tls.expires"], seen["it", "tls.chain_valid"]) == (False, NONE, NONE)


@pytest.mark.parametrize("behave", [silent, hang_up, trickles(b"\x16", b"\x03", 0.2)])
def test_a_handshake_that_never_ends(observe: Observe, behave: object) -> None:
    with serving(behave) as port:  # type: ignore[arg-type]
        seen = observe(a_check("tls", f"127.0.0.1:{port}"), timeout=1.0, samples=2)
    assert seen["it", "up"] is False
    assert isinstance(seen["it", "tls.expires"], Unknown)
    assert seen.seconds < 15


def test_a_page_shows_its_certificate(folder: Path, shown: dict[str, int]) -> None:
    target = f"https://127.0.0.1:{shown['good']}/"
    seen = look(folder, (a_check("http", target, ca_file="root.pem"),))
    assert (seen["it", "up"], seen["it", "http.status"], seen["it", "http.body"]) == (True, 200, "good")
    assert judged(seen) == (True, True)
    assert seen["it", "tls.expires"] == NOW + 20 * DAY


@pytest.mark.parametrize("name", ["expired", "elsewhere", "nameless", "selfmade", "incomplete"])
def test_a_page_behind_a_bad_certificate_is_not_up(folder: Path, shown: dict[str, int], name: str) -> None:
    seen = look(folder, (a_check("http", f"https://127.0.0.1:{shown[name]}/", ca_file="root.pem"),))
    assert (seen["it", "up"], seen["it", "failed_percent"]) == (False, 100)
    status = seen["it", "http.status"]
    assert isinstance(status, Unknown)
    assert status.why.startswith("its certificate is not accepted: ")
    in_time = seen["it", "tls.expires"] > datetime.now(UTC) + timedelta(days=1)  # type: ignore[operator]
    assert not all((*judged(seen), in_time))  # the tls fields say why


def test_a_page_under_another_name(folder: Path, shown: dict[str, int]) -> None:
    target = f"https://127.0.0.1:{shown['elsewhere']}/"
    seen = look(folder, (a_check("http", target, ca_file="root.pem", server_name="else.example"),))
    assert (seen["it", "up"], seen["it", "tls.name_matches"]) == (True, True)


def test_a_common_name_is_no_name(folder: Path, shown: dict[str, int]) -> None:
    """Browsers look at the alternative names alone; a page that they refuse is not up."""
    target = f"https://127.0.0.1:{shown['common']}/"
    seen = look(folder, (a_check("http", target, ca_file="root.pem", server_name="common.example"),))
    assert (seen["it", "up"], *judged(seen)) == (False, False, True)


def test_another_name_is_for_one_host_alone(folder: Path, shown: dict[str, int]) -> None:
    target = f"https://127.0.0.1:{shown['elsewhere']}/away"
    seen = look(folder, (a_check("http", target, ca_file="root.pem", server_name="else.example"),))
    assert (seen["it", "up"], seen["it", "http.body"]) == (True, "good")
    assert seen["it", "http.location"] == f"https://localhost:{shown['good']}/"


def test_the_way_to_a_page_is_judged_to_its_end(folder: Path, shown: dict[str, int]) -> None:
    """The tls fields are those of the address that is asked, where no TLS is spoken."""
    moved = f"HTTP/1.1 302 Found\r\nLocation: https://127.0.0.1:{shown['expired']}/\r\n\r\n"
    with serving(says(moved.encode())) as port:
        seen = look(folder, (a_check("http", f"http://127.0.0.1:{port}/", ca_file="root.pem"),))
    assert seen["it", "up"] is False
    assert seen["it", "http.status"] == Unknown("its certificate is not accepted: certificate has expired")
    assert (seen["it", "tls.expires"], seen["it", "tls.chain_valid"]) == (NONE, NONE)


def test_the_library_agrees(folder: Path, shown: dict[str, int]) -> None:
    """What is said to be good is what Python itself lets through; otherwise these tests prove nothing."""
    context = ssl.create_default_context(cafile=str(folder / "root.pem"))
    with socket.create_connection(("127.0.0.1", shown["good"]), timeout=10) as link:
        context.wrap_socket(link, server_hostname="good.example").close()
    expired = ("127.0.0.1", shown["expired"])
    with socket.create_connection(expired, timeout=10) as link, pytest.raises(ssl.SSLCertVerificationError):
        context.wrap_socket(link, server_hostname="good.example")
