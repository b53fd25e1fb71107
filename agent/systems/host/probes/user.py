"""Family user: accounts as the host's name service knows them, local or from a directory."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from agent.model.reading import NONE, Unknown
from agent.systems.host.answer import Frame, first_line
from agent.systems.host.probe import Needs, Probe, Step

if TYPE_CHECKING:
    from agent.model.kind import FieldRef
    from agent.model.reading import Reading
    from agent.systems.host.answer import Heard

PASSWD = Step("passwd", 'limit 10 getent passwd -- "$@"', tool="getent")
SHADOW = Step("shadow", '[ "$u" = 0 ] || return 77\nlimit 10 getent shadow -- "$@"', tool="getent")
# NUL between the names, because names from a directory hold blanks; busybox's id has no -z.
GROUPS = Step("user_groups", 'limit 10 id -Gnz -- "$1" 2>/dev/null || limit 10 id -Gn -- "$1"', tool="id", each=True)
_NO_SUDO = 78
# -n: never ask; -l -U: list what that user may do. sudo notes it in the log at most.
SUDO = Step(
    "sudo",
    f"""
[ "$u" = 0 ] || return 77
command -v sudo >/dev/null || return {_NO_SUDO}
limit 10 sudo -n -l -U "$1"
""",
    each=True,
)
_STEPS = {"locked": SHADOW, "groups": GROUPS, "sudo": SUDO}
_SHADOWED = "x"  # passwd(5): the password stands in the shadow file
_NOT_FOUND = 2  # getent's exit code when a name was not there
_RULE = re.compile(r"^\s*\(([^)]*)\)", re.MULTILINE)
_ROOT = frozenset({"root", "ALL", "#0"})


def _needs(ref: FieldRef) -> Needs:
    extra = _STEPS.get(ref.attribute)
    return {PASSWD: ref.key} | ({extra: ref.key} if extra else {})


def _read(heard: Heard, ref: FieldRef) -> Reading:
    entry = account(heard, ref.key)
    if isinstance(entry, Unknown):
        return entry
    if entry is None:
        return False if ref.attribute == "exists" else NONE
    if ref.attribute in {"exists", "shell"}:
        return True if ref.attribute == "exists" else entry[6] or "/bin/sh"  # passwd(5): empty means /bin/sh
    return {"locked": _locked, "groups": _groups, "sudo": _sudo}[ref.attribute](heard, ref.key, entry)


def account(heard: Heard, name: str) -> list[str] | Unknown | None:
    """Give the seven fields of an account in passwd(5), or None when there is no such account."""
    return _entry(heard.frame(PASSWD.name), name, 7)


def _entry(frame: Frame | Unknown, name: str, fields: int) -> list[str] | Unknown | None:
    if isinstance(frame, Unknown):
        return frame
    if frame.status not in {0, _NOT_FOUND}:
        return Unknown(f"getent failed: {first_line(frame.text)}")
    # getent takes a number for an id: only an entry of exactly this name counts.
    rows = (line.split(":") for line in frame.text.splitlines())
    return next((row for row in rows if row[0] == name and len(row) >= fields), None)


def _locked(heard: Heard, name: str, entry: list[str]) -> Reading:
    password = entry[1]
    if password == _SHADOWED:
        shadow = _entry(heard.frame(SHADOW.name), name, 2)
        if isinstance(shadow, Unknown):
            return shadow
        if shadow is None:
            return Unknown(f"{name} has no entry in the shadow file")
        password = shadow[1]
    return password.startswith(("!", "*"))


def _groups(heard: Heard, name: str, _entry: list[str]) -> Reading:
    frame = heard.frame(GROUPS.name, name)
    if isinstance(frame, Unknown):
        return frame
    names, nul, _ = frame.text.rpartition("\0")
    if nul:
        return tuple(names.split("\0"))
    return Unknown(f"id failed: {first_line(frame.text)}") if frame.status else tuple(frame.text.split())


def _sudo(heard: Heard, name: str, _entry: list[str]) -> Reading:
    frame = heard.frame(SUDO.name, name)
    if isinstance(frame, Unknown):
        return frame
    if frame.status == _NO_SUDO:
        return False
    if "is not allowed to run sudo" in frame.text:
        return False
    if frame.status or "may run the following commands" not in frame.text:
        return Unknown(f"sudo did not list the rights of {name}: {first_line(frame.text)}")
    return any(_as_root(rule) for rule in _RULE.findall(frame.text))


def _as_root(rule: str) -> bool:
    """Say whether a list of users that sudo may run commands as, such as `ALL : ALL`, holds root."""
    users = {user.strip() for user in rule.partition(":")[0].split(",")}
    return bool(users & _ROOT) and not users & {f"!{user}" for user in _ROOT}


PROBE = Probe(_needs, _read)
