"""Making this machine run the daemon: its account, directories, settings, key and unit.

Whatever is there is looked at first, so that it can be done again.
"""

from __future__ import annotations

import grp
import pwd
import socket
import stat
import sys
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from agent.daemon.first_settings import settings_text
from agent.daemon.laid_files import Step, laid, untouched
from agent.daemon.programs import do, said
from agent.errors import InputError
from agent.intake import settings_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.daemon.first_settings import Answers

ACCOUNT = "driftbell"
SETTINGS = settings_file.FILE
STATE = settings_file.ROOTS_STATE
KEY = STATE / ".ssh" / "id_ed25519"
UNIT = Path("/etc/systemd/system/driftbell.service")
PACKAGED = Path("/usr/lib/systemd/system/driftbell.service")  # of the Debian package, which brings its own
HIDDEN = ("/home/", "/root/", "/run/user/", "/tmp/", "/var/tmp/")  # ruff: ignore[hardcoded-temp-file]  not used: refused


def installing(answers: Answers | None, program: Path) -> Iterator[Step]:
    """Give what makes this machine run the daemon. Each step looks when it is asked for: do one, then ask on.

    Args:
        answers: what the settings begin with; None to leave those that are there as they are.
        program: what the unit starts.
    """
    yield _account()
    yield _directory(SETTINGS.parent, "root", 0o750)
    yield _directory(STATE, ACCOUNT, 0o700)
    if answers is None:
        yield Step(f"The settings {SETTINGS} stay as they are.")
    else:
        yield from laid(SETTINGS, settings_text(answers), 0o640, ACCOUNT)
    yield from _key()
    yield Step(f"{program} starts for {ACCOUNT}", lambda: _try(program))
    yield from _unit(program)
    yield from _enabled()


def uninstalling() -> Iterator[Step]:
    """Give what makes this machine run the daemon no more. State, settings and account stay."""
    if said("systemctl", "is-enabled", UNIT.name) == "enabled" or said("systemctl", "is-active", UNIT.name) == "active":
        yield Step("The service is stopped, and starts no more", lambda: do("systemctl", "disable", "--now", UNIT.name))
    if PACKAGED.exists():
        yield Step("The unit belongs to the Debian package: apt remove driftbell")
    if untouched(UNIT):
        yield Step(f"{UNIT} is removed", _remove_unit)
    elif UNIT.exists():
        yield Step(f"{UNIT} was edited, and stays: remove it yourself")
    yield Step(f"What Driftbell knows ({STATE}), the settings ({SETTINGS.parent}) and the account {ACCOUNT} stay.")


def unit_text(program: Path) -> str:
    """Give the systemd unit that starts a program as the daemon."""
    return (
        resources
        .files("agent.daemon")
        .joinpath("driftbell.service")
        .read_text("utf-8")
        .replace("@PROGRAM@", str(program))
    )


def running_program() -> Path:
    """Give the program of this installation, by the name that stays the same through upgrades."""
    here = Path(sys.executable).parent / "driftbell"
    packaged = Path("/usr/bin/driftbell")
    return packaged if packaged.exists() and packaged.resolve() == here.resolve() else here


def hidden(program: Path) -> str:
    """Say, as a sentence, why no service sees a program; an empty text where it does."""
    if not f"{program}/".startswith(HIDDEN):
        return ""
    return (
        f"{program} is in a folder that the service does not see, so that nobody's home is open to it. Install the "
        "Debian package, or into a folder such as /opt/driftbell, and run install-service from there."
    )


def public_key() -> str:
    """Give the public half of the daemon's key, or an empty text."""
    try:
        return KEY.with_suffix(".pub").read_text("utf-8").strip()
    except OSError:
        return ""


def _account() -> Step:
    try:
        known = pwd.getpwnam(ACCOUNT)
    except KeyError:
        line = resources.files("agent.daemon").joinpath("driftbell.sysusers").read_text("utf-8")
        return Step(f"The account {ACCOUNT} is made", lambda: do("systemd-sysusers", "-", stdin=line))
    if known.pw_dir != str(STATE):
        msg = (
            f"There is an account {ACCOUNT} whose home is {known.pw_dir} and not {STATE}. If it is meant for the "
            f"daemon: usermod --home {STATE} {ACCOUNT}"
        )
        raise InputError(msg)
    return Step(f"The account {ACCOUNT} is there")


def _directory(path: Path, owner: str, mode: int) -> Step:
    group = f"{owner}:{ACCOUNT}"
    if not path.exists():
        return Step(f"{path} is made ({mode:04o} {group})", lambda: _make(path, group, mode))
    about = path.stat()
    if stat.S_IMODE(about.st_mode) != mode or not _belongs(path, owner):
        whose = "with all that is in it, " if path == STATE else ""
        return Step(f"{path} becomes {group}, {whose}{mode:04o}", lambda: _give(path, group, mode))
    return Step(f"{path} is there")


def _belongs(path: Path, owner: str) -> bool:
    """Say whether a folder, and all in it where it is the state directory, is its owner's."""
    try:
        user, group = pwd.getpwnam(owner).pw_uid, grp.getgrnam(ACCOUNT).gr_gid
    except KeyError:
        return False
    about = path.stat()
    if (about.st_uid, about.st_gid) != (user, group):
        return False
    return path != STATE or not said("find", str(path), "!", "-user", owner, "-print", "-quit")


def _make(path: Path, group: str, mode: int) -> None:
    path.mkdir(parents=True)
    _give(path, group, mode)


def _give(path: Path, group: str, mode: int) -> None:
    # What was begun as root has to be the daemon's, all of it; a link is given away, never what it leads to.
    do("chown", "--no-dereference", *(["--recursive"] if path == STATE else []), group, str(path))
    path.chmod(mode)


def _key() -> Iterator[Step]:
    if KEY.exists():
        yield Step(f"The key {KEY} is there")
        return
    name = f"{ACCOUNT}@{socket.gethostname()}"
    # As the account itself: root writes nothing into a folder that somebody else can change meanwhile.
    yield Step(f"The key {KEY} is made (ed25519, for git and for hosts)", lambda: _make_key(name))


def _make_key(name: str) -> None:
    do("mkdir", "-p", "-m", "0700", str(KEY.parent), user=ACCOUNT, home=str(STATE))
    do("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(KEY), user=ACCOUNT, home=str(STATE))


def _try(program: Path) -> None:
    do(str(program), "--version", user=ACCOUNT, home=str(STATE))


def _unit(program: Path) -> Iterator[Step]:
    if not PACKAGED.exists():
        for step in laid(UNIT, unit_text(program), 0o644, "root"):
            yield step
            if step.do is not None:
                yield Step("systemd reads its units again", _reload)
        return
    yield Step(f"The unit {PACKAGED} comes with the package")
    if untouched(UNIT):
        yield Step(f"{UNIT}, which would hide it, is removed", _remove_unit)
    elif UNIT.exists():
        yield Step(f"{UNIT} was edited and hides it: look which of the two you want")


def _enabled() -> Iterator[Step]:
    if said("systemctl", "is-enabled", UNIT.name) == "enabled":
        yield Step("The service starts with this machine")
    else:
        yield Step("The service starts with this machine from now on", lambda: do("systemctl", "enable", UNIT.name))


def _remove_unit() -> None:
    UNIT.unlink()
    _reload()


def _reload() -> None:
    if Path("/run/systemd/system").is_dir():  # not where a machine is only being prepared
        do("systemctl", "daemon-reload")
