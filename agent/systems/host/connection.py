"""How a host is reached, from its inventory variables, read as Ansible reads them.

A variable that cannot be understood makes the host silent with that reason: a guess would look at another machine.
Not read: ssh_config files, and options such as StrictHostKeyChecking, because host keys are strict here.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from agent.secrets import Secret
from agent.systems.host.answer import SilentError, first_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from agent.model.policy import Host

_SSH = frozenset({"", "ssh", "smart", "paramiko", "paramiko_ssh"})
_LOCAL = "local"
_BUILTIN = "ansible.builtin."
_YES, _NO = frozenset({"yes", "on", "1", "true", "y", "t", "1.0"}), frozenset({"no", "off", "0", "false", "n", "f", ""})
_METHODS = frozenset({"sudo", "su"})
_ACCOUNT = re.compile(r"[A-Za-z0-9_.][A-Za-z0-9_.@-]*\$?")
_JUMP = re.compile(r"(?:ssh://)?(?:(?P<user>[^@]+)@)?(?:\[(?P<v6>[^]]+)\]|(?P<host>[^:@\[\]]+))(?::(?P<port>\d+))?/?")
_ARGUMENTS = ("ansible_ssh_args", "ansible_ssh_common_args", "ansible_ssh_extra_args")  # in the order ssh gets them
# Options of ssh whose value is the next word, so that it is not taken for an option itself.
_WITH_VALUE = frozenset("BbcDEeFIiJLlmOopQRSWw")
_REFUSED = {
    "proxycommand": "a ProxyCommand; write it as ProxyJump",
    "hostname": "the option HostName; set ansible_host",
}
SSH_PORT, _MAX_PORT = 22, 65535


@dataclass(frozen=True, slots=True)
class Hop:
    """One SSH server on the way, and who logs in there with what; neither key nor password means the usual keys."""

    host: str
    port: int
    user: str
    key: Path | None = None
    password: Secret | None = None

    def __str__(self) -> str:
        """Give the host, with its port where it is not 22."""
        return self.host if self.port == SSH_PORT else f"{self.host} port {self.port}"


@dataclass(frozen=True, slots=True)
class Become:
    """How the reading account becomes the user that may read everything."""

    method: str
    user: str
    password: Secret | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """How one host is reached: `hop` is None for this machine itself; `jumps` come first to last."""

    hop: Hop | None
    jumps: tuple[Hop, ...] = ()
    become: Become | None = None


@dataclass(frozen=True, slots=True)
class _Variables:
    values: Mapping[str, object]

    def text(self, *names: str) -> str:
        """Give the first of these variables that is set, as text."""
        for name in names:
            if value := _plain(name, self.values.get(name)):
                return value
        return ""

    def secret(self, *names: str) -> Secret | None:
        value = self.text(*names)
        return Secret(value) if value else None

    def flag(self, name: str) -> bool:
        value = self.text(name).lower()
        if value not in _YES | _NO:
            msg = f"the inventory variable {name} is neither yes nor no"
            raise SilentError(msg)
        return value in _YES


def _plain(name: str, value: object) -> str:
    if value is None:
        return ""
    if not isinstance(value, str | int | float):
        msg = f"the inventory variable {name} is not plain text (encrypted values are not opened here)"
        raise SilentError(msg)
    if "{{" in str(value) or "{%" in str(value):
        msg = f"the inventory variable {name} is an Ansible template, which is not evaluated here"
        raise SilentError(msg)
    if "\n" in str(value) or "\0" in str(value):
        msg = f"the inventory variable {name} holds a line break"
        raise SilentError(msg)
    return str(value)


def target(host: Host, root: Path, me: str) -> Target:
    """Work out how a host is reached.

    `root` is where relative paths of keys start (the repository); `me` is the account that runs this process, which
    is who logs in where the inventory names nobody.

    Raises:
        SilentError: a variable is not understood.
    """
    variables = _Variables(host.variables)
    kind = variables.text("ansible_connection").removeprefix(_BUILTIN)
    if kind == _LOCAL:
        return Target(None, become=_become(variables, me))
    if kind not in _SSH:
        msg = f"hosts are read over ssh or local, not over ansible_connection: {first_line(kind)}"
        raise SilentError(msg)
    jump, identity = _arguments(variables)
    hop = _hop(host, variables, root, me, identity)
    key = _path(identity, root) if identity else hop.key
    return Target(hop, _jumps(jump, me, key), _become(variables, hop.user))


def _hop(host: Host, variables: _Variables, root: Path, me: str, identity: str) -> Hop:
    given = variables.text("driftbell_read_key", "ansible_ssh_private_key_file", "ansible_private_key_file") or identity
    return Hop(
        host=variables.text("ansible_host", "ansible_ssh_host") or host.name,
        port=_port(variables.text("ansible_port", "ansible_ssh_port") or "22"),
        user=variables.text("driftbell_read_user", "ansible_user", "ansible_ssh_user") or me,
        key=_path(given, root) if given else None,
        password=variables.secret("ansible_password", "ansible_ssh_password", "ansible_ssh_pass"),
    )


def _path(text: str, root: Path) -> Path:
    try:
        return root / Path(text).expanduser()
    except RuntimeError as error:  # ~nobody-of-this-name
        msg = f"the key file {first_line(text)} is in a home folder that does not exist"
        raise SilentError(msg) from error


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) <= _MAX_PORT:
        msg = f"{first_line(text)} is not a port"
        raise SilentError(msg)
    return int(text)


def _become(variables: _Variables, login: str) -> Become | None:
    if not variables.flag("ansible_become"):
        return None
    method = variables.text("ansible_become_method").removeprefix(_BUILTIN) or "sudo"
    if method not in _METHODS:
        msg = f"ansible_become_method: {first_line(method)} is not known here; sudo and su are"
        raise SilentError(msg)
    user = variables.text("ansible_become_user") or "root"
    if not _ACCOUNT.fullmatch(user):
        msg = "ansible_become_user is not the name of an account"
        raise SilentError(msg)
    names = ("ansible_become_password", "ansible_become_pass", f"ansible_{method}_password", f"ansible_{method}_pass")
    return None if user == login else Become(method, user, variables.secret(*names))


def _arguments(variables: _Variables) -> tuple[str, str]:
    """Give ProxyJump and the identity file among ssh's arguments; as in ssh, the first of each counts."""
    found: dict[str, str] = {}
    for name in _ARGUMENTS:
        for option, value in _options(name, variables.text(name)):
            if option in _REFUSED:
                msg = f"{name} gives ssh {_REFUSED[option]}"
                raise SilentError(msg)
            found.setdefault(option, value)
    jump = found.get("proxyjump", "")
    return "" if jump.lower() == "none" else jump, found.get("identityfile", "")


def _options(name: str, text: str) -> Iterator[tuple[str, str]]:
    try:
        words = iter(shlex.split(text))
    except ValueError as error:
        msg = f"{name} has a quote that never ends"
        raise SilentError(msg) from error
    for word in words:
        letter = word[1:2]
        if not word.startswith("-") or letter not in _WITH_VALUE:
            continue
        value = word[2:] or next(words, "")
        if letter == "o":
            option, _, value = re.sub(r"\s*=\s*|\s+", "=", value.strip(), count=1).partition("=")
            yield option.lower(), value
        elif letter in "Ji":
            yield {"J": "proxyjump", "i": "identityfile"}[letter], value


def _jumps(text: str, me: str, key: Path | None) -> tuple[Hop, ...]:
    return tuple(_jump(part.strip(), me, key) for part in text.split(",")) if text else ()


def _jump(text: str, me: str, key: Path | None) -> Hop:
    match = _JUMP.fullmatch(text)
    if match is None:
        msg = f"the jump host {first_line(text)!r} is not written user@host:port"
        raise SilentError(msg)
    return Hop(match["v6"] or match["host"], _port(match["port"] or "22"), match["user"] or me, key)
