"""What a playbook would touch, from the events of check mode: files, units, and what nobody can take back.

Ansible names files in several ways (found by running ansible-core 2.19): modules by `dest` or `path` in what they
answer or were given, cron and user by the header of a diff. The header of what a template becomes is a file of ours,
and that of a copied file may be one on this server: so only the header before a change is believed.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agent.systems.ansible.collect import did_change, output_of, result_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FILES = frozenset({
    "assemble", "authorized_key", "blockinfile", "copy", "cron", "file", "get_url", "ini_file", "known_hosts",
    "lineinfile", "replace", "template",
})  # fmt: skip
SERVICES = frozenset({"service", "systemd", "systemd_service", "sysvinit"})
KERNEL = frozenset({"sysctl"})
TOUCHES_NOTHING = frozenset({"add_host", "assert", "debug", "fail", "group_by", "meta", "set_fact"})
_TELLING = frozenset({"restarted", "reloaded"})
_SUFFIXES = (" (content)", " (file attributes)")
_COPIES = frozenset({"assemble", "copy", "get_url", "template"})  # into a folder too, under the name of the source


@dataclass(frozen=True, slots=True, order=True)
class Path:
    """A path that would be touched: `name` is the file's, should the path be a folder; `gone`: it would be removed."""

    path: str
    name: str = ""
    gone: bool = False


@dataclass(slots=True)
class Touched:
    """What is touched on one host. `units` are told; `services` are those whose state is set, the told ones too.

    `elsewhere` are tasks, in words, that change something of which no path is known; they are in `left` too.
    """

    paths: dict[Path, None] = field(default_factory=dict)
    units: dict[str, None] = field(default_factory=dict)
    services: dict[str, None] = field(default_factory=dict)
    sysctls: dict[str, None] = field(default_factory=dict)
    left: dict[str, None] = field(default_factory=dict)
    elsewhere: dict[str, None] = field(default_factory=dict)

    @property
    def nothing(self) -> bool:
        """Say whether there is nothing to look at."""
        return not (self.paths or self.services or self.sysctls)


@dataclass(slots=True)
class Watch:
    """Takes the events of a run in check mode; `root` is cut off from places, and `clean` takes secrets out."""

    root: str
    clean: Callable[[object], str] = str
    hosts: dict[str, Touched] = field(default_factory=dict)

    def take(self, event: Mapping[str, object]) -> None:
        """Take one event."""
        data = event.get("event_data")
        if not isinstance(data, Mapping) or event.get("event") not in {"runner_on_ok", "runner_item_on_ok"}:
            return
        result = result_of(data)
        if not did_change(result, output_of(event)) or "results" in result:  # a loop's items have spoken for themselves
            return
        touched = self.hosts.setdefault(str(data.get("host")), Touched())
        task = self.clean(f"{data.get('task')}{self._place(data)}")
        note(touched, self.clean(data.get("task_action")).rpartition(".")[2], result, task)

    def _place(self, data: Mapping[str, object]) -> str:
        path = str(data.get("task_path") or "").removeprefix(f"{self.root}/")
        return f" ({path})" if path else ""


def note(touched: Touched, module: str, result: Mapping[str, object], task: str) -> None:
    """Note what one task would change on one host."""
    if module in TOUCHES_NOTHING:
        return
    if "censored" in result:
        touched.left[f"{task} does not show what it changes (no_log)"] = None
        touched.elsewhere[f"what {task} does not show (no_log)"] = None
        return
    arguments = _arguments(result)
    name = arguments.get("name")
    if module in SERVICES and isinstance(name, str):
        touched.services[name] = None
        if arguments.get("state") in _TELLING:
            touched.units[name] = None
        return
    if module in KERNEL and isinstance(name, str):
        touched.sysctls[name] = None
        arguments = {"path": arguments.get("sysctl_file") or "/etc/sysctl.conf"}
    paths = list(_paths(module, result, arguments)) if module in FILES | KERNEL else []
    touched.paths.update(dict.fromkeys(paths))
    if not paths:
        touched.elsewhere[f"what {task} changes ({module})"] = None
    for why in _beyond(module, result, arguments, paths):
        touched.left[f"{task} {why}"] = None


def _beyond(
    module: str, result: Mapping[str, object], arguments: Mapping[str, object], paths: list[Path]
) -> Iterator[str]:
    """Say what a task would change beside the files that are known."""
    if not paths:
        yield f"changes something that is no file, service or kernel value ({module})"
    elif module == "file" and arguments.get("recurse"):
        yield "changes a folder with all that is in it"
    elif module == "copy" and isinstance(diffs := result.get("diff"), list) and len(diffs) > 1:
        yield "copies several files, of which check mode does not say all the names"


def _paths(module: str, result: Mapping[str, object], arguments: Mapping[str, object]) -> Iterator[Path]:
    named = [result.get("dest"), result.get("path"), result.get("keyfile")]
    named += [arguments.get(key) for key in ("dest", "path", "keyfile")]
    named += [_header(part) for part in _parts(result)]
    own = arguments.get("src") or arguments.get("url")
    name = posixpath.basename(str(own)) if own and module in _COPIES else ""
    gone = arguments.get("state") == "absent" and module == "file"
    for path in dict.fromkeys(n for n in named if isinstance(n, str) and n.startswith("/")):
        yield Path(path, name, gone)


def _parts(result: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    diff = result.get("diff")
    yield from (part for part in (diff if isinstance(diff, list) else [diff]) if isinstance(part, Mapping))


def _header(part: Mapping[str, object]) -> str:
    header = part.get("before_header")
    text = header if isinstance(header, str) else ""
    for suffix in _SUFFIXES:
        text = text.removesuffix(suffix)
    return text


def _arguments(result: Mapping[str, object]) -> Mapping[str, object]:
    invocation = result.get("invocation")
    given = invocation.get("module_args") if isinstance(invocation, Mapping) else None
    return given if isinstance(given, Mapping) else {}
