"""ansible-runner's events, kept as one short step for each task and host; everything else is dropped.

What is where in the events of ansible-core 2.19 was found by running it (tests/ansible): a skipped task has no
result in its event, only on its line of output, and that only with `-v`; a task under `no_log` has a result that
says nothing at all, not even whether something changed, so that its line of output must say it; so has a result
that ansible-runner found too large.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agent.systems.ansible.diffs import in_short
from agent.systems.ansible.job import Status, Step

if TYPE_CHECKING:
    from agent.systems.ansible.cleaning import Cleaner

CENSORED = "censored"
_KEPT_OUTPUT = 40  # lines

# Under no_log a skipped task does not say why. These modules simulate in check mode: they were skipped by `when`.
_SIMULATE = frozenset({
    "apt", "apt_repository", "assemble", "assert", "blockinfile", "copy", "cron", "deb822_repository", "debconf",
    "debug", "dnf", "fail", "file", "get_url", "git", "group", "group_by", "hostname", "iptables", "known_hosts",
    "lineinfile", "package", "pip", "replace", "service", "service_facts", "set_fact", "setup", "slurp", "stat",
    "systemd", "systemd_service", "sysvinit", "template", "unarchive", "user",
})  # fmt: skip


@dataclass(slots=True)
class _Loop:
    """What the items of a loop have said so far."""

    changed: bool = False
    simulated: bool = True
    diffs: list[str] = field(default_factory=list)
    failure: str = ""


@dataclass(slots=True)
class Collector:
    """Takes events as they come. `stats` stays None while Ansible has not reached its end."""

    cleaner: Cleaner
    root: str
    check: bool
    steps: dict[str, list[Step]] = field(default_factory=lambda: defaultdict(list))
    began: set[str] = field(default_factory=set)
    task: dict[str, str] = field(default_factory=dict)  # the task that each host is in, or was in last
    stats: Mapping[str, Mapping[str, int]] | None = None
    output: list[str] = field(default_factory=list)  # what Ansible said outside of its events
    exhausted: bool = False  # Ansible had no hosts left to go on with
    asked: str = ""  # the variable that a vars_prompt asked for
    latest: str = ""  # the task that was begun last, on any host
    failed_in: set[str] = field(default_factory=set)  # tasks that failed, or lost a host
    lines: dict[str, str] = field(default_factory=dict)
    loops: dict[tuple[str, str], _Loop] = field(default_factory=lambda: defaultdict(_Loop))

    def take(self, event: Mapping[str, object]) -> None:
        """Take one event of ansible-runner."""
        name, data = event.get("event"), event.get("event_data")
        data = data if isinstance(data, Mapping) else {}
        match name:
            case "runner_on_start":
                self._begin(data)
            case "runner_on_ok" | "runner_on_failed" | "runner_on_unreachable" | "runner_on_skipped":
                self._end_task(str(name).removeprefix("runner_on_"), data, output_of(event))
            case "runner_item_on_ok" | "runner_item_on_failed" | "runner_item_on_skipped":
                self._item(str(name).removeprefix("runner_item_on_"), data, output_of(event))
            case "playbook_on_stats":
                self.stats = {key: value for key, value in data.items() if isinstance(value, Mapping)}
            case "playbook_on_no_hosts_remaining":
                self.exhausted = True
            case "playbook_on_vars_prompt":
                self.asked = str(data.get("varname"))
            case "verbose" | "error" | "warning" | "system_warning":
                self.output = [*self.output, *output_of(event).splitlines()][-_KEPT_OUTPUT:]

    def _begin(self, data: Mapping[str, object]) -> None:
        host = str(data.get("host"))
        self.began.add(host)
        self.latest = str(data.get("task_uuid"))
        self.task[host] = f"{self._line(data.get('task'))} ({self._place(data)})"

    def _item(self, kind: str, data: Mapping[str, object], output: str) -> None:
        loop = self.loops[_key(data)]
        result = result_of(data)
        if kind == "skipped":
            loop.simulated &= _ordinary(data, result or _printed(output, str(data.get("host"))))
        elif kind == "failed":
            loop.failure = loop.failure or self._message(result)
        elif did_change(result, output):
            loop.changed = True
            loop.diffs.append(in_short(result.get("diff"), _target(result), self.cleaner))

    def _end_task(self, kind: str, data: Mapping[str, object], output: str) -> None:
        host, result = str(data.get("host")), result_of(data)
        loop = self.loops.pop(_key(data), None)
        changed = loop.changed if loop else did_change(result, output)
        status, simulated, message, diff = _STATUS[kind], True, "", ""
        match kind:
            case "ok" if changed:
                status = Status.CHANGED
                said = loop.diffs if loop else [in_short(result.get("diff"), _target(result), self.cleaner)]
                diff = self.cleaner.line("; ".join(filter(None, said)), _LONGEST_DIFF)
            case "failed":
                status = Status.IGNORED if data.get("ignore_errors") else Status.FAILED
                message = loop.failure if loop and loop.failure else self._message(result)
            case "unreachable":
                message = self.cleaner.line(_unreachable(result))
            case "skipped" if not loop:
                simulated = _ordinary(data, _printed(output, host))
        if status in {Status.FAILED, Status.UNREACHABLE}:
            self.failed_in.add(str(data.get("task_uuid")))
        simulated = not self.check or (simulated and (loop is None or loop.simulated))
        task, module = self._line(data.get("task")), self._line(data.get("task_action"))
        self.steps[host].append(Step(status, task, module, self._place(data), message, diff, simulated))

    def _message(self, result: Mapping[str, object]) -> str:
        """Give why a task failed, with the last line of what its program said of it."""
        if CENSORED in result:
            return "the reason is hidden by no_log"
        said = [str(result.get("msg") or "no reason was given").rstrip(". \n")]
        hint = " (its disk is full, or cannot be written)" if "No usable temporary directory" in said[0] else ""
        for name in ("stderr", "module_stderr", "stdout", "module_stdout"):
            lines = str(result.get(name) or "").strip().splitlines()
            if lines:
                said.append(lines[-1])
                break
        return self.cleaner.line(": ".join(said)) + hint

    def _place(self, data: Mapping[str, object]) -> str:
        return self._line(str(data.get("task_path") or "").removeprefix(f"{self.root}/"))

    def _line(self, text: object) -> str:
        """Clean a text that comes again with every host."""
        raw = str(text)
        if raw not in self.lines:
            self.lines[raw] = self.cleaner.line(raw)
        return self.lines[raw]

    def error(self) -> str:
        """Give what Ansible said when it ended without reaching its end."""
        text = self.cleaner.scrubbed("\n".join(self.output)).replace(f"{self.root}/", "")
        _, found, error = text.partition("[ERROR]: ")
        return self.cleaner.line(error if found else text)


_LONGEST_DIFF = 1200
_STATUS = {
    "ok": Status.OK,
    "failed": Status.FAILED,
    "unreachable": Status.UNREACHABLE,
    "skipped": Status.SKIPPED,
}


def _key(data: Mapping[str, object]) -> tuple[str, str]:
    return str(data.get("host")), str(data.get("task_uuid"))


def output_of(event: Mapping[str, object]) -> str:
    """Give the lines of output that belong to an event."""
    return str(event.get("stdout") or "").replace("\r\n", "\n")


def result_of(data: Mapping[str, object]) -> Mapping[str, object]:
    """Give what a module answered."""
    result = data.get("res")
    return result if isinstance(result, Mapping) else {}


def did_change(result: Mapping[str, object], output: str) -> bool:
    """Say whether a task changed something: under no_log only its line of output tells."""
    changed = result.get("changed")
    return changed if isinstance(changed, bool) else any(line.startswith("changed: [") for line in output.splitlines())


def _printed(output: str, host: str) -> Mapping[str, object]:
    """Give the result that a skipped task's line of output shows."""
    _, _, text = output.partition(f"skipping: [{host}] => ")
    try:
        result, _ = json.JSONDecoder().raw_decode(text)
    except ValueError:
        return {}
    return result if isinstance(result, Mapping) else {}


def _ordinary(data: Mapping[str, object], result: Mapping[str, object]) -> bool:
    """Tell a task that was not meant to run (`when`, an empty loop, `creates`) from one that check mode cannot do."""
    if CENSORED in result:
        return str(data.get("task_action")).rpartition(".")[2] in _SIMULATE
    told = str(result.get("msg") or "")
    return bool(
        "skip_reason" in result
        or result.get("skipped_reason") == "No items in the list"
        or told.endswith(("exists, matching creates option", "does not exist, matching removes option"))
    )


def _target(result: Mapping[str, object]) -> object:
    return result.get("dest") or result.get("path")


def _unreachable(result: Mapping[str, object]) -> str:
    """Give why a host could not be reached, in one sentence where ssh makes a page of it."""
    said = str(result.get("msg") or "no reason was given")
    if "REMOTE HOST IDENTIFICATION HAS CHANGED" in said:
        return "its host key has changed: if that is right, take the new one with `driftbell hosts trust`"
    if "Host key verification failed" in said:
        return "its host key is not known: check it and take it with `driftbell hosts trust`"
    if said.endswith("Broken pipe"):  # ssh had given up before it could be given the task, and its reason is lost
        return "ssh: the connection could not be made"
    before, _, cause = said.rpartition("ssh: ")  # Ansible words it in several ways, as its processes race
    return f"ssh: {cause}" if before else said.removeprefix("Task failed: ").rstrip(". \n")
