"""Secrets: a type that masks itself, a scrubber that takes known secrets out of text, and which names tell of one.

Nothing here stores a secret. Settings name one by reference; it is read when it is used:

    env:NAME        an environment variable
    file:/path      a file that only its owner can read
    systemd:NAME    a credential that systemd gave this service (LoadCredential=)
    vault:/path#KEY a value of a YAML file that ansible-vault encrypted
"""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from agent.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable

MASK = "********"
SHORTEST = 4  # Shorter secrets would blank out ordinary words wherever they are scrubbed.
FORMS = "env:NAME, file:/path, systemd:NAME or vault:/path#KEY"
REFERENCE = re.compile(
    r"env:(?P<env>[A-Za-z_][A-Za-z0-9_]*)|file:(?P<file>/[^\0]+)"
    r"|systemd:(?P<systemd>[A-Za-z0-9_][A-Za-z0-9_.@-]*)|vault:(?P<vault>/[^\0#]+)#(?P<key>[^\0#]+)"
)

_SAYS_SECRET = re.compile(
    r"passw(or)?d|passphrase|secret|token|credential|private_?key|api_?key|(^|_)(pass|pwd|key)s?$", re.IGNORECASE
)
_ABOUT_ONE = re.compile(  # what tells of a secret without being one
    r"_(file|path|dir|name|id|type|user|owner|group|mode|length|url|host|port|algorithms?)$|^driftbell_", re.IGNORECASE
)
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_PR_SET_DUMPABLE = 4
_SECONDS = 30.0  # for ansible-vault
_SAFE = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}


_taken: dict[str, str] = {}  # what the environment held; this process's own, and of nothing that it starts


class Secret:
    """A value that shows as a mask wherever it is printed, formatted or serialised; `reveal` is the one way to it.

    It is no dataclass, so that nothing that walks through dataclasses walks into it.
    """

    __slots__ = ("_held",)
    _held: str

    def __init__(self, value: str) -> None:
        """Take the value."""
        object.__setattr__(self, "_held", value)

    def reveal(self) -> str:
        """Give the value itself, for the call that needs it."""
        return self._held

    def __str__(self) -> str:
        """Give the mask."""
        return MASK

    def __repr__(self) -> str:
        """Give the mask."""
        return f"Secret({MASK})"

    def __format__(self, _spec: str) -> str:
        """Give the mask, however it was to be formatted."""
        return MASK

    def __eq__(self, other: object) -> bool:
        """Compare the values."""
        return isinstance(other, Secret) and self._held == other._held

    def __hash__(self) -> int:
        """Give a hash that tells nothing: string hashes are salted."""
        return hash((Secret, self._held))

    def __setattr__(self, _name: str, _value: object) -> NoReturn:
        """Refuse: a secret does not change."""
        msg = "a secret cannot be changed"
        raise AttributeError(msg)

    def __copy__(self) -> Secret:
        """Give itself."""
        return self

    def __deepcopy__(self, _memo: object) -> Secret:
        """Give itself, also where `dataclasses.asdict` asks."""
        return self

    def __reduce__(self) -> NoReturn:
        """Refuse: a secret is never written out."""
        msg = "a secret cannot be pickled"
        raise TypeError(msg)


def read_secret(reference: str, vault: str = "") -> Secret:
    """Read the secret that a reference names.

    Args:
        reference: in one of the forms above.
        vault: the file of the password that opens `vault:` references.

    Raises:
        InputError: the reference has another form, nothing is there, or others can read it.
    """
    named = REFERENCE.fullmatch(reference)
    if named is None:
        msg = f"A secret is named as {FORMS}, not as {reference!r}."
        raise InputError(msg)
    match named.lastgroup:
        case "env":
            value = _variable(named["env"])
        case "file":
            value = _private_text(Path(named["file"]), reference)
        case "systemd":
            value = _credential(named["systemd"])
        case _:
            value = _vaulted(Path(named["vault"]), named["key"], vault)
    if not value:
        msg = f"The secret {reference} is empty."
        raise InputError(msg)
    return Secret(value)


def take_from_environment(reference: str) -> None:
    """Take the variable that a reference names out of the environment, so that no program that we start inherits it.

    `read_secret` knows it still.
    """
    name = reference.removeprefix("env:")
    if reference.startswith("env:") and name in os.environ:
        _taken[name] = os.environ.pop(name)


def environment() -> dict[str, str]:
    """Give the environment as it was, with a mask in the place of what was taken out of it."""
    return {**os.environ, **dict.fromkeys(_taken, MASK)}


def says_secret(name: str) -> bool:
    """Say whether a variable's name tells that its value is a secret, as `db_password` does."""
    return bool(_SAYS_SECRET.search(name)) and not _ABOUT_ONE.search(name)


def scrub(text: str, secrets: Iterable[Secret]) -> str:
    """Replace every known secret in a text by the mask."""
    for secret in secrets:
        if len(secret.reveal()) >= SHORTEST:
            text = text.replace(secret.reveal(), MASK)
    return text


def _variable(name: str) -> str:
    value = os.environ.get(name) or _taken.get(name)
    if value:
        return value
    msg = f"The secret env:{name} is not there: set the environment variable {name}."
    raise InputError(msg)


def _private_text(path: Path, reference: str) -> str:
    """Read a file that nobody but its owner can read."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # it never waits for a pipe
        with os.fdopen(descriptor, "rb") as file:
            why = _open_to_others(os.fstat(descriptor), path)  # asked of what was opened, not of a name
            if not why:
                return file.read().decode("utf-8").rstrip("\n")
    except OSError as error:
        why = f"it cannot be read: {error.strerror}"
    except UnicodeDecodeError:  # which holds all that was read
        why = "it cannot be read: not text"
    raise InputError(_msg(reference, why))


def _open_to_others(about: os.stat_result, path: Path) -> str:
    if not stat.S_ISREG(about.st_mode):
        return "it is not a file"
    if not about.st_mode & _OTHERS:
        return ""
    mode = f"{stat.S_IMODE(about.st_mode):04o}"
    return f"it is refused, because others than its owner can read or change it (mode {mode}): chmod 600 {path}"


def _msg(reference: str, why: str) -> str:
    return f"The secret {reference}: {why}."


def _credential(name: str) -> str:
    """Read a credential of systemd. Source: https://systemd.io/CREDENTIALS/."""
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    if not folder:
        msg = (
            f"The secret systemd:{name} is not there: systemd gave this process no credentials. Write "
            f"LoadCredential={name}:/path into the service's unit, or use a file: reference on the command line."
        )
        raise InputError(msg)
    try:
        return Path(folder, name).read_text(encoding="utf-8").rstrip("\n")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "not text"
    raise InputError(_msg(f"systemd:{name}", f"it cannot be read: {why}"))


def _vaulted(path: Path, key: str, vault: str) -> str:
    """Read one value of a file that ansible-vault encrypted, by that program: it is never imported."""
    reference = f"vault:{path}#{key}"
    if not vault:
        raise InputError(_msg(reference, "no password opens it; set ansible.vault_password_file"))
    content = _decrypted(path, vault, reference)
    import yaml  # ruff: ignore[import-outside-top-level]  seldom needed, and not quick

    try:
        values = yaml.load(content, yaml.CSafeLoader)
    except yaml.YAMLError:  # whose text repeats what was read
        raise InputError(_msg(reference, "what is encrypted there is no YAML")) from None
    value = values.get(key) if isinstance(values, dict) else None
    if not isinstance(value, str):
        raise InputError(_msg(reference, f"the file holds no text under {key!r}"))
    return value


def _decrypted(path: Path, vault: str, reference: str) -> bytes:
    program = Path(sys.executable).parent / "ansible-vault"
    words = [
        sys.executable,
        str(program),
        "view",
        "--vault-password-file",
        str(Path(vault).absolute()),
        "--",
        str(path),
    ]
    if not program.is_file():
        raise InputError(_msg(reference, "ansible-vault is missing: install ansible-core beside driftbell"))
    home = {"HOME": os.environ.get("HOME", "/")}
    try:
        done = subprocess.run(
            words,
            env=_SAFE | home,
            cwd="/",  # or an ansible.cfg that lies about would count
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        raise InputError(_msg(reference, "ansible-vault cannot be run, or did not end")) from None
    if done.returncode:
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        said = next((line for line in reversed(lines) if "ERROR" in line), "it gave no reason")
        said = said.removeprefix("[ERROR]: ").rstrip(".")
        raise InputError(_msg(reference, f"ansible-vault does not open it: {said}"))
    return done.stdout


def keep_out_of_dumps() -> None:
    """See to it that a crash leaves no image of this process, and that no other process of this user looks into it.

    No core file of ours or of what we start is written, whatever the machine allows; and the process is not dumpable
    (prctl(2), PR_SET_DUMPABLE), so that /proc/PID/environ and its memory are root's alone.
    """
    import ctypes  # ruff: ignore[import-outside-top-level]  only for a command that begins
    import resource  # ruff: ignore[import-outside-top-level]  the same

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
