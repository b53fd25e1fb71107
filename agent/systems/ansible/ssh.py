"""ssh as Ansible gets it: host keys from one file, strictly, whatever an inventory says.

ssh takes the first value it meets, and its command line before its files. Ansible puts the inventory's arguments
(`ansible_ssh_common_args: -o StrictHostKeyChecking=no` is a common sight) on the command line; so the `ssh` that it
is given is a small script that says our options before all others. The ssh of a ProxyJump is started by ssh itself
and gets none of these but `-F FILE`: hence the same options at the head of a file, which includes the file that an
inventory names by `-F`, or else the usual ones. An `ssh` that a ProxyCommand names is found through PATH, where the
script stands first.
"""

from __future__ import annotations

import shlex
import shutil
from typing import TYPE_CHECKING

from agent.systems.ansible.folder import write

if TYPE_CHECKING:
    from pathlib import Path

_OPTIONS = (
    ("StrictHostKeyChecking", "yes"),
    ("GlobalKnownHostsFile", "/dev/null"),
    ("KnownHostsCommand", "none"),
    ("UpdateHostKeys", "no"),
    ("VerifyHostKeyDNS", "no"),
    ("NoHostAuthenticationForLocalhost", "no"),
)


_SCRIPT = """\
#!/bin/sh
# Host keys are checked against Driftbell's known hosts, whatever the arguments say.
config={path}/ssh_config
left=$#
while [ "$left" -gt 0 ]; do
  word=$1
  shift
  left=$((left - 1))
  case $word in
    -F) given=$1; shift; left=$((left - 1)) ;;
    -F*) given=${{word#-F}} ;;
    *) set -- "$@" "$word" ;;
  esac
done
case ${{given-}} in
  ''|none) ;;
  /*) ;;
  *) given=$PWD/$given ;;
esac
if [ -n "${{given-}}" ]; then
  config={path}/ssh_config.$$
  {{ cat {path}/ssh_strict; [ "$given" = none ] || printf 'Include "%s"\\n' "$given"; }} > "$config"
fi
exec {ssh} -F "$config" {options} "$@"
"""


def write_ssh(folder: Path, path: Path, known_hosts: Path, search: str) -> None:
    """Write `bin/ssh`, its configuration and its link to the known hosts into a folder.

    Args:
        folder: where they are written.
        path: how they are named: the same folder by a name without spaces, which ssh's options could not hold.
        known_hosts: the file of trusted keys.
        search: the PATH on which the real ssh is found; without one no script is written.
    """
    (folder / "known_hosts").symlink_to(known_hosts.absolute())
    options = (*_OPTIONS, ("UserKnownHostsFile", f"{path}/known_hosts"))
    strict = "".join(f"{line}\n" for line in ("Host *", *(f"  {name} {value}" for name, value in options), "Host *"))
    write(folder / "ssh_strict", strict)
    write(folder / "ssh_config", f"{strict}Include ~/.ssh/config\nInclude /etc/ssh/ssh_config\n")
    ssh = shutil.which("ssh", path=search)
    if ssh is None:
        return
    # A master that nobody closes, since all that could were killed, ends by itself.
    said = shlex.join(f"-o{name}={value}" for name, value in (*options, ("ControlPersist", "60s")))
    (folder / "bin").mkdir(mode=0o700)
    write(folder / "bin" / "ssh", _SCRIPT.format(path=path, ssh=shlex.quote(ssh), options=said), 0o700)


def steering(path: Path, control: Path) -> dict[str, str | bool]:
    """Give the extra variables that hold Ansible to that script; they win over the inventory and the playbook."""
    return {
        "ansible_ssh_executable": f"{path}/bin/ssh",
        "ansible_ssh_transfer_method": "piped",  # sftp and scp would start an ssh of their own
        "ansible_control_path_dir": str(control),
        "ansible_host_key_checking": True,  # for connections that are not ssh
        "ansible_ssh_host_key_checking": True,
        "ansible_paramiko_host_key_checking": True,
    }
