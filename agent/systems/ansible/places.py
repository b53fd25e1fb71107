"""What is on hosts, asked and put back by our own errand: files, units and kernel values, as data both ways."""

from __future__ import annotations

import base64
import json
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.model.capture import FileBefore, ServiceBefore
from agent.model.reading import Unknown
from agent.systems.ansible import errand as errand_folder
from agent.systems.ansible.job import End, Errand, HostResult, Job

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from agent.model.capture import Capture, Restoration
    from agent.systems.ansible.touched import Touched

MODULES = Path(errand_folder.__file__).parent / "module"


@dataclass(frozen=True, slots=True)
class There:
    """What is on a host now, of what was asked for; `left` says what of it cannot be kept, and why.

    `reaches` are all the paths that would be touched, with links above them followed.
    """

    files: tuple[FileBefore, ...] = ()
    services: tuple[ServiceBefore, ...] = ()
    sysctls: Mapping[str, str] | None = None
    left: tuple[str, ...] = ()
    reaches: tuple[str, ...] = ()


@dataclass(slots=True)
class Answers:
    """What was asked of hosts, and what they answered."""

    asked: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    given: dict[str, dict[str, Any]] = field(default_factory=dict)

    def requests(self) -> dict[str, str]:
        """Give what is asked, as it travels."""
        return {host: _b64(json.dumps(one).encode("ascii")) for host, one in self.asked.items()}

    def take(self, host: str, text: str) -> None:
        """Take an answer; one that cannot be read is none."""
        with suppress(ValueError, RecursionError):
            answer = json.loads(base64.b64decode(text, validate=True))
            if host in self.asked and isinstance(answer, dict):
                self.given[host] = answer

    def there(self) -> dict[str, There | Unknown]:
        """Give what was answered."""
        return {host: _there(answer) for host, answer in self.given.items()}


def look(job: Job, asked: Mapping[str, Mapping[str, object]]) -> dict[str, There | Unknown]:
    """Ask each host of a job how things are; what cannot be told is unknown, with the reason."""
    answers, results = _errand(job, asked, looks=True)
    return {host: _nothing(results[host]) for host in asked} | answers.there()


def behind(answers: Answers, asked: Callable[[], Mapping[str, Mapping[str, object]]]) -> Errand:
    """Give an errand that looks behind a job's playbook: `asked` is called when that has ended."""

    def requests() -> dict[str, str]:
        answers.asked = asked()
        return answers.requests()

    return Errand(MODULES, requests, answers.take, behind=True)


def put_back(job: Job, wanted: Mapping[str, Restoration]) -> tuple[Mapping[str, Any], Mapping[str, HostResult]]:
    """Have each host put things back; gives what each answered, and how the run went there."""
    answers, results = _errand(job, {host: _request(one) for host, one in wanted.items()}, looks=False)
    return answers.given, results


def _errand(
    job: Job, asked: Mapping[str, Mapping[str, object]], *, looks: bool
) -> tuple[Answers, Mapping[str, HostResult]]:
    from agent.systems.ansible.runner import run_playbook  # ruff: ignore[import-outside-top-level]  70 ms

    answers = Answers(asked)
    errand = Errand(MODULES, answers.requests, answers.take, looks)
    done = run_playbook(replace(job, hosts=tuple(asked), check=False, errand=errand))
    return answers, done.hosts


def of_touched(touched: Touched) -> dict[str, object]:
    """Ask for everything that check mode said would be touched, with contents."""
    paths = [{"path": _path(p.path), "name": _path(p.name), "gone": p.gone} for p in touched.paths]
    units = sorted({*touched.units, *touched.services})
    return {"do": "look", "paths": paths, "units": units, "sysctls": sorted(touched.sysctls), "content": True}


def of_kept(kept: Capture, *, content: bool) -> dict[str, object]:
    """Ask how everything is now that was kept once."""
    paths = [{"path": _path(f.path), "alone": True} for f in kept.files]
    units = [s.name for s in kept.services]
    return {"do": "look", "paths": paths, "units": units, "sysctls": sorted(kept.sysctls), "content": content}


def _request(one: Restoration) -> dict[str, object]:
    expected = () if one.overrides or one.left_by_us is None else one.left_by_us
    units, values = ((), {}) if one.overrides else (one.services, one.sysctls)
    return {
        "do": "restore",
        "files": [_file(f) for f in one.wanted.files],
        "expected": [_file(f) for f in expected],
        "units": list(one.wanted.units),
        "services": list(map(_unit, one.wanted.services)),
        "sysctls": dict(one.wanted.sysctls),
        "expected_services": list(map(_unit, units)),
        "expected_sysctls": dict(values),
    }


def _unit(service: ServiceBefore) -> dict[str, object]:
    return {"name": service.name, "enabled": service.enabled, "running": service.running}


def _file(file: FileBefore) -> dict[str, object]:
    held = {"mode": file.mode, "owner": file.owner, "group": file.group, "digest": file.digest}
    content = None if file.content is None else _b64(file.content)
    return {"path": _path(file.path), "kind": file.kind, "target": _path(file.target), "content": content, **held}


def _nothing(result: HostResult) -> Unknown:
    return Unknown(result.why or f"the run there ended without an answer ({result.end})")


def _there(answer: dict[str, Any]) -> There | Unknown:
    if "error" in answer:
        return Unknown(str(answer["error"]))
    try:
        return There(
            files=tuple(map(_read_file, answer["files"])),
            services=tuple(ServiceBefore(s["name"], s["enabled"], bool(s["running"])) for s in answer["services"]),
            sysctls=dict(answer["sysctls"]),
            left=tuple(answer["left"]),
            reaches=tuple(map(_text, answer["reaches"])),
        )
    except (KeyError, TypeError, ValueError):
        return Unknown("what it answered cannot be read")


def _read_file(one: Mapping[str, Any]) -> FileBefore:
    content = one.get("content")
    return FileBefore(
        path=_text(one["path"]),
        kind=one["kind"],
        mode=one.get("mode", ""),
        owner=one.get("owner", ""),
        group=one.get("group", ""),
        content=None if content is None else base64.b64decode(content),
        target=_text(one.get("target", "")),
        digest=one.get("digest", ""),
    )


def reached(result: HostResult | None) -> bool:
    """Say whether a run got as far as a host."""
    return result is not None and result.end not in {End.UNREACHABLE, End.STOPPED}


def units_of(services: Iterable[ServiceBefore], told: Iterable[str]) -> tuple[str, ...]:
    """Give the told units that are there at all."""
    there = {s.name for s in services if s.enabled != "absent"}
    return tuple(name for name in told if name in there)


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _path(path: str) -> str:
    return _b64(path.encode("utf-8", "surrogateescape"))


def _text(path: str) -> str:
    return base64.b64decode(path).decode("utf-8", "surrogateescape")
