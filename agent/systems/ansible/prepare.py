"""Everything that Ansible reads in one run: its configuration, environment, variables, limit and command line."""

from __future__ import annotations

import os
import pwd
import secrets
import shlex
import sys
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING

from agent.systems.ansible import errands, guardian, naming, ssh
from agent.systems.ansible.folder import write
from agent.systems.ansible.variables import quoted, unsafe_yaml

if TYPE_CHECKING:
    from agent.systems.ansible.folder import Folder
    from agent.systems.ansible.job import Job

_SEARCH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"  # the same by hand and under systemd

_CONFIGURATION = """\
[defaults]
host_key_checking = True
retry_files_enabled = False
nocows = True
nocolor = True
interpreter_python = auto_silent
deprecation_warnings = False
local_tmp = {alias}/tmp
roles_path = {{{{CWD}}}}/playbooks/roles
[inventory]
any_unparsed_is_failed = True
[ssh_connection]
pipelining = True
transfer_method = piped
ssh_args = -C -o ControlMaster=auto -o ControlPersist=60s -o ServerAliveInterval=15 -o ServerAliveCountMax=3
control_path_dir = {control}
[persistent_connection]
control_path_dir = {control}
"""


def playbook_command() -> list[str]:
    """Give how ansible-playbook is started: the one beside our own interpreter; empty when it is not there."""
    for folder in (Path(sys.executable).parent, Path(sysconfig.get_path("scripts"))):
        script = folder / "ansible-playbook"
        if script.is_file():
            return [sys.executable, str(script)]
    return []


def arguments(job: Job, hosts: tuple[str, ...], folder: Folder) -> str:
    """Write the run's files, and give the options for ansible-playbook that name them. `hosts` are to be touched."""
    private, alias = folder.private, folder.alias
    write(private / "ansible.cfg", _CONFIGURATION.format(alias=alias, control=folder.control))
    write(private / "limit", naming.limit_lines(hosts, job.groups, secrets.token_hex(8)))
    write(private / "variables.yml", unsafe_yaml(job.variables))
    write(private / "steering.yml", _steering(job, folder))
    ssh.write_ssh(private, alias, job.known_hosts, _SEARCH)
    if job.errand is not None:
        errands.write_errand(job.errand, folder, job.root.resolve() / "playbooks")
    said = ["--extra-vars", f"@{alias}/variables.yml", "--extra-vars", f"@{alias}/steering.yml"]
    said += ["--check", "--diff", "-v"] if job.check else []  # -v: or a skipped task would not say why
    said += ["--vault-password-file", str(job.vault.absolute())] if job.vault else []
    return shlex.join(said)


def environment(folder: Folder, callbacks: str, artifacts: str) -> dict[str, str]:
    """Give all of the environment that Ansible gets: nothing else of the agent's own reaches it."""
    person = pwd.getpwuid(os.geteuid())
    kept = {name: os.environ[name] for name in ("SSH_AUTH_SOCK",) if name in os.environ}
    return kept | {
        "HOME": os.environ.get("HOME") or person.pw_dir,
        "PATH": f"{folder.alias}/bin:{_SEARCH}:{Path(sys.executable).parent}",
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "TERM": "dumb",
        guardian.MARK: folder.mark,
        "ANSIBLE_CONFIG": f"{folder.alias}/ansible.cfg",
        "ANSIBLE_CALLBACK_PLUGINS": callbacks,
        "ANSIBLE_STDOUT_CALLBACK": "awx_display",
        "AWX_ISOLATED_DATA_DIR": artifacts,
    }


def guarded(folder: Folder, command: list[str]) -> list[str]:
    """Give the command that starts another one under a guardian."""
    return [sys.executable, "-I", "-S", guardian.__file__, str(folder.path), *command]


def _steering(job: Job, folder: Folder) -> str:
    """Give the variables of our own, last and so the strongest: they are the only templates among these files."""
    steering: dict[str, object] = {**ssh.steering(folder.alias, folder.control)}
    lines = [f"{name}: {unsafe_yaml(value)}" for name, value in steering.items()]
    for part, names in (("user", ("ansible_user", "ansible_ssh_user")), ("key", _KEYS)):
        values = {host: getattr(account, part) for host, account in job.accounts.items() if getattr(account, part)}
        if values:
            lines.append(f"driftbell_read_{part}s: {unsafe_yaml(values)}")
            template = f"{{{{ driftbell_read_{part}s[inventory_hostname] | default('') }}}}"
            lines += [f"{name}: {quoted(template)}" for name in names]
    if any(account.user for account in job.accounts.values()):  # the other account's password is not for this one
        lines += [f'{name}: ""' for name in ("ansible_password", "ansible_ssh_pass", "ansible_ssh_password")]
    return "\n".join(lines)


_KEYS = ("ansible_ssh_private_key_file", "ansible_private_key_file")
