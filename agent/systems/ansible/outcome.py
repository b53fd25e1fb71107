"""What a run's steps and its end mean for each host."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.systems.ansible.job import End, HostResult, Status

if TYPE_CHECKING:
    from pathlib import Path

    from agent.systems.ansible.collect import Collector
    from agent.systems.ansible.job import Step

_NOT_ITS = "the playbook does not run on this host"
_NOBODY = "leaves us with no hosts to target"  # what Ansible says of a limit that matches nothing


@dataclass(frozen=True, slots=True)
class Ending:
    """How the run as a whole ended: why it was stopped, what could not be stopped, and what broke."""

    reason: str = ""
    left: int = 0
    fault: str = ""
    fatal: bool = False  # whether one host's failure may have ended the run for all


def of_hosts(hosts: tuple[str, ...], collector: Collector, ending: Ending) -> dict[str, HostResult]:
    """Give each host's result."""
    return {host: _of_host(host, collector, ending) for host in hosts}


def _of_host(host: str, collector: Collector, ending: Ending) -> HostResult:
    steps = tuple(collector.steps.get(host, ()))
    judge = _unfinished if collector.stats is None else _finished
    end, why = judge(host, steps, collector, ending)
    if ending.left and end is End.STOPPED:
        why += f"; {ending.left} of its processes could not be stopped"
    return HostResult(end, why, steps, host in collector.began or bool(steps), _changes(host, steps, collector))


def _changes(host: str, steps: tuple[Step, ...], collector: Collector) -> int:
    """Count the tasks that changed something: by Ansible's count where it knows of more than its events told."""
    changed = sum(step.status is Status.CHANGED for step in steps)
    failed = sum(step.status in {Status.FAILED, Status.IGNORED} for step in steps)  # it counts some of these, too
    counted = _count(collector, "changed", host)
    return counted if counted > changed + failed else changed


def may_be_fatal(collector: Collector, playbooks: Path) -> bool:
    """Whether a failure may have ended the run for the other hosts: Ansible itself does not say.

    It may have where no task was begun after one that failed, and where the playbooks ask for it anywhere.
    """
    return collector.latest in collector.failed_in and any(
        word in path.read_bytes()
        for path in playbooks.rglob("*.y*ml")
        if path.is_file()
        for word in (b"any_errors_fatal", b"max_fail_percentage")
    )


def _finished(host: str, steps: tuple[Step, ...], collector: Collector, ending: Ending) -> tuple[End, str]:
    """Judge by Ansible's own summary: it alone knows which failures were rescued or ignored."""
    if _count(collector, "dark", host):
        return End.UNREACHABLE, _last(steps, Status.UNREACHABLE)
    if _count(collector, "failures", host):
        return End.FAILED, _last(steps, Status.FAILED)
    if host not in (collector.stats or {}).get("processed", {}):
        return End.UNTOUCHED, "the run ended before it came to this host" if collector.exhausted else _NOT_ITS
    if collector.exhausted or ending.fatal:
        return End.CUT_OFF, "failures on other hosts ended the run before its tasks were done"
    return End.DONE, ""


def _unfinished(host: str, steps: tuple[Step, ...], collector: Collector, ending: Ending) -> tuple[End, str]:
    """Judge a run that did not reach its end."""
    last = steps[-1].status if steps else None
    if last is Status.UNREACHABLE:
        return End.UNREACHABLE, _last(steps, Status.UNREACHABLE)
    if last is Status.FAILED:
        return End.FAILED, _last(steps, Status.FAILED)
    if ending.reason:
        task = collector.task.get(host)
        return End.STOPPED, f"{ending.reason.rstrip('.')}, in {task}" if task else ending.reason
    error = ending.fault or collector.error() or "Ansible ended without a word"
    if _NOBODY in error:
        return End.UNTOUCHED, "the inventory has no such host"
    return End.FAILED, error.rstrip(".")


def _last(steps: tuple[Step, ...], status: Status) -> str:
    """Give the last step of a status in words."""
    step = next((step for step in reversed(steps) if step.status is status), None)
    if step is None:
        return "Ansible did not say where"
    if status is Status.UNREACHABLE:
        return step.message
    return f"{step.task} at {step.place}: {step.message}"


def _count(collector: Collector, name: str, host: str) -> int:
    counts = (collector.stats or {}).get(name, {})
    return int(counts.get(host, 0))
