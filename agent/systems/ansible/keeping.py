"""Capturing: what a playbook is about to touch, as it is, read before anything is written.

Check mode of that very playbook says what it would touch, with the account that writes; then one errand reads it. Both
are one process where all went well (errands.py); where there was no answer, the errand runs once more, alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from agent.model.capture import Capture
from agent.model.reading import Unknown
from agent.systems.ansible import places
from agent.systems.ansible.cleaning import Cleaner
from agent.systems.ansible.job import End, HostResult
from agent.systems.ansible.touched import Touched, Watch

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from agent.systems.ansible.job import Job, JobResult
    from agent.systems.ansible.places import There

_SERVICE, _KERNEL = "service.", "sysctl."


@dataclass(frozen=True, slots=True)
class Aim:
    """One host whose state is to be kept: its name in the inventory, its id, and the fields that the change sets."""

    host: str
    resource: str
    sets: tuple[str, ...] = ()


def capture(job: Job, aims: Iterable[Aim]) -> dict[str, Capture | Unknown]:
    """Give, by resource, what is there now of what the job's playbook would touch, or why that cannot be told."""
    from agent.systems.ansible.runner import run_playbook  # ruff: ignore[import-outside-top-level]  70 ms

    by_host = {aim.host: aim for aim in aims}
    watch = Watch(str(job.root.resolve()), Cleaner(job.secrets).line)
    answers = places.Answers()
    errand = places.behind(answers, lambda: _asked({host: _noted(watch, aim) for host, aim in by_host.items()}))
    look = replace(job, hosts=tuple(by_host), check=True, watched=watch.take, errand=errand)
    rehearsed = run_playbook(look).hosts
    touched = {host: _touched(watch, by_host[host], result) for host, result in rehearsed.items()}
    asked = _asked({host: one for host, one in touched.items() if places.reached(rehearsed[host])})
    there = answers.there()
    left = {host: one for host, one in asked.items() if host not in there or one != answers.asked[host]}
    there |= places.look(job, left) if left else {}
    return {
        by_host[host].resource: _captured(by_host[host], touched[host], result, there.get(host))
        for host, result in rehearsed.items()
    }


def written(job: Job, kept: Mapping[str, Capture]) -> tuple[JobResult, dict[str, Capture]]:
    """Run a playbook, and read behind it what was kept before it, where that can be done in the same process."""
    from agent.systems.ansible.runner import run_playbook  # ruff: ignore[import-outside-top-level]  70 ms

    answers, asked = places.Answers(), _of_kept(kept, content=False)
    done = run_playbook(replace(job, errand=places.behind(answers, lambda: asked) if asked else None))
    seen = {host: _now(kept[host], there) for host, there in answers.there().items()}
    return done, {host: one for host, one in seen.items() if isinstance(one, Capture)}


def reread(job: Job, kept: Mapping[str, Capture], *, content: bool) -> dict[str, Capture | Unknown]:
    """Give what is there now, by host, of what was kept once."""
    asked = _of_kept(kept, content=content)
    there = places.look(job, asked) if asked else {}
    return {host: _now(one, there[host]) if host in there else one for host, one in kept.items()}


def _of_kept(kept: Mapping[str, Capture], *, content: bool) -> dict[str, dict[str, object]]:
    return {host: places.of_kept(one, content=content) for host, one in kept.items() if not one.empty}


def _asked(touched: Mapping[str, Touched]) -> dict[str, dict[str, object]]:
    return {host: places.of_touched(one) for host, one in touched.items() if not one.nothing}


def _noted(watch: Watch, aim: Aim) -> Touched:
    """Give what check mode said, and what the fields say that the change sets."""
    touched = watch.hosts.get(aim.host, Touched())
    for field in aim.sets:
        if field.startswith(_SERVICE):
            touched.services[field.removeprefix(_SERVICE).rpartition(".")[0]] = None
        elif field.startswith(_KERNEL):
            touched.sysctls[field.removeprefix(_KERNEL)] = None
    return touched


def _touched(watch: Watch, aim: Aim, result: HostResult) -> Touched:
    touched = _noted(watch, aim)
    for step in result.steps:
        if not step.simulated:
            touched.left[f"{step.where} cannot be simulated, so what it changes cannot be put back"] = None
    if result.end in {End.FAILED, End.CUT_OFF}:
        touched.left[f"check mode ended early ({result.why}), so what comes later cannot be put back"] = None
    return touched


def _captured(aim: Aim, touched: Touched, result: HostResult, there: There | Unknown | None) -> Capture | Unknown:
    if not places.reached(result):
        return Unknown(f"{result.end}: {result.why}")
    if isinstance(there, Unknown):
        return there
    now = datetime.now(UTC)
    if there is None:
        return Capture(aim.resource, now, left=tuple(touched.left), reaches=tuple(touched.elsewhere))
    return Capture(
        resource=aim.resource,
        at=now,
        files=there.files,
        units=places.units_of(there.services, touched.units),
        left=(*touched.left, *there.left),
        services=tuple(s for s in there.services if s.enabled != "absent"),
        sysctls=dict(there.sysctls or {}),
        reaches=(*there.reaches, *touched.elsewhere),
    )


def _now(kept: Capture, there: There | Unknown) -> Capture | Unknown:
    if isinstance(there, Unknown):
        return there
    return replace(
        kept,
        at=datetime.now(UTC),
        fields={},
        files=there.files,
        left=there.left,
        services=there.services,
        sysctls=dict(there.sysctls or {}),
        reaches=there.reaches,
    )
