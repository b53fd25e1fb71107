"""A page, as somebody without a password would get it: HTTP/1.1, no cookies, no proxy, at most 5 redirects.

The certificate of every address on the way is judged; a page behind a bad one counts as not answered, and nothing of
it is read.
"""

from __future__ import annotations

import asyncio
import re
import ssl
import time
from collections import Counter
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING

import httpx

from agent import __version__
from agent.model.reading import Unknown
from agent.systems.probe import page
from agent.systems.probe.endpoint import LAST_PORT, Endpoint, TargetError
from agent.systems.probe.failures import no_answer, printable
from agent.systems.probe.outcome import Answer, NoAnswer, NoAnswerError, Readings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from agent.model.reading import Reading

FIELDS = ("http.status", "http.body", "http.location")
MOST_REDIRECTS = 5
_SCHEMES = {"http": 80, "https": 443}
_FOR_THE_BODY = 0.9  # of a sample's time: what is left of it then is for what is known without the body
_HEADERS = {"User-Agent": f"driftbell/{__version__}", "Accept": "*/*", "Accept-Encoding": "identity"}
_HOST = re.compile(r"[^\s%\[\]<>\"'\\]{1,255}")
_SNI = "sni_hostname"


def address(text: str) -> httpx.URL:
    """Read the address of a page.

    Raises:
        TargetError: it is none, or it holds a password.
    """
    try:
        url = httpx.URL(text.strip())
    except (httpx.InvalidURL, ValueError) as error:
        msg = f"it is not an address: {printable(str(error))}"
        raise TargetError(msg) from error
    if url.scheme not in _SCHEMES or not _leads_somewhere(url):
        msg = "it is not an address like https://www.example.org/"
        raise TargetError(msg)
    if url.userinfo:
        msg = "the address holds a password, which must not stand in a policy repository"
        raise TargetError(msg)
    return url


def _leads_somewhere(url: httpx.URL) -> bool:
    """Say whether host and port can be ones: httpx lets `[x` and 99999999 through."""
    return bool(_HOST.fullmatch(url.host)) and 0 < (url.port or 1) <= LAST_PORT


def endpoint_of(url: httpx.URL) -> Endpoint:
    """Give the host and the port of an address."""
    return Endpoint(url.host, url.port or _SCHEMES[url.scheme])


@dataclass(frozen=True, slots=True)
class HttpProbe:
    """Asks for a page. `name` is what the certificate must be for, or empty for the address's own host.

    Attributes:
        trust: whom to trust, or why that cannot be said.
        limit: seconds for one sample.
        with_body: whether the page itself is wanted.
    """

    url: httpx.URL
    name: str
    trust: ssl.SSLContext | Unknown
    limit: float
    with_body: bool

    async def ask(self) -> Answer:
        """Ask once, and follow where it leads. It is answered once the last page's status is here."""
        async with self._client() as client:
            try:
                return await self._follow(client, time.perf_counter())
            except httpx.HTTPError as error:
                raise NoAnswerError(_reason(error)) from error

    def choose(self, answers: Sequence[Answer]) -> Mapping[str, Reading]:
        """Give the last answer among those with the commonest status."""
        counted = Counter(answer.readings["http.status"] for answer in answers)
        return max(reversed(answers), key=lambda answer: counted[answer.readings["http.status"]]).readings

    def _client(self) -> httpx.AsyncClient:
        # Without a list of authorities no certificate is accepted; `_follow` says so before it comes to that.
        trust = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if isinstance(self.trust, Unknown) else self.trust
        return httpx.AsyncClient(
            verify=trust,
            trust_env=False,
            timeout=None,  # ruff: ignore[request-without-timeout] - the caller cancels, which also ends a trickle
            headers=_HEADERS,
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        )

    async def _follow(self, client: httpx.AsyncClient, begun: float) -> Answer:
        request = client.build_request("GET", self.url, extensions={_SNI: self.name} if self.name else {})
        for _ in range(MOST_REDIRECTS + 1):
            self._refuse(request.url)
            response = await client.send(request, stream=True)
            try:
                if response.next_request is None:
                    latency = (time.perf_counter() - begun) * 1000
                    return Answer(latency, await self._readings(response, begun))
                request = self._onward(response.next_request)
            finally:
                await response.aclose()
        raise NoAnswerError(NoAnswer(f"it redirects more than {MOST_REDIRECTS} times"))

    def _refuse(self, url: httpx.URL) -> None:
        if url.scheme not in _SCHEMES:
            raise NoAnswerError(NoAnswer(f"it redirects to {printable(url.scheme)}, which is not a page"))
        if not _leads_somewhere(url):
            raise NoAnswerError(NoAnswer("it redirects to what is no address"))
        if url.scheme == "https" and isinstance(self.trust, Unknown):
            raise NoAnswerError(NoAnswer(self.trust.why, ours=True))

    def _onward(self, request: httpx.Request) -> httpx.Request:
        if request.url.host != self.url.host:
            request.extensions = {name: value for name, value in request.extensions.items() if name != _SNI}
        return request

    async def _readings(self, response: httpx.Response, begun: float) -> Readings:
        found: Readings = {"http.status": response.status_code, "http.location": str(response.url)}
        if self.with_body:
            left = self.limit * _FOR_THE_BODY - (time.perf_counter() - begun)
            found["http.body"] = await _body(response, left)
        return found


async def _body(response: httpx.Response, left: float) -> Reading:
    raw = bytearray()
    try:
        async with asyncio.timeout(left):
            async for chunk in response.aiter_raw():
                raw += chunk
                if len(raw) >= page.LIMIT:
                    break
    except TimeoutError:
        return Unknown("the page did not come to its end in time")
    except httpx.HTTPError:
        return Unknown("the page was broken off")
    headers = response.headers
    return page.text_of(headers.get("content-type", ""), headers.get("content-encoding", ""), bytes(raw))


def _reason(error: httpx.HTTPError) -> NoAnswer:
    if isinstance(error, httpx.ConnectError):
        return no_answer(error)
    if isinstance(error, httpx.NetworkError):
        return NoAnswer("the connection was broken off")
    return NoAnswer("what answers is not HTTP, or ends too early")
