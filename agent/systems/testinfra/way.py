"""How a test reaches a host: the account that reads, its key, and the same known hosts as everything else."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.systems.host.answer import SilentError
from agent.systems.host.connection import target
from agent.systems.testinfra import keys

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from agent.model.policy import Host
    from agent.systems.host.connection import Hop, Target

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_ODD = re.compile(r"[\"'\\%\n]|^-")


@dataclass(frozen=True, slots=True)
class Ways:
    """The ways to some hosts: testinfra's words for them, ssh's configuration, and the keys that it needs."""

    specs: tuple[str, ...]
    config: str
    keys: tuple[Path, ...]
    refused: Mapping[str, str]  # by host: why there is no way


def ways(hosts: Iterable[Host], root: Path, me: str, secret: frozenset[Path], control: Path) -> Ways:
    """Find the way to each host, with a key that is none of the `secret` ones. `control` is a folder for sockets."""
    specs, stanzas, refused = [], [], {}
    found: set[Path] = set()
    jumps: set[Path] = set()
    for host in hosts:
        try:
            way = target(host, root, me)
        except SilentError as error:
            refused[host.name] = str(error)
            continue
        why = _refusal(host.name, way) or keys.refusal(way, secret)
        if why or way.hop is None:
            refused[host.name] = why
            continue
        specs.append(_spec(host.name, way))
        stanzas.append(_stanza(host.name, way.hop, way.jumps))
        found |= keys.used(way)
        jumps |= {jump.key for jump in way.jumps if jump.key}
    common = ["Host *", "  BatchMode yes", "  IdentitiesOnly yes", f'  ControlPath "{control}/%C"']
    common += [f'  IdentityFile "{key}"' for key in sorted(jumps)]
    return Ways(tuple(specs), "".join(stanzas) + "\n".join(common) + "\n", tuple(sorted(found)), refused)


def _refusal(name: str, way: Target) -> str:
    if way.hop is None:
        return "it is this server itself, where tests may see nothing"
    said = [text for hop in (way.hop, *way.jumps) for text in (hop.host, hop.user, str(hop.key or ""))]
    if not _NAME.fullmatch(name) or any(_ODD.search(text) for text in said):
        return "its name, or how it is reached, holds signs that ssh's configuration cannot"
    if way.hop.password or any(jump.password for jump in way.jumps):
        return "its reading account logs in with a password, which tests are not given: name a key"
    if way.become and way.become.password:
        return "its reading account needs a password for sudo, which tests are not given"
    if way.become and way.become.method != "sudo":
        return f"tests become another user by sudo alone, not by {way.become.method}"
    return ""


def _spec(name: str, way: Target) -> str:
    return f"ssh://{name}" + (f"?sudo=true&sudo_user={way.become.user}" if way.become else "")


def _stanza(name: str, hop: Hop, jumps: tuple[Hop, ...]) -> str:
    lines = [f"Host {name}", f'  HostName "{hop.host}"', f"  Port {hop.port}", f'  User "{hop.user}"']
    lines.append(f'  IdentityFile "{hop.key}"')
    if jumps:
        lines.append(f"  ProxyJump {','.join(_jump(jump) for jump in jumps)}")
    return "\n".join(lines) + "\n"


def _jump(hop: Hop) -> str:
    host = f"[{hop.host}]" if ":" in hop.host else hop.host
    return f"{hop.user}@{host}:{hop.port}"
