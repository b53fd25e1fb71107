"""With which key somebody at the command line signs, and whose it is by the server's settings."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from agent.errors import InputError
from agent.systems.ssh_signature.keys import bare, fingerprint
from agent.systems.ssh_signature.program import agent_keys

if TYPE_CHECKING:
    from collections.abc import Generator

    from agent.settings import Settings


@contextmanager
def key_of(settings: Settings, key: Path | None, by: str) -> Generator[tuple[Path, str]]:
    """Give the key to sign with and whose it is: the one that is named, one of the caller's own, or their agent's.

    Raises:
        InputError: none of these is the key of anybody whom the settings know.
    """
    who = by or by_login(settings)
    if key is not None:
        whose = who or _whose(settings, _public(key))
        if not whose:
            msg = f"{key} is nobody's among `approvers` in the server's settings, and --by names nobody."
            raise InputError(msg)
        yield key.with_suffix("") if key.suffix == ".pub" and _private(key) else key, whose
        return
    for path in sorted(Path("~/.ssh").expanduser().glob("*.pub")):
        whose = _whose(settings, _public(path))
        if whose and who in {"", whose} and _private(path):
            yield path.with_suffix(""), whose
            return
    for line in agent_keys():
        whose = _whose(settings, line)
        if whose and who in {"", whose}:
            with tempfile.TemporaryDirectory(prefix="driftbell-") as made:
                path = Path(made) / "key.pub"
                path.write_text(f"{bare(line)}\n", encoding="utf-8")
                yield path, whose
            return
    owner = f"{who}'s" if who else "anybody's"
    msg = (
        f"None of the keys in ~/.ssh, or of your ssh-agent, is among {owner} `approvers` in the server's settings. "
        "Name one with --key FILE, or sign elsewhere: --print."
    )
    raise InputError(msg)


def _private(public: Path) -> bool:
    return public.with_suffix("").is_file()


def _public(path: Path) -> str:
    """Give the public half of a key, where a file beside it or the file itself has it."""
    for candidate in (path.with_name(f"{path.name}.pub"), path):
        try:
            text = candidate.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            continue
        if fingerprint(text):
            return text
    return ""


def _whose(settings: Settings, public: str) -> str:
    wanted = fingerprint(public)
    return next((w for w, keys in settings.approvers.items() if wanted and wanted in map(fingerprint, keys)), "")


def by_login(settings: Settings) -> str:
    """Give who the caller's login is by the server's settings, or an empty text."""
    from agent.bootstrap import caller

    return settings.people.get(caller(), "")
