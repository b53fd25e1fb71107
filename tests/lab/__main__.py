"""`python -m tests.lab up 20`: a lab to work with by hand."""

from __future__ import annotations

import argparse
import signal
import sys
from typing import TYPE_CHECKING

from tests.lab import registry
from tests.lab.commands import LabError
from tests.lab.fixtures import missing
from tests.lab.lab import Lab, take_down

if TYPE_CHECKING:
    from tests.lab.host import Host


def main() -> int:
    """Do what the command line says; an error is one sentence."""
    options = _options()
    lack = missing()
    if lack:
        sys.stderr.write(f"{lack}\n")
        return 2
    # A lab goes down with its process, however that is asked to end.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        options.act(options)
    except LabError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        pass  # the way to end `up`
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.lab", description="A lab of real Debian hosts.")
    commands = parser.add_subparsers(required=True)
    up = commands.add_parser("up", help="boot hosts, and keep them until Ctrl-C")
    up.add_argument("count", type=int, nargs="?", default=1, help="how many hosts (default 1)")
    up.add_argument("--inner", type=int, default=0, help="how many more that only host1 reaches (ProxyJump)")
    up.add_argument("--detach", action="store_true", help="leave the lab running; `down ID` ends it")
    up.set_defaults(act=_up)
    down = commands.add_parser("down", help="take a lab down")
    down.add_argument("id", help="its id, as `list` shows it")
    down.set_defaults(act=_down)
    commands.add_parser("list", help="show the labs of this machine").set_defaults(act=_list)
    return parser.parse_args()


def _up(options: argparse.Namespace) -> None:
    if options.count < 1 or options.inner < 0:
        msg = "A lab needs at least one host: python -m tests.lab up 20"
        raise LabError(msg)
    with Lab() as lab:
        hosts = lab.boot(options.count)
        if options.inner:
            lab.boot([f"inner{n}" for n in range(1, options.inner + 1)], behind=hosts[0])
        lab.write_inventory(lab.folder / "hosts.yml")
        _say(_welcome(lab))
        if options.detach:
            lab.detach()
            _say(f"It stays until: python -m tests.lab down {lab.id}")
        else:
            _say("Ctrl-C takes it down.")
            signal.pause()


def _welcome(lab: Lab) -> str:
    lines = [f"{host.name:<10} {host.address:<16} {_via(host.behind)}" for host in lab.hosts]
    lines += ["", f"Lab {lab.id}. Its inventory, key and known_hosts are in {lab.folder}", ""]
    lines += [f"  ssh -F {lab.ssh_config} {lab.hosts[0].name}"]
    lines += [f"  ANSIBLE_SSH_ARGS='-F {lab.ssh_config}' ansible -i {lab.folder}/hosts.yml all -m ping", ""]
    return "\n".join(lines)


def _via(jump: Host | None) -> str:
    return f"through {jump.name}" if jump else ""


def _down(options: argparse.Namespace) -> None:
    with registry.locked():
        if options.id not in {record.id for record in registry.records()}:
            msg = f"There is no lab {options.id} on this machine: see `python -m tests.lab list`."
            raise LabError(msg)
        take_down(options.id)


def _list(_: argparse.Namespace) -> None:
    for record in registry.records():
        held = f"held by process {record.owner}" if record.owner else "detached"
        state = "abandoned: the next lab clears it up" if record.abandoned else held
        _say(f"{record.id}  {record.block:<18}  {state}")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
