"""Real hosts of the lab as an inventory names them, and accounts on them."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

from tests.hosts.conftest import a_host, why

if TYPE_CHECKING:
    from agent.model.policy import Host
    from tests.hosts.conftest import Observe
    from tests.lab.host import Host as Machine
    from tests.lab.lab import Lab


def listed(lab: Lab, machine: Machine, **variables: Any) -> Host:
    """Give a lab host as the inventory lists it; a variable that is None is left out."""
    given = lab.inventory([machine])["all"]["hosts"][machine.name] | variables
    return a_host(machine.name, **{name: value for name, value in given.items() if value is not None})


def account(
    machine: Machine, name: str, *, login: str = "/bin/bash", password: str = "", rule: str = "", groups: str = ""
) -> None:
    """Make an account that the lab's key may log in to; `rule` goes into sudoers behind its name."""
    home = f"/home/{name}"
    machine.exec(f"useradd -m -s {shlex.quote(login)} {f'-G {groups}' if groups else ''} {name}")
    machine.exec(f"install -d -m 700 {home}/.ssh && cp /root/.ssh/authorized_keys {home}/.ssh/")
    machine.exec(f"chown -R {name} {home}")
    if password:
        machine.exec(["chpasswd"], stdin=f"{name}:{password}\n")
    if rule:
        machine.exec(["tee", f"/etc/sudoers.d/{name}"], stdin=f"{name} {rule}\n")


def program(machine: Machine, path: str, text: str) -> None:
    """Put a shell script on a host."""
    machine.exec(["tee", path], stdin=f"#!/bin/sh\n{text}\n")
    machine.exec(["chmod", "755", path])


def silence(observe: Observe, lab: Lab, machine: Machine, **variables: Any) -> str:
    """Look at a host that is to be silent, and give the reason; `deadline` and `connect_timeout` are settings."""
    settings = {name: variables.pop(name) for name in ("deadline", "connect_timeout") if name in variables}
    sweep = observe([listed(lab, machine, **variables)], ["hostname"], known=lab.known_hosts, **settings)
    return why(sweep, machine.name)
