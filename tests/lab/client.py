"""What programs outside the lab are given to reach its hosts: an Ansible inventory and a configuration for ssh."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from tests.lab.commands import LabError
from tests.lab.host import PORT, USER

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from tests.lab.host import Host


def inventory(
    hosts: Iterable[Host],
    groups: Mapping[str, Iterable[Host]],
    variables: Mapping[str, Mapping[str, Any]],
    *,
    key: Path,
    ssh_config: Path,
) -> dict[str, Any]:
    """Return an Ansible inventory; `variables` go by name of a host, a group, or `all`."""
    left = {name: dict(values) for name, values in variables.items()}
    listed = {host.name: _connection(host, key, ssh_config) | left.pop(host.name, {}) for host in hosts}
    children = {
        group: {"hosts": {member.name: {} for member in members}, "vars": left.pop(group, {})}
        for group, members in groups.items()
    }
    everywhere = left.pop("all", {})
    if left:
        msg = f"The inventory has no host or group named {', '.join(sorted(left))}, but variables for it."
        raise LabError(msg)
    return {"all": {"hosts": listed, "children": children, "vars": everywhere}}


def as_yaml(content: Mapping[str, Any]) -> str:
    """Return an inventory as people write it."""
    return yaml.safe_dump(dict(content), sort_keys=False, allow_unicode=True)


def ssh_config(hosts: Iterable[Host], key: Path, known_hosts: Path) -> str:
    """Return a configuration for `ssh -F`: every host by name and address, strict, never asking."""
    there = "".join(_stanza(host) for host in hosts)
    common = {
        "User": USER,
        "IdentityFile": key,
        "IdentitiesOnly": "yes",
        "UserKnownHostsFile": known_hosts,
        "StrictHostKeyChecking": "yes",
        "BatchMode": "yes",
    }
    return there + "Host *\n" + "".join(f"  {name} {value}\n" for name, value in common.items())


def _connection(host: Host, key: Path, config: Path) -> dict[str, Any]:
    given: dict[str, Any] = {
        "ansible_host": host.address,
        "ansible_port": PORT,
        "ansible_user": USER,
        "ansible_ssh_private_key_file": str(key),
        "ansible_become": True,
    }
    if host.behind is not None:
        # -F as well: options of the command line are not handed to the connection to the jump host, the file is.
        given["ansible_ssh_common_args"] = f"-F {config} -o ProxyJump={_jump(host.behind)}"
    return given


def _stanza(host: Host) -> str:
    lines = [f"Host {host.name} {host.address}", f"  HostName {host.address}"]
    if host.behind is not None:
        lines.append(f"  ProxyJump {_jump(host.behind)}")
    return "\n".join(lines) + "\n"


def _jump(host: Host) -> str:
    return f"{USER}@{host.address}:{PORT}"
