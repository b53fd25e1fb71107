"""What is run on a host to run the script, as whom, and what it means when that fails."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from agent.systems.host.answer import Answer, first_line
from agent.systems.host.script import BOOT

if TYPE_CHECKING:
    from agent.systems.host.connection import Become

_UNGIVEN = "sudo wants a password there, and the inventory gives none (ansible_become_password)"
# What sudo and su say, in the C locale or in the host's own English, and what that means for a person.
_COMPLAINTS = (
    ("password is required", _UNGIVEN),
    ("terminal is required to read", _UNGIVEN),
    ("Sorry, try again", "sudo refused the password that the inventory gives"),
    ("incorrect password attempt", "sudo refused the password that the inventory gives"),
    ("not in the sudoers file", "the reading account may not use sudo there"),
    ("is not allowed to", "sudo does not allow the reading account to run /bin/sh there"),
    ("may not run sudo", "the reading account may not use sudo there"),
    ("must have a tty", "sudo there works on a terminal only (requiretty)"),
    ("unknown user", "the user to become does not exist there"),
    ("su: Authentication failure", "su wants another password than the inventory gives (ansible_become_password)"),
    ("su: user ", "the user to become does not exist there"),
    ("su: must be run from a terminal", "su there works on a terminal only"),
    ("sudo: not found", "sudo is not installed there"),
    ("sudo: command not found", "sudo is not installed there"),
    ("currently not available", "the account has no login shell there"),
)


def command(become: Become | None) -> str:
    """Give the line for the login shell: one that sh, bash, zsh, csh and fish read alike.

    Nothing of a policy stands in it, and it is always the same, so that sudo's log and rules see one short command.
    sudo -k neither uses nor keeps a cached password.
    """
    inner = f"/bin/sh -c '{BOOT}'"
    if become is None:
        return f"exec {inner}"
    if become.method == "su":
        return f"exec su -s /bin/sh -c '{BOOT}' {shlex.quote(become.user)}"
    ask = "-S" if become.password else "-n"
    return f"exec sudo -k {ask} -p '' -u {shlex.quote(become.user)} -- {inner}"


def stdin(become: Become | None, script: bytes) -> bytes:
    """Give what the command reads: the password, where there is one, and then the script with its keys."""
    if become is None or become.password is None:
        return script
    return become.password.reveal().encode("utf-8") + b"\n" + script


def why_nothing(answer: Answer, user: str) -> str:
    """Say why a session ran no script, from what it said instead; `user` is who logged in."""
    said = (answer.stderr + b"\n" + answer.stdout).decode("utf-8", errors="replace")
    for words, meaning in _COMPLAINTS:
        if words in said:
            return meaning
    if answer.cut:
        return answer.cut
    ended = "" if answer.status is None else f", exit code {answer.status}"
    return f"the login shell of {user} ran nothing{ended}: {first_line(said) or 'it said nothing'}"
