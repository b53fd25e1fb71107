"""One look at every service: all checks side by side, each within its own deadline."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from itertools import starmap
from typing import TYPE_CHECKING

from agent.systems.probe.endpoint import TargetError
from agent.systems.probe.network import ProbeLoop
from agent.systems.probe.outcome import NoAnswer
from agent.systems.probe.sampling import once, sample, shown, standing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from agent.model.reading import Reading
    from agent.model.source import Check
    from agent.systems.probe.outcome import Outcome, Probe
    from agent.systems.probe.preparing import Maker
    from agent.systems.probe.sampling import Pace

WORKERS = 64  # checks at a time
_CERTIFICATE = "tls."


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at one service gave. `unseen` says why it showed nothing at all, or is empty."""

    check: Check
    readings: Mapping[str, Reading] = field(default_factory=dict)
    outcomes: tuple[Outcome, ...] = ()
    unseen: str = ""


@dataclass(frozen=True, slots=True)
class _Errand:
    """One check, ready to be asked: `certificate` reads that of a page's address, where it is wanted."""

    check: Check
    probe: Probe
    certificate: Probe | None


def look_at_all(checks: Sequence[Check], fields: Sequence[str], maker: Maker, pace: Pace) -> list[Look]:
    """Ask every check; one that cannot be understood is unseen, with the reason."""
    # Everything is imported and read before the clock of the first sample runs.
    errands = [_errand(check, fields, maker) for check in checks]
    with asyncio.Runner(loop_factory=ProbeLoop) as runner:
        return runner.run(_all(errands, fields, pace))


def _errand(check: Check, fields: Sequence[str], maker: Maker) -> _Errand | Look:
    wanted = check.ask == "http" and bool(_of(_CERTIFICATE, fields))
    try:
        return _Errand(check, maker.probe(check), maker.certificate(check) if wanted else None)
    except TargetError as error:
        return Look(check, unseen=str(error))


async def _all(errands: Sequence[_Errand | Look], fields: Sequence[str], pace: Pace) -> list[Look]:
    gate = asyncio.Semaphore(WORKERS)

    async def one(number: int, errand: _Errand | Look) -> Look:
        if isinstance(errand, Look):
            return errand
        # All at the same instant, they would wait for one another here, and that would be measured.
        await asyncio.sleep(pace.pause * number / len(errands))
        async with gate:
            return await _one(errand, fields, pace)

    return await asyncio.gather(*starmap(one, enumerate(errands)))


async def _one(errand: _Errand, fields: Sequence[str], pace: Pace) -> Look:
    limit = pace.deadline + (pace.timeout if errand.certificate else 0)
    try:
        async with asyncio.timeout(limit):
            return await _ask(errand, fields, pace)
    except TimeoutError:
        return Look(errand.check, unseen=f"the look at it was cut off after {limit:g} s")


async def _ask(errand: _Errand, fields: Sequence[str], pace: Pace) -> Look:
    outcomes = await sample(errand.probe, pace)
    readings = standing(outcomes) | shown(errand.probe, outcomes, _of(f"{errand.check.ask}.", fields))
    if errand.certificate:
        seen = await once(errand.certificate, pace.timeout)
        readings |= shown(errand.certificate, [seen], _of(_CERTIFICATE, fields))
    ours = [one.why for one in outcomes if isinstance(one, NoAnswer) and one.ours]
    return Look(errand.check, readings, tuple(outcomes), ours[-1] if len(ours) == len(outcomes) else "")


def _of(group: str, fields: Sequence[str]) -> list[str]:
    return [name for name in fields if name.startswith(group)]
