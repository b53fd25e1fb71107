"""Pages of a real nginx, and servers that no client should trust with its time."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest

from agent import __version__
from agent.model.reading import NONE, Unknown
from tests.services.conftest import Observe, Seen, a_check, look
from tests.services.mischief import hang_up, pours, says, serving, silent, trickles
from tests.services.servers import free_port, nginx

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator
    from pathlib import Path

    from tests.services.mischief import Quit

PAGES = """
location / { return 200 "hello\\nworld"; }
location /agent { return 200 "$http_user_agent|$http_cookie|$http_accept_encoding"; }
location /gone { return 404 "not here"; }
location /broken { return 503 "not now"; }
location /empty { return 204; }
location /moved { return 301 /; }
location /loop { return 302 /loop; }
location /1 { return 302 /2; }
location /2 { return 303 /3; }
location /3 { return 307 /4; }
location /4 { return 308 /5; }
location /5 { return 302 /; }
location /0 { return 302 /1; }
location /cookie { add_header Set-Cookie "seen=1"; return 302 /agent; }
location /ftp { return 302 ftp://127.0.0.1/; }
location /file { return 302 file:///etc/passwd; }
location /nowhere { return 302 http://127.0.0.1:1/; }
location /odd { return 302 "http://[bad"; }
location /files/ { alias FOLDER/pages/; }
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("http")


@pytest.fixture(scope="module")
def site(folder: Path) -> Iterator[str]:
    pages = folder / "pages"
    pages.mkdir()
    (pages / "big.html").write_text("x" * 65535 + "é" + "y" * 200_000, encoding="utf-8")
    (pages / "picture.png").write_bytes(b"\x89PNG\r\n")
    port = free_port()
    locations = PAGES.replace("FOLDER", str(folder))
    with nginx(folder, f"server {{ listen 127.0.0.1:{port}; {locations} }}", [port]):
        yield f"http://127.0.0.1:{port}"


def ask(folder: Path, url: str, **pace: float) -> Seen:
    return look(folder, (a_check("http", url),), **pace)  # type: ignore[arg-type]


def told(answer: bytes, root: Path) -> Seen:
    """Ask a server that says exactly this."""
    with serving(says(answer)) as port:
        return ask(root, f"http://127.0.0.1:{port}/", timeout=5.0)


def test_a_page(folder: Path, site: str) -> None:
    seen = ask(folder, f"{site}/", samples=3)
    assert (seen["it", "up"], seen["it", "failed_percent"]) == (True, 0)
    assert (seen["it", "http.status"], seen["it", "http.body"]) == (200, "hello\nworld")
    assert seen["it", "http.location"] == f"{site}/"
    assert seen["it", "tls.expires"] is NONE  # no TLS is spoken there


@pytest.mark.parametrize(
    ("page", "status", "body"), [("gone", 404, "not here"), ("broken", 503, "not now"), ("empty", 204, "")]
)
def test_an_error_page_is_an_answer(folder: Path, site: str, page: str, status: int, body: str) -> None:
    seen = ask(folder, f"{site}/{page}")
    assert (seen["it", "up"], seen["it", "http.status"], seen["it", "http.body"]) == (True, status, body)


@pytest.mark.parametrize(
    ("order", "status"),
    [((503, 200, 200), 200), ((200, 503, 503), 503), ((200, 404, 503), 503), ((200, 200, 503), 200)],
)
def test_the_commonest_answer_counts(tmp_path: Path, order: tuple[int, ...], status: int) -> None:
    """Where all are different, the last one."""
    turns = iter(order)

    def in_turn(link: socket.socket, over: Quit) -> None:
        number = next(turns)
        head = f"HTTP/1.1 {number} x\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n{number}"
        says(head.encode())(link, over)

    with serving(in_turn) as port:
        seen = ask(tmp_path, f"http://127.0.0.1:{port}/", samples=3)
    assert (seen["it", "up"], seen["it", "http.status"], seen["it", "http.body"]) == (True, status, str(status))


def test_who_asks(folder: Path, site: str) -> None:
    assert ask(folder, f"{site}/agent")["it", "http.body"] == f"driftbell/{__version__}||identity"


def test_no_cookie_is_kept(folder: Path, site: str) -> None:
    seen = ask(folder, f"{site}/cookie", samples=2)
    assert seen["it", "http.location"] == f"{site}/agent"
    assert seen["it", "http.body"] == f"driftbell/{__version__}||identity"


def test_no_proxy_of_the_environment_is_asked(folder: Path, site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert ask(folder, f"{site}/")["it", "up"] is True


def test_five_redirects_are_followed(folder: Path, site: str) -> None:
    seen = ask(folder, f"{site}/1")
    assert (seen["it", "http.status"], seen["it", "http.location"]) == (200, f"{site}/")


@pytest.mark.parametrize("page", ["0", "loop"])
def test_more_are_not(folder: Path, site: str, page: str) -> None:
    seen = ask(folder, f"{site}/{page}")
    assert seen["it", "up"] is False
    assert seen["it", "http.status"] == Unknown("it redirects more than 5 times")
    assert seen["it", "http.location"] == seen["it", "http.body"] == seen["it", "http.status"]


@pytest.mark.parametrize(
    ("page", "why"),
    [
        ("ftp", "it redirects to ftp, which is not a page"),
        ("file", "it redirects to file, which is not a page"),
        ("nowhere", "the connection was refused"),
        ("odd", "it redirects to what is no address"),
    ],
)
def test_redirects_that_lead_nowhere(folder: Path, site: str, page: str, why: str) -> None:
    seen = ask(folder, f"{site}/{page}")
    assert (seen["it", "up"], seen["it", "http.status"]) == (False, Unknown(why))


def test_only_the_first_64_kib(folder: Path, site: str) -> None:
    """The cut goes through a character, which is dropped."""
    assert ask(folder, f"{site}/files/big.html")["it", "http.body"] == "x" * 65535


def test_what_is_not_text(folder: Path, site: str) -> None:
    seen = ask(folder, f"{site}/files/picture.png")
    assert (seen["it", "up"], seen["it", "http.status"]) == (True, 200)
    assert seen["it", "http.body"] == Unknown("the page is not text but image/png")


def test_a_body_that_nobody_wants_is_not_read(folder: Path) -> None:
    with serving(trickles(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n", b"x", 0.2)) as port:
        check = a_check("http", f"http://127.0.0.1:{port}/")
        seen = look(folder, (check,), ("up", "http.status"), timeout=5.0)
        assert (seen["it", "up"], seen["it", "http.status"]) == (True, 200)
        assert seen.seconds < 4
        slow = look(folder, (check,), timeout=2.0)
        assert (slow["it", "up"], slow["it", "http.status"]) == (True, 200)  # the same verdict with the body wanted
        assert slow["it", "http.body"] == Unknown("the page did not come to its end in time")


def test_nothing_listens(observe: Observe) -> None:
    seen = observe(a_check("http", f"http://127.0.0.1:{free_port()}/"))
    assert (seen["it", "up"], seen["it", "latency"]) == (False, NONE)
    assert seen["it", "http.status"] == Unknown("the connection was refused")


HEAD = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    "behave",
    [
        silent,
        hang_up,
        trickles(b"", b"H", 0.1),
        trickles(b"HTTP/1.1 200 OK\r\nX: ", b"x", 0.1),
        trickles(b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n", 0.1),
        pours(b"HTTP/1.1 200 OK\r\nX: ", b"x" * 4096),
        pours(b"", b"\x00" * 4096),
        pours(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
)
def test_servers_that_never_come_to_the_point(observe: Observe, behave: object) -> None:
    with serving(behave) as port:  # type: ignore[arg-type]
        seen = observe(a_check("http", f"http://127.0.0.1:{port}/"), samples=2, timeout=4.0)
    up = seen["it", "up"]
    assert up is False or (isinstance(up, Unknown) and "cut off" in up.why)  # it pours faster than a busy machine reads
    assert isinstance(seen["it", "http.status"], Unknown)
    assert seen.seconds < 60


@pytest.mark.parametrize(
    "behave",
    [
        pours(HEAD + b"Content-Type: text/plain\r\n\r\n", b"x" * 65536),
        pours(HEAD + b"Content-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n", b"4\r\nxxxx\r\n" * 4096),
    ],
)
def test_an_endless_body_is_cut(observe: Observe, behave: object) -> None:
    with serving(behave) as port:  # type: ignore[arg-type]
        seen = observe(a_check("http", f"http://127.0.0.1:{port}/"), timeout=60.0)
    assert seen["it", "http.body"] == "x" * 65536
    assert seen.seconds < 60


def test_an_endless_redirect_page(observe: Observe) -> None:
    with serving(pours(b"HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n", b"x" * 65536)) as port:
        seen = observe(a_check("http", f"http://127.0.0.1:{port}/"))
    assert seen["it", "http.status"] == Unknown("it redirects more than 5 times")
    assert seen.seconds < 15


def test_a_page_that_unpacks_without_end(tmp_path: Path) -> None:
    bomb = gzip.compress(b"0" * 50_000_000)
    seen = told(HEAD + b"Content-Type: text/plain\r\nContent-Encoding: gzip\r\n\r\n" + bomb, tmp_path)
    assert seen["it", "http.body"] == "0" * 65536


def test_a_page_that_is_broken_off(tmp_path: Path) -> None:
    seen = told(HEAD + b"Content-Type: text/plain\r\nContent-Length: 999\r\n\r\nhel", tmp_path)
    assert (seen["it", "up"], seen["it", "http.body"]) == (True, Unknown("the page was broken off"))


def test_control_characters_are_data(tmp_path: Path) -> None:
    body = b"<title>\x1b[2J\x00\x9b\xff</title>"
    seen = told(HEAD + b"Content-Type: text/html\r\n\r\n" + body, tmp_path)
    assert seen["it", "http.body"] == "<title>\x1b[2J\x00\ufffd\ufffd</title>"


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 99999 OK\r\n\r\n",
        b"HTTP/1.1 -1 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
        b"HTTP/1.1 200 OK\r\nBad Header: x\x00\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: \xff\xfe\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: http://" + b"a" * 70 + b".invalid/\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:99999/\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: //\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: http://xn--\xff/\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 50_000 + b"\r\n",
    ],
)
def test_answers_that_are_none(tmp_path: Path, answer: bytes) -> None:
    seen = told(answer, tmp_path)
    assert seen["it", "up"] is False or isinstance(seen["it", "up"], Unknown)
    assert isinstance(seen["it", "http.status"], Unknown)
    assert seen.seconds < 15


@pytest.mark.parametrize(
    "target",
    [
        "",
        "ftp://x/",
        "http://",
        "http://[bad/",
        "//x/",
        "http://user:secret@127.0.0.1/",
        "http://user:secret@127.0.0.1:99999999/",
        "http://a\x00b/",
        "http://x:99999999/",
    ],
)
def test_addresses_that_are_none(observe: Observe, target: str) -> None:
    seen = observe(a_check("http", target))
    up = seen["it", "up"]
    assert isinstance(up, Unknown)
    assert "secret" not in up.why
