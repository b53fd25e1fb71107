"""Asking one check several times, and what the samples say together."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

import anyio

from agent.model.reading import NONE, Unknown
from agent.systems.probe.failures import no_answer, no_lookup
from agent.systems.probe.network import LOOKING_UP
from agent.systems.probe.outcome import Answer, NoAnswer, NoAnswerError, Outcome, Readings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agent.model.reading import Reading
    from agent.systems.probe.outcome import Probe

_HALF = 2


@dataclass(frozen=True, slots=True)
class Pace:
    """How often, how long, and how far apart; seconds."""

    samples: int
    timeout: float
    pause: float

    @property
    def deadline(self) -> float:
        """How long all samples of one check may last."""
        return self.samples * self.timeout + (self.samples - 1) * self.pause + 1


async def sample(probe: Probe, pace: Pace) -> list[Outcome]:
    """Ask as often as the pace says."""
    outcomes: list[Outcome] = []
    for number in range(pace.samples):
        if number:
            await asyncio.sleep(pace.pause)
        outcomes.append(await once(probe, pace.timeout))
    return outcomes


async def once(probe: Probe, timeout: float) -> Outcome:  # ruff: ignore[async-function-with-timeout] - the one place
    """Ask once, within the time."""
    names: set[str] = set()
    LOOKING_UP.set(names)
    try:
        async with asyncio.timeout(timeout):
            return await probe.ask()
    except NoAnswerError as error:
        return error.outcome
    except TimeoutError:
        return no_lookup(names.pop()) if names else NoAnswer(f"no answer within {timeout:g} s")
    except (OSError, anyio.EndOfStream, anyio.BrokenResourceError) as error:
        return no_answer(error)
    except Exception as error:  # ruff: ignore[blind-except] - a hostile answer must not end the look for the others
        return NoAnswer(f"the answer cannot be understood ({type(error).__name__})")


def standing(outcomes: Sequence[Outcome]) -> Readings:
    """Give `up`, `failed_percent` and `latency`. Samples that failed for our own trouble count neither way.

    `up` is unknown where such samples could turn it.
    """
    answered = [one.latency for one in outcomes if isinstance(one, Answer)]
    ours = [one for one in outcomes if isinstance(one, NoAnswer) and one.ours]
    measured = len(outcomes) - len(ours)
    failed = measured - len(answered)
    nothing = Unknown(ours[-1].why) if ours else NONE
    return {
        "up": _up(len(outcomes), len(answered), failed, ours),
        "failed_percent": 100 * failed / measured if measured else nothing,
        "latency": median(answered) if answered else nothing,
    }


def _up(asked: int, answered: int, failed: int, ours: Sequence[NoAnswer]) -> Reading:
    if answered * _HALF > asked:
        return True
    return Unknown(ours[-1].why) if failed * _HALF < asked else False


def shown(probe: Probe, outcomes: Sequence[Outcome], fields: Sequence[str]) -> Readings:
    """Give the fields that only an answer can tell; without one they are unknown, with the reason."""
    answers = [one for one in outcomes if isinstance(one, Answer)]
    last = next((one for one in reversed(outcomes) if isinstance(one, NoAnswer)), None)
    found = dict(probe.choose(answers)) if answers else dict(last.readings) if last else {}
    why = Unknown(last.why if last else "it was not asked for")
    return {field: found.get(field, why) for field in fields}
