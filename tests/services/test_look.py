"""A whole look: which rows there are, what the samples say together, and that nothing holds it up."""

from __future__ import annotations

import asyncio
import socket
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from agent.catalog.service import SERVICE
from agent.errors import Place
from agent.model.policy import Repository, Revision
from agent.model.reading import NONE, Unknown
from agent.model.source import ProbeSource
from agent.model.sweep import Request
from agent.systems.probe.endpoint import Endpoint, TargetError, endpoint
from agent.systems.probe.failures import no_answer, printable
from agent.systems.probe.look import _ask, _Errand
from agent.systems.probe.network import ProbeLoop
from agent.systems.probe.outcome import Answer, NoAnswer, NoAnswerError
from agent.systems.probe.read import ProbeReader
from agent.systems.probe.sampling import Pace, once, sample, standing
from agent.systems.probe.spec import MEASURES, OPTIONS
from tests.services.conftest import DISTRICT, a_check
from tests.services.mischief import hang_up, serving, silent
from tests.services.servers import free_port, wait_until

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from agent.model.reading import Reading
    from tests.services.conftest import Observe
    from tests.services.mischief import Quit

GOOD, BAD, OURS = Answer(3.0), NoAnswer("refused"), NoAnswer("no route", ours=True)


def test_the_list_is_the_repositorys_own(observe: Observe) -> None:
    checks = [a_check("tcp", f"127.0.0.1:{free_port()}", name) for name in "abc"]
    before = datetime.now(UTC)
    sweep = observe(*checks).sweep
    assert sweep.table.ids() == ("service/a", "service/b", "service/c")
    assert (sweep.system, sweep.kind, sweep.expected, sweep.seen) == ("services", "service", 3, 3)
    assert (sweep.proven, sweep.membership) == (True, "inventory/systems.yaml lists 3 checks")
    assert before <= sweep.as_of <= datetime.now(UTC)


def test_only_what_is_asked_for_is_asked(observe: Observe) -> None:
    asked = []

    def note(link: socket.socket, over: Quit) -> None:
        asked.append(link)
        hang_up(link, over)

    with serving(note) as port:
        checks = [a_check("tcp", f"127.0.0.1:{port}", name) for name in "abc"]
        sweep = observe(*checks, only=("service/b", "service/none"), samples=2).sweep
        assert sweep.table.ids() == ("service/b",)
        assert sweep.expected == 1
        observe(*checks, fields=("check", "target", "site"))  # what is written down needs no look
        closing_line = observe(checks[0])  # connections are counted in the order they came
        wait_until(lambda: len(asked) >= 3)
    assert closing_line["a", "up"] is True
    assert len(asked) == 3


def test_nothing_to_ask(observe: Observe) -> None:
    sweep = observe().sweep
    assert (sweep.expected, sweep.proven, sweep.notes) == (0, True, ())


def test_silent_services_hold_nobody_up(observe: Observe) -> None:
    """Each of them lasts as long as it may; they last that long together, not one after the other."""
    with serving(silent) as port:
        quiet = [a_check("tls", f"127.0.0.1:{port}", f"quiet{n}") for n in range(40)]
        seen = observe(*quiet, a_check("tcp", f"127.0.0.1:{port}", "good"), timeout=2.0, samples=2)
    assert seen["good", "up"] is True
    assert seen["quiet39", "up"] is False
    assert seen.seconds < 60  # 160 s one by one


def test_a_look_from_another_thread(observe: Observe) -> None:
    found: list[Reading] = []
    check = a_check("tcp", f"127.0.0.1:{free_port()}")
    thread = threading.Thread(target=lambda: found.append(observe(check)["it", "up"]))
    thread.start()
    thread.join()
    assert found == [False]


def test_a_sort_of_check_that_there_is_not(observe: Observe) -> None:
    seen = observe(a_check("carrier-pigeon", "roof"))
    assert seen["it", "up"] == Unknown("there is no sort of check 'carrier-pigeon'")
    assert (seen["it", "check"], seen["it", "tls.expires"]) == ("carrier-pigeon", NONE)


def test_every_sort_is_described() -> None:
    assert set(MEASURES) == set(OPTIONS) == {"tcp", "tls", "http", "dns", "ping"}
    groups = {name.partition(".")[0] + "." for name in (f.name for f in SERVICE.fields) if "." in name}
    assert groups == {group for measured in MEASURES.values() for group in measured}


def test_when_the_look_ended() -> None:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    reader = ProbeReader(ProbeSource("s", "service", (), Place("x")), lambda: at)
    assert reader.observe(_nothing(), Request("service", (SERVICE.resolve("up"),))).as_of == at


def _nothing() -> Repository:
    return Repository("/nowhere", Revision("abc", "here"), DISTRICT, (), (), "")


@pytest.mark.parametrize(
    ("outcomes", "up", "failed", "latency"),
    [
        ([GOOD], True, 0, 3),
        ([BAD], False, 100, NONE),
        ([GOOD, BAD], False, 50, 3),  # half is not more than half
        ([GOOD, GOOD, BAD], True, 100 / 3, 3),
        ([BAD, Answer(1), BAD], False, 200 / 3, 1),
        ([Answer(1), Answer(9), Answer(2)], True, 0, 2),
        ([Answer(1), Answer(2)], True, 0, 1.5),
        ([OURS], Unknown("no route"), Unknown("no route"), Unknown("no route")),
        ([OURS, GOOD, GOOD], True, 0, 3),
        ([OURS, BAD, BAD], False, 100, Unknown("no route")),
        ([OURS, OURS, GOOD], Unknown("no route"), 0, 3),
        ([OURS, OURS, BAD], Unknown("no route"), 100, Unknown("no route")),
        ([OURS, GOOD, BAD], Unknown("no route"), 50, 3),  # the lost one could have turned it
        ([OURS, BAD], False, 100, Unknown("no route")),
    ],
)
def test_what_samples_say_together(
    outcomes: Sequence[Answer | NoAnswer], up: Reading, failed: Reading, latency: Reading
) -> None:
    found = standing(outcomes)
    assert (found["up"], found["latency"]) == (up, latency)
    assert found["failed_percent"] == (failed if isinstance(failed, Unknown) else pytest.approx(failed))


@dataclass
class Stubborn:
    """What stumbles over an answer, or never comes back."""

    error: Exception | None

    async def ask(self) -> Answer:
        if self.error:
            raise self.error
        await asyncio.Event().wait()
        return GOOD

    def choose(self, answers: Sequence[Answer]) -> Mapping[str, Reading]:
        return answers[-1].readings


@pytest.mark.parametrize("error", [KeyError("x"), RecursionError(), RuntimeError("\x1b"), None])
def test_whatever_happens_it_is_a_sample_without_an_answer(error: Exception | None) -> None:
    outcome = asyncio.run(once(Stubborn(error), 0.1))
    assert isinstance(outcome, NoAnswer)
    assert not outcome.ours
    assert outcome.why.isprintable()


class InTurn(Stubborn):
    """Gives these outcomes one after the other."""

    def __init__(self, *outcomes: Answer | NoAnswer) -> None:
        self._outcomes = iter(outcomes)

    async def ask(self) -> Answer:
        outcome = next(self._outcomes)
        if isinstance(outcome, NoAnswer):
            raise NoAnswerError(outcome)
        return outcome


@pytest.mark.parametrize(
    ("outcomes", "unseen"), [((OURS, OURS), "no route"), ((OURS, BAD), ""), ((BAD, BAD), ""), ((GOOD, OURS), "")]
)
def test_unseen_is_what_showed_nothing_at_all(outcomes: tuple[Answer | NoAnswer, ...], unseen: str) -> None:
    errand = _Errand(a_check("tcp", "x:1"), InTurn(*outcomes), None)
    assert asyncio.run(_ask(errand, ("up",), Pace(2, 5, 0))).unseen == unseen


def test_samples_are_apart(observe: Observe) -> None:
    seen = observe(a_check("tcp", f"127.0.0.1:{free_port()}"), samples=3, pause=0.3)
    assert seen.seconds >= 0.6


def test_every_sample_has_its_time() -> None:
    outcomes = asyncio.run(sample(Stubborn(None), Pace(3, 0.05, 0.0)))
    assert [type(one) for one in outcomes] == [NoAnswer] * 3


@pytest.mark.parametrize(
    ("text", "default", "found"),
    [
        ("a.example:22", None, Endpoint("a.example", 22)),
        ("  a.example:22 ", None, Endpoint("a.example", 22)),
        ("192.0.2.1:65535", None, Endpoint("192.0.2.1", 65535)),
        ("[2001:db8::1]:53", None, Endpoint("2001:db8::1", 53)),
        ("2001:db8::1", 53, Endpoint("2001:db8::1", 53)),
        ("[2001:db8::1]", 53, Endpoint("2001:db8::1", 53)),
        ("fe80::1%eth0", 0, Endpoint("fe80::1%eth0", 0)),
        ("a.example", 0, Endpoint("a.example", 0)),
    ],
)
def test_endpoints(text: str, default: int | None, found: Endpoint) -> None:
    assert endpoint(text, port=default) == found


@pytest.mark.parametrize("text", ["[::1", "a:b:c", "[]:22", "a:-1", "a: 22", "a:0x16", ":", "a:" + "9" * 5000])
def test_endpoints_that_are_none(text: str) -> None:
    with pytest.raises(TargetError):
        endpoint(text)


def test_a_name_that_cannot_be_looked_up_is_not_there() -> None:
    with asyncio.Runner(loop_factory=ProbeLoop) as runner:
        for name in ("x" * 64, "a\0b"):
            with pytest.raises(socket.gaierror) as caught:
                runner.run(_look_up(name))
            assert caught.value.errno == socket.EAI_NONAME


async def _look_up(name: str) -> object:
    return await asyncio.get_running_loop().getaddrinfo(name, 1)


def test_the_text_of_others_is_one_short_line() -> None:
    assert printable("a\x1b[2J\nb\u202e") == "a\ufffd[2J\ufffdb\ufffd"
    assert len(printable("x" * 9999)) == 160


def test_an_error_that_stands_for_others() -> None:
    group = OSError("all failed")
    group.__cause__ = ExceptionGroup("", [OSError(101, "Network is unreachable"), ConnectionRefusedError(111, "x")])
    assert no_answer(group) == NoAnswer("the connection was refused")
    group.__cause__ = ExceptionGroup("", [OSError(101, "Network is unreachable"), OSError(99, "x")])
    assert no_answer(group).ours
