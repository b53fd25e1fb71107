"""Pages for machines, on loopback alone: health, Prometheus' metrics, and the hook that a forge calls on a push."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from agent.errors import UnseenError

if TYPE_CHECKING:
    from collections.abc import Callable

    from agent.secrets import Secret

LONGEST = 1_000_000  # bytes of a hook's body: forges send less than 100,000 for a push
SECONDS = 5.0  # for a caller to say what it wants
KEPT = 300.0  # seconds for which a delivery that was heard is not heard again
AT_ONCE = 16
_HOOK = "/hook"


class Pages:
    """Serves until it is closed."""

    def __init__(
        self, listen: str, health: Callable[[], tuple[bool, str]], metrics: Callable[[], bytes], hook: Hook
    ) -> None:
        """Take where to listen (`127.0.0.1:PORT`), and what is asked for each page.

        Raises:
            UnseenError: nobody can listen there.
        """
        host, _, port = listen.rpartition(":")
        handler = type(
            "Handler", (_Handler,), {"health": staticmethod(health), "metrics": staticmethod(metrics), "hook": hook}
        )
        try:
            self._server = _Server((host.strip("[]"), int(port)), handler)
        except (OSError, OverflowError) as error:
            msg = f"The pages cannot be served at {listen} (daemon.listen): {error}."
            raise UnseenError(msg) from error
        threading.Thread(target=self._server.serve_forever, name="pages", daemon=True).start()

    def close(self) -> None:
        """Serve nobody any more."""
        self._server.shutdown()
        self._server.server_close()


class Hook:
    """Says whether a call is a forge's word that something was pushed, and tells of it once."""

    def __init__(self, secret: Secret | None, nudge: Callable[[], None]) -> None:
        """Take what the forge signs with, and whom to tell."""
        self._secret, self._nudge = secret, nudge
        self._heard: dict[str, float] = {}
        self._lock = threading.Lock()

    def heard(self, headers: Callable[[str], str], body: bytes) -> HTTPStatus:
        """Judge a call, and look at the repository where it counts.

        A push only says that it is time to look: what is looked at is verified by its own signatures, so a call that
        is heard twice does no harm. It is not heard twice all the same.
        """
        if self._secret is None:
            return HTTPStatus.NOT_FOUND
        if not _signed(self._secret.reveal().encode(), headers, body):
            return HTTPStatus.FORBIDDEN
        mark = hashlib.sha256(body + _delivery(headers).encode()).hexdigest()
        now = time.monotonic()
        with self._lock:
            self._heard = {known: at for known, at in self._heard.items() if now - at < KEPT}
            if mark in self._heard:
                return HTTPStatus.CONFLICT
            self._heard[mark] = now
        self._nudge()
        return HTTPStatus.ACCEPTED


def _signed(secret: bytes, headers: Callable[[str], str], body: bytes) -> bool:
    """Say whether a call is signed as GitHub and Gitea sign (HMAC-SHA256 of the body), or carries GitLab's token."""
    token = headers("X-Gitlab-Token")
    if token:
        return hmac.compare_digest(token.encode("utf-8", "replace"), secret)
    given = headers("X-Hub-Signature-256").removeprefix("sha256=") or headers("X-Gitea-Signature")
    wanted = hmac.new(secret, body, hashlib.sha256).hexdigest()
    return bool(given) and hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode())


def _delivery(headers: Callable[[str], str]) -> str:
    names = ("X-GitHub-Delivery", "X-Gitea-Delivery", "X-Gitlab-Event-UUID")
    return next(filter(None, map(headers, names)), "")


class _Server(ThreadingHTTPServer):
    """Has a limited number of callers at once: one who is too many waits in the kernel's queue."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        self._free = threading.Semaphore(AT_ONCE)
        super().__init__(address, handler)

    def process_request(self, request: Any, client_address: Any) -> None:  # ruff: ignore[any-type] - as socketserver has it
        self._free.acquire()
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:  # ruff: ignore[any-type] - as above
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def handle_error(self, request: Any, client_address: Any) -> None:  # ruff: ignore[any-type] - as above
        """Say nothing of callers that went away."""


class _Handler(BaseHTTPRequestHandler):
    """Answers one call."""

    health: Callable[[], tuple[bool, str]]
    metrics: Callable[[], bytes]
    hook: Hook
    timeout = SECONDS
    server_version, sys_version = "driftbell", ""

    def do_GET(self) -> None:
        """Give health or metrics."""
        if self.path == "/healthz":
            well, said = type(self).health()
            self._say(HTTPStatus.OK if well else HTTPStatus.SERVICE_UNAVAILABLE, said.encode())
        elif self.path == "/metrics":
            self._say(HTTPStatus.OK, type(self).metrics(), "text/plain; version=0.0.4; charset=utf-8")
        else:
            self._say(HTTPStatus.NOT_FOUND, b"There is /healthz, /metrics and /hook.\n")

    def do_POST(self) -> None:
        """Hear a forge."""
        if self.path != _HOOK:
            return self._say(HTTPStatus.NOT_FOUND, b"There is /hook.\n")
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal():
            return self._say(HTTPStatus.LENGTH_REQUIRED, b"Content-Length is missing.\n")
        if int(length) > LONGEST:
            self.close_connection = True
            return self._say(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, b"That is too much for a push.\n")
        body = self.rfile.read(int(length))
        status = (
            self.hook.heard(lambda name: self.headers.get(name, ""), body)
            if len(body) == int(length)
            else HTTPStatus.BAD_REQUEST
        )
        return self._say(status, json.dumps({"status": status.phrase}).encode() + b"\n", "application/json")

    def _say(self, status: HTTPStatus, body: bytes, kind: str = "text/plain; charset=utf-8") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing: what counts is logged where it is done."""
